"""A light-curve table on disk: a folder with `photometry` and `metadata`.

Both are parquet files; CSV and Arrow files are read as well.
"""

import os
from os import PathLike
from pathlib import Path

import pandas as pd

from zoo.light_curves import ZEROPOINT, LightCurves
from zoo.table import from_tables


def read_folder(
    folder: str | PathLike[str], *, zeropoint: float = ZEROPOINT
) -> LightCurves:
    """Read the light-curve table in a folder.

    Args:
        folder: holds `photometry.parquet` (or `.csv`, `.arrow`, `.feather`), and
            optionally `metadata`, likewise.
        zeropoint: see `from_tables`.

    Raises:
        FileNotFoundError: there is no such folder, or no photometry in it.
        ValueError: a file cannot be read, or the table breaks a rule.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from zoo.golden import golden_light_curves
        >>> with TemporaryDirectory() as folder:
        ...     write_folder(golden_light_curves(), folder)
        ...     len(read_folder(folder))
        8
    """
    photometry, metadata = find_tables(Path(folder))
    return from_tables(
        read_frame(photometry),
        None if metadata is None else read_frame(metadata),
        zeropoint=zeropoint,
    )


def find_tables(folder: Path) -> tuple[Path, Path | None]:
    """Find the photometry and, where there is one, the metadata of a folder.

    Raises:
        FileNotFoundError: there is no such folder, or no photometry in it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder. Give a light-curve table.")
    photometry, metadata = (_find(folder, n) for n in ("photometry", "metadata"))
    if photometry is None:
        raise FileNotFoundError(
            f"{folder} holds neither photometry.parquet nor photometry.csv. Give a "
            "folder with a light-curve table."
        )
    return photometry, metadata


def read_frame(path: Path) -> pd.DataFrame:
    """Read a parquet, CSV or Arrow file.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        return _READERS[path.suffix](path)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} cannot be read: {reason}") from error


def write_folder(light_curves: LightCurves, folder: str | PathLike[str]) -> None:
    """Write light curves as a light-curve table, a folder with two parquet files.

    Neither file gets its name before both are written.
    """
    photometry, metadata = light_curves.to_tables()
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    frames = {"photometry": photometry, "metadata": metadata}
    asides = {name: path / f".{name}.parquet.{os.getpid()}.part" for name in frames}
    try:
        for name, aside in asides.items():
            frames[name].to_parquet(aside, index=False)
        for name, aside in asides.items():
            aside.replace(path / f"{name}.parquet")
    finally:
        for aside in asides.values():
            aside.unlink(missing_ok=True)


def _find(folder: Path, name: str) -> Path | None:
    paths = (folder / f"{name}{suffix}" for suffix in _READERS)
    return next((path for path in paths if path.is_file()), None)


def _read_csv(path: Path) -> pd.DataFrame:
    # As text: 0012 is the name of an object, not the number 12.
    return pd.read_csv(path, dtype={"object_id": str})


_READERS = {
    ".parquet": pd.read_parquet,
    ".csv": _read_csv,
    ".arrow": pd.read_feather,
    ".feather": pd.read_feather,
}
SUFFIXES = tuple(_READERS)
"""Of the files that can be read as tables."""
