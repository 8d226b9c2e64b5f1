"""Distances, volumes and event rates in a flat universe."""

import numpy as np

HUBBLE = 70.0
"""Hubble constant, km/s/Mpc, the value of the SNANA simulations of PLAsTiCC (Kessler et
al. 2019, PASP 131 094501)."""

MATTER = 0.315
"""Matter density (Planck Collaboration 2020, A&A 641 A6)."""

_LIGHT = 299792.458  # km/s
_Z = np.concatenate([[0.0], np.geomspace(1e-5, 6.0, 6000)])
_INVERSE_E = 1 / np.sqrt(MATTER * (1 + _Z) ** 3 + 1 - MATTER)
_DISTANCE = (_LIGHT / HUBBLE) * np.concatenate(
    [[0.0], np.cumsum(np.diff(_Z) * (_INVERSE_E[1:] + _INVERSE_E[:-1]) / 2)]
)
_MODULUS = np.concatenate([[-np.inf], 5 * np.log10(_DISTANCE[1:] * (1 + _Z[1:])) + 25])

REDSHIFT_MIN = 0.002
"""Nearest redshift drawn: about 9 Mpc, below which peculiar motions rule."""


def distance_modulus(redshift: np.ndarray) -> np.ndarray:
    """Distance modulus, mag, of any shape of redshifts above 0."""
    return np.interp(redshift, _Z[1:], _MODULUS[1:])


def redshift_at(modulus: np.ndarray) -> np.ndarray:
    """Redshift, 1e-5 to 6, at which the distance modulus has this value, mag."""
    return np.interp(modulus, _MODULUS[1:], _Z[1:])


def rate_evolution(redshift: np.ndarray, evolution: str) -> np.ndarray:
    """Event rate per comoving volume and proper time, relative to redshift 0.

    Args:
        redshift: any shape.
        evolution: `star_formation` (Madau & Dickinson 2014, ARA&A 52 415), `power`
            ((1 + z)^1.5 up to z = 1, then (1 + z)^-0.5; the SNe Ia of PLAsTiCC, Kessler
            et al. 2019), `tde` (10^(-5 z / 6); Kochanek 2016, MNRAS 461 371) or
            `constant`.
    """
    z = np.asarray(redshift)
    if evolution == "star_formation":
        return (1 + z) ** 2.7 / (1 + ((1 + z) / 2.9) ** 5.6) * (1 + 2.9**-5.6)
    if evolution == "power":
        return np.where(z < 1, (1 + z) ** 1.5, 2**1.5 * ((1 + z) / 2) ** -0.5)
    if evolution == "tde":
        return 10 ** (-5 * z / 6)
    return np.ones_like(z)


def cumulative_rate(evolution: str) -> tuple[np.ndarray, np.ndarray]:
    """Observed event rate within a redshift.

    Returns:
        The redshift grid `(k,)`, from `REDSHIFT_MIN` on, and the rate of events within
        each of its redshifts `(k,)`, arbitrary unit, starting at 0.
    """
    near = np.searchsorted(_Z, REDSHIFT_MIN)
    z = _Z[near:]
    density = _DISTANCE[near:] ** 2 * _INVERSE_E[near:] / (1 + z)
    density = density * rate_evolution(z, evolution)
    steps = np.diff(z) * (density[1:] + density[:-1]) / 2
    return z, np.concatenate([[0.0], np.cumsum(steps)])
