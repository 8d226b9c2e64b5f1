"""Every bundled base on real light curves, under native names and under known ones.

    python benchmarks/passbands/table.py TABLE ...

TABLE is a light-curve table with labels. Each is scored as it is, then with every
passband renamed to the nearest one of ZTF or LSST, and with the observations kept that
a base leaves out. Prints one row per table and base, with redshift and without: macro
AUROC and macro F1 without any label to train on, with 95 % bootstrap intervals over
objects. Classes are those of the taxonomy `bts` and AGN.
"""

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from zoo.evaluation.evaluate import evaluate
from zoo.hub.pins import bundled_ids
from zoo.inference.runtime import Runtime
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves
from zoo.passbands import ZTF_AND_LSST
from zoo.taxonomy import PARENT

FEWEST = 4
"""Objects of a class; the figures of a class with fewer say nothing."""


def coarse_classes(light_curves: LightCurves) -> list[str]:
    """Classes with enough objects."""
    onto = ("SNIa", "SNII", "SNIb/c", "SLSN-I", "TDE", "AGN")
    labels = [PARENT.get(label, label) for label in light_curves.labels]
    return [one for one in onto if labels.count(one) >= FEWEST]


def renamed(light_curves: LightCurves) -> LightCurves:
    """The same rows under the name of the nearest passband of ZTF or LSST."""
    photometry, metadata = light_curves.to_tables()
    nearest = {
        one.name: min(
            ZTF_AND_LSST, key=lambda known: abs(known.wavelength - one.wavelength)
        ).name
        for one in light_curves.observed
    }
    names = photometry["band"].map(nearest)
    photometry = photometry.assign(band=names).drop(
        columns="wavelength", errors="ignore"
    )
    # Two passbands of one night may become one.
    photometry = photometry.drop_duplicates(["object_id", "mjd", "band"])
    return read(photometry, metadata)


def cells(
    base: Runtime, light_curves: LightCurves, classes: list[str]
) -> Iterator[str]:
    """Native, renamed, and with all observations kept."""
    for data, keep in (
        (light_curves, False),
        (renamed(light_curves), False),
        (light_curves, True),
    ):
        result = evaluate(base, data, classes=classes, keep_all_passbands=keep)
        low, high = result["intervals"]["macro_auroc"]
        f_low, f_high = result["intervals"]["macro_f1"]
        yield (
            f"{result['macro_auroc']:.3f} ({low:.3f}-{high:.3f}), "
            f"{result['macro_f1']:.3f} ({f_low:.3f}-{f_high:.3f}), n {result['n']}"
        )


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="+", type=Path, metavar="TABLE")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    console = Console(soft_wrap=True)
    console.print("| table | base | redshift | native | renamed | all rows kept |")
    console.print("|---|---|---|---|---|---|")
    for path in args.tables:
        light_curves = read(path)
        classes = coarse_classes(light_curves)
        for name in bundled_ids():
            base = Runtime.load(name)
            hidden = light_curves.without_metadata()
            data = {"yes": light_curves, "no": hidden}
            if not base.preset.preprocessing.metadata:
                del data["yes"]
            for redshift, some in data.items():
                row = " | ".join(cells(base, some, classes))
                console.print(
                    f"| {path.name} | {name} | {redshift} | {row} |", markup=False
                )


if __name__ == "__main__":
    main()
