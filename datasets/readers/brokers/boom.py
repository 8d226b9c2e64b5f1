"""BOOM: alerts and their histories, of ZTF and of LSST, as JSON and as Babamul's Avro.

https://github.com/boom-astro/boom. In its database one document holds the alert
(`candidate`), another the history of its object (`prv_candidates`, `fp_hists`). The
public stream Babamul and the API send both in one. Numbers may be written in MongoDB's
extended JSON (`{"$numberLong": "1"}`).

ZTF's own magnitudes and counts are read where they stand. The history of the stream has
`psfFlux` instead, of which BOOM's code says nJy; of ZTF it is at zero point 23.9 + 22.5
(`ZTF_ZP` in src/utils/lightcurves.rs, times 1e9), 1e6 times that. The magnitude that
stands beside a `psfFlux` in the same document tells which it is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from zoo.datasets.readers.brokers import lsst_alerts, packets, ztf_alerts
from zoo.datasets.readers.brokers.fields import Columns, identity, passbands
from zoo.datasets.readers.files import units
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.photometry import DEFAULT, ReadOptions

_KEYS = ({"objectId", "candidate"}, {"_id", "prv_candidates"})
_ALERT = {"objectId", "candidate"}
_PARTS = ("objectId", "candidate", "prv_candidates", "prv_nondetections", "fp_hists")
_ZEROPOINTS = (units.NANOJANSKY, 23.9 + 22.5)
_TOLERANCE = 0.01  # mag: magnitudes and fluxes are in single precision
_LSST_TIME = "midpointMjdTai"
_ZTF = {letter: f"ztf{letter}" for letter in "gri"}


def _read(
    source: Source, left_out: Counter[str], options: ReadOptions
) -> Iterator[packets.Object]:
    fields = [name for _, names in source.structs for name in names]
    for one in packets.read_packets(source, _PARTS, fields):
        yield document(one, left_out, options)


def document(
    content: Mapping[str, Any], left_out: Counter[str], options: ReadOptions = DEFAULT
) -> packets.Object:
    """What one document or packet holds.

    Args:
        content: the packet as a dictionary.
        left_out: what is left out is counted here, by reason.
        options: what names of passbands stand for.

    Raises:
        KeyError: a field is missing.
        ValueError: the zero point of a `psfFlux` is not known.

    Example:
        >>> candidate = {"jd": 2460000.5, "fid": 1, "magpsf": 20.0, "sigmapsf": 0.1,
        ...     "isdiffpos": True, "psfFlux": 36307.805, "band": "g"}
        >>> past = {"jd": 2459999.5, "psfFlux": 3630.7805, "psfFluxErr": 363.07805}
        >>> rows, _ = document({"objectId": "ZTF26a", "candidate": candidate,
        ...     "prv_candidates": [past | {"band": "r"}]}, Counter())
        >>> [(part[2][0], float(part[3][0].round(3))) for part in rows]
        [('ztfg', 1000.0), ('ztfr', 100.0)]
    """
    content = plain(content)
    name = str(identity(content.get("objectId") or content["_id"]))
    alert = [content["candidate"]] if "candidate" in content else []
    lists = {
        packets.ALERT: alert,
        packets.HISTORY: content.get("prv_candidates") or [],
        packets.FORCED: content.get("fp_hists") or [],
    }
    limits = content.get("prv_nondetections") or []
    measured = [one for one in limits if one.get("psfFlux") is not None]
    left_out["upper limits"] += len(limits) - len(measured)
    lists[packets.FORCED] = [*lists[packets.FORCED], *measured]
    everything = [one for part in lists.values() for one in part]
    rows: list[packets.Rows] = []
    for origin, part in lists.items():
        kinds = _by_kind(name, part)
        if kinds["forced"]:
            counts = Columns(kinds["forced"])
            rows.append(ztf_alerts.forced(name, counts, left_out, options))
        if kinds["magnitudes"]:
            magnitudes = Columns(kinds["magnitudes"])
            rows.append(
                ztf_alerts.magnitudes(name, magnitudes, origin, left_out, options)
            )
        if kinds["lsst"]:
            sources = Columns(kinds["lsst"])
            rows.append(lsst_alerts.fluxes(name, sources, origin, left_out, options))
        if kinds["psfFlux"]:
            fluxes = Columns(kinds["psfFlux"])
            zeropoint = _zeropoint(name, everything)
            rows.append(_psf_fluxes(name, fluxes, zeropoint, origin, options))
    for match in (content.get("survey_matches") or {}).values():
        for key in ("prv_candidates", "fp_hists"):
            reason = "rows of the same position in another survey"
            left_out[reason] += len((match or {}).get(key) or ())
    position = (alert or lists[packets.HISTORY][-1:] or [{}])[0]
    metadata = {"object_id": name} | {k: position.get(k) for k in ("ra", "dec")}
    return rows, metadata | ztf_alerts.nearest(position)


def _by_kind(name: str, part: list[dict]) -> dict[str, list[dict]]:
    """Rows by what they hold: LSST's fluxes, ZTF's counts or magnitudes, `psfFlux`."""
    kinds: dict[str, list[dict]] = {
        key: [] for key in ("forced", "magnitudes", "lsst", "psfFlux")
    }
    for one in part:
        if "forcediffimflux" in one:
            kinds["forced"].append(one)
        elif "fid" in one and ("isdiffpos" in one or "psfFlux" not in one):
            kinds["magnitudes"].append(one)
        elif _LSST_TIME in one or "jd" not in one:
            kinds["lsst"].append(one)
        else:
            kinds["psfFlux"].append(one)
    return kinds


def _psf_fluxes(
    name: str,
    rows: Columns,
    zeropoint: float,
    origin: int,
    options: ReadOptions,
) -> packets.Rows:
    """The rows of `psfFlux`."""
    numbers = np.array([rows.numbers("psfFlux"), rows.numbers("psfFluxErr")])
    letters = lsst_alerts.BANDS if _is_lsst(name) else _ZTF
    return packets.rows_of(
        name,
        rows.numbers("jd") - units.MJD_EPOCH,
        passbands(rows.values("band"), letters, options),
        units.from_zeropoint(numbers, zeropoint),
        origin,
    )


def _is_lsst(name: str) -> bool:
    """Whether an object is one of LSST, whose names are numbers."""
    return name.isdigit()


def _zeropoint(name: str, rows: list[dict]) -> float:
    """The zero point of `psfFlux`, by the magnitudes that stand beside it; that of nJy
    for LSST, as in its alerts."""
    found = None
    for one in rows:
        magnitude, flux = one.get("magpsf"), one.get("psfFlux")
        if magnitude is None or not flux or not units.is_magnitude(magnitude):
            continue
        measured = magnitude + 2.5 * np.log10(abs(flux))
        near = [zp for zp in _ZEROPOINTS if abs(zp - measured) < _TOLERANCE]
        if not near or found not in (None, near[0]):
            raise ValueError(
                f"object {name!r}: psfFlux {flux:g} beside magpsf {magnitude:g} has "
                f"the zero point {measured:.2f}, neither that of nJy "
                f"({units.NANOJANSKY}) nor that of BOOM's ZTF fluxes "
                f"({_ZEROPOINTS[1]}) in all rows. Correct them."
            )
        found = near[0]
    if found is None and not _is_lsst(name):
        raise ValueError(
            f"object {name!r}: no magnitude stands beside a psfFlux, so its zero point "
            "is not known. Give the packet with its `candidate`."
        )
    return found or units.NANOJANSKY


def plain(value: Any) -> Any:
    """MongoDB's extended JSON as plain JSON.

    Example:
        >>> plain({"visit": {"$numberLong": "2025"}, "x": {"$numberDouble": "NaN"}})
        {'visit': 2025, 'x': nan}
    """
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, inner), *_ = value.items()
        if key in ("$numberLong", "$numberInt"):
            return int(inner)
        if key in ("$numberDouble", "$numberDecimal"):
            return float(inner)
        if key in ("$oid", "$date"):
            return inner
    return {key: plain(one) for key, one in value.items()}


def _accepts(source: Source) -> bool:
    if source.is_json:
        return any(keys <= source.columns for keys in _KEYS)
    return packets.has_fields(source, _ALERT) and "psfFlux" in source.inside(
        "candidate", "prv_candidates"
    )


FORMAT = Format(
    name="boom",
    what="BOOM alerts",
    looks_for=(
        "BOOM alerts (JSON: candidate, or prv_candidates and fp_hists; Avro of Babamul)"
    ),
    accepts=_accepts,
    tables=partial(packets.tables, _read),
)
