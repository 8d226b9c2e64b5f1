"""PLAsTiCC: the CSV files of the Kaggle challenge and of its later release.

Columns: https://www.kaggle.com/c/PLAsTiCC-2018/data and
https://zenodo.org/records/2539456. Fluxes have the zero point 27.5. The redshift is the
host's spectroscopic one, with an error of 0, else its photometric one. The class is
`true_target` where the file has it, else `target`. The rows of one object are
consecutive, as published.
"""

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.limits import readable
from zoo.datasets.readers.files.source import Source
from zoo.datasets.readers.surveys import rows
from zoo.labels import PLASTICC_CODES
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import LightCurves

_BANDS = np.array(["lsstu", "lsstg", "lsstr", "lssti", "lsstz", "lssty"], dtype=object)
_LIGHT_CURVES = {"object_id", "mjd", "passband", "flux", "flux_err"}
_METADATA = {"object_id", "hostgal_specz", "mwebv"}
_NOT_NAMED = 99  # "other" of the challenge: one of the classes 991 to 995
_ROWS_AT_ONCE = 1_000_000


def _light_curves(
    sources: list[Source], left_out: Counter[str], options: ReadOptions
) -> Iterator[LightCurves]:
    """The light curves of about a million rows at a time; metadata may be missing."""
    photometry_files = [one for one in sources if one.columns >= _LIGHT_CURVES]
    if not photometry_files:
        raise ValueError(
            f"{sources[0].name} holds PLAsTiCC metadata. Give the light curves with it."
        )
    nothing = pd.DataFrame({"object_id": pd.Series(dtype=object)})
    tables = [_metadata(one) for one in sources if one not in photometry_files]
    metadata = pd.concat(tables or [nothing], ignore_index=True)
    for source in photometry_files:
        with source.named():
            for table in _whole_objects(source):
                photometry = _photometry(table, source.name)
                mine = metadata["object_id"].isin(photometry["object_id"].unique())
                yield from rows.assemble(
                    photometry, metadata[mine], source.name, left_out
                )


def _whole_objects(source: Source) -> Iterator[pd.DataFrame]:
    """Pieces of a large file that end where an object ends."""
    rest = None
    with (
        readable(source.name, "read as CSV"),
        source.open() as file,
        pd.read_csv(file, chunksize=_ROWS_AT_ONCE) as pieces,
    ):
        for piece in pieces:
            piece = pd.concat([rest, piece], ignore_index=True)
            if not len(piece):
                continue
            unfinished = piece["object_id"] == piece["object_id"].iloc[-1]
            rest = piece[unfinished]
            if not unfinished.all():
                yield piece[~unfinished]
    if rest is not None:
        yield rest


def _photometry(table: pd.DataFrame, name: str) -> pd.DataFrame:
    known = table["passband"].isin(range(len(_BANDS)))
    if not known.all():
        raise ValueError(
            f"{name}: passband {table['passband'][~known].iloc[0]} is not known. "
            "Known: 0 to 5, for u g r i z y. Drop these rows."
        )
    photometry = table[["object_id", "mjd", "flux", "flux_err"]].assign(
        object_id=table["object_id"].astype(str),
        band=_BANDS[table["passband"].to_numpy(np.int64)],
    )
    for flag in ("detected", "detected_bool"):  # Kaggle; the later release
        if flag in table:
            photometry["detected"] = table[flag].astype(bool)
    return photometry


def _metadata(source: Source) -> pd.DataFrame:
    table = source.frame()
    redshift = rows.unknown_to_nan(table["hostgal_specz"])
    error = {}
    if "hostgal_photoz" in table:
        photometric = np.isnan(redshift)
        photoz = rows.unknown_to_nan(table["hostgal_photoz"])
        redshift = np.where(photometric, photoz, redshift)
        if "hostgal_photoz_err" in table:
            photoz_err = rows.unknown_to_nan(table["hostgal_photoz_err"])
            error = {"redshift_err": np.where(photometric, photoz_err, 0.0)}
    return pd.DataFrame(
        {
            "object_id": table["object_id"].astype(str),
            "redshift": redshift,
            **error,
            "mwebv": rows.unknown_to_nan(table["mwebv"]),
            "label": _labels(table, source.name),
        }
    )


def _labels(table: pd.DataFrame, name: str) -> np.ndarray:
    columns = [column for column in ("true_target", "target") if column in table]
    codes = table[columns[0]] if columns else pd.Series(_NOT_NAMED, index=table.index)
    if bad := sorted(set(codes) - set(PLASTICC_CODES) - {_NOT_NAMED}):
        raise ValueError(
            f"{name}: class {bad[0]} is not one of PLAsTiCC. Known: "
            f"{', '.join(map(str, PLASTICC_CODES))}. Correct the column {columns[0]}."
        )
    return codes.map(PLASTICC_CODES).astype(object).where(codes != _NOT_NAMED, None)


FORMAT = Format(
    name="plasticc",
    what="PLAsTiCC CSV files",
    looks_for=(
        "PLAsTiCC CSV files: light curves (object_id, mjd, passband, flux, flux_err) "
        "and metadata (object_id, hostgal_specz, mwebv, target)"
    ),
    accepts=lambda source: (
        source.kind == "csv"
        and (source.columns >= _LIGHT_CURVES or source.columns >= _METADATA)
    ),
    light_curves=_light_curves,
    file_names=re.compile(r"^[^/]+\.csv(\.gz)?$"),
)
