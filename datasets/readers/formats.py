"""All formats, and the functions that read light curves in any of them.

    table = read(["alert1.avro", "alert2.avro"])
    print(table.describe())
    light_curves = table.light_curves()

The format is recognised by the first bytes and the names of the columns, never by the
name of a file.
"""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from zoo.datasets.readers import archives
from zoo.datasets.readers.brokers import (
    boom,
    fink_alerce_lasair,
    forced_services,
    lsst_alerts,
    messages,
    nested_sources,
    skyportal,
    ztf_alerts,
)
from zoo.datasets.readers.files import astropy_tables, table_file
from zoo.datasets.readers.files.inspection import from_memory, inspect
from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.source import Incomplete, Source, UnknownFormat
from zoo.datasets.readers.read_table import ReadTable
from zoo.datasets.readers.surveys import bts, nested, plasticc, snana_fits, snana_text
from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import LightCurves, concatenate, nothing_observed
from zoo.light_curves.sources.named import existing
from zoo.light_curves.table import Unobserved
from zoo.spelling import did_you_mean

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        module.FORMAT.name: module.FORMAT
        for module in (
            *(ztf_alerts, lsst_alerts, boom, nested_sources),
            *(snana_fits, snana_text, plasticc, bts),
            *(nested, forced_services, skyportal),
            *(table_file, astropy_tables, fink_alerce_lasair),
        )
    }
)
"""The formats, by name; the first that accepts a file reads it."""

_UNKNOWN_FILES = "files of no known format"
_MOST_COLUMNS = 8  # in a message
_MOST_NAMES = 2  # of one column
_LARGEST_SHARE = 0.51  # of the columns of a format that a near one may lack


def detect(path: str | PathLike[str]) -> str:
    """Name the format of a file or folder.

    Of a folder with files of several formats, one that a survey is built from comes
    first.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: it holds no light curves in a known format, or is damaged.
    """
    folder = existing(path)
    if not folder.is_dir():
        with ExitStack() as stack:
            return next(iter(_grouped([folder], None, Counter(), stack)))
    if whole := _whole_folder(folder, None):
        return whole[0]
    for name, format in FORMATS.items():
        if format.file_names and next(_files_of(folder, format), None):
            return name
    with ExitStack() as stack:
        return next(iter(_grouped([folder], None, Counter(), stack)))


def read(paths: Any, **options: Any) -> ReadTable:
    """Read light curves of one format.

    Args:
        paths: a file, a folder, an object in memory (DataFrame, Arrow table, astropy
            table; an alert packet as a dictionary, as bytes or as a message of Kafka),
            or a list of these. Packets and rows of one object are joined.
        options: what the files do not state, as in
            `zoo.light_curves.photometry.ReadOptions`: `format`, a name of `FORMATS`;
            `zeropoint`, 31.4 for fluxes in nJy; `passbands`, what names stand for;
            `schema`, of Avro that is sent without it.

    Raises:
        FileNotFoundError: there is no such file.
        KeyError: there is no such format.
        Unobserved: the files hold no observation.
        ValueError: a file is damaged or of no known format, the files are of different
            formats, or a zero point is given for a format that states its unit.

    Example:
        >>> import pandas as pd
        >>> one = pd.DataFrame({"object_id": "a", "mjd": [60000.0], "band": "ztfg",
        ...     "flux": [1000.0], "flux_err": [10.0]})
        >>> read(one, zeropoint=31.4).describe()
        'read a light-curve table from the DataFrame: 1 object, 1 observation.'
    """
    given = ReadOptions(**options)
    format = given.format
    if format is not None and format not in FORMATS:
        hint = did_you_mean(format, FORMATS)
        raise KeyError(f"no format {format!r}. Known: {', '.join(FORMATS)}.{hint}")
    items = list(paths) if isinstance(paths, list | tuple) else [paths]
    for item in items:
        if isinstance(item, str | PathLike):
            given = given.beside(existing(item))
    if not items:
        raise ValueError("no files were given. Give at least one.")
    left_out = Counter[str]()
    with ExitStack() as stack:
        groups = _grouped(items, format, left_out, stack, given.schema)
        table = _read_group(groups, left_out, given)
    if not table.rows:
        why = ", ".join(f"{n} {reason}" for reason, n in table.left_out.items())
        raise Unobserved(
            f"{table.source} holds no observation"
            f"{f' ({why} left out)' if why else ''}. Give light curves.",
            table.object_id,
            table.left_out,
        )
    return table


