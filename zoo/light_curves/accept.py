"""The one door: whatever the public functions accept as data, as light curves.

Light-curve tables are read here: in memory, and from parquet, Arrow and CSV files.
Modules of `zoo.light_curves.sources` know what else there is: `readers` of other data,
such as alert packets, and `named` data sets.
"""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa

from zoo.light_curves.columns import has, is_photometry
from zoo.light_curves.examples import from_examples
from zoo.light_curves.folder import table_files
from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import ZEROPOINT, LightCurves, nothing_observed
from zoo.light_curves.sources.files import (
    column_names,
    is_astropy,
    read_frame,
)
from zoo.light_curves.sources.in_memory import (
    columns_of,
    frame_of,
    is_nested,
    metadata_frame,
    states_units,
)
from zoo.light_curves.sources.named import data_set, existing, is_path
from zoo.light_curves.sources.readers import (
    Incomplete,
    UnknownFormat,
    open_others,
    sort_out,
)
from zoo.light_curves.table import (
    Part,
    Unobserved,
    as_part,
    build,
    dropped_messages,
    joined,
)

NOTHING = "the list is empty. Give at least one file, table or packet."
"""The error of a list without data."""


def read(
    photometry: Any,
    metadata: Any = None,
    *,
    split: str | None = None,
    where: str | None = None,
    **options: Any,
) -> LightCurves:
    """Read light curves from data of any kind.

    Args:
        photometry: a light-curve table as a frame (pandas, pyarrow, polars, ...), as a
            dictionary of columns (`zoo.light_curves.columns.given_columns`), as a
            (photometry, metadata) pair of frames or files, as a file or as a folder;
            `LightCurves`; a tfds data set of ours, or the name of one, such as `bts`,
            which is built when it is first used and comes before a folder of that name
            (write `./bts` for that); files or folders of a survey or broker, nested and
            astropy tables; alert packets as dictionaries, bytes or messages of Kafka;
            or a list of files or packets.
        metadata: a frame, an astropy table or a file with one row per object, where
            `photometry` does not include a table of metadata. A column that the
            photometry has as well is taken from here.
        split: of a data set that is named: `train`, `validation` or `test`; None: all.
            Any other data are read whole.
        where: keep the objects whose metadata have a value, given as COLUMN=VALUE.
        options: what the data do not state: `zeropoint`, `passbands`, `format` and
            `schema`, as in `zoo.light_curves.photometry.ReadOptions`.

    Returns:
        The light curves, with every rule of `zoo.light_curves.table.from_tables`.

    Raises:
        FileNotFoundError: there is no such file.
        Unobserved: the data hold no observation.
        KeyError: `where` names a column that the metadata do not have, or the name of a
            data set has a part that is not known.
        ValueError: the data break a rule, or are of no known kind, or no object is
            left.

    Example:
        >>> table = pd.DataFrame({"objectId": ["a"], "time": [60000.0],
        ...     "filter": ["ztfg"], "flux": [900.0], "fluxerr": [30.0]})
        >>> len(read(table))
        1
    """
    part = read_part(photometry, metadata, ReadOptions(**options), split=split)
    if part.report:
        warnings.warn(part.report, stacklevel=4)
    for message in dropped_messages(part.dropped, part.repeated, part.rows):
        warnings.warn(message, stacklevel=2)
    return part.light_curves if where is None else part.light_curves.where(where)


def read_objects(photometry: Any, metadata: Any = None, **options: Any) -> LightCurves:
    """As `read`, also of data that hold no observation: the objects that they name.

    So a partition of a larger table may be empty, or hold only objects without
    observations or fluxes.

    Warns:
        UserWarning: the data name objects, but hold no observation.

    Example:
        >>> table = pd.DataFrame(columns=["object_id", "mjd", "band", "flux",
        ...     "flux_err"])
        >>> len(read_objects(table))
        0
    """
    try:
        return read(photometry, metadata, **options)
    except Unobserved as nothing:
        if len(nothing.object_id):
            warnings.warn(str(nothing), stacklevel=3)
        return nothing_observed(nothing.object_id)


