"""BOOM: alerts and their histories as JSON, of ZTF and of LSST.

https://github.com/boom-astro/boom. One document holds the alert (`candidate`), another
the history of its object (`prv_candidates`, `fp_hists`). Numbers may be written in
MongoDB's extended JSON (`{"$numberLong": "1"}`). BOOM adds `psfFlux` to the candidates
of ZTF; in the sample it is 1e6 times the flux in nJy, so ZTF's own magnitudes and
counts are read.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from zoo.datasets.readers.brokers import lsst_alerts, packets, ztf_alerts
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source

_KEYS = ({"objectId", "candidate"}, {"_id", "prv_candidates"})


def _read(source: Source, left_out: Counter[str]) -> Iterator[tuple[list, dict]]:
    documents = source.value if isinstance(source.value, list) else [source.value]
    for document in map(plain, documents):
        name = str(document.get("objectId") or document["_id"])
        alert = [document["candidate"]] if "candidate" in document else []
        history = document.get("prv_candidates") or []
        ztf, lsst = _by_survey(document.get("fp_hists") or [])
        rows = ztf_alerts.forced(name, ztf, left_out)
        rows += lsst_alerts.fluxes(name, lsst, packets.FORCED)
        for part, origin in ((alert, packets.ALERT), (history, packets.HISTORY)):
            ztf, lsst = _by_survey(part)
            rows += ztf_alerts.magnitudes(name, ztf, origin, left_out)
            rows += lsst_alerts.fluxes(name, lsst, origin)
        left_out["upper limits"] += len(document.get("prv_nondetections") or ())
        position = (alert or history[-1:] or [{}])[0]
        yield rows, {"object_id": name} | {k: position.get(k) for k in ("ra", "dec")}


def _by_survey(part: list[dict]) -> tuple[list[dict], list[dict]]:
    """The rows of ZTF, which have a `fid`, and those of LSST."""
    return [one for one in part if "fid" in one], [x for x in part if "fid" not in x]


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


FORMAT = Format(
    name="boom",
    what="BOOM alerts",
    looks_for="BOOM alerts (JSON: candidate, or prv_candidates and fp_hists)",
    accepts=lambda source: (
        source.kind == "json" and any(keys <= source.columns for keys in _KEYS)
    ),
    tables=partial(packets.tables, _read),
)
