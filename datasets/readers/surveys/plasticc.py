"""PLAsTiCC: the CSV files of the Kaggle challenge and of its later release.

Columns: https://www.kaggle.com/c/PLAsTiCC-2018/data and
https://zenodo.org/records/2539456. Fluxes have the zero point 27.5.
"""

from collections import Counter
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zoo.datasets.readers.files import csv as csv_files
from zoo.datasets.readers.files import rows
from zoo.datasets.readers.files.sources import Source
from zoo.labels import PLASTICC_CODES
from zoo.light_curves.ragged import LightCurves

LOOKS_FOR = (
    "PLAsTiCC CSV files: light curves (object_id, mjd, passband, flux, flux_err) and "
    "metadata (object_id, hostgal_specz, mwebv, target)"
)

WHAT = "PLAsTiCC CSV files"

_BANDS = np.array(["lsstu", "lsstg", "lsstr", "lssti", "lsstz", "lssty"], dtype=object)
_LIGHT_CURVES = {"object_id", "mjd", "passband", "flux", "flux_err"}
_METADATA = {"object_id", "hostgal_specz", "mwebv"}
_NOT_NAMED = 99  # "other" of the challenge: one of the classes 991 to 995
_ROWS_AT_ONCE = 1_000_000


def found(folder: Path) -> bool:
    """Whether the folder holds files of this format."""
    return bool(_files(folder, _LIGHT_CURVES) and _files(folder, _METADATA))


def read(folder: str | PathLike[str]) -> Iterator[LightCurves]:
    """Read the PLAsTiCC files in a folder.

    The redshift is the host's spectroscopic one, else its photometric one. The class is
    `true_target` where the file has it, else `target`.

    Args:
        folder: holds light curves and metadata as CSV, also gzipped; the rows of one
            object stand together, as published.

    Yields:
        The light curves of about a million rows.

    Raises:
        ValueError: a class or passband is not known, or an object occurs twice.
    """
    folder, dropped = Path(folder), Counter[str]()
    metadata = pd.concat([_metadata(path, path) for path in _files(folder, _METADATA)])
    for path in _files(folder, _LIGHT_CURVES):
        for table in _whole_objects(path, path):
            photometry = _photometry(table, path)
            mine = metadata["object_id"].isin(photometry["object_id"].unique())
            yield from rows.assemble(photometry, metadata[mine], path, dropped)
    rows.warn_dropped(dropped, folder)


def accepts(source: Source) -> bool:
    """Whether the source is of this format: light curves or metadata."""
    if source.kind != "csv":
        return False
    return source.columns >= _LIGHT_CURVES or source.columns >= _METADATA


def read_sources(
    sources: list[Source], left_out: Counter[str]
) -> Iterator[LightCurves]:
    """Read light curves and, where they are given, their metadata; see `read`.

    Args:
        sources: the files.
        left_out: what is left out is counted here, by reason.
    """
    curves = [one for one in sources if one.columns >= _LIGHT_CURVES]
    if not curves:
        raise ValueError(
            f"{sources[0].name} holds PLAsTiCC metadata. Give the light curves with it."
        )
    tables = []
    for source in sources:
        if source not in curves:
            with source.open() as file:
                tables.append(_metadata(file, source.name))
    for source in curves:
        with source.named(), source.open() as file:
            for table in _whole_objects(file, source.name):
                photometry = _photometry(table, source.file)
                names = photometry["object_id"].unique()
                mine = pd.concat(
                    [*tables, pd.DataFrame({"object_id": names})], ignore_index=True
                ).drop_duplicates("object_id")
                mine = mine[mine["object_id"].isin(names)]
                yield from rows.assemble(photometry, mine, source.file, left_out)


def _files(folder: Path, columns: set[str]) -> list[Path]:
    paths = [*folder.glob("*.csv"), *folder.glob("*.csv.gz")]
    return sorted(path for path in paths if columns <= rows.columns_of(path))


def _whole_objects(file: Any, path: Path | str) -> Iterator[pd.DataFrame]:
    """Pieces of a large file that end where an object ends."""
    rest = None
    try:
        with pd.read_csv(file, chunksize=_ROWS_AT_ONCE) as pieces:
            for piece in pieces:
                piece = pd.concat([rest, piece], ignore_index=True)
                if not len(piece):
                    continue
                unfinished = piece["object_id"] == piece["object_id"].iloc[-1]
                rest = piece[unfinished]
                if not unfinished.all():
                    yield piece[~unfinished]
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(
            f"{path} cannot be read as CSV: {error}. Download it again."
        ) from error
    if rest is not None:
        yield rest


def _photometry(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    known = table["passband"].isin(range(len(_BANDS)))
    if not known.all():
        raise ValueError(
            f"{path}: passband {table['passband'][~known].iloc[0]} is not known. "
            "Known: 0 to 5, for u g r i z y. Drop these rows."
        )
    passband = table["passband"].to_numpy(np.int64)
    photometry = pd.DataFrame(
        {
            "object_id": table["object_id"].astype(str),
            "mjd": table["mjd"],
            "band": _BANDS[passband],
            "flux": table["flux"],
            "flux_err": table["flux_err"],
        }
    )
    for name in ("detected", "detected_bool"):  # Kaggle; the later release
        if name in table:
            photometry["detected"] = table[name].astype(bool)
    return photometry


def _metadata(file: Any, path: Path | str) -> pd.DataFrame:
    table = csv_files.read(file, str(path))
    redshift = rows.unknown_to_nan(table["hostgal_specz"])
    if "hostgal_photoz" in table:
        photometric = rows.unknown_to_nan(table["hostgal_photoz"])
        redshift = np.where(np.isnan(redshift), photometric, redshift)
    return pd.DataFrame(
        {
            "object_id": table["object_id"].astype(str),
            "redshift": redshift,
            "mwebv": rows.unknown_to_nan(table["mwebv"]),
            "label": _labels(table, path),
        }
    )


def _labels(table: pd.DataFrame, path: Path | str) -> np.ndarray:
    named = [name for name in ("true_target", "target") if name in table]
    codes = table[named[0]] if named else pd.Series(_NOT_NAMED, index=table.index)
    if bad := sorted(set(codes) - set(PLASTICC_CODES) - {_NOT_NAMED}):
        raise ValueError(
            f"{path}: class {bad[0]} is not one of PLAsTiCC. Known: "
            f"{', '.join(map(str, PLASTICC_CODES))}. Correct the column {named[0]}."
        )
    return codes.map(PLASTICC_CODES).astype(object).where(codes != _NOT_NAMED, None)
