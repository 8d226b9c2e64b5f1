"""Small files under the names that services give their columns: forced photometry of
ZTF and ATLAS, SkyPortal, and a table of magnitudes.
"""

from pathlib import Path

import pandas as pd

ZTF_COLUMNS = (
    "index, field, filter, infobitssci, sciinpseeing, scisigpix, zpdiff, jd, "
    "forcediffimflux, forcediffimfluxunc, procstatus"
)
ZTF_ROWS = (  # at zero point 25, 100 DN are 1000 at 27.5
    "0 600 ZTF_g 0 2.1 8.0 25.0 2460000.75 100.0 4.0 0",
    "1 600 ZTF_r 0 2.1 8.0 25.0 2460001.75 200.0 4.0 0",
    "2 600 ZTF_i 0 2.1 8.0 25.0 2460002.75 -5.0 4.0 0",
    "3 600 ZTF_g 33554432 2.1 8.0 25.0 2460003.75 100.0 4.0 0",
    "4 600 ZTF_g 0 4.1 8.0 25.0 2460004.75 100.0 4.0 0",
    "5 600 ZTF_g 0 2.1 25.1 25.0 2460005.75 100.0 4.0 0",
    "6 600 ZTF_g 0 2.1 8.0 25.0 2460006.75 100.0 4.0 56,63",
    "7 600 ZTF_g 0 2.1 8.0 25.0 2460007.75 100.0 4.0 null",
    "8 600 ZTF_g 0 2.1 8.0 25.0 2460008.75 -99999.0 4.0 0",
    "9 600 ZTF_g 0 2.1 8.0 25.0 2460009.75 null null 0",
    "10 600 ZTF_z 0 2.1 8.0 25.0 2460010.75 100.0 4.0 0",
)
ATLAS_COLUMNS = "###MJD  m  dm  uJy  duJy F err chi/N  RA  Dec  x y maj min phi"
ATLAS_ROWS = (  # at zero point 23.9, 100 uJy are 2754.2287 at 27.5
    "60000.25 18.900 0.050 100 5 o 0 1.0 10.5 -5.25 1 1 2 2 0",
    "60001.25 18.900 0.050 100 5 c 0 1.0 10.5 -5.25 1 1 2 2 0",
    "60002.25 -20.00 0.500 -30 5 o 0 1.0 10.5 -5.25 1 1 2 2 0",
    "60003.25 18.900 0.050 100 5 o 1 1.0 10.5 -5.25 1 1 2 2 0",
    "60004.25 18.900 0.050 100 5 o 0 101. 10.5 -5.25 1 1 2 2 0",
    "60005.25 18.900 0.050 100 4001 o 0 1.0 10.5 -5.25 1 1 2 2 0",
    "60006.25 18.900 0.050 100 5 H 0 1.0 10.5 -5.25 1 1 2 2 0",
)


def ztf(
    path: Path, *, commented: bool = False, rows: tuple[str, ...] = ZTF_ROWS
) -> Path:
    """As IRSA sends it; its names of columns are a comment, or not."""
    head = [
        "# Requested input R.A. = 10.5 degrees",
        "# Requested input Dec. = -5.25 deg",
    ]
    names = f"# {ZTF_COLUMNS}" if commented else ZTF_COLUMNS
    lines = [*head, "# procstatus = 0 is good", names, "", *(f" {row}" for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def atlas(path: Path, *, rows: tuple[str, ...] = ATLAS_ROWS) -> Path:
    path.write_text("\n".join([ATLAS_COLUMNS, *rows]) + "\n")
    return path


def skyportal_rows() -> pd.DataFrame:
    """Two exposures with alert and forced photometry, others of other instruments."""
    return pd.DataFrame(
        {
            "obj_id": "ZTF26a",
            "mjd": [60000.25, 60000.25, 60003.25, 60003.25, 60004.25, 60005.25],
            "filter": ["ztfg", "ztfg", "ztfr", "ztfr", "atlaso", "g"],
            "flux": [100.0, 90.0, 200.0, 180.0, 50.0, 60.0],
            "fluxerr": 5.0,
            "zp": 23.9,
            "magsys": "ab",
            "instrument_name": ["ZTF"] * 4 + ["ATLAS", "LCO"],
            "origin": ["alert", "alert_fp"] * 2 + [None, None],
        }
    )


def skyportal(path: Path) -> Path:
    skyportal_rows().to_csv(path, index=False)
    return path


def magnitudes(path: Path) -> Path:
    pd.DataFrame(
        {
            "object_id": ["a", "a", "b"],
            "mjd": [60000.5, 60001.5, 60000.5],
            "band": ["ztfg", "ztfr", "bessellv"],
            "mag": [20.0, 22.5, 17.5],
            "magerr": 0.1,
            "magsys": ["ab", "ab", "vega"],
        }
    ).to_csv(path, index=False)
    return path
