"""Speed of alert packets: from the bytes of Kafka messages to probabilities.

Rubin packets of schema 10.0 in Confluent's wire format, of simulated objects: a packet
for each detection of at least five sigma, with the earlier detections, forced
photometry of every visit of 12 months (80 of them before the transient, of noise), and
three cutouts. On one core, with the extra `kafka`:

    taskset -c 0 python -W ignore benchmarks/packets.py [OBJECTS]

The latency is that of messages that arrive at a steady rate in a broker in this process
(librdkafka's mock), from the time that they are produced to that of the probabilities;
the producer, the broker and the consumer share the core.
"""

import json
import os
import sys
import threading
import time
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import confluent_kafka as kafka
import fastavro
import numpy as np
from fastavro.schema import load_schema

import zoo
from zoo.datasets.simulator import simulate

MODEL = "lsstsims-gru"
SIZES = (1, 100, 1000)
RATE = 50  # messages per second
SCHEMA_ID = 1000
CUTOUTS = ("cutoutDifference", "cutoutScience", "cutoutTemplate")
CUTOUT = 30_000  # bytes each
YEAR = 365.0
VISITS = 80  # of one position in a year
NANOJANSKY = 10 ** (0.4 * (31.4 - 27.5))


def schema() -> dict:
    """Rubin's schema 10.0."""
    spec = find_spec("lsst.alert.packet")
    folder = Path(spec.submodule_search_locations[0])
    return load_schema(folder / "schema/10/0/lsst.v10_0.alert.avsc")


def filled(record: dict, known: dict, random: np.random.Generator) -> dict:
    """A record in which every field has a value."""
    content = {}
    for field in record["fields"]:
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        kind = next(one for one in kinds if one != "null")
        kind = kind["type"] if isinstance(kind, dict) else kind
        values = {
            "string": "x",
            "boolean": False,
            **dict.fromkeys(("int", "long"), int(random.integers(1, 10_000))),
            **dict.fromkeys(("float", "double"), float(np.float32(random.normal()))),
        }
        content[field["name"]] = known.get(field["name"], values.get(kind))
    return content


class Maker:
    """Makes the packets of one object after the other."""

    def __init__(self, seed: int):
        self.random, self.alert = np.random.default_rng(seed), schema()
        fields = {field["name"]: field["type"] for field in self.alert["fields"]}
        self.source = fields["diaSource"]
        self.forced = fields["prvDiaForcedSources"][1]["items"]
        self.object = fields["diaObject"][1]
        self.made: list[tuple[float, bytes, int, int]] = []

    def add(self, name: int, light_curve: list[tuple]) -> None:
        """Add the packets of an object: mjd, flux, flux_err (nJy) and band of rows."""
        known = {"diaObjectId": name, "ra": 10.0, "dec": -5.0}
        first, errors = light_curve[0][0], [row[2] for row in light_curve]
        noise = []
        for mjd in np.sort(first - self.random.uniform(1, YEAR, VISITS)):
            error = self.random.choice(errors)
            band = str(self.random.choice(list("ugrizy")))
            noise.append((mjd, self.random.normal(0, error), error, band))
        sources, forced = [], []
        for mjd, flux, error, band in noise + light_curve:
            row = known | {"midpointMjdTai": float(mjd), "band": band}
            row |= {"psfFlux": float(flux), "psfFluxErr": float(error)}
            if mjd >= first and flux / error >= 5:
                source = filled(self.source, row, self.random)
                self._write(known, source, sources, forced)
                sources.append(source)
            forced.append(filled(self.forced, row, self.random))

    def _write(self, known: dict, source: dict, sources: list, forced: list) -> None:
        mjd = source["midpointMjdTai"]
        past, seen = (
            [one for one in rows if mjd - one["midpointMjdTai"] < YEAR]
            for rows in (sources, forced)
        )
        packet = dict.fromkeys(field["name"] for field in self.alert["fields"])
        packet |= {"diaSourceId": len(self.made), "diaSource": source}
        packet |= {"prvDiaSources": past, "prvDiaForcedSources": seen}
        packet["diaObject"] = filled(self.object, known, self.random)
        packet |= {name: self.random.bytes(CUTOUT) for name in CUTOUTS}
        file = BytesIO(b"\0" + SCHEMA_ID.to_bytes(4, "big"))
        file.seek(0, 2)
        fastavro.schemaless_writer(file, self.alert, packet)
        self.made.append((mjd, file.getvalue(), len(past), len(seen)))


