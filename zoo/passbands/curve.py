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


def eighths(wavelength: np.ndarray, transmission: np.ndarray) -> tuple[float, ...]:
    """Eight wavelengths that halve the eighths of a curve's integral over
    ln(wavelength): a mean over them represents the passband.

    Args:
        wavelength: float `(n,)`, in any order; with the transmission a curve, see
            `effective_wavelength`.
        transmission: float `(n,)`; below zero it counts as zero.

    Example:
        >>> eighths(np.array([0.5, 0.6]), np.array([1.0, 1.0]))[0]
        0.50573
    """
    order = np.argsort(wavelength, kind="stable")
    x = np.log(wavelength[order].astype(float))
    y = np.maximum(transmission[order].astype(float), 0)
    area = np.concatenate([[0], np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2)])
    at = np.interp((np.arange(8) + 0.5) / 8 * area[-1], area, x)
    return tuple(round(float(one), 6) for one in np.exp(at))
