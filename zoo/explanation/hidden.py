"""The parts of what a model sees of an object that are hidden in turn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from zoo.inputs.inputs import Inputs
from zoo.inputs.metadata import column_values, further_names, metadata_inputs
from zoo.inputs.parameters import SCALARS, Preprocessing
from zoo.light_curves.ragged import LightCurves

SPANS = (0.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Days since trigger between which points are hidden together; those before the trigger
are one more span. The first holds the next visit of a survey that returns every three
nights, such as ZTF's public one (Bellm et al. 2019, PASP 131 068003); then half a
decade each, since transients change ever more slowly."""

POINT, PASSBAND, TIME = "point", "passband", "time"
METADATA, EVERYTHING = "metadata", "everything"
"""Kinds of parts; the last is all metadata at once."""


@dataclass(frozen=True, eq=False)
class Hidden:
    """A part that is hidden.

    Attributes:
        kind: one of the above.
        name: of the part, for a text.
        rows: int64, which of the object's rows of inputs are hidden; never the trigger.
        columns: names of the metadata that become unknown.
    """

    kind: str
    name: str
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    columns: tuple[str, ...] = ()


def points(
    names: list[str], days: np.ndarray, trigger: int, most: int
) -> Iterator[Hidden]:
    """Every point but the trigger.

    Args:
        names: of the passbands of the rows.
        days: float64 `(m,)`, since trigger.
        trigger: which row is the trigger.
        most: maximum number of parts: of more points, consecutive ones are hidden
            together, as few as possible.
    """
    rows = np.delete(np.arange(len(days)), trigger)
    if not len(rows):
        return
    for group in np.array_split(rows, min(most, len(rows))):
        name = f"{names[group[0]]} on day {days[group[0]]:.1f}"
        if len(group) > 1:
            first, last = days[group[[0, -1]]]
            name = f"{len(group)} points of days {first:.1f} to {last:.1f}"
        yield Hidden(POINT, name, group)


def passbands(
    light_curve: LightCurves, row: np.ndarray, trigger: int
) -> Iterator[Hidden]:
    """Every passband with a point besides the trigger, by wavelength.

    Args:
        light_curve: one object.
        row: int64 `(m,)`, its observations that the model sees.
        trigger: which of these is the trigger.
    """
    band = light_curve.band[row]
    others = np.arange(len(row)) != trigger
    observed = [(light_curve.passbands[i], i) for i in np.unique(band[others])]
    for passband, code in sorted(observed, key=lambda p: (p[0].wavelength, p[0].name)):
        yield Hidden(PASSBAND, passband.name, np.flatnonzero(others & (band == code)))


def times(
    days: np.ndarray, trigger: int, window: tuple[float, float]
) -> Iterator[Hidden]:
    """Every span of days with a point besides the trigger, see `SPANS`.

    Args:
        days: float64 `(m,)`, since trigger.
        trigger: which row is the trigger.
        window: first and last day that the model sees.
    """
    span = np.searchsorted(SPANS, days, side="right")
    others = np.arange(len(days)) != trigger
    for number in np.unique(span[others]).tolist():
        name = "days before the trigger"
        if number:
            first, last = [*SPANS, np.inf][number - 1 : number + 1]
            name = f"days {first:g} to {min(last, window[1]):g}"
        yield Hidden(TIME, name, np.flatnonzero(others & (span == number)))


def known_metadata(
    light_curve: LightCurves, preprocessing: Preprocessing
) -> dict[str, np.ndarray]:
    """What a model may see of one object's metadata, float32 `(1,)`, NaN where one is
    not known."""
    names = (*SCALARS, *further_names(preprocessing))
    return {name: column_values(light_curve.metadata, name) for name in names}


def metadata(
    known: Mapping[str, np.ndarray], preprocessing: Preprocessing
) -> list[Hidden]:
    """Everything that is known of an object and used by the model, a redshift together
    with its error; where these are several, at last all of them.

    Args:
        known: as `known_metadata` returns it.
        preprocessing: the parameters that travel with a model.
    """
    used = {name.removesuffix("_known") for name in preprocessing.metadata}
    names = [
        name
        for name in (*SCALARS, *preprocessing.columns)
        if name in used and np.isfinite(known[name][0])
    ]
    parts = [Hidden(METADATA, name, columns=(name,)) for name in names]
    if len(names) > 1:
        parts.append(Hidden(EVERYTHING, "all metadata", columns=tuple(names)))
    return parts


def with_hidden(
    inputs: Inputs,
    parts: Sequence[Hidden],
    known: Mapping[str, np.ndarray],
    preprocessing: Preprocessing,
) -> Inputs:
    """Copies of one object's inputs, each without a part.

    Args:
        inputs: of one object.
        parts: of it.
        known: as `known_metadata` returns it.
        preprocessing: what the inputs were made with.
    """
    kept = np.ones((len(parts), len(inputs.light_curve)), bool)
    left = {name: np.repeat(value, len(parts)) for name, value in known.items()}
    for number, part in enumerate(parts):
        kept[number, part.rows] = False
        for name in part.columns:
            left[name][number] = np.nan
            if name == "redshift" and "redshift_err" in left:
                left["redshift_err"][number] = np.nan
    copies = inputs.take(np.zeros(len(parts), np.int64)).with_rows(kept.ravel())
    return replace(copies, metadata=metadata_inputs(left, preprocessing))
