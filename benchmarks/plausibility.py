"""How many damaged tables `zoo.inputs.plausibility` warns of, and how many sound ones.

    python benchmarks/plausibility.py TABLE ... [--copies N] [--simulated] [--seed S]
                                      [--json FILE]

TABLE is any data that zoo reads. Of each, N random subsets of every size (and the whole
table once) are damaged in each way and read again. What reading refuses counts as well.
--simulated adds 1,000 objects of each of the simulated surveys.
"""

import argparse
import json
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from zoo.datasets.simulator import simulate
from zoo.inputs.plausibility import Plausibility
from zoo.light_curves import concatenate
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import ZEROPOINT, LightCurves
from zoo.light_curves.table import from_tables

SIZES = (1, 10, 100, None)
Tables = tuple[pd.DataFrame, pd.DataFrame]


def in_unit(zeropoint: float) -> Callable[..., Tables]:
    """Fluxes of another unit, read as if at zero point 27.5."""

    def damage(photometry: pd.DataFrame, metadata: pd.DataFrame) -> Tables:
        factor = 10 ** (0.4 * (zeropoint - ZEROPOINT))
        flux, flux_err = photometry["flux"] * factor, photometry["flux_err"] * factor
        return photometry.assign(flux=flux, flux_err=flux_err), metadata

    return damage


def magnitudes(photometry: pd.DataFrame, metadata: pd.DataFrame) -> Tables:
    """Magnitudes and their errors of the rows that have one."""
    photometry = photometry[photometry["flux"] > 3 * photometry["flux_err"]]
    flux, flux_err = photometry["flux"], photometry["flux_err"]
    magnitude = ZEROPOINT - 2.5 * np.log10(flux)
    return photometry.assign(
        flux=magnitude, flux_err=1.0857 * flux_err / flux
    ), metadata


def at_times(times: Callable[[pd.Series], pd.Series]) -> Callable[..., Tables]:
    """Other times in the column mjd."""
    return lambda photometry, metadata: (
        photometry.assign(mjd=times(photometry["mjd"])),
        metadata,
    )


def with_columns(**columns: Callable[[pd.DataFrame], pd.Series]) -> Callable:
    """Other values in the photometry."""
    return lambda photometry, metadata: (photometry.assign(**columns), metadata)


def with_metadata(**columns: Callable[[pd.DataFrame], pd.Series]) -> Callable:
    """Other values in the metadata."""
    return lambda photometry, metadata: (photometry, metadata.assign(**columns))


def swapped(photometry: pd.DataFrame, metadata: pd.DataFrame) -> Tables:
    """flux and flux_err in each other's column."""
    return photometry.rename(columns={"flux": "flux_err", "flux_err": "flux"}), metadata


def swapped_metadata(photometry: pd.DataFrame, metadata: pd.DataFrame) -> Tables:
    """redshift and mwebv in each other's column."""
    return photometry, metadata.rename(
        columns={"redshift": "mwebv", "mwebv": "redshift"}
    )


DAMAGE: dict[str, Callable[..., Tables]] = {
    "nothing": lambda photometry, metadata: (photometry, metadata),
    "magnitudes as flux": magnitudes,
    "uJy": in_unit(23.9),
    "nJy, or zero point 31.4": in_unit(31.4),
    "mJy": in_unit(16.4),
    "Jy": in_unit(8.9),
    "zero point 25": in_unit(25.0),
    "zero point 30": in_unit(30.0),
    "JD": at_times(lambda mjd: mjd + 2400000.5),
    "MJD - 50000": at_times(lambda mjd: mjd - 50000),
    "days since the start": at_times(lambda mjd: mjd - mjd.min()),
    "unix seconds": at_times(lambda mjd: (mjd - 40587) * 86400),
    "decimal years": at_times(lambda mjd: 2000 + (mjd - 51544) / 365.25),
    "flux and flux_err swapped": swapped,
    "flux_err / 1000": with_columns(flux_err=lambda table: table["flux_err"] / 1000),
    "redshift 0": with_metadata(redshift=lambda table: 0.0),
    "redshift in km/s": with_metadata(redshift=lambda t: t["redshift"] * 299792.458),
    "redshift and mwebv swapped": swapped_metadata,
}
"""What may be wrong with a table that breaks no rule."""


def told(photometry: pd.DataFrame, metadata: pd.DataFrame) -> str:
    """What is said of a table: the refusal, the warnings, or nothing."""
    try:
        light_curves = from_tables(photometry, metadata)
    except ValueError as error:
        return f"refused: {error}"
    return " ".join(Plausibility.of(light_curves).messages())


def subsets(
    light_curves: LightCurves, copies: int, random: np.random.Generator
) -> Iterator[tuple[int | None, LightCurves]]:
    """Random objects of each size that is smaller than the table, and all of it."""
    seen = np.flatnonzero(light_curves.lengths)
    for size in SIZES:
        if size is None:
            yield None, light_curves.take(seen)
        elif size < len(seen):
            for _ in range(copies):
                yield size, light_curves.take(random.choice(seen, size, replace=False))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.filterwarnings("ignore", message="dropped|read|left out")
    tables = {name: read(name) for name in args.tables}
    if args.simulated:
        for survey in ("ztfsims", "bts", "lsstsims"):
            drawn = simulate(survey, objects=1000, seed=args.seed + 900)
            tables[survey] = concatenate(list(drawn))
    measure(tables, args.copies, args.seed, args.json)


def measure(
    tables: dict[str, LightCurves], copies: int, seed: int, path: Path | None
) -> None:
    """Print the share of copies of which something is said, by damage and size."""
    random = np.random.default_rng(seed)
    results: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, light_curves in tables.items():
        for size, chosen in subsets(light_curves, copies, random):
            sound = chosen.to_tables()
            known = sound[1][["redshift", "mwebv"]].notna().all(axis=None)
            for kind, damage in DAMAGE.items():
                if kind.startswith("redshift") and not known:
                    continue
                says = told(*damage(*sound))
                results[kind][str(size or "all")].append(f"{name}: {says}")
    table = Table("in place of what it should be", "1", "10", "100", "all", "refused")
    for kind, by_size in results.items():
        cells, every = [], []
        for size in ("1", "10", "100", "all"):
            says = [one.partition(": ")[2] for one in by_size[size]]
            every += says
            cells.append(f"{sum(map(bool, says))} of {len(says)}")
        refused = sum(one.startswith("refused") for one in every)
        table.add_row(kind, *cells, f"{refused} of {len(every)}")
    Console(width=120).print(table)
    for alarms in results["nothing"].values():
        for alarm in alarms:
            if alarm.partition(": ")[2]:
                Console().print("false alarm:", alarm)
    if path:
        path.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
