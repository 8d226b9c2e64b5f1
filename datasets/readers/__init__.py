"""Readers: one module per file format, each with `LOOKS_FOR`, `found` and `read`.

    for light_curves in read("~/ELASTICC"):
        ...

`read` streams a folder as `LightCurves` with canonical labels, passbands of
`zoo.passbands`, flux at zero point 27.5, and NaN or None for what is not known. A new
format is a new module, listed in `FORMATS`.
"""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from zoo.datasets.readers.surveys import bts, plasticc, snana_fits, snana_text, table
from zoo.light_curves.ragged import LightCurves

FORMATS = {
    "snana_fits": snana_fits,
    "snana_text": snana_text,
    "plasticc": plasticc,
    "bts": bts,
    "table": table,
}
"""The formats; of several in one folder, `detect` takes the first."""


def detect(folder: str | PathLike[str]) -> str:
    """Name the format of the files in a folder.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: it holds no light curves in a known format.
    """
    path = Path(folder)
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is not a folder. Give one with light curves.")
    for name, module in FORMATS.items():
        if module.found(path):
            return name
    wanted = "; ".join(
        f"{name}: {module.LOOKS_FOR}" for name, module in FORMATS.items()
    )
    raise ValueError(f"{path} holds no light curves in a known format. Give {wanted}.")


def read(folder: str | PathLike[str]) -> Iterator[LightCurves]:
    """Read the light curves of a folder, whatever its format.

    Args:
        folder: as downloaded from the survey.

    Yields:
        Light curves, a file or a few at a time.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: its format is not known, or a file is damaged or breaks a rule; the
            message names the file.
    """
    yield from FORMATS[detect(folder)].read(folder)
