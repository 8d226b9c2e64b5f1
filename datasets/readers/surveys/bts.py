"""Bright Transient Survey: an export of its explorer beside a light-curve table.

The explorer (https://sites.astro.caltech.edu/ztf/bts/explorer.php; Perley et al. 2020,
ApJ 904 35) gives classes and redshifts, no photometry.
"""

from collections.abc import Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.datasets.readers.files import rows
from zoo.datasets.readers.surveys import table
from zoo.labels import canonical_labels
from zoo.light_curves.folder import read_folder
from zoo.light_curves.ragged import LightCurves

LOOKS_FOR = (
    "one CSV export of the BTS explorer (ZTFID, type, redshift, A_V) beside "
    "photometry.parquet or photometry.csv, a light-curve table"
)

WHAT = "a light-curve table with an export of the BTS explorer"

R_V = 3.1
"""A_V / E(B-V) of the Milky Way (Cardelli, Clayton & Mathis 1989, ApJ 345 245)."""

EXPORT = {"ZTFID", "type", "redshift", "A_V"}


def found(folder: Path) -> bool:
    """Whether the folder holds files of this format."""
    return bool(_exports(folder)) and table.found(folder)


def read(folder: str | PathLike[str]) -> Iterator[LightCurves]:
    """Read a light-curve table, with the labels of a BTS export.

    Args:
        folder: holds the table, with the ZTF names as `object_id`, and one export.

    Yields:
        All light curves of the table at once. Objects that the export lacks keep no
        label.

    Raises:
        ValueError: there is more than one export, or none of its objects is in the
            table, or the table breaks a rule.
    """
    folder = Path(folder)
    exports = _exports(folder)
    if len(exports) != 1:
        raise ValueError(
            f"{folder} holds {len(exports)} exports of the BTS explorer: "
            f"{', '.join(path.name for path in exports) or 'none'}. Keep one."
        )
    light_curves = read_folder(folder)
    metadata = read_export(exports[0]).reindex(light_curves.object_id)
    if metadata.isna().all(axis=None):
        raise ValueError(
            f"{folder}: no object of the photometry (first: "
            f"{light_curves.object_id[0]!r}) is a ZTFID of {exports[0].name}. Use the "
            "ZTF names as object_id."
        )
    labels = metadata["label"].astype(object)
    metadata["label"] = labels.where(labels.notna(), None)
    yield replace(light_curves, metadata=metadata.reset_index(drop=True))


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


def _exports(folder: Path) -> list[Path]:
    paths = folder.glob("*.csv")
    return sorted(path for path in paths if EXPORT <= rows.columns_of(path))
