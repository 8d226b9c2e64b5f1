"""A light-curve table on disk: a folder with `photometry` and `metadata`.

Both are parquet files; `.csv` is read as well.
"""

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
        folder: holds `photometry.parquet` or `photometry.csv`, and optionally
            `metadata.parquet` or `metadata.csv`.
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
    path = Path(folder)
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is not a folder. Give a light-curve table.")
    photometry = _read(path, "photometry")
    if photometry is None:
        raise FileNotFoundError(
            f"{path} holds neither photometry.parquet nor photometry.csv. Give a "
            "folder with a light-curve table."
        )
    return from_tables(photometry, _read(path, "metadata"), zeropoint=zeropoint)


def write_folder(light_curves: LightCurves, folder: str | PathLike[str]) -> None:
    """Write light curves as a light-curve table, a folder with two parquet files."""
    photometry, metadata = light_curves.to_tables()
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    for name, frame in (("photometry", photometry), ("metadata", metadata)):
        part = path / f".{name}.parquet.part"
        frame.to_parquet(part, index=False)
        part.replace(path / f"{name}.parquet")


def table_files(folder: Path) -> list[Path]:
    """The files of the light-curve table in a folder: photometry, then metadata."""
    found = (_file(folder, name) for name in ("photometry", "metadata"))
    return [path for path in found if path is not None]


def _file(folder: Path, name: str) -> Path | None:
    paths = (folder / f"{name}{suffix}" for suffix in (".parquet", ".csv"))
    return next((path for path in paths if path.is_file()), None)


def _read(folder: Path, name: str) -> pd.DataFrame | None:
    path = _file(folder, name)
    if path is None:
        return None
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} cannot be read: {reason}") from error


def _read_csv(path: Path) -> pd.DataFrame:
    # As text: 0012 is the name of an object, not the number 12.
    return pd.read_csv(path, dtype={"object_id": str})
