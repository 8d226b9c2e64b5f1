"""What surveys and brokers send, as a light-curve table, whatever its format.

    table = read(["alert1.avro", "alert2.avro"])
    print(table.describe())
    light_curves = table.light_curves()

The format is told by the first bytes and the names of the columns, never by the name
of a file. A new format is a module with `WHAT`, `LOOKS_FOR`, `accepts` and
`read_sources`, listed in `FORMATS`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import pandas as pd

from zoo.datasets.readers.files import astropy_tables, table_file
from zoo.datasets.readers.files.sources import (
    Source,
    UnknownFormat,
    from_memory,
    inspect,
)
from zoo.datasets.readers.read_table import ReadTable
from zoo.datasets.readers.surveys import (
    boom,
    broker_exports,
    bts,
    lsst_alerts,
    nested,
    plasticc,
    snana_fits,
    snana_text,
    table,
    ztf_alerts,
)
from zoo.light_curves.folder import find_tables
from zoo.light_curves.ragged import concatenate

FORMATS: Mapping[str, ModuleType] = MappingProxyType(
    {
        "ztf_alerts": ztf_alerts,
        "lsst_alerts": lsst_alerts,
        "boom": boom,
        "snana_fits": snana_fits,
        "snana_text": snana_text,
        "plasticc": plasticc,
        "nested": nested,
        "table": table_file,
        "astropy": astropy_tables,
        "broker_export": broker_exports,
    }
)
"""The formats, by name; the first that accepts a file reads it."""

_WITHOUT_UNIT = ("nested", "table", "astropy")  # the zero point may have to be given
_STREAMS = ("snana_fits", "snana_text", "plasticc")  # they yield LightCurves
_BTS = "bts"  # a folder: a light-curve table with an export of the BTS explorer
_UNKNOWN_FILES = "files of no known format"
_NAMED = 8  # columns in a message


def detect(path: str | PathLike[str]) -> str:
    """Name the format of a file or folder.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no light curves in a known format, or is damaged.
    """
    (name, _), *_ = _grouped([path], None, Counter()).items()
    return name


def read(
    paths: Any, *, format: str | None = None, zeropoint: float | None = None
) -> ReadTable:
    """Read light curves of one format.

    Args:
        paths: a file, a folder, an object in memory (DataFrame, Arrow table, astropy
            table), or a list of these. Packets and rows of one object are joined.
        format: a name of `FORMATS`; found out where it is not given.
        zeropoint: AB zero point of fluxes whose unit the file does not say: 31.4 for
            nJy, 23.9 for uJy.

    Raises:
        FileNotFoundError: there is no such file.
        KeyError: there is no such format.
        ValueError: a file is damaged or of no known format, the files are of different
            formats, or a zero point is given for a format that states its unit.

    Example:
        >>> one = pd.DataFrame({"object_id": "a", "mjd": [60000.0], "band": "ztfg",
        ...     "flux": [1000.0], "flux_err": [10.0]})
        >>> read(one, zeropoint=31.4).describe()
        'read a light-curve table from the DataFrame: 1 object, 1 observation.'
    """
    if format is not None and format not in FORMATS:
        raise KeyError(f"no format {format!r}. Known: {', '.join(FORMATS)}.")
    given = list(paths) if isinstance(paths, list | tuple) else [paths]
    if not given:
        raise ValueError("there is nothing to read. Give at least one file.")
    left_out = Counter[str]()
    groups = _grouped(given, format, left_out)
    if len(groups) > 1:
        found = ", ".join(f"{name} ({items[0].name})" for name, items in groups.items())
        raise ValueError(f"the files are of different formats: {found}. Give one kind.")
    ((name, sources),) = groups.items()
    if zeropoint is not None and name not in _WITHOUT_UNIT:
        raise ValueError(
            f"{sources[0].name}: a zero point cannot be given for {name}, which states "
            "its own. Leave it out."
        )
    photometry, metadata = _read(name, sources, left_out, zeropoint)
    if not len(photometry):
        why = ", ".join(f"{n} {reason}" for reason, n in left_out.items() if n)
        raise ValueError(
            f"{sources[0].name} holds no observation"
            f"{f' ({why} left out)' if why else ''}. Give light curves."
        )
    return ReadTable(
        photometry=photometry,
        metadata=metadata,
        format=name,
        what=(bts if name == _BTS else FORMATS[name]).WHAT,
        files=len(sources),
        left_out={reason: n for reason, n in left_out.items() if n},
        source=sources[0].name,
    )


def _read(
    name: str, sources: list[Source], left_out: Counter[str], zeropoint: float | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if name == _BTS:
        parts = [one for source in sources for one in bts.read(source.file)]
        return concatenate(parts).to_tables()
    module = FORMATS[name]
    if name in _STREAMS:
        parts = list(module.read_sources(sources, left_out))
        if not parts:
            return pd.DataFrame(), pd.DataFrame()
        return concatenate(parts).to_tables()
    if name in _WITHOUT_UNIT:
        return module.read_sources(sources, left_out, zeropoint)
    return module.read_sources(sources, left_out)


def _grouped(
    given: Iterable[Any], format: str | None, left_out: Counter[str]
) -> dict[str, list[Source]]:
    groups: dict[str, list[Source]] = {}
    for one in given:
        if not isinstance(one, str | PathLike):
            source = from_memory(one)
            groups.setdefault(_format(source, format), []).append(source)
        elif Path(one).is_dir():
            for name, sources in _folder(Path(one), format, left_out).items():
                groups.setdefault(name, []).extend(sources)
        else:
            source = inspect(one)
            groups.setdefault(_format(source, format), []).append(source)
    return groups


def _format(source: Source, format: str | None) -> str:
    for name in FORMATS if format is None else (format,):
        if FORMATS[name].accepts(source):
            return name
    if source.columns >= bts.EXPORT:
        raise UnknownFormat(
            f"{source.name} is an export of the BTS explorer, which has classes and no "
            "photometry. Put it into the folder of a light-curve table."
        )
    held = ", ".join(sorted(source.columns)[:_NAMED]) or "no columns"
    held += ", ..." if len(source.columns) > _NAMED else ""
    wanted = f"one of {', '.join(FORMATS)}"
    if format is not None:
        wanted = FORMATS[format].LOOKS_FOR
    raise UnknownFormat(
        f"{source.name} is of no known format: {source.kind} with {held}. Give "
        f"{wanted}."
    )


def _folder(
    folder: Path, format: str | None, left_out: Counter[str]
) -> dict[str, list[Source]]:
    """The files of a folder that are of a known format, or the folder itself."""
    if format is None and bts.found(folder):
        return {_BTS: [Source(str(folder), "folder", path=folder)]}
    if format in (None, "table") and table.found(folder):
        return {"table": [inspect(path) for path in find_tables(folder) if path]}
    groups: dict[str, list[Source]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            source = inspect(path)
            groups.setdefault(_format(source, format), []).append(source)
        except UnknownFormat:
            left_out[_UNKNOWN_FILES] += 1
    if not groups:
        raise UnknownFormat(
            f"{folder} holds no light curves in a known format. Give one of "
            f"{', '.join(FORMATS)}."
        )
    return groups
