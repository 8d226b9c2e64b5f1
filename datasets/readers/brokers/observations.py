"""Rows of observations under the names of any survey or broker, as fluxes.

One place decides what the names mean; the readers of files, of JSON lists and of
packets in memory share it.
"""

import warnings
from collections import Counter

import numpy as np

from zoo.datasets.readers.brokers import lsst_alerts, packets, ztf_alerts
from zoo.datasets.readers.brokers.fields import Columns, passbands
from zoo.datasets.readers.files import units
from zoo.light_curves.photometry import ReadOptions

MAGNITUDES = {"magpsf": ("sigmapsf",), "mag": ("e_mag", "magerr", "mag_err")}
"""Names of magnitudes of difference fluxes, never those corrected for the reference
(`magpsf_corr`), with those of their errors."""

ZTF_LETTERS = {
    **ztf_alerts.BANDS,
    **{letter: f"ztf{letter}" for letter in "gri"},
    **{f"z{letter}": f"ztf{letter}" for letter in "gri"},
}

ALERCE_LSST = {
    number: f"lsst{band}" for number, band in zip("612345", "ugrizy", strict=True)
}
"""ALeRCE's numbers of LSST's passbands
(https://github.com/alercebroker/usecases, notebooks/LSST/lib_multisurvey)."""

ANTARES_ZTF = {"g": "ztfg", "R": "ztfr", "r": "ztfr", "i": "ztfi"}
_ANTARES = {"ztf_candidate": 1, "ztf_upper_limit": 2, "lsst": 4}
"""`ant_survey` by the start of `alert_id`: detections of ZTF, its upper limits, LSST
(https://nsf-noirlab.gitlab.io/csdc/antares/client)."""

_OF_ALERCE = ("oid", "survey_id", "sid", "measurement_id")
BY_MJD = (*_OF_ALERCE, "parentDiaSourceId", "diaObjectId", "diaSourceId")
"""Fields, one of which tells that fluxes beside an `mjd` are of LSST."""

_SURVEYS = ("survey_id", "survey", "tid", "sid", "instrument_name", "instrument")
_NAMES_ZTF = ("0", "0.0", "p48")  # ALeRCE's `sid`; the telescope

_OF_DETECTIONS = (
    *("diaSourceId", "parentDiaSourceId", "snr", "reliability", "isNegative"),
    *("apFlux", "trailFlux", "centroid_flag", "extendedness", "psfFlux_flag"),
)
"""Fields of LSST's detections that its forced photometry lacks."""
_OF_FORCED = {
    "lsst": ("diaForcedSourceId", "forcedSourceOnDiaObjectId", "psfDiffFlux"),
    "ztf": ("forcediffimflux", "procstatus", "sciinpseeing", "adpctdif1"),
}


def is_lsst(rows: Columns) -> bool:
    """Whether the rows are fluxes of LSST."""
    if rows.first([flux for flux, _ in lsst_alerts.FLUXES]) is None:
        return False
    if rows.first(lsst_alerts.TIMES) is not None:
        return True
    return "mjd" in rows and rows.first(BY_MJD) is not None


def observations(
    name: str | np.ndarray,
    rows: Columns,
    origin: int | None,
    left_out: Counter[str],
    options: ReadOptions,
) -> list[packets.Rows]:
    """The rows of one table or list, by what their fields are.

    Args:
        name: of the object, or of that of each row.
        rows: the observations.
        origin: where they come from; None: as their fields say. Rows of LSST that do
            not say that they are detections follow the signal-to-noise rule.
        left_out: what is left out is counted here, by reason.
        options: what names of passbands stand for.

    Raises:
        KeyError: a field is missing.
        ValueError: a value breaks a rule.
    """
    if "tag" in rows:  # Fink's `d:tag`
        bad = np.array([one == "badquality" for one in rows.values("tag")], bool)
        name, rows = _without(
            name, rows, bad, "rows that Fink tags as of bad quality", left_out
        )
    if "magsys" in rows:
        other = np.array([str(one).lower() != "ab" for one in rows.values("magsys")])
        name, rows = _without(
            name, rows, other.astype(bool), "rows not in the AB system", left_out
        )
    if "ant_mag" in rows:
        return _antares(name, rows, left_out, options)
    if is_lsst(rows):
        return [_lsst(name, rows, origin, left_out, options)]
    found = []
    others = _of_others(rows)
    for part, letters in ((~others, ZTF_LETTERS), (others, {})):
        if part.any() or not (len(rows) or found):
            names, some = _some(name, rows, part)
            found += _ztf(names, some, origin, letters, left_out, options)
    return found


