"""The effective wavelength of a transmission curve."""

import numpy as np


def effective_wavelength(wavelength: np.ndarray, transmission: np.ndarray) -> float:
    """Mean wavelength weighted with the transmission, in the unit of `wavelength`.

    Args:
        wavelength: float `(n,)`, in any order.
        transmission: float `(n,)`, of photons, in any unit.

    Raises:
        ValueError: it is not a curve.

    Example:
        >>> effective_wavelength(np.array([0.5, 0.6]), np.array([1.0, 1.0]))
        0.55
    """
    if wavelength.ndim != 1 or wavelength.shape != transmission.shape:
        raise ValueError(
            "a transmission curve needs as many wavelengths as transmissions."
        )
    order = np.argsort(wavelength, kind="stable")
    x, y = wavelength[order].astype(float), transmission[order].astype(float)
    area = np.trapezoid(y, x) if np.isfinite([x, y]).all() and len(x) > 1 else 0.0
    if not area > 0 or (y < 0).all():
        raise ValueError(
            "a transmission curve needs finite numbers and a positive integral."
        )
    return round(float(np.trapezoid(x * y, x) / area), 6)
