"""Passbands that no telescope has, for simulations: one at each of some wavelengths."""

import numpy as np

from zoo.passbands.catalogue import Passband

_SHORTEST, _LONGEST = 0.2, 1.8  # um: from the UV of Swift to the H of Euclid
_NUMBER = 24  # a tenth apart, half the width of a typical passband


def invented(nm: int) -> Passband:
    """The invented passband at an effective wavelength in nm.

    Example:
        >>> invented(350).name, invented(350).wavelength
        ('any0.350', 0.35)
    """
    um = round(nm / 1000, 3)
    return Passband(f"any{um:.3f}", um)


def nanometres(passband: Passband) -> int:
    """The wavelength that `invented` makes this passband of.

    Raises:
        ValueError: it is not an invented one.

    Example:
        >>> nanometres(invented(350))
        350
    """
    nm = round(passband.wavelength * 1000)
    if invented(nm) != passband:
        raise ValueError(f"passband {passband.name!r} is not an invented one.")
    return nm


INVENTED: dict[str, Passband] = {
    passband.name: passband
    for passband in map(
        invented,
        np.geomspace(1000 * _SHORTEST, 1000 * _LONGEST, _NUMBER)
        .round()
        .astype(int)
        .tolist(),
    )
}
"""Those that are simulated, by name, evenly spaced in ln(wavelength)."""
