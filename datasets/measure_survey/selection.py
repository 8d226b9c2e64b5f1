"""What a survey holds of an object, and which objects it holds."""

from dataclasses import replace
from typing import Any

import numpy as np

from zoo.datasets.measure_survey.noise import FEWEST
from zoo.datasets.simulator import PLAIN, simulate
from zoo.datasets.simulator.surveys import Survey
from zoo.light_curves.ragged import DETECTION_SNR, ZEROPOINT, LightCurves, concatenate

_NOISE_SNR = 2.5  # below it is noise: lists of detections begin at 3 or above
_OBJECTS, _ROUNDS = 300, 3  # simulated to find the limits, and how often
_TIGHT = 12.0  # days: how well the ends of light curves agree where there is a window
_LONGEST = 400.0  # days of a window


def measure_photometry(
    light_curves: LightCurves, trigger: np.ndarray
) -> tuple[dict[str, Any], list[str]]:
    """Measure the table [photometry].

    Args:
        light_curves: `n` objects.
        trigger: row of the trigger of each, -1 without one.
    """
    snr = light_curves.flux / light_curves.flux_err
    lowest = np.minimum.reduceat(snr, light_curves.offsets[:-1])
    share = float((lowest >= _NOISE_SNR).mean())
    table: dict[str, Any] = {"alerts": 0.0, "detections_only": round(share, 3)}
    known = trigger >= 0
    if share > 0.5 or not known.any():
        return table, ["window: not measured, as most objects have detections only"]
    at = light_curves.mjd[trigger[known]]
    first = light_curves.mjd[light_curves.offsets[:-1][known]] - at
    last = light_curves.mjd[light_curves.offsets[1:][known] - 1] - at
    begin, middle = np.quantile(first, (0.05, 0.5))
    most, end = np.quantile(last, (0.5, 0.95))
    if middle - begin > _TIGHT or end - most > _TIGHT or end - begin > _LONGEST:
        return table, []
    table["window"] = [float(np.floor(begin)), float(np.ceil(end))]
    return table, []


def measure_detection(
    light_curves: LightCurves, trigger: np.ndarray
) -> tuple[dict[str, Any], list[str]]:
    """Measure the table [detection]."""
    if not light_curves.detected.any():
        return {}, ["detection: no row is a detection; 5 sigma, twice, is assumed"]
    rows = light_curves.detected
    lowest = float(np.quantile((light_curves.flux / light_curves.flux_err)[rows], 0.01))
    near = abs(lowest - DETECTION_SNR) < 0.5
    number = np.add.reduceat(rows.astype(int), light_curves.offsets[:-1])
    number = number[trigger >= 0]
    fewest = int(np.quantile(number, 0.02)) if len(number) else 2
    return {
        "snr": DETECTION_SNR if near else round(float(np.clip(lowest, 1, 50)), 1),
        "number": int(np.clip(fewest, 2, 50)),
    }, []


def peak_magnitudes(light_curves: LightCurves) -> np.ndarray:
    """Magnitude of the brightest row of each object with a detection.

    Raises:
        ValueError: fewer than `FEWEST` have one.
    """
    flux = np.where(light_curves.detected, light_curves.flux, 0)
    peak = np.maximum.reduceat(flux, light_curves.offsets[:-1])
    seen = peak[peak > 0]
    if len(seen) < FEWEST:
        raise ValueError(
            f"{len(seen)} objects have a detection, too few to measure limits of "
            f"brightness. Give {FEWEST} or more that are brighter than "
            f"{DETECTION_SNR:g} sigma."
        )
    return ZEROPOINT - 2.5 * np.log10(seen.astype(float))


def first_limits(peaks: np.ndarray) -> list[float]:
    """Limits to start from: where most objects peak."""
    low, high = np.quantile(peaks, (0.25, 0.9))
    return [round(float(low), 2), round(float(max(high, low + 0.1)), 2)]


def settled_limits(survey: Survey, peaks: np.ndarray) -> tuple[float, float]:
    """Move limits until half of the simulated peaks are as bright as half of `peaks`.

    The classes of the objects are not known; the simulated ones are those that it makes
    by default.
    """
    low, high = survey.limits
    for _ in range(_ROUNDS):
        chunks = simulate(
            replace(survey, limits=(low, high)), objects=_OBJECTS, randomisation=PLAIN
        )
        simulated = peak_magnitudes(concatenate(list(chunks)))
        shift = float(np.median(peaks) - np.median(simulated))
        low, high = low + shift, high + shift
    return low, high
