"""Speed of alert packets: from the bytes of Kafka messages to probabilities.

Rubin packets of schema 10.0 (`pip install -e ".[kafka]"`) in Confluent's wire format,
of simulated objects: a packet for each detection of at least five sigma, with the
earlier detections, forced photometry of every visit of 12 months (80 of them before the
transient, of noise), and three cutouts. On one core:

    taskset -c 0 python benchmarks/packets.py
"""

import json
import sys
import time
from io import BytesIO
from pathlib import Path

import fastavro
import numpy as np
from fastavro.schema import load_schema

import zoo
from zoo.datasets.readers import formats
from zoo.datasets.simulator import simulate

ROOT = Path(__file__).parents[1]
SCHEMA_ID = 1000
SIZES = (1, 100, 1000)
CUTOUT = 30_000  # bytes, as in packets of October 2025
MOST_DAYS = 365.0
VISITS = 80  # of one position in a year: 825 in ten years (Bianco et al. 2022)
LENGTH = 300  # packets of a batch size of one


def schema() -> dict:
    from importlib.util import find_spec

    folder = Path(find_spec("lsst.alert.packet").submodule_search_locations[0])
    return load_schema(folder / "schema/10/0/lsst.v10_0.alert.avsc")


def filled(record: dict, known: dict, random: np.random.Generator) -> dict:
    """A record in which every field has a value, as in packets of detections."""
    content = {}
    for field in record["fields"]:
        name, kinds = field["name"], field["type"]
        kinds = kinds if isinstance(kinds, list) else [kinds]
        kind = next((one for one in kinds if one != "null"), "null")
        kind = kind["type"] if isinstance(kind, dict) and "fields" not in kind else kind
        if name in known:
            content[name] = known[name]
        elif kind in ("double", "float"):
            content[name] = float(np.float32(random.normal()))
        elif kind in ("int", "long"):
            content[name] = int(random.integers(1, 10_000))
        elif kind == "boolean":
            content[name] = False
        elif kind == "string":
            content[name] = "x"
        else:
            content[name] = None
    return content


def packets(objects: int, seed: int = 0) -> tuple[list[bytes], dict]:
    """Messages in the order of time, and what they are like."""
    alert = schema()
    fields = {field["name"]: field["type"] for field in alert["fields"]}
    source_schema = fields["diaSource"]
    forced_schema = fields["prvDiaForcedSources"][1]["items"]
    object_schema = fields["diaObject"][1]
    random = np.random.default_rng(seed)
    made, history, forced_rows = [], [], []
    for part in simulate("lsstsims", objects=objects, seed=seed):
        for number in range(len(part)):
            rows = slice(part.offsets[number], part.offsets[number + 1])
            nano = 10 ** (0.4 * (31.4 - 27.5))
            known = {"diaObjectId": 10**17 + len(made) * 1000 + number}
            sources, forced = [], []
            first, errors = part.mjd[rows][0], part.flux_err[rows] * nano
            for mjd in np.sort(first - random.uniform(1, MOST_DAYS, VISITS)):
                row = known | {"midpointMjdTai": float(mjd)}
                row["band"] = str(random.choice(list("ugrizy")))
                row["psfFluxErr"] = float(random.choice(errors))
                row["psfFlux"] = float(random.normal(0, row["psfFluxErr"]))
                forced.append(filled(forced_schema, row, random))
            for mjd, flux, error, band in zip(
                part.mjd[rows],
                part.flux[rows] * nano,
                part.flux_err[rows] * nano,
                part.band[rows],
                strict=True,
            ):
                letter = part.passbands[band].name.removeprefix("lsst")
                row = known | {"midpointMjdTai": float(mjd), "band": letter}
                row |= {"psfFlux": float(flux), "psfFluxErr": float(error)}
                row |= {"ra": 10.0, "dec": -5.0}
                detected = flux / error >= 5
                source = filled(source_schema, row, random) if detected else None
                recent, past = (
                    [one for one in rows if mjd - one["midpointMjdTai"] < MOST_DAYS]
                    for rows in (forced, sources)
                )
                if detected:
                    packet = {"diaSourceId": len(made), "diaSource": source}
                    packet |= {"prvDiaSources": past, "prvDiaForcedSources": recent}
                    packet["diaObject"] = filled(object_schema, known, random)
                    cut = {f"cutout{x}": random.bytes(CUTOUT) for x in CUTOUTS}
                    packet |= cut | dict.fromkeys(("ssSource", "mpc_orbits"))
                    packet |= dict.fromkeys(("observation_reason", "target_name"))
                    file = BytesIO()
                    file.write(b"\0" + SCHEMA_ID.to_bytes(4, "big"))
                    fastavro.schemaless_writer(file, alert, packet)
                    made.append((float(mjd), file.getvalue()))
                    history.append(len(past))
                    forced_rows.append(len(recent))
                    sources.append(source)
                forced.append(filled(forced_schema, row, random))
    made.sort(key=lambda one: one[0])
    about = {
        "packets": len(made),
        "kB": round(np.mean([len(one) for _, one in made]) / 1000, 1),
        "prvDiaSources": round(float(np.mean(history)), 1),
        "prvDiaForcedSources": round(float(np.mean(forced_rows)), 1),
    }
    return [one for _, one in made], about


CUTOUTS = ("Difference", "Science", "Template")


def main() -> None:
    start = time.perf_counter()
    messages, about = packets(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
    print(about, f"made in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    zoo.Stream("lsstsims-gru").push(messages[:3])  # imports, and the schema
    results = {"packets": about}
    start = time.perf_counter()
    for message in messages[:LENGTH]:
        formats.read(message).part()
    results["read, ms"] = round((time.perf_counter() - start) / LENGTH * 1000, 2)
    for size in SIZES:
        stream = zoo.Stream("lsstsims-gru")
        batches = range(0, min(len(messages), max(5 * size, LENGTH)), size)
        times = []
        for at in batches:
            start = time.perf_counter()
            stream.push(messages[at : at + size])
            times.append(time.perf_counter() - start)
        pushed = min(len(messages), batches[-1] + size)
        results[f"batches of {size}"] = {
            "packets per second": round(pushed / sum(times)),
            "ms per batch, median": round(float(np.median(times)) * 1000, 1),
            "ms per batch, 99 %": round(float(np.quantile(times, 0.99)) * 1000, 1),
            "batches": len(times),
        }
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
