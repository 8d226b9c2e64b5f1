"""The one door: whatever the public functions accept as data, as light curves.

Light-curve tables are read here: in memory, and from parquet, Arrow and CSV files.
Other data, such as alert packets, are for *readers*, which packages offer as entry
points of the group `transient_zoo.readers`; `zoo.datasets.readers.formats` is ours. In
the `pyproject.toml` of a package:

    [project.entry-points."transient_zoo.readers"]
    my_survey = "my_package.module:read"

Data sets that are known by a name, such as `bts`, are entry points of the group
`transient_zoo.data_sets`: functions that take the name, which may go on after a slash,
and a split or None, and return `LightCurves`.

A reader is called with a list of paths and objects in memory, and with the fields of
`zoo.light_curves.photometry.ReadOptions` as keyword arguments. It returns an `Opened`,
or raises `UnknownFormat` where the data are not of its kind.
"""

import os
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from zoo.light_curves.columns import (
    find,
    given_columns,
    has,
    is_photometry,
    is_real,
    shown,
)
from zoo.light_curves.examples import from_examples
from zoo.light_curves.files import (
    column_names,
    has_units,
    head,
    holds_photometry,
    read_astropy,
    read_frame,
    to_columns,
    to_frame,
)
from zoo.light_curves.folder import TableFiles, table_files
from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import ZEROPOINT, LightCurves, nothing_observed
from zoo.light_curves.table import (
    Part,
    Unobserved,
    as_part,
    build,
    dropped_messages,
    joined,
)
from zoo.spelling import did_you_mean

READERS = "transient_zoo.readers"
"""Group of the entry points of further readers."""

DATA_SETS = "transient_zoo.data_sets"
"""Group of the entry points of data sets, by their names."""

_SHOWN = 20  # characters of a text that is no path

NOTHING = "the list is empty. Give at least one file, table or packet."
"""The error of a list without data."""


class UnknownFormat(ValueError):
    """A file that may be sound, but is of no known format."""


class Incomplete(UnknownFormat):
    """A file that is near to a known format; the message says what it lacks."""


class Opened(Protocol):
    """What a reader of another format has read.

    Attributes:
        left_out: number of rows or files that were left out, by reason.
    """

    @property
    def left_out(self) -> Mapping[str, int]: ...  # noqa: D102

    def describe(self) -> str:
        """One sentence: what was read, and what was left out."""

    def part(self, metadata: pd.DataFrame | None, *, whole: bool) -> Part:
        """The light curves, as by `zoo.light_curves.table.build`.

        Args:
            metadata: given in place of, and beside, those of the data.
            whole: whether the data are all observations.
        """


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


def data_set(data: Any) -> Callable[[str, str | None], LightCurves] | None:
    """What reads a data set by its name; None where the data are no name of one.

    Example:
        >>> data_set("my_table") is data_set(pd.DataFrame()) is None
        True
    """
    known = data.partition("/")[0] in _data_sets() if isinstance(data, str) else False
    return _data_sets()[data.partition("/")[0]].load() if known else None


def called(data: Any) -> str:
    """What to call data in a result: their name or path; objects in memory have none.

    Example:
        >>> called(Path("tables") / "mine"), called(pd.DataFrame())
        ('tables/mine', '')
    """
    return str(data) if _is_path(data) else ""


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
    metadata = _metadata_frame(metadata)
    columns = _columns(photometry, options) if options.format is None else None
    if columns is not None:
        return build(columns, metadata, options, whole=whole)
    frame = _frame(photometry)
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
            _frame(one, options.columns) if isinstance(one, Mapping) else None
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
    is_ours = is_photometry(names) and not _states_units(given)
    if not simple or (is_ours and options.format is None):
        try:
            return build(frame, metadata, options, whole=whole)
        except ValueError:
            if not _is_nested(frame):
                raise
    try:
        if not (isinstance(given, pa.Table) or _states_units(given)):
            given = frame
        return _read_items([given], metadata, options, whole)
    except UnknownFormat as error:
        if options.format is not None:
            raise
        if isinstance(error, Incomplete) and "flux" not in columns:
            raise
        return build(frame, metadata, options, whole=whole)  # it says what is lacking


