"""The metadata of a light-curve table: one row per object, checked."""

import numpy as np
import pandas as pd

from zoo.labels import canonical_labels
from zoo.light_curves.columns import (
    ObjectIds,
    is_real,
    numbers,
    refuse,
    require_columns,
)
from zoo.light_curves.ragged import nothing_known

# A photometric redshift of a near object may scatter below 0; -1, -9, -99, 99 and 999
# are sentinels of the surveys for "not known". No transient is seen from beyond a
# redshift of 30; E(B-V) of Schlegel et al. 1998 exceeds 100 near the Galactic centre.
_RANGE = {"redshift": (-0.1, 30.0), "mwebv": (0.0, 500.0)}


def read_metadata(
    metadata: pd.DataFrame | None, observed: ObjectIds
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Join metadata to the objects observed.

    Args:
        metadata: as in `zoo.light_curves.table.from_tables`.
        observed: the object of each observation.

    Returns:
        Names of all objects, object `(n,)`: those of the metadata, then further ones in
        the order of appearance; the position of each observation's object, int64
        `(m,)`; and the metadata of all objects, in order.

    Raises:
        ValueError: a row breaks a rule, or the two have no object in common.
    """
    if metadata is not None:
        require_columns(metadata, ("object_id",), "metadata")
    if metadata is None or not len(metadata):
        return observed.names, observed.codes, nothing_known(len(observed.names))
    object_id = each_once(metadata)
    place = pd.Index(object_id.names, dtype=object).get_indexer(observed.names)
    further = np.flatnonzero(place < 0)
    if len(further) == len(place):
        raise ValueError(
            f"no object of the metadata table (first: {object_id[0]!r}) occurs in the "
            f"photometry (first: {observed[0]!r}). Use the same object_id in both."
        )
    place[further] = len(metadata) + np.arange(len(further))
    names = np.concatenate([object_id.names, observed.names[further]])
    checked = _checked(metadata, object_id)
    if len(further):
        checked = checked.reindex(range(len(names)))
        label = checked["label"].astype(object)
        checked["label"] = label.where(label.notna(), None)
    return names, place[observed.codes], checked


def each_once(metadata: pd.DataFrame) -> ObjectIds:
    """The objects of metadata.

    Raises:
        ValueError: a name is missing, of a wrong type, or stands there twice.
    """
    object_id = ObjectIds.of(metadata, "metadata")
    if len(object_id.names) < len(metadata):
        at = np.flatnonzero(pd.Series(object_id.codes).duplicated())[0]
        raise ValueError(
            f"object {object_id[at]!r} stands twice in the metadata table (row {at}). "
            "Keep one row per object."
        )
    return object_id


def _checked(metadata: pd.DataFrame, object_id: ObjectIds) -> pd.DataFrame:
    checked = metadata.drop(columns="object_id").reset_index(drop=True)
    for column, (lowest, highest) in _RANGE.items():
        if column not in metadata:
            checked[column] = np.float32("nan")
            continue
        given = metadata
        if not is_real(metadata[column].dtype):
            blank = [isinstance(x, str) and not x for x in metadata[column]]
            given = metadata.assign(**{column: metadata[column].mask(blank)})
        values = numbers(given, column, object_id)
        refuse(
            (values < lowest) | (values > highest),
            object_id,
            column,
            values,
            f"is not between {lowest:g} and {highest:g}",
            "Use an empty value where it is not known.",
        )
        checked[column] = values.astype(np.float32)
    labels = None
    try:
        if "label" in metadata:
            spellings = metadata["label"].astype(object)
            labels = canonical_labels(spellings.where(spellings.notna(), None))
    except ValueError as error:
        raise ValueError(f"metadata column label: {error}") from None
    checked["label"] = pd.Series(labels, index=checked.index, dtype=object)
    return checked