def _read_group(
    groups: dict[str, list[Source]], left_out: Counter[str], given: ReadOptions
) -> ReadTable:
    """Read the sources of the one format that there is.

    Raises:
        ValueError: there are several, or it states its zero point.
    """
    if len(groups) > 1:
        names = ", ".join(f"{name} ({files[0].name})" for name, files in groups.items())
        raise ValueError(f"the files are of different formats: {names}. Give one kind.")
    ((name, sources),) = groups.items()
    if given.zeropoint is not None and FORMATS[name].states_unit:
        raise ValueError(
            f"{sources[0].name}: a zero point cannot be given for {name}, which states "
            "its own. Leave it out."
        )
    return _read(FORMATS[name], sources, left_out, given)


def stream(
    folder: str | PathLike[str], *, format: str | None = None
) -> Iterator[LightCurves]:
    """Read the light curves in a survey's folder, a few files at a time.

    Args:
        folder: as downloaded from the survey; files of other formats are passed over.
        format: a name of `FORMATS`; None: the format is recognised.

    Yields:
        Light curves of different objects. What was left out is counted in one warning
        at the end.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: its format is not known, or a file is damaged or breaks a rule; the
            message names the file.
    """
    folder = Path(folder).expanduser()
    reader = FORMATS[detect(folder) if format is None else format]
    whole = _whole_folder(folder, reader.name)
    sources = whole[1] if whole else list(_files_of(folder, reader))
    if not sources:
        raise UnknownFormat(
            f"{folder} holds no light curves in the format {reader.name}. Give "
            f"{reader.looks_for}."
        )
    left_out = Counter[str]()
    if reader.light_curves is not None:
        yield from reader.light_curves(sources, left_out, DEFAULT.beside(folder))
    else:
        yield _read(reader, sources, left_out, DEFAULT.beside(folder)).light_curves()
    if any(left_out.values()):
        counts = "; ".join(f"{n} {reason}" for reason, n in left_out.items() if n)
        warnings.warn(f"{folder}: left out {counts}.", stacklevel=2)


def _read(
    format: Format,
    sources: list[Source],
    left_out: Counter[str],
    options: ReadOptions,
) -> ReadTable:
    content: LightCurves | Tables = nothing_observed(np.array([], object))
    if format.tables is not None:
        content = format.tables(sources, left_out, options)
    elif parts := list(format.light_curves(sources, left_out, options)):
        content = concatenate(parts)
    return ReadTable(
        content=content,
        format=format.name,
        what=format.what,
        files=len(sources),
        left_out={reason: n for reason, n in left_out.items() if n},
        source=sources[0].name,
        options=replace(options, zeropoint=None),
        kind="packets" if all(one.kind == "packet" for one in sources) else "files",
    )


def _grouped(
    items: Iterable[Any],
    format: str | None,
    left_out: Counter[str],
    stack: ExitStack,
    schema: Any = None,
) -> dict[str, list[Source]]:
    """Files, folders and objects in memory, by format.

    What is in archives is there until the stack is closed.
    """
    groups: dict[str, list[Source]] = {}
    for place, one in enumerate(items):
        in_memory = not isinstance(one, str | PathLike)
        if not in_memory and Path(one).is_dir():
            named = _in_folder(Path(one), format, left_out, stack)
        elif messages.is_packet(one):
            parts = messages.sources(one, place, schema)
            named = [(_format_of(source, format), source) for source in parts]
        elif in_memory:
            source = from_memory(one)
            named = [(_format_of(source, format), source)]
        else:
            named = _in_file(Path(one), format, left_out, stack)
        for name, source in named:
            groups.setdefault(name, []).append(source)
    return groups