def _states_units(data: Any) -> bool:
    """Whether columns of a frame state units, which a reader converts."""
    if isinstance(data, pd.DataFrame):
        return bool(data.attrs.get("units"))
    schema = getattr(data, "schema", None)
    return isinstance(schema, pa.Schema) and has_units(schema)


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
    several = sum(_is_path(item) or _frame(item) is not None for item in items) > 1
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
    frames = [frame for frame in map(_frame, others) if frame is not None]
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


def sort_out(
    items: Iterable[Any], options: ReadOptions = DEFAULT
) -> tuple[list[TableFiles], list[Any]]:
    """Part files and folders with light-curve tables from data for other readers.

    Where the user names a format, its reader takes all of them.

    Returns:
        The files of each table, and the other items.

    Raises:
        FileNotFoundError: there is no such file or folder.
    """
    tables: list[TableFiles] = []
    others = []
    for item in items:
        files = table_files(existing(item)) if _is_path(item) else None
        reader = options.format is not None or (files and _needs_reader(files))
        if files is None or reader:
            others.append(item)
        else:
            tables.append(files)
    return tables, others


def _needs_reader(files: TableFiles) -> bool:
    """Whether a folder holds another table in place of a light-curve table."""
    try:
        column_names(files.photometry)
    except ValueError:
        return False
    return not holds_photometry(files.photometry)


def open_others(items: list[Any], options: ReadOptions = DEFAULT) -> Opened:
    """Open data that are no light-curve tables, by the first reader that knows them.

    Raises:
        UnknownFormat: there is none.
        ValueError: the data are damaged or break a rule.
    """
    for item in items:
        module = type(item).__module__.partition(".")[0]
        readable = _is_path(item) or isinstance(item, pd.DataFrame | Mapping | bytes)
        if module in ("builtins", "numpy", "pandas") and not readable:
            raise ValueError(
                f"data of type {type(item).__name__} cannot be read. Give the folder "
                "of a light-curve table, a (photometry, metadata) pair of frames, "
                "alert packets (bytes or dictionaries), or a tfds data set of "
                "zoo.datasets."
            )
    refusal = None
    for reader in _readers():
        try:
            return reader(items, **vars(options))
        except UnknownFormat as error:
            refusal = error
    raise refusal or UnknownFormat(
        f"no reader is installed for {shown(items[0])}, as no package has an entry "
        f"point {READERS}. Reinstall transient-zoo, which has one."
    )


@cache
def _readers() -> list[Callable[..., Opened]]:
    """The readers that packages offer; to find them takes milliseconds."""
    found = sorted(entry_points(group=READERS), key=lambda one: one.name)
    return [reader.load() for reader in found]


@cache
def _data_sets() -> Mapping[str, EntryPoint]:
    """The data sets that packages offer, by name."""
    return {one.name: one for one in entry_points(group=DATA_SETS)}


def _is_path(item: Any) -> bool:
    return isinstance(item, str | PathLike)


def existing(item: str | PathLike[str]) -> Path:
    """The path of a file or folder.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is something else, or the text is JSON.
    """
    if isinstance(item, str) and item.lstrip().startswith(('{"', "[{")):
        raise ValueError(
            f"{shown(item[:_SHOWN])} is JSON, not a path. Give it as bytes "
            "(text.encode()) or decoded (json.loads)."
        )
    path = Path(item)
    # Of a text that no path can be, such as a long one, pathlib raises OSError.
    if str(item) and (os.path.isfile(path) or os.path.isdir(path)):
        return path
    if str(item) and os.path.exists(path):
        raise ValueError(
            f"{path} is not a regular file. Write the data to a file and give that."
        )
    raise FileNotFoundError(
        f"{str(item) or repr('')} does not exist. Give a light-curve table (a folder, "
        "a file or a frame), files of a survey or broker, or the name of a data set "
        f"({', '.join(_data_sets())}).{did_you_mean(item, _data_sets())}"
    )


