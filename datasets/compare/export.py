"""An export of the Bright Transient Survey explorer, as a sample to compare with.

    https://sites.astro.caltech.edu/ztf/bts/explorer.php

Its `rise` and `fade` are days of the observer: those that `measure` finds on the light
curves of 1,000 of its SNe Ia are 1.06 and 1.03 times as long, at any redshift
(logarithmic slope in 1 + z of 0.0 +- 0.25 and -0.2 +- 0.25; times at rest would give
1).
"""

from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.datasets.readers.surveys.bts import read_export
from zoo.datasets.readers.surveys.rows import columns_of

_NEEDED = {"ZTFID", "type", "redshift", "A_V", "peakabs", "rise", "fade"}


def read_summary(path: str | PathLike[str]) -> pd.DataFrame:
    """Read the quantities of an export.

    Args:
        path: CSV file as downloaded.

    Returns:
        `label` (None = not known), `redshift`, `peak_abs_mag`, `rise`, `decline` (NaN =
        not known) and `rise_limit`, `decline_limit`, true where a `>` marks a lower
        limit.

    Raises:
        ValueError: a column is missing.
    """
    path = Path(path)
    if missing := _NEEDED - columns_of(path):
        raise ValueError(
            f"{path} lacks the column(s) {', '.join(sorted(missing))}. Give an export "
            "of the Bright Transient Survey explorer, or a light-curve table folder."
        )
    table = pd.read_csv(path, keep_default_na=False, dtype=str)
    known = read_export(path).reset_index(drop=True)
    summary = known[["redshift"]].astype(np.float64)
    # As objects: in a column of strings pandas turns None into NaN.
    labels = known["label"].astype(object)
    summary["label"] = labels.where(labels.notna(), None)
    summary["peak_abs_mag"] = pd.to_numeric(table["peakabs"], errors="coerce")
    for name, column in (("rise", "rise"), ("decline", "fade")):
        text = table[column].str.strip()
        summary[name] = pd.to_numeric(text.str.lstrip(">"), errors="coerce")
        summary[f"{name}_limit"] = text.str.startswith(">")
    return summary
