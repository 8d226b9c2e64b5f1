"""Effective wavelengths of the catalogue beside other curves and published ones.

    python benchmarks/passbands/compare.py CURVES [--above UM]

prints every other curve and published wavelength that `sources.toml` names (CURVES as
in `make.py`), with the difference, and why it is that large where it exceeds 0.005 um.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from curves import SOURCES, Packages, effective_wavelength, stems
from rich.console import Console
from rich.table import Table

EXPLAINED_ABOVE = 0.005
"""um; a thirtieth of the distance from g to r."""


def others(entry: dict, band: str, packages: Packages) -> Iterator[tuple[str, float]]:
    """Where else a passband's wavelength is from, and its value in um."""
    if band in entry.get("published", {}):
        yield "published", entry["published"][band]
    words = {"band": band, "file": stems(entry)[band]}
    tables = {name for name, value in entry.items() if isinstance(value, dict)}
    words |= {name: entry[name].get(band, "-") for name in tables}
    for also in entry.get("also", []):
        package, path = also.format(**words).split(":", 1)
        try:
            curve = packages.curve(package, path)
        except KeyError:
            continue  # the package does not have every passband of the set
        yield f"{package}: {Path(path).name}", effective_wavelength(curve)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("curves", type=Path, help="folder of the downloaded packages")
    parser.add_argument("--above", type=float, default=0.0, help="least difference, um")
    chosen = parser.parse_args()
    packages = Packages(chosen.curves)
    table = Table("passband", "um", "other", "difference", "source", "because")
    for entry in SOURCES["set"]:
        for band, stem in stems(entry).items():
            path = entry["file"].format(file=stem)
            own = effective_wavelength(packages.curve(entry["package"], path))
            name = entry["name"].format(band=band)
            for source, value in others(entry, band, packages):
                difference = value - own
                if abs(difference) >= chosen.above:
                    why = entry["why"] if abs(difference) > EXPLAINED_ABOVE else ""
                    numbers = (f"{own:.4f}", f"{value:.4f}", f"{difference:+.4f}")
                    table.add_row(name, *numbers, source, why)
    Console().print(table)


if __name__ == "__main__":
    main()
