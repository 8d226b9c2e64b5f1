"""Bright Transient Survey: an export of its explorer beside a light-curve table.

The explorer (https://sites.astro.caltech.edu/ztf/bts/explorer.php; Perley et al. 2020,
ApJ 904 35) gives classes and redshifts, no photometry.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.surveys import rows
from zoo.labels import canonical_labels
from zoo.light_curves.folder import read_folder, table_files
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import LightCurves

R_V = 3.1
"""A_V / E(B-V) of the Milky Way (Cardelli, Clayton & Mathis 1989, ApJ 345 245)."""

_EXPORT = {"ZTFID", "type", "redshift", "A_V"}


def read_export(path: str | PathLike[str]) -> pd.DataFrame:
    """Read labels, redshifts and reddening of a BTS explorer export.

    Args:
        path: CSV file with the columns ZTFID, type, redshift and A_V (mag).

    Returns:
        Indexed by `object_id`: `redshift` and `mwebv` (float32, NaN = not known) and
        `label` (canonical, None = not known).
    """
    export = pd.read_csv(path, keep_default_na=False, dtype=str)
    a_v = pd.to_numeric(export["A_V"], errors="coerce")
    return pd.DataFrame(
        {
            "redshift": rows.unknown_to_nan(export["redshift"]).astype(np.float32),
            "mwebv": (a_v / R_V).to_numpy(np.float32),
            "label": canonical_labels(export["type"]),
        },
        index=pd.Index(export["ZTFID"].astype(object), name="object_id"),
    )


def _whole_folder(folder: Path) -> list[Source]:
    if not (table_files(folder) and _exports(folder)):
        return []
    return [Source(str(folder), "folder", path=folder)]


def _exports(folder: Path) -> list[Path]:
    paths = folder.glob("*.csv")
    return sorted(path for path in paths if _EXPORT <= rows.columns_of(path))


def _light_curves(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Iterator[LightCurves]:
    """All light curves of a folder at once, unlabelled where the export lacks one."""
    del left_out  # a light-curve table refuses what breaks a rule
    for folder in (source.file for source in sources):
        exports = _exports(folder)
        if len(exports) != 1:
            raise ValueError(
                f"{folder} holds {len(exports)} exports of the BTS explorer: "
                f"{', '.join(path.name for path in exports)}. Keep one."
            )
        light_curves = read_folder(folder)
        metadata = read_export(exports[0]).reindex(light_curves.object_id)
        if metadata.isna().all(axis=None):
            raise ValueError(
                f"{folder}: no object of the photometry (first: "
                f"{light_curves.object_id[0]!r}) is a ZTFID of {exports[0].name}. Use "
                "the ZTF names as object_id."
            )
        labels = metadata["label"].astype(object)
        metadata["label"] = labels.where(labels.notna(), None)
        yield replace(light_curves, metadata=metadata.reset_index(drop=True))


def _hint(source: Source) -> str | None:
    if not source.columns >= _EXPORT:
        return None
    return (
        f"{source.name} is an export of the BTS explorer, which has classes and no "
        "photometry. Put it into the folder of a light-curve table."
    )


FORMAT = Format(
    name="bts",
    what="a light-curve table with an export of the BTS explorer",
    looks_for=(
        "one CSV export of the BTS explorer (ZTFID, type, redshift, A_V) beside "
        "photometry.parquet or photometry.csv, a light-curve table"
    ),
    accepts=lambda source: source.kind == "folder",
    light_curves=_light_curves,
    whole_folder=_whole_folder,
    hint=_hint,
)
