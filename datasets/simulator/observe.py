"""From true fluxes to measured ones: noise, and smooth differences from the model."""

import numpy as np

from zoo.datasets.simulator.cadence import Visits
from zoo.datasets.simulator.randomisation import Randomisation
from zoo.datasets.simulator.surveys import Instrument
from zoo.datasets.simulator.transients.explosion import between
from zoo.light_curves.ragged import DETECTION_SNR, ZEROPOINT

# Factor on the errors and relative error floor of alert photometry. SNe Ia of the
# Bright Transient Survey have 7 rows in g and 8 in r and peak at a median signal-to-
# noise ratio of 17 at 18.3 mag and of 36 at 16.6; forced photometry has 12 and 17 rows
# and peaks at 37 at 18.4 mag (YSE DR1, Aleo et al. 2023, ApJS 266 9).
_ALERT_ERRORS, _ALERT_FLOOR = 2.2, 0.025

CUT_SNR = (3.0, 5.0)
"""Lowest signal-to-noise ratio of the rows of an object with detections only: alerts
are issued at 5, histories and published tables cut between 3 and 5."""

_EXCESS_NOISE = 0.12  # host galaxy and subtraction: excess is exp(|N(0, this)|)
# ln-sigma of the reference image's noise. Baselines of ZTF's forced photometry stand up
# to a few uJy beside zero (Masci et al. 2023, arXiv:2305.16279, section 8).
_BAD_REFERENCE = 0.4
_RESIDUAL_DAYS = 12.0  # time scale of the smooth difference from the model
_RESIDUAL_SHARED = 0.7  # correlation of it between passbands


def distort(
    rng: np.random.Generator,
    flux: np.ndarray,
    visits: Visits,
    n: int,
    bands: int,
    randomisation: Randomisation,
    span: tuple[float, float],
) -> np.ndarray:
    """Add a smooth difference from the model, and errors of the zero points.

    Flux in and out is float32 `(m,)`, of the rows of `visits`, which are of `n` objects
    in a number of `bands`, within a span of days since the peak.
    """
    knots = int((span[1] - span[0]) / _RESIDUAL_DAYS) + 3
    shared = rng.standard_normal((n, 1, knots), dtype=np.float32)
    own = rng.standard_normal((n, bands, knots), dtype=np.float32)
    share = np.float32(_RESIDUAL_SHARED)
    wave = randomisation.residual * (np.sqrt(share) * shared + np.sqrt(1 - share) * own)
    position = (visits.days - np.float32(span[0])) / np.float32(_RESIDUAL_DAYS)
    knot, step = between(position, knots)
    step = step * step * (3 - 2 * step)
    before, after = (wave[visits.of, visits.band, knot + i] for i in (0, 1))
    # Divided so that the scatter is the same between the knots as at them.
    offset = (before + step * (after - before)) / np.sqrt(1 - 2 * step + 2 * step**2)
    calibration = rng.normal(0, randomisation.calibration, (n, bands))
    offset += calibration.astype(np.float32)[visits.of, visits.band]
    return flux * np.exp(np.float32(-0.4 * np.log(10)) * offset)


def subtract(
    rng: np.random.Generator, flux: np.ndarray, visits: Visits, on: Instrument, n: int
) -> np.ndarray:
    """Subtract the noise of the reference images: one of each object and passband.

    Within one season it is part of the noise of each visit; over years the baseline
    stands beside zero, more so where the reference is shallow or of a bad night.

    Flux in and out is float32 `(m,)`, of the rows of `visits`, of `n` objects.
    """
    reference = _reference(on)
    worse = np.exp(np.abs(rng.normal(0, _BAD_REFERENCE, n)))[:, None]
    offset = reference * worse * rng.standard_normal((n, len(on.bands)))
    return flux - offset.astype(np.float32)[visits.of, visits.band]


def measure(
    rng: np.random.Generator,
    flux: np.ndarray,
    visits: Visits,
    on: Instrument,
    inflation: np.ndarray,
    alerts: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Add noise: sky, photons of the object, reference image and an error floor.

    Args:
        rng: where the randomness comes from.
        flux: float32 `(m,)`, true flux of the rows of `visits`, zero point 27.5.
        visits: when, in which passband and how deep.
        on: who observes.
        inflation: float32 `(n,)`, factor on the sky noise of each object.
        alerts: bool `(n,)`, whether it has the larger errors of alert photometry.

    Returns:
        Measured flux and its error, float32 `(m,)`.
    """
    excess = np.exp(np.abs(rng.normal(0, _EXCESS_NOISE, len(inflation))))
    magnitudes = np.float32(-0.4 * np.log(10))
    sky = np.exp(magnitudes * (visits.depth - np.float32(ZEROPOINT))) / DETECTION_SNR
    sky *= (inflation * excess).astype(np.float32)[visits.of]
    reference = (_reference(on) ** 2).astype(np.float32)[visits.band]
    photons = np.maximum(flux, 0) / np.array(on.electrons, np.float32)[visits.band]
    factor = np.where(alerts, _ALERT_ERRORS, 1).astype(np.float32)[visits.of]
    floor = np.where(alerts, _ALERT_FLOOR, on.systematic).astype(np.float32)[visits.of]
    variance = factor**2 * (sky**2 + photons + reference)
    error = np.sqrt(variance + (floor * flux) ** 2)
    return flux + error * rng.standard_normal(len(flux), dtype=np.float32), error


def _reference(on: Instrument) -> np.ndarray:
    """Noise of the reference image in each passband, flux `(b,)`."""
    depth = np.broadcast_to(on.template_depth, len(on.bands))
    return 10 ** (-0.4 * (depth - ZEROPOINT)) / DETECTION_SNR
