"""Which format files, folders and objects in memory are of.

It is recognised by the first bytes and the names of the columns, never by the name of a
file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

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
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Incomplete, Source, UnknownFormat
from zoo.datasets.readers.surveys import bts, nested, plasticc, snana_fits, snana_text

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


def grouped(
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


def whole_folder(folder: Path, format: str | None) -> tuple[str, list[Source]] | None:
    """The format and the sources of a folder that is one thing, such as a table."""
    for name in FORMATS if format is None else (format,):
        sources_of = FORMATS[name].whole_folder
        if sources_of is not None and (sources := sources_of(folder)):
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
    if whole := whole_folder(folder, format):
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


def files_of(folder: Path, format: Format) -> Iterator[Source]:
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
