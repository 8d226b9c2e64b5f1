"""A light-curve table on disk: a folder with `photometry` and `metadata`.

Both are parquet files; CSV (also packed with gzip) and Arrow files are read as well.
"""

from os import PathLike
from pathlib import Path
from typing import NamedTuple

from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import LightCurves
from zoo.light_curves.sources.files import SUFFIXES, holds_photometry, read_frame
from zoo.light_curves.table import from_tables
from zoo.system.atomic import new_files, refuse_existing


def read_folder(
    folder: str | PathLike[str], *, zeropoint: float | None = None
) -> LightCurves:
    """Read the light-curve table in a folder.

    Args:
        folder: holds `photometry.parquet` (or `.csv`, `.csv.gz`, `.arrow`, `.feather`)
            and optionally `metadata`, in one of the same kinds, and `passbands.toml`
            (see `zoo.passbands.files`).
        zeropoint: see `from_tables`.

    Raises:
        FileNotFoundError: there is no such folder, or no photometry in it.
        ValueError: a file cannot be read, or the table breaks a rule.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> with TemporaryDirectory() as folder:
        ...     write_folder(golden_light_curves(), folder)
        ...     len(read_folder(folder))
        8
    """
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"{folder} is not a folder. Give a light-curve table.")
    files = table_files(Path(folder))
    if files is None:
        raise FileNotFoundError(
            f"{folder} holds neither photometry.parquet nor photometry.csv. Give a "
            "folder with a light-curve table."
        )
    options = files.options(DEFAULT)
    known = None if files.metadata is None else read_frame(files.metadata)
    return from_tables(
        read_frame(files.photometry),
        known,
        zeropoint=zeropoint,
        passbands=options.passbands,
    )


def write_folder(
    light_curves: LightCurves, folder: str | PathLike[str], *, overwrite: bool = False
) -> None:
    """Write light curves as a light-curve table, a folder with two parquet files.

    Neither file gets its name before both are written.

    Args:
        light_curves: what to write.
        folder: where; what else is in it, such as `passbands.toml`, stays.
        overwrite: replace a table that is there.

    Raises:
        FileExistsError: there is a table, and `overwrite` is False.
    """
    path = Path(folder)
    if (there := _find(path, "photometry")) is not None:
        refuse_existing(there, overwrite)
    photometry, metadata = light_curves.to_tables()
    path.mkdir(parents=True, exist_ok=True)
    # The metadata first: a process that is killed in between leaves no photometry
    # without them, which would be read as a table.
    frames = {"metadata": metadata, "photometry": photometry}
    with new_files(*(path / f"{name}.parquet" for name in frames)) as parts:
        for frame, part in zip(frames.values(), parts, strict=True):
            frame.to_parquet(part, index=False)


class TableFiles(NamedTuple):
    """The files of a light-curve table.

    Attributes:
        photometry: a file.
        metadata: a file; None where there is none.
        folder: where both lie; None for a file that was given alone.
    """

    photometry: Path
    metadata: Path | None
    folder: Path | None

    def options(self, given: ReadOptions) -> ReadOptions:
        """How to read them: also by the `passbands.toml` of the folder."""
        return given if self.folder is None else given.beside(self.folder)


def table_files(path: Path) -> TableFiles | None:
    """The files of a light-curve table, None where it is none.

    Args:
        path: a folder, or a file that may hold photometry.
    """
    if not path.is_dir():
        return TableFiles(path, None, None) if holds_photometry(path) else None
    photometry, metadata = (_find(path, n) for n in ("photometry", "metadata"))
    return None if photometry is None else TableFiles(photometry, metadata, path)


def _find(folder: Path, name: str) -> Path | None:
    paths = (folder / f"{name}{suffix}" for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)
