"""Compare two samples class by class: medians, differences, the two-sample test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zoo.datasets.compare.classes import chosen_classes, members, shared_classes
from zoo.datasets.compare.curves import Curves
from zoo.datasets.compare.measure import measure
from zoo.datasets.compare.quantities import EXPORTED, QUANTITIES
from zoo.datasets.compare.summary import compare_values
from zoo.datasets.compare.two_sample import two_sample
from zoo.light_curves.ragged import LightCurves


@dataclass(frozen=True, eq=False)
class Sample:
    """One of the two samples that are compared.

    Attributes:
        name: in the report.
        table: one row per object, with `label` and the quantities.
        curves: smooth light curves; None for an export, which has none.
        simulated: whether its mix of labels is one for training, see `classes.members`.
    """

    name: str
    table: pd.DataFrame
    curves: Curves | None = None
    simulated: bool = False

    @classmethod
    def of(cls, light_curves: LightCurves, name: str) -> "Sample":
        """Measure light curves; those with a `subclass` are simulated."""
        finer = light_curves.metadata.get("subclass", pd.Series(dtype=object))
        simulated = bool((finer.fillna("") != "").any())
        return cls(name, *measure(light_curves), simulated=simulated)

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
        `a`, `b` (`name`, `n`), `seed`, and `classes`: for each label `n` of each,
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


def _limits(table: pd.DataFrame, name: str) -> np.ndarray | None:
    column = f"{name}_limit"
    return table[column].to_numpy(bool) if column in table else None
