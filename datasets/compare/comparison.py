"""Compare two samples class by class: medians, differences, the two-sample test."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from zoo.datasets.compare.classes import chosen_classes, members, shared_classes
from zoo.datasets.compare.curves import LETTERS, Curves
from zoo.datasets.compare.measure import measure
from zoo.datasets.compare.passbands import (
    REFERENCE,
    Group,
    green_and_red,
    matched,
)
from zoo.datasets.compare.quantities import EXPORTED, QUANTITIES
from zoo.datasets.compare.summary import compare_values
from zoo.datasets.compare.two_sample import two_sample
from zoo.light_curves.ragged import LightCurves
from zoo.passbands import Passband


@dataclass(frozen=True, eq=False)
class Sample:
    """One of the two samples that are compared.

    Attributes:
        name: in the report.
        table: one row per object, with `label` and the quantities.
        curves: smooth light curves; None for an export, which has none.
        simulated: whether its mix of labels is one for training, see `classes.members`.
        passbands: those that were measured as g, and those as r.
        observed: number of observations in each passband; 0 in an export.
    """

    name: str
    table: pd.DataFrame
    curves: Curves | None = None
    simulated: bool = False
    passbands: tuple[Group, Group] = ((REFERENCE[0],), (REFERENCE[1],))
    observed: Mapping[Passband, int] = field(
        default_factory=lambda: dict.fromkeys(REFERENCE, 0)
    )

    @classmethod
    def of(
        cls,
        light_curves: LightCurves,
        name: str,
        *,
        against: Collection[Passband] = REFERENCE,
    ) -> "Sample":
        """Measure light curves; those with a `subclass` are simulated.

        Args:
            light_curves: the objects.
            name: in the report.
            against: passbands of the other sample; see `green_and_red`.
        """
        passbands = green_and_red(light_curves.observed, against)
        codes, counts = np.unique(light_curves.band, return_counts=True)
        finer = light_curves.metadata.get("subclass", pd.Series(dtype=object))
        simulated = bool((finer.fillna("") != "").any())
        return cls(
            name,
            *measure(light_curves, passbands),
            simulated=simulated,
            passbands=passbands,
            observed={
                light_curves.passbands[code]: int(count)
                for code, count in zip(codes, counts, strict=True)
            },
        )

    def members(self, classes: Sequence[str]) -> list[np.ndarray]:
        """Positions of the objects of each class, see `classes.members`."""
        labels = self.table["label"].tolist()
        return members(labels, classes, simulated=self.simulated)


def compare(
    a: Sample,
    b: Sample,
    *,
    classes: str | Sequence[str] | None = None,
    seed: int = 0,
    done: Callable[[str], None] = lambda label: None,
) -> dict:
    """Compare two samples.

    Args:
        a: a sample.
        b: the other; differences are b less a.
        classes: the labels to compare, a finer label counts for its parent; None: those
            that both hold.
        seed: of bootstrap and matching.
        done: receives every class that is finished.

    Returns:
        `a`, `b` (`name`, `n`), `seed`, `passbands` (see `_passbands`), and `classes`:
        for each label `n` of each,
        `quantities` (see `compare_values`), and `two_sample` (see there), None for an
        export.

    Raises:
        ValueError: they share no class, or one has no object of a class asked for.
    """
    if classes is None:
        names = shared_classes(a.table["label"], b.table["label"])
    else:
        names = chosen_classes(classes)
    tables = []
    for sample in (a, b):
        of_classes = [sample.table.iloc[some] for some in sample.members(names)]
        empty = [n for n, of in zip(names, of_classes, strict=True) if not len(of)]
        if empty:
            raise ValueError(
                f"{sample.name} holds no object of {', '.join(empty)}. Choose other "
                "--classes."
            )
        tables.append(of_classes)
    full = a.curves is not None and b.curves is not None
    wanted = [q.name for q in QUANTITIES if full or q.name in EXPORTED]
    result: dict = {
        "a": {"name": a.name, "n": len(a.table)},
        "b": {"name": b.name, "n": len(b.table)},
        "seed": seed,
        "passbands": _passbands(a, b),
        "classes": {},
    }
    for label, of_a, of_b in zip(names, *tables, strict=True):
        result["classes"][label] = {
            "n": {"a": len(of_a), "b": len(of_b)},
            "quantities": {
                name: compare_values(
                    of_a[name].to_numpy(),
                    of_b[name].to_numpy(),
                    limit_a=_limits(of_a, name),
                    limit_b=_limits(of_b, name),
                    seed=seed,
                )
                for name in wanted
            },
            "two_sample": two_sample(of_a, of_b, seed=seed) if full else None,
        }
        done(label)
    return result


def _passbands(a: Sample, b: Sample) -> dict:
    """What was compared with what: names and wavelengths, um.

    `g` and `r`: the passbands of `a` and `b` that were measured as such. `others`:
    further ones that match. `unmatched`: the number of observations in those that have
    no counterpart in the other sample.
    """
    measured = dict(
        zip(LETTERS, zip(a.passbands, b.passbands, strict=True), strict=True)
    )
    pairs = matched(a.observed, b.observed)
    paired = {one for pair in pairs for group in pair for one in group}
    others = [pair for pair in pairs if pair not in measured.values()]
    return {
        **{letter: _sides(*groups) for letter, groups in measured.items()},
        "others": [_sides(*groups) for groups in others],
        "unmatched": {
            side: {p.name: n for p, n in sample.observed.items() if p not in paired}
            for side, sample in (("a", a), ("b", b))
        },
    }


def _sides(a: Group, b: Group) -> dict[str, dict[str, float]]:
    return {
        side: {passband.name: passband.wavelength for passband in group}
        for side, group in (("a", a), ("b", b))
    }


def _limits(table: pd.DataFrame, name: str) -> np.ndarray | None:
    column = f"{name}_limit"
    return table[column].to_numpy(bool) if column in table else None
