"""The functions that read light curves in any of the formats.

    table = read(["alert1.avro", "alert2.avro"])
    print(table.describe())
    light_curves = table.light_curves()

Which format a file is of: `zoo.datasets.readers.recognise`.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.readers.files.interface import Format, Tables
from zoo.datasets.readers.files.source import Source, UnknownFormat
from zoo.datasets.readers.read_table import ReadTable
from zoo.datasets.readers.recognise import FORMATS, files_of, grouped, whole_folder
from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import LightCurves, concatenate, nothing_observed
from zoo.light_curves.sources.named import existing
from zoo.light_curves.table import Unobserved
from zoo.spelling import did_you_mean


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
            return next(iter(grouped([folder], None, Counter(), stack)))
    if whole := whole_folder(folder, None):
        return whole[0]
    for name, format in FORMATS.items():
        if format.file_names and next(files_of(folder, format), None):
            return name
    with ExitStack() as stack:
        return next(iter(grouped([folder], None, Counter(), stack)))


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
        groups = grouped(items, format, left_out, stack, given.schema)
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
    whole = whole_folder(folder, reader.name)
    sources = whole[1] if whole else list(files_of(folder, reader))
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
