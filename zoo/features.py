"""Features of an observation: what a network sees of one row of a light curve.

Every feature is causal: it depends on the row itself, on the trigger and on earlier
rows, so a new observation never changes the features of the ones before it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Observations inside the window, sorted by object and time; all `(m,)`.

    Attributes:
        wavelength: effective wavelength of the passband, um.
        days: observer-frame days since trigger.
        flux: flux in units of the flux scale.
        flux_err: its error, same unit.
        trigger_flux: flux of the trigger's detection, same unit, positive.
    """

    wavelength: np.ndarray
    days: np.ndarray
    flux: np.ndarray
    flux_err: np.ndarray
    trigger_flux: np.ndarray


def paper(rows: Rows) -> tuple[np.ndarray, ...]:
    """Wavelength, (days + 30) / 100, flux / 500, flux_err / 500: arXiv 2502.18558."""
    return rows.wavelength, (rows.days + 30) / 100, rows.flux, rows.flux_err


def relative(rows: Rows) -> tuple[np.ndarray, ...]:
    """Flux relative to the trigger's, so that one network serves deep and shallow.

    Wavelength and time as in `paper`; asinh(flux / trigger flux); asinh(flux_err /
    trigger flux); log10(trigger flux).

    Measured against others on real light curves, from one simulation: flux / 500 moves
    worse to another depth; the S/N and the days since the previous observation, as
    further features, lower the loss on simulated light curves and the score on real
    ones, since they tell one simulated cadence from another.
    """
    return (
        rows.wavelength,
        (rows.days + 30) / 100,
        np.arcsinh(rows.flux / rows.trigger_flux),
        np.arcsinh(rows.flux_err / rows.trigger_flux),
        np.log10(rows.trigger_flux),
    )


FEATURES: dict[str, Callable[[Rows], tuple[np.ndarray, ...]]] = {
    "paper": paper,
    "relative": relative,
}
"""The named configurations; `Preprocessing.features` chooses one."""

WIDTH: dict[str, int] = {"paper": 4, "relative": 5}
"""Number of features of each configuration."""