def _without(
    name: str | np.ndarray,
    rows: Columns,
    bad: np.ndarray,
    reason: str,
    left_out: Counter[str],
) -> tuple[str | np.ndarray, Columns]:
    """Names and rows without those that are bad, which are counted."""
    left_out[reason] += int(bad.sum())
    return _some(name, rows, ~bad)


def _some(
    name: str | np.ndarray, rows: Columns, good: np.ndarray
) -> tuple[str | np.ndarray, Columns]:
    if good.all():
        return name, rows
    return name if isinstance(name, str) else name[good], rows.where(good)


def _lsst(
    name: str | np.ndarray,
    rows: Columns,
    origin: int | None,
    left_out: Counter[str],
    options: ReadOptions,
) -> packets.Rows:
    origins: int | np.ndarray = packets.FORCED if origin is None else origin
    if origin is None:
        forced = _any(rows, _OF_FORCED["lsst"]) | _called_forced(rows)
        found = _any(rows, _OF_DETECTIONS) & ~forced
        origins = np.where(found, packets.HISTORY, packets.FORCED)
    letters = dict(lsst_alerts.BANDS)
    if rows.first(_OF_ALERCE) is not None:
        letters |= ALERCE_LSST
    return lsst_alerts.fluxes(
        *(name, rows, origins, left_out, options),
        times=(*lsst_alerts.TIMES, "mjd"),
        letters=letters,
    )


def _ztf(
    name: str | np.ndarray,
    rows: Columns,
    origin: int | None,
    letters: dict[str, str],
    left_out: Counter[str],
    options: ReadOptions,
) -> list[packets.Rows]:
    """Counts of forced photometry where they stand with their zero point, else
    magnitudes."""
    forced = _any(rows, _OF_FORCED["ztf"]) | _called_forced(rows)
    if origin is not None:
        forced = np.full(len(rows), origin == packets.FORCED)
    counts = ("forcediffimflux", "forcediffimfluxunc", "magzpsci")
    counted = forced & np.all([rows.known(field) for field in counts], axis=0)
    found = []
    if counted.any() or (rows.first(MAGNITUDES) is None and "forcediffimflux" in rows):
        names, part = _some(name, rows, counted if counted.any() else forced)
        found.append(ztf_alerts.forced(names, part, left_out, options, letters))
        if counted.all() or rows.first(MAGNITUDES) is None:
            return found
        name, rows = _some(name, rows, ~counted)
        forced = forced[~counted]
    magnitude = rows.first(MAGNITUDES)
    if magnitude is None:
        if "diffmaglim" in rows or not len(rows):  # a list of upper limits
            left_out["upper limits"] += len(rows)
            return found
        raise KeyError("magpsf, psfFlux or forcediffimflux")
    # ALeRCE's detections have `magpsf`, its forced photometry `mag`.
    second = np.zeros(len(rows), bool)
    if magnitude == "magpsf" and "mag" in rows:
        second = rows.known("mag") & ~rows.known("magpsf")
    for part, column in ((~second, magnitude), (second, "mag")):
        if part.any() or (column == magnitude and not len(rows)):
            names, some = _some(name, rows, part)
            found.append(
                _magnitudes(
                    *(names, some, column, forced[part], origin),
                    *(letters, left_out, options),
                )
            )
    return found


