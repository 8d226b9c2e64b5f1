"""Photometry of a source as SkyPortal exports it: https://skyportal.io/docs/api.html.

The CSV of its page (`mag, magerr, limiting_mag, filter, instrument_name`), and the rows
of its API as JSON or CSV, with magnitudes or with fluxes (`flux, fluxerr, zp, magsys`).
A source holds the photometry of all instruments. `origin` says what a row is: of an
exposure with an alert (`alert`) and forced photometry of the same alert (`alert_fp`)
the latter is kept, as of packets; where it says neither, the signal-to-noise rule tells
the detections. Where magnitudes stand beside fluxes without a zero point, they are
read: they state their unit. A source without a name is named by its file.

A filter that is a letter alone (`g`) is one of ZTF where the instrument is ZTF, and not
known otherwise.
"""

from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from zoo.columns import METADATA, PHOTOMETRY
from zoo.datasets.readers.brokers import packets
from zoo.datasets.readers.files import magnitudes, units
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.metadata import split
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.values import ObjectIds, numbers

_IDS = PHOTOMETRY["object_id"]
_SYSTEM = "ab"  # of an export, unless another is asked for


def _accepts(source: Source) -> bool:
    columns = source.columns
    if not source.tabular or "isdiffpos" in columns:
        return False
    if not magnitudes.is_light_curve(columns):
        return False
    if "instrument_name" in columns:
        return "obj_id" in columns or "limiting_mag" in columns
    of_file = columns.isdisjoint(_IDS) and source.path is not None
    return {"mag", "magsys"} <= columns and ("obj_id" in columns or of_file)


def _rows(
    source: Source, left_out: Counter[str], options: ReadOptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows `packets.ROW` of one source, and the metadata of its objects."""
    table = _table(source)
    names = [name for name in ("object_id", *METADATA) if name in table]
    _, metadata = split(table[names])
    table["row"] = packets.FORCED
    if "origin" in table:
        is_alert = table["origin"].astype(str).str.strip().str.lower() == "alert"
        table["row"] = table["row"].mask(is_alert, packets.ALERT)
    systems = table["zpsys"].astype(str).str.strip().str.lower()
    table["band"] = _passbands(table, options)
    for good, reason in (
        (table["band"].notna(), "rows in other passbands"),
        (systems.isin(["ab", "vega"]), "rows of other systems than AB and Vega"),
    ):
        left_out[reason] += int((~good).sum())
        table = table[good.reindex(table.index)]
    table = table.reset_index(drop=True)
    if "mag" not in table:
        table = _with_flux(table, left_out, options, source.name)
    table = magnitudes.to_fluxes(table, options, left_out, source.name)
    times = numbers(table, "mjd", ObjectIds.of(table, "photometry"))
    table = table.assign(mjd=times)
    fluxes = units.light_curve_columns(table, options)
    if "zeropoint" in fluxes:
        raise ValueError("zp must be a number between -100 and 100 in every row.")
    return fluxes[list(packets.ROW[:-1])].assign(origin=table["row"]), metadata


def _table(source: Source) -> pd.DataFrame:
    """The table of a source, by our names, with an object and a system in each row."""
    table = source.frame(_IDS).copy()
    names = magnitudes.meanings(table.columns)
    fluxes = [one for one in names if names[one] in ("flux", "flux_err")]
    without = table.drop(columns=fluxes)
    of_magnitudes = magnitudes.meanings(without.columns)
    if "mag_err" in of_magnitudes.values() and "zeropoint" not in names.values():
        table, names = without, of_magnitudes
    table = table.rename(columns=names)
    if "object_id" not in table:
        if source.path is None:
            raise ValueError("no column names the source of each row. Add obj_id.")
        table["object_id"] = Path(source.name).stem
    if "zpsys" not in table:
        table["zpsys"] = _SYSTEM
    system = table["zpsys"].fillna(_SYSTEM)
    return table.assign(object_id=table["object_id"].astype(str), zpsys=system)


def _with_flux(
    table: pd.DataFrame, left_out: Counter[str], options: ReadOptions, name: str
) -> pd.DataFrame:
    """The rows with a flux, as numbers.

    Raises:
        ValueError: their zero point is not known.
    """
    if "zeropoint" not in table and options.zeropoint is None:
        raise ValueError(
            f"{name}: the fluxes have no zero point. Add the column zp, or give it: "
            "23.9 for uJy (--zeropoint 23.9)."
        )
    object_id = ObjectIds.of(table, "photometry")
    columns = [one for one in ("flux", "flux_err", "zeropoint") if one in table]
    table = table.assign(**{one: numbers(table, one, object_id) for one in columns})
    limits = table["flux"].isna()
    left_out["upper limits"] += int(limits.sum())
    return table[~limits]


def _passbands(table: pd.DataFrame, options: ReadOptions) -> np.ndarray:
    """Names of passbands, object `(m,)`, None where one is not known."""
    instruments = table.get("instrument_name", pd.Series("", index=table.index))
    is_ztf = instruments.astype(str).str.strip().str.lower() == "ztf"
    names = table["band"].astype(str).str.strip()
    names = names.where(~(is_ztf & names.isin(["g", "r", "i"])), "ztf" + names)
    codes, different = pd.factorize(names)
    passbands = [options.passband(name) for name in different]
    known = [None if one is None else one.name for one in passbands]
    return np.array([*known, None], dtype=object)[codes]


FORMAT = Format(
    name="skyportal",
    what="photometry of SkyPortal",
    looks_for=(
        "photometry of SkyPortal (CSV or JSON: mjd, filter, instrument_name, and mag, "
        "magerr or flux, fluxerr, zp)"
    ),
    accepts=_accepts,
    tables=partial(packets.merged_tables, _rows),
    states_unit=False,
    layouts={
        "photometry of SkyPortal": (
            *(("mjd",), ("filter",), ("instrument_name",), ("mag", "flux")),
            *(("magerr", "fluxerr"), ("obj_id", "limiting_mag")),
        ),
    },
)