def _format_of(source: Source, format: str | None) -> str:
    """The first format that accepts a source, where `format` allows it."""
    for name in FORMATS if format is None else (format,):
        if FORMATS[name].accepts(source):
            return name
    for known in FORMATS.values():
        if known.hint is not None and (message := known.hint(source)):
            raise Incomplete(message)
    columns = ", ".join(sorted(source.columns)[:_MOST_COLUMNS]) or "no columns"
    columns += ", ..." if len(source.columns) > _MOST_COLUMNS else ""
    candidates = FORMATS.values() if format is None else (FORMATS[format],)
    remedy = nearest = _nearest(source.columns, candidates)
    if not remedy and format is None:
        remedy = f"Give one of {', '.join(FORMATS)}."
    elif not remedy:
        remedy = f"Give {FORMATS[str(format)].looks_for}."
        other = next((n for n, one in FORMATS.items() if one.accepts(source)), None)
        if other is not None:
            remedy = f"It is {FORMATS[other].what}, format {other}: give that, or none."
    raise (Incomplete if nearest else UnknownFormat)(
        f"{source.name} is of no known format: {source.kind} with {columns}. {remedy}"
    )


def _nearest(columns: frozenset[str], formats: Iterable[Format]) -> str | None:
    """The kind of table that most of some columns belong to, and what it lacks; None
    where there is none."""
    prefixes = Counter(name[:2] for name in columns if name[1:2] == ":")
    prefix = prefixes.most_common(1)[0][0] if prefixes else ""  # as Fink writes
    names = {name.removeprefix(prefix) for name in columns}
    fewest, what_is, lacks = len(columns) + 1, "", list[str]()
    for format in formats:
        for what, needed in format.layouts.items():
            missing = [one for one in needed if names.isdisjoint(one)]
            if len(missing) < min(fewest, _LARGEST_SHARE * len(needed)):
                lacks = [_listed(one, prefix) for one in missing]
                fewest, what_is = len(missing), what
    if not lacks:
        return None
    lacking = ", ".join(lacks)
    return f"Nearest: {what_is}; it lacks {lacking}. Add or rename these columns."


def _listed(names: tuple[str, ...], prefix: str) -> str:
    return f"{prefix}{names[0]}" if prefix else " or ".join(names[:_MOST_NAMES])


def _whole_folder(folder: Path, format: str | None) -> tuple[str, list[Source]] | None:
    """The format and the sources of a folder that is one thing, such as a table."""
    for name in FORMATS if format is None else (format,):
        whole_folder = FORMATS[name].whole_folder
        if whole_folder is not None and (sources := whole_folder(folder)):
            return name, sources
    return None


def _in_file(
    path: Path, format: str | None, left_out: Counter[str], stack: ExitStack
) -> list[tuple[str, Source]]:
    """A file, or the files of an archive, with their formats; others are counted."""
    sources, unknown = archives.sources(path, stack)
    if len(sources) == 1 and not unknown:
        return [(_format_of(sources[0], format), sources[0])]
    known = []
    for source in sources:
        try:
            known.append((_format_of(source, format), source))
        except UnknownFormat as error:
            unknown, refusal = unknown + 1, error
    if not known:
        raise refusal
    left_out[_UNKNOWN_FILES] += unknown
    return known


def _in_folder(
    folder: Path, format: str | None, left_out: Counter[str], stack: ExitStack
) -> list[tuple[str, Source]]:
    """The files of a folder and below it, with their formats; others are counted."""
    if whole := _whole_folder(folder, format):
        return [(whole[0], source) for source in whole[1]]
    known = []
    for path in archives.files(folder):
        try:
            known += _in_file(path, format, left_out, stack)
        except UnknownFormat:
            left_out[_UNKNOWN_FILES] += 1
    if not known:
        raise UnknownFormat(
            f"{folder} holds no light curves in a known format. Give one of "
            f"{', '.join(FORMATS)}."
        )
    return known


def _files_of(folder: Path, format: Format) -> Iterator[Source]:
    """The files of a survey's folder that are of one format.

    Only those with the right names are opened: a folder may hold thousands.
    """
    for path in archives.files(folder):
        name = path.relative_to(folder).as_posix()
        if format.file_names is None or format.file_names.search(name):
            try:
                source = inspect(path)
            except UnknownFormat:
                continue
            if format.accepts(source):
                yield source