def _magnitudes(
    name: str | np.ndarray,
    rows: Columns,
    magnitude: str,
    forced: np.ndarray,
    origin: int | None,
    letters: dict[str, str],
    left_out: Counter[str],
    options: ReadOptions,
) -> packets.Rows:
    """The rows of magnitudes, of which some are forced photometry."""
    error = rows.first(MAGNITUDES[magnitude])
    if error is None:
        raise KeyError(MAGNITUDES[magnitude][0])
    if forced.any():
        failed = forced & ~_measured(rows, magnitude, error)
        name, rows, forced = *_some(name, rows, ~failed), forced[~failed]
        left_out["failed forced photometry"] += int(failed.sum())
        if "procstatus" in rows:
            bad = forced & ~ztf_alerts.succeeded(rows)
            reason = "forced photometry with a procstatus other than 0"
            name, rows = _without(name, rows, bad, reason, left_out)
            forced = forced[~bad]
    origins = np.where(forced, packets.FORCED, origin or packets.HISTORY)
    return ztf_alerts.magnitudes(
        *(name, rows, origins, left_out, options),
        names=(magnitude, error),
        letters=letters,
    )


def _measured(rows: Columns, magnitude: str, error: str) -> np.ndarray:
    """Where forced photometry has a magnitude; ALeRCE writes 100 where it has none."""
    return units.is_magnitude(rows.numbers(magnitude)) & units.is_magnitude(
        rows.numbers(error)
    )


def _of_others(rows: Columns) -> np.ndarray:
    """The rows that name another survey or instrument than ZTF: there, `g` and 1 are
    not passbands of ZTF."""
    others = np.zeros(len(rows), bool)
    for column in _SURVEYS:
        known = rows.known(column)
        if known.any():
            names = [str(one).strip().lower() for one in rows.values(column)]
            is_ztf = [one in _NAMES_ZTF or "ztf" in one for one in names]
            others |= known & ~np.array(is_ztf, bool)
    return others


def _called_forced(rows: Columns) -> np.ndarray:
    """The rows that a column calls forced photometry: ALeRCE's `forced`, SkyPortal's
    `origin`, which is `alert_fp`."""
    called = rows.flags("forced")
    for column in ("origin", "type"):
        if column in rows:
            texts = [str(one).lower() for one in rows.values(column)]
            called |= [one.endswith("fp") or "forced" in one for one in texts]
    return called


def _any(rows: Columns, fields: tuple[str, ...]) -> np.ndarray:
    """Where any of some fields has a value."""
    return np.any([rows.known(field) for field in fields], axis=0)


def _antares(
    name: str | np.ndarray,
    rows: Columns,
    left_out: Counter[str],
    options: ReadOptions,
) -> list[packets.Rows]:
    """Light curves of ANTARES, of which the table does not tell the sign."""
    if "ant_survey" in rows:
        survey = rows.numbers("ant_survey")
    else:
        starts = [str(one).partition(":")[0] for one in rows.values("alert_id")]
        survey = np.array([_ANTARES.get(one, 0) for one in starts], np.float64)
    limits = (survey == 2) | ~rows.known("ant_mag")
    left_out["upper limits"] += int(limits.sum())
    found = []
    for number, letters in ((1, ANTARES_ZTF), (4, lsst_alerts.BANDS)):
        names, part = _some(name, rows, (survey == number) & ~limits)
        if not len(part):
            continue
        magnitudes = part.numbers("ant_mag"), part.numbers("ant_magerr")
        fluxes = units.from_magnitudes(*magnitudes, np.ones(len(part), bool))
        band = passbands(part.values("ant_passband"), letters, options)
        mjd = part.numbers("ant_mjd")
        found.append(packets.rows_of(names, mjd, band, fluxes, packets.HISTORY))
    others = ~np.isin(survey, (1, 2, 4)) & ~limits
    left_out["rows of surveys other than ZTF and LSST"] += int(others.sum())
    if found:
        warnings.warn(
            "the light curve of ANTARES does not state whether the source is brighter "
            "or fainter than in the reference image; it is taken as brighter.",
            stacklevel=2,
        )
    return found
