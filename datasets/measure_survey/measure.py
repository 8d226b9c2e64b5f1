"""Measure a survey from photometry without labels."""

from typing import Any

import numpy as np

from zoo.datasets.measure_survey.cadence import measure_cadence
from zoo.datasets.measure_survey.noise import FEWEST, measure_noise
from zoo.datasets.measure_survey.selection import (
    first_limits,
    measure_detection,
    measure_photometry,
    peak_magnitudes,
    settled_limits,
)
from zoo.datasets.simulator.surveys import described
from zoo.datasets.survey_files.read import from_tables
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves.ragged import LightCurves

_YEAR = 365.25


def measure(light_curves: LightCurves, name: str) -> tuple[dict[str, Any], list[str]]:
    """Measure a survey from its light curves; labels are not looked at.

    Measured are depths and noise (from the errors of faint and of bright rows), the
    kinds of nights, gaps and seasons, whether there are rows without a detection, the
    window of the photometry, the detection rule, and limits of brightness, which are
    moved until simulated objects are as bright as those measured.

    Args:
        light_curves: of 30 objects or more.
        name: of the survey, see `zoo.datasets.survey_files`.

    Returns:
        The tables of a survey file, and notes on what could not be measured and what
        stands there in its place.

    Raises:
        ValueError: there are too few objects, rows or detections, what was measured is
            out of the range of a survey file, or the name cannot be one.

    Example:
        >>> from zoo.datasets.simulator import simulate
        >>> from zoo.light_curves import concatenate
        >>> tables, notes = measure(concatenate(list(simulate("des", objects=60))), "x")
        >>> tables["cadence"]["nights"][0][0]
        ['desg', 'desr', 'desi', 'desz']
    """
    if len(light_curves) < FEWEST:
        raise ValueError(
            f"{len(light_curves)} objects are too few to measure a survey. Give "
            f"{FEWEST} or more; labels are not needed."
        )
    passbands, floor, notes = measure_noise(light_curves)
    used = [one.name in passbands for one in light_curves.passbands]
    light_curves = light_curves.keep(np.array(used)[light_curves.band])
    light_curves = light_curves.take(np.flatnonzero(light_curves.lengths))
    trigger = trigger_rows(light_curves, Preprocessing().pair_days)
    photometry, more = measure_photometry(light_curves, trigger)
    notes += more
    detection, more = measure_detection(light_curves, trigger)
    notes += more
    cadence, more = measure_cadence(
        light_curves,
        _brightest(light_curves),
        forced=photometry["detections_only"] < 0.5,
        windowed="window" in photometry,
    )
    notes += more
    if floor is None:
        notes.append("error_floor: no passband has bright rows; the default is taken")
    peaks = peak_magnitudes(light_curves)
    tables: dict[str, Any] = {
        "name": name,
        "passband": passbands,
        "noise": {} if floor is None else {"error_floor": floor},
        "cadence": cadence,
        "detection": detection,
        "photometry": photometry,
        "selection": {"limits": first_limits(peaks)},
    }
    try:
        low, high = settled_limits(described(from_tables(tables)), peaks)
        tables["selection"]["limits"] = [round(float(low), 2), round(float(high), 2)]
        from_tables(tables)
    except ValueError as error:
        raise ValueError(
            f"what was measured makes no survey: {error} Check the zero point of the "
            "fluxes (--zeropoint), and that times are MJD."
        ) from None
    return tables, notes + _said_of_years(light_curves)


def _brightest(light_curves: LightCurves) -> np.ndarray:
    """Time of the highest lower end of an error bar of each object, mjd `(n,)`."""
    of = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    order = np.lexsort((light_curves.flux - light_curves.flux_err, of))
    return light_curves.mjd[order[light_curves.offsets[1:] - 1]]


def _said_of_years(light_curves: LightCurves) -> list[str]:
    first = light_curves.mjd[light_curves.offsets[:-1]]
    last = light_curves.mjd[light_curves.offsets[1:] - 1]
    years = float(np.median(last - first)) / _YEAR
    if years < 1:
        return []
    half = max(round(years / 2), 1)
    return [
        f"light curves last {years:.1f} years: simulate them with --years {half},{half}"
    ]
