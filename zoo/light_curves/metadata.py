"""The metadata of a light-curve table: one row per object, checked."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zoo.columns import METADATA
from zoo.labels import canonical_labels
from zoo.light_curves.columns import Columns, plain, renamed, require_columns, shown
from zoo.light_curves.ragged import nothing_known
from zoo.light_curves.values import ObjectIds, factorize, is_real, numbers, refuse

# A photometric redshift of a near object may scatter below 0; -1, -9, -99, 99 and 999
# are sentinels of the surveys for "not known". No transient is seen from beyond a
# redshift of 30; E(B-V) of Schlegel et al. 1998 exceeds 100 near the Galactic centre.
_RANGE = {
    "redshift": (-0.1, 30.0),
    "redshift_err": (0.0, 30.0),
    "mwebv": (0.0, 500.0),
}
_ALWAYS = ("redshift", "mwebv")  # there, if only as NaN

_SCATTER = ("ra", "dec")  # measured at each observation: an object has several


def read_metadata(
    metadata: pd.DataFrame | None,
    photometry: Columns,
    observed: ObjectIds,
    whole: bool,
    more: Sequence[str] = (),
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Join metadata to the objects observed.

    Args:
        metadata: as in `zoo.light_curves.table.from_tables`.
        photometry: with our names; a column of metadata that its rows repeat counts
            where `metadata` lacks it.
        observed: the object of each observation.
        whole: whether these are all observations; else the metadata of other objects
            are passed over.
        more: names of columns, besides those of `METADATA`, that the rows of the
            photometry may repeat.

    Returns:
        Names of all objects, object `(n,)`: those of the metadata, then further ones in
        the order of appearance; the position of each observation's object, int64
        `(m,)`; and the metadata of all objects, in order.

    Raises:
        ValueError: a row breaks a rule, the rows of an object have different metadata,
            or metadata and photometry have no object in common.
    """
    if metadata is not None:
        metadata = ready(metadata)
        if not whole:
            known = ObjectIds.of(metadata, "metadata")
            wanted = pd.Index(known.names, dtype=object).isin(observed.names)
            metadata = metadata[wanted[known.codes]]
    columns = [name for name in (*METADATA, *more) if name in photometry]
    if metadata is None or not len(metadata):
        if not columns:
            return observed.names, observed.codes, nothing_known(len(observed.names))
        place = np.arange(len(observed.names))
        names, metadata = observed.names, pd.DataFrame(index=range(len(place)))
    else:
        object_id = each_once(metadata)
        place = pd.Index(object_id.names, dtype=object).get_indexer(observed.names)
        further = np.flatnonzero(place < 0)
        if 0 < len(place) == len(further):
            raise ValueError(
                f"no object of the metadata table (first: {shown(object_id[0])}) "
                f"occurs in the photometry (first: {shown(observed[0])}). Use the "
                "same object_id in both."
            )
        place[further] = len(metadata) + np.arange(len(further))
        names = np.concatenate([object_id.names, observed.names[further]])
        metadata = metadata.drop(columns="object_id").reset_index(drop=True)
        if len(further):
            metadata = metadata.reindex(range(len(names)))
    for name in columns:
        if name not in metadata:
            values = _of_objects(photometry, name, observed)
            metadata[name] = values.set_axis(place).reindex(range(len(names)))
    every = ObjectIds(np.arange(len(names)), names)
    return names, place[observed.codes], check(metadata, every)


def ready(metadata: pd.DataFrame) -> pd.DataFrame:
    """Metadata with our names, in the byte order of this machine.

    Raises:
        ValueError: there is no object_id, or two columns of one meaning.
    """
    require_columns(metadata, (), "metadata")
    metadata = renamed(metadata)
    require_columns(metadata, ("object_id",), "metadata")
    swapped = {
        name: dtype.newbyteorder("=")
        for name, dtype in metadata.dtypes.items()
        if isinstance(dtype, np.dtype) and not dtype.isnative  # from FITS
    }
    return metadata.astype(swapped) if swapped else metadata


def split(photometry: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part photometry from the metadata that its rows repeat.

    Args:
        photometry: one row per observation, with our names.

    Returns:
        The photometry, and `object_id` and the metadata of each object.

    Raises:
        ValueError: an object has two values of one column.
    """
    object_id = ObjectIds.of(photometry, "photometry")
    columns = [name for name in METADATA if name in photometry]
    repeated = {name: _of_objects(photometry, name, object_id) for name in columns}
    metadata = pd.DataFrame({"object_id": object_id.names, **repeated})
    return photometry.drop(columns=columns), metadata


def _of_objects(photometry: Columns, column: str, object_id: ObjectIds) -> pd.Series:
    """The first known value of each object among those that its rows repeat.

    Raises:
        ValueError: an object has two values, except of its coordinates.
    """
    given = plain(photometry[column])
    values = pd.Series(given, dtype=given.dtype)
    if column in _RANGE:
        blanked = _blanked(values.to_frame(column), column)
        values = pd.Series(numbers(blanked, column, object_id))
    codes, _ = factorize(values)
    known = np.flatnonzero((codes >= 0) & values.notna().to_numpy())
    owner = object_id.codes[known]
    first = np.full(len(object_id.names), -1)
    first[owner[::-1]] = known[::-1]
    differ = codes[first[owner]] != codes[known]
    if column not in _SCATTER and differ.any():
        at = known[np.flatnonzero(differ)[0]]
        raise ValueError(
            f"{object_id.where(at)}: {column} differs from that in an earlier row of "
            "this object. Give one value per object."
        )
    return values.where(values.notna()).reindex(first).reset_index(drop=True)


def each_once(metadata: pd.DataFrame) -> ObjectIds:
    """The objects of metadata.

    Raises:
        ValueError: a name is missing, of a wrong type, or occurs twice.
    """
    object_id = ObjectIds.of(metadata, "metadata")
    if len(object_id.names) < len(metadata):
        at = np.flatnonzero(pd.Series(object_id.codes).duplicated())[0]
        raise ValueError(
            f"object {shown(object_id[at])} occurs twice in the metadata table (row "
            f"{at}). Keep one row per object."
        )
    return object_id


def check(metadata: pd.DataFrame, object_id: ObjectIds) -> pd.DataFrame:
    """Metadata without `object_id`, with `redshift`, `mwebv` and `label` in order.

    Raises:
        ValueError: a number is out of range, or a label is not known.
    """
    checked = metadata.copy()
    for column, (lowest, highest) in _RANGE.items():
        if column not in metadata:
            if column in _ALWAYS:
                checked[column] = np.float32("nan")
            continue
        values = numbers(_blanked(metadata, column), column, object_id)
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


def _blanked(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A table in which an empty text is a missing number."""
    if is_real(table[column].dtype):
        return table
    blank = [isinstance(x, str) and not x for x in table[column]]
    return table.assign(**{column: table[column].mask(blank)})