def packets(objects: int, seed: int = 0) -> tuple[list[bytes], dict]:
    """Messages in the order of time, and what they are like."""
    maker = Maker(seed)
    for part in simulate("lsstsims", objects=objects, seed=seed):
        names = [one.name.removeprefix("lsst") for one in part.passbands]
        for start, end in zip(part.offsets[:-1], part.offsets[1:], strict=True):
            columns = (
                part.mjd[start:end],
                part.flux[start:end] * NANOJANSKY,
                part.flux_err[start:end] * NANOJANSKY,
                [names[code] for code in part.band[start:end]],
            )
            maker.add(10**17 + len(maker.made), list(zip(*columns, strict=True)))
    mjd, messages, past, seen = zip(*sorted(maker.made), strict=True)
    about = {
        "objects": objects,
        "packets": len(messages),
        "kB": np.mean([len(one) for one in messages]) / 1000,
        "prvDiaSources": np.mean(past),
        "prvDiaForcedSources": np.mean(seen),
    }
    return list(messages), about


def throughput(messages: list[bytes], size: int) -> dict:
    """Push all messages, some at a time."""
    stream, times = zoo.Stream(MODEL), []
    cpu = time.process_time()
    for at in range(0, len(messages), size):
        start = time.perf_counter()
        stream.push(messages[at : at + size])
        times.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    return {
        "packets per second": len(messages) / sum(times),
        "packets per second of processor time": len(messages) / cpu,
        "ms per push, median": np.median(times) * 1000,
        "ms per push, 99 %": np.quantile(times, 0.99) * 1000,
    }


def latency(messages: list[bytes]) -> dict:
    """Produce messages at a steady rate, and consume them."""
    settings = {"test.mock.num.brokers": 1, "bootstrap.servers": "-", "log_level": 3}
    producer = kafka.Producer(settings | {"linger.ms": 0})
    (one,) = producer.list_topics(timeout=20).brokers.values()
    address = {"bootstrap.servers": f"{one.host}:{one.port}", "log_level": 3}
    consumer = kafka.Consumer(address | {"group.id": "me", "fetch.wait.max.ms": 10})
    consumer.assign([kafka.TopicPartition("alerts", 0, kafka.OFFSET_BEGINNING)])
    stream, sent, times = zoo.Stream(MODEL), [], []

    def produce() -> None:
        start = time.perf_counter()
        for number, message in enumerate(messages):
            time.sleep(max(0.0, start + number / RATE - time.perf_counter()))
            sent.append(time.perf_counter())
            producer.produce("alerts", message, partition=0)
            producer.poll(0)

    producer.produce("alerts", messages[0], partition=0)
    producer.flush()
    while not consumer.consume(1, timeout=1):
        pass
    threading.Thread(target=produce, daemon=True).start()
    while len(times) < len(messages):
        if batch := consumer.consume(1000, timeout=0.002):
            stream.push(batch)
            now = time.perf_counter()
            times += [now - sent[one.offset() - 1] for one in batch]
    consumer.close()
    return {
        "messages per second": RATE,
        "ms, median": np.median(times) * 1000,
        "ms, 99 %": np.quantile(times, 0.99) * 1000,
        "messages": len(times),
    }


def main() -> None:
    """Measure and print."""
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    messages, about = packets(objects)
    zoo.Stream(MODEL).push(messages[:3])  # imports, and the schema
    results = {"packets": about}
    for size in SIZES:
        results[f"push of {size}"] = throughput(messages, size)
    results["latency"] = latency(messages[:1000])
    rounded = {
        name: {key: round(float(value), 1) for key, value in part.items()}
        for name, part in results.items()
    }
    sys.stdout.write(json.dumps(rounded, indent=1) + "\n")


if __name__ == "__main__":
    main()