def _is_pair(data: Any) -> bool:
    """Whether data are photometry and metadata; two files may also be two tables."""
    if not isinstance(data, tuple) or len(data) != 2:
        return False
    packet = isinstance(data[0], Mapping | bytes) and _columns(data[0], DEFAULT) is None
    if packet:
        return False
    if not all(map(_is_path, data)):
        return True
    first, second = (_holds_photometry(existing(path)) for path in data)
    return first and not second


def _holds_photometry(path: Path) -> bool:
    """Whether a file or folder has a row, or a list, of observations: metadata name no
    passband."""
    if path.is_dir():
        return table_files(path) is not None
    if _is_astropy(path):
        return has(("band",), _metadata_frame(path).columns)
    try:
        return has(("band",), column_names(path))
    except ValueError:
        return False


def _is_astropy(path: Path) -> bool:
    return path.is_file() and head(path, 8) in (b"SIMPLE  ", b"# %ECSV ")


def _columns(data: Any, options: ReadOptions) -> dict[str, Any] | None:
    """The columns of a light-curve table that needs no frame to be read."""
    if isinstance(data, Mapping):
        return given_columns(data, options.columns)
    if isinstance(data, pd.DataFrame) or _states_units(data):
        return None
    table = _arrow(data)
    return None if table is None else to_columns(table, options.columns)


def _frame(data: Any, further: Collection[str] = ()) -> pd.DataFrame | None:
    if isinstance(data, Mapping):
        columns = given_columns(data, further)
        return None if columns is None else pd.DataFrame(columns)
    if isinstance(data, pd.DataFrame):
        # A subclass, such as that of nested-pandas, has methods of its own.
        return data if type(data) is pd.DataFrame else pd.DataFrame(data)
    table = _arrow(data)
    return None if table is None else to_frame(table)


def _arrow(data: Any) -> pa.Table | None:
    if isinstance(data, pa.Table) or not hasattr(data, "__arrow_c_stream__"):
        return data if isinstance(data, pa.Table) else None
    try:
        return pa.table(data)
    except pa.ArrowInvalid:  # one column, such as a pandas Series
        return None


def _metadata_frame(metadata: Any) -> Any:
    """Metadata as a frame: of pandas, pyarrow, polars, astropy, or in a file."""
    if _is_path(metadata):
        path = existing(metadata)
        if not _is_astropy(path):
            return read_frame(path)
        metadata = read_astropy(path)
    if hasattr(metadata, "colnames"):  # an astropy table
        metadata = metadata.copy()
        metadata.convert_bytestring_to_unicode()  # of FITS
        return metadata.to_pandas()
    frame = _frame(metadata)
    return metadata if frame is None else frame


def _is_nested(frame: pd.DataFrame) -> bool:
    """Whether a frame holds lists of observations, or light curves as structs."""
    columns = frame.columns
    if columns.nlevels > 1 or columns.has_duplicates:
        return False
    names = columns.tolist()
    flat = is_photometry(names)
    if flat and is_real(frame[find("mjd", names)].dtype):
        return False
    lists = [name for name in names if _holds_lists(frame[name])]
    return has(("mjd", "flux"), lists) if flat else bool(lists)


def _holds_lists(column: pd.Series) -> bool:
    """Whether a column holds lists or structs, by its Arrow type or its first value."""
    arrow = getattr(column.dtype, "pyarrow_dtype", None)  # of nested-pandas too
    if arrow is not None:
        return bool(arrow.num_fields)
    known = np.flatnonzero(column.notna())
    kinds = (list, tuple, dict, np.ndarray, pd.DataFrame)
    return len(known) > 0 and isinstance(column.iloc[known[0]], kinds)
