"""Extinction by dust."""

import numpy as np

from zoo.passbands import Passband

_RECALIBRATED = 0.86  # of E(B-V) of Schlegel et al. 1998: Schlafly & Finkbeiner 2011


def extinction(wavelength: np.ndarray) -> np.ndarray:
    """Extinction A(wavelength) / A(V) for R(V) = 3.1.

    Cardelli, Clayton & Mathis 1989, ApJ 345 245, equations 2 to 4; held constant
    outside of 0.125 to 3.3 um.

    Args:
        wavelength: um, any shape.
    """
    x = np.clip(1 / np.asarray(wavelength, dtype=np.float64), 0.3, 8.0)
    y = x - 1.82
    optical_a = np.polyval(
        [0.32999, -0.77530, 0.01979, 0.72085, -0.02427, -0.50447, 0.17699, 1], y
    )
    optical_b = np.polyval(
        [-2.09002, 5.30260, -0.62251, -5.38434, 1.07233, 2.28305, 1.41338, 0], y
    )
    far = np.maximum(x - 5.9, 0)
    ultraviolet_a = 1.752 - 0.316 * x - 0.104 / ((x - 4.67) ** 2 + 0.341)
    ultraviolet_a = ultraviolet_a - 0.04473 * far**2 - 0.009779 * far**3
    ultraviolet_b = -3.090 + 1.825 * x + 1.206 / ((x - 4.62) ** 2 + 0.263)
    ultraviolet_b = ultraviolet_b + 0.2130 * far**2 + 0.1207 * far**3
    infrared, optical = x < 1.1, x < 3.3
    a = np.select([infrared, optical], [0.574 * x**1.61, optical_a], ultraviolet_a)
    b = np.select([infrared, optical], [-0.527 * x**1.61, optical_b], ultraviolet_b)
    return a + b / 3.1


def smc_extinction(wavelength: np.ndarray) -> np.ndarray:
    """Extinction A(wavelength) / E(B-V) in the Small Magellanic Cloud.

    The power law with which Richards et al. 2003 (AJ 126 1131) redden quasars, of the
    curve of Prevot et al. 1984, A&A 132 389.

    Args:
        wavelength: um, any shape.
    """
    return 1.39 * np.asarray(wavelength, dtype=np.float64) ** -1.2


def reddening(passband: Passband) -> float:
    """A(passband) / E(B-V), with E(B-V) as Schlegel et al. 1998 (ApJ 500 525) map it.

    The law above, which without a transmission curve is that of the wavelength.

    Example:
        >>> from zoo.passbands import PASSBANDS
        >>> round(reddening(PASSBANDS["ztfg"]), 2)
        3.21
        >>> round(reddening(Passband("mine::g", 0.48)), 2)
        3.16
    """
    known = passband.milky_way
    if known is None:
        known = 3.1 * float(extinction(np.array(passband.wavelength)))
    return _RECALIBRATED * known
