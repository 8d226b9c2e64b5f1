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
    with np.errstate(all="ignore"):  # of what is refused
        area = np.trapezoid(y, x)
        mean = np.trapezoid(x * y, x) / area
    finite = bool(len(x)) and np.isfinite([x, y]).all()
    # Noise below zero is common; where it outweighs, the mean lies beyond the curve.
    if not (finite and area > 0 and x[0] > 0 and x[0] <= mean <= x[-1]):
        raise ValueError(
            "a transmission curve needs finite numbers, positive wavelengths and a "
            "positive integral."
        )
    return round(float(mean), 6)
