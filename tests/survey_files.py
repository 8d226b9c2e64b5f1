"""Small files in every survey's own format, written as the surveys write them."""

import gzip
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits

SEPARATOR = (-777.0, "-", 0, 0.0, 0.0)
OBS_COLUMNS = ("MJD", "BAND", "PHOTFLAG", "FLUXCAL", "FLUXCALERR")


def snana_pair(
    folder: Path,
    head: dict[str, list],
    light_curves: list[list[tuple]],
    *,
    survey: str = "LSST",
    stem: str = "SIM-0001",
    suffix: str = ".FITS",
    stated: dict[str, object] | None = None,
) -> Path:
    """Write HEAD and PHOT files; a row is `(mjd, band, photflag, flux, error)`, and
    `stated` goes into the primary headers."""
    rows, first, last = [], [], []
    for light_curve in light_curves:
        first.append(len(rows) + 1)
        rows += light_curve
        last.append(len(rows))
        rows.append(SEPARATOR)
    columns = dict(zip(OBS_COLUMNS, zip(*rows, strict=True), strict=True))
    pointers = {"PTROBS_MIN": first, "PTROBS_MAX": last}
    folder.mkdir(parents=True, exist_ok=True)
    for kind, table in (("HEAD", head | pointers), ("PHOT", columns)):
        primary = fits.PrimaryHDU()
        primary.header["SURVEY"] = survey
        primary.header.update({f"HIERARCH {k}": v for k, v in (stated or {}).items()})
        data = fits.BinTableHDU.from_columns([_column(*item) for item in table.items()])
        path = folder / f"{stem}_{kind}{suffix}"
        fits.HDUList([primary, data]).writeto(path)
    return folder


def _column(name: str, values: list) -> fits.Column:
    kinds = {str: "32A", int: "J"}
    form = "D" if name == "MJD" else kinds.get(type(values[0]), "E")
    return fits.Column(name, form, array=np.array(values))


def snana_text(object_id: str, header: dict[str, str], rows: list[str]) -> str:
    """One object; a row is `MJD FLT FLUXCAL FLUXCALERR PHOTFLAG`."""
    keys = {"SURVEY": "YSE", "SNID": object_id, "RA": "10.5 deg"} | header
    lines = [f"{key}: {value}" for key, value in keys.items()]
    lines += ["# comment: with a colon", "NVAR: 5"]
    lines += ["VARLIST: MJD FLT FLUXCAL FLUXCALERR PHOTFLAG", ""]
    return "\n".join(lines + [f"OBS: {row}" for row in rows] + ["END:", ""])


def write_tar(path: Path, members: dict[str, str], tmp: Path) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, text in members.items():
            (tmp / name).write_text(text)
            tar.add(tmp / name, f"texts/{name}")
            (tmp / name).unlink()


def write_gzip(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode()))


def plasticc(
    folder: Path, metadata: dict[str, list], rows: list[tuple], detected: str
) -> Path:
    """Kaggle's two files; a row is `(object_id, mjd, passband, flux, error, flag)`."""
    names = ["object_id", "mjd", "passband", "flux", "flux_err", detected]
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=names).to_csv(folder / "training_set.csv", index=False)
    count = len(metadata["object_id"])
    blank = {"ra": [1.0] * count, "decl": [2.0] * count, "ddf": [0] * count}
    table = pd.DataFrame(blank | metadata)
    table.to_csv(folder / "training_set_metadata.csv.gz", index=False)
    return folder


def random_objects(count: int, seed: int) -> list[list[tuple[float, int, float]]]:
    """Light curves `(mjd, passband 0-1, flux)` that rise above 5 sigma of error 10."""
    random = np.random.default_rng(seed)
    curves = []
    for _ in range(count):
        size = int(random.integers(5, 12))
        mjd = 60000 + np.sort(random.choice(4000, size, replace=False)) / 8
        flux = random.uniform(60, 900, size).round(2)
        band = random.integers(0, 2, size)
        curves.append(list(zip(mjd.tolist(), band.tolist(), flux.tolist())))  # noqa: B905
    return curves