def read_part(
    photometry: Any,
    metadata: Any = None,
    options: ReadOptions = DEFAULT,
    *,
    whole: bool = True,
    split: str | None = None,
) -> Part:
    """As `read`, with the number of rows left out in place of warnings.

    Where the observations are not the whole table, metadata of other objects are passed
    over.
    """
    if metadata is None and _is_pair(photometry):
        photometry, metadata = photometry
    metadata = metadata_frame(metadata)
    columns = columns_of(photometry, options) if options.format is None else None
    if columns is not None:
        return build(columns, metadata, options, whole=whole)
    frame = frame_of(photometry)
    if frame is not None:
        return _read_frame(photometry, frame, metadata, options, whole)
    what = f"a {type(photometry).__name__}"
    if (read_named := data_set(photometry)) is not None:
        light_curves, what = read_named(photometry, split), f"the data set {photometry}"
    elif isinstance(photometry, LightCurves):
        light_curves = photometry
    elif hasattr(photometry, "as_numpy_iterator"):
        light_curves = from_examples(photometry.as_numpy_iterator())
    else:
        items = photometry if isinstance(photometry, list | tuple) else [photometry]
        if not items:
            raise Unobserved(NOTHING, np.array([], object))
        frames = (
            frame_of(one, options.columns) if isinstance(one, Mapping) else None
            for one in items
        )
        items = [
            one if frame is None else frame
            for one, frame in zip(items, frames, strict=True)
        ]
        return _read_items(items, metadata, options, whole)
    if metadata is not None:
        _refuse_metadata(what)
    by_model = replace(DEFAULT, learned=options.learned, columns=options.columns)
    if options != by_model:
        raise ValueError(
            f"{what} has fluxes at zero point {ZEROPOINT}, and names its passbands. "
            "Leave the options out."
        )
    return as_part(light_curves, whole)


def _read_frame(
    given: Any,
    frame: pd.DataFrame,
    metadata: pd.DataFrame | None,
    options: ReadOptions,
    whole: bool,
) -> Part:
    """A frame: here if it is a light-curve table, else by a reader that knows it."""
    columns = frame.columns
    simple = columns.nlevels == 1 and not columns.has_duplicates
    names = (*columns.tolist(), *frame.index.names) if simple else ()
    is_ours = is_photometry(names) and not states_units(given)
    if not simple or (is_ours and options.format is None):
        try:
            return build(frame, metadata, options, whole=whole)
        except ValueError:
            if not is_nested(frame):
                raise
    try:
        if not (isinstance(given, pa.Table) or states_units(given)):
            given = frame
        return _read_items([given], metadata, options, whole)
    except UnknownFormat as error:
        if options.format is not None:
            raise
        if isinstance(error, Incomplete) and "flux" not in columns:
            raise
        return build(frame, metadata, options, whole=whole)  # it says what is lacking


def _refuse_metadata(data: str) -> NoReturn:
    raise ValueError(
        f"metadata were given although the data include their own. Give {data} alone, "
        "or one table of photometry with its metadata."
    )


def _read_items(
    items: list[Any],
    metadata: pd.DataFrame | None,
    options: ReadOptions,
    whole: bool,
) -> Part:
    """Files, folders, and objects in memory, joined."""
    several = sum(is_path(item) or frame_of(item) is not None for item in items) > 1
    if metadata is not None and several:
        _refuse_metadata("a list")
    tables, others = sort_out(items, options)
    parts = []
    for table in tables:
        if metadata is not None and table.metadata is not None:
            _refuse_metadata(f"the folder {table.folder}")
        known = metadata if table.metadata is None else read_frame(table.metadata)
        frame = read_frame(table.photometry)
        parts.append(build(frame, known, table.options(options), whole=whole))
    frames = [frame for frame in map(frame_of, others) if frame is not None]
    if len(others) > 1 and len(frames) == len(others):
        parts += [read_part(frame, options=options, whole=whole) for frame in frames]
    elif others:
        opened = open_others(others, options)
        part = opened.part(metadata, whole=whole)
        if opened.left_out:
            report = opened.describe()
            part = replace(part, left_out=opened.left_out, report=report)
        parts.append(part)
    return parts[0] if len(parts) == 1 else joined(parts)


def _is_pair(data: Any) -> bool:
    """Whether data are photometry and metadata; two files may also be two tables."""
    if not isinstance(data, tuple) or len(data) != 2:
        return False
    packet = (
        isinstance(data[0], Mapping | bytes) and columns_of(data[0], DEFAULT) is None
    )
    if packet:
        return False
    if not all(map(is_path, data)):
        return True
    first, second = (_holds_photometry(existing(path)) for path in data)
    return first and not second


def _holds_photometry(path: Path) -> bool:
    """Whether a file or folder has a row, or a list, of observations: metadata name no
    passband."""
    if path.is_dir():
        return table_files(path) is not None
    if is_astropy(path):
        return has(("band",), metadata_frame(path).columns)
    try:
        return has(("band",), column_names(path))
    except ValueError:
        return False
