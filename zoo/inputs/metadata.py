"""Metadata to the inputs of the metadata branch, and what is said of those unused."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from zoo.columns import HOST, METADATA, SIMULATED
from zoo.inputs.features import EXACT_REDSHIFT, metadata_input
from zoo.inputs.parameters import SCALARS, Preprocessing
from zoo.light_curves.columns import plain, shown
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.values import is_real
from zoo.spelling import did_you_mean

FURTHEST = 10.0
"""Scales from the median beyond which a value of a further column counts as there, so
that a single odd one cannot drown the light curve; in 2e23 of a normal distribution
there is one."""

_NORMAL = (
    1.4826  # standard deviation of a normal distribution, in its median deviations
)

Metadata = pd.DataFrame | Mapping[str, np.ndarray]


def further_names(preprocessing: Preprocessing) -> tuple[str, ...]:
    """What a model sees of an object besides redshift and E(B-V), by column."""
    error = ("redshift_err",) if "redshift_err" in preprocessing.metadata else ()
    return (*error, *preprocessing.columns)


def column_values(metadata: Metadata, name: str) -> np.ndarray:
    """A column of the metadata, float32 `(n,)`, NaN where it is missing or not there.

    Raises:
        ValueError: it holds something other than finite numbers.
    """
    if name not in metadata:
        return np.full(len(metadata[SCALARS[0]]), np.nan, np.float32)
    values = metadata[name]
    if not isinstance(values, pd.Series):
        return values
    if not is_real(values.dtype):
        values = values.map(
            lambda one: None if isinstance(one, str) and not one else one
        )
    with np.errstate(over="ignore"):  # it is refused as infinite
        found = pd.to_numeric(values, errors="coerce").to_numpy(
            np.float32, na_value=np.nan
        )
    bad = np.flatnonzero(
        np.isinf(found) | (np.isnan(found) & values.notna().to_numpy())
    )
    if len(bad):
        raise ValueError(
            f"metadata column {name}: {shown(values.iloc[bad[0]])}, in row {bad[0]}, "
            f"is no number of single precision ({len(bad)} such rows). Leave it empty "
            "where it is not known."
        )
    return found


def metadata_inputs(metadata: Metadata, preprocessing: Preprocessing) -> np.ndarray:
    """Inputs of the metadata branch, float32 `(n, width)`.

    Args:
        metadata: `redshift` and `mwebv`, float32 `(n,)`, NaN = unknown, and the columns
            of `further_names`, where there are any.
        preprocessing: the parameters that travel with a model.

    Raises:
        ValueError: a further column holds something other than finite numbers.
    """
    values = {name: np.asarray(plain(metadata[name]), np.float32) for name in SCALARS}
    for name in further_names(preprocessing):
        values[name] = column_values(metadata, name)
    known = {name: np.isfinite(column) for name, column in values.items()}
    if "redshift_err" in values:  # without an error a redshift is exact
        exact = known["redshift"] & ~known["redshift_err"]
        values["redshift_err"] = np.where(exact, np.float32(0), values["redshift_err"])
        known["redshift_err"] = known["redshift"]
    objects = len(values[SCALARS[0]])
    inputs = np.zeros((objects, len(preprocessing.metadata)), np.float32)
    for column, name in enumerate(preprocessing.metadata):
        if name in preprocessing.columns:
            standard = preprocessing.columns[name]
            inputs[:, column] = _standardised(values[name], standard)
        elif name not in values:
            inputs[:, column] = known[name.removesuffix("_known")]
        else:
            fill = np.float32(preprocessing.metadata_fill[name])
            filled = np.where(known[name], values[name], fill)
            inputs[:, column] = metadata_input(preprocessing.features, name, filled)
    return inputs


def _standardised(values: np.ndarray, standard: Mapping[str, float]) -> np.ndarray:
    """Values in scales from their median; 0 where one is unknown, or no scale is."""
    if not standard:
        return np.zeros(len(values))
    scaled = (values.astype(np.float64) - standard["median"]) / standard["scale"]
    return np.nan_to_num(np.clip(scaled, -FURTHEST, FURTHEST))


def standardise(metadata: pd.DataFrame, name: str) -> dict[str, float]:
    """The median and the scale of a column: the standard deviation that its median
    deviation has in a normal distribution; where half of the values are equal, the
    standard deviation itself.

    Args:
        metadata: of the objects to train on.
        name: of the column.

    Raises:
        ValueError: there is no such column, or it tells no object from another.

    Example:
        >>> table = pd.DataFrame({"redshift": [0.1] * 3, "host_mag": [18, 19, 21]})
        >>> standardise(table, "host_mag")
        {'median': 19.0, 'scale': 1.4826}
    """
    if name not in metadata:
        raise ValueError(
            f"the metadata have no column {name!r}.{did_you_mean(name, metadata)} They "
            f"have {', '.join(map(str, metadata.columns))}."
        )
    values = column_values(metadata, name)
    values = values[np.isfinite(values)].astype(np.float64)
    if len(values) and values.min() < values.max():
        median = np.median(values)
        scale = _NORMAL * np.median(np.abs(values - median)) or values.std()
        return {"median": float(median), "scale": float(scale)}
    have = f"the same value, {values[0]:g}, in" if len(values) else "empty for"
    raise ValueError(
        f"metadata column {name} is {have} all objects to train on, and tells none "
        "from another. Leave it out."
    )


def number_columns(metadata: pd.DataFrame) -> list[str]:
    """The further columns that a model could use: those with numbers."""
    return [
        name
        for name in metadata.columns.tolist()
        if name not in METADATA and is_real(metadata[name].dtype)
    ]


def without_unused(
    light_curves: LightCurves, preprocessing: Preprocessing
) -> LightCurves:
    """The same light curves without the metadata that a model does not see."""
    unseen = {"redshift_err", *number_columns(light_curves.metadata)}
    unseen -= {*further_names(preprocessing)}
    metadata = light_curves.metadata.drop(columns=list(unseen), errors="ignore")
    return replace(light_curves, metadata=metadata)


@dataclass
class Unused:
    """Columns that a model does not see, and those that it misses, over all parts.

    Attributes:
        objects: number of all objects.
        given: number of objects with a value, by a column that the model does not use.
        missing: number of objects in parts without a column that the model uses.
        names: columns that there are.
    """

    objects: int = 0
    given: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, light_curves: LightCurves, preprocessing: Preprocessing) -> "Unused":
        """Look at the metadata of light curves."""
        metadata = light_curves.metadata
        found = cls(len(light_curves))
        if "redshift_err" in metadata and "redshift_err" not in preprocessing.metadata:
            photometric = metadata["redshift_err"].to_numpy(np.float32) > EXACT_REDSHIFT
            photometric &= np.isfinite(metadata["redshift"].to_numpy(np.float32))
            found.given["redshift_err"] += int(photometric.sum())
        for name in number_columns(metadata):
            if name not in (*preprocessing.columns, *HOST, *SIMULATED):
                found.given[name] += int(metadata[name].notna().sum())
        if preprocessing.columns:
            found.names = {*map(str, metadata.columns)}
        for name in preprocessing.columns:
            if name not in metadata:
                found.missing[name] += len(light_curves)
        return found

    def merge(self, other: "Unused") -> None:
        """Count what was found in later parts."""
        self.objects += other.objects
        self.given += other.given
        self.missing += other.missing
        self.names |= other.names

    def messages(self, model: str) -> list[str]:
        """What to tell a user, who knows the model by this name."""
        messages, given = [], +self.given
        if count := given.pop("redshift_err", 0):
            messages.append(
                f"redshift_err is not used by {model}, which takes a photometric "
                f"redshift ({count} of {self.objects} objects) as exact."
            )
        if given:
            each = ", ".join(f"{name} ({n} objects)" for name, n in given.items())
            messages.append(
                f"{model} does not use these columns of the metadata: {each}."
            )
        for name, count in self.missing.items():
            if count == self.objects:
                near = did_you_mean(name, self.names)
                messages.append(
                    f"the metadata have no column {name!r}, which {model} uses; it "
                    f"counts as unknown for all {count} objects.{near}"
                )
        return messages
