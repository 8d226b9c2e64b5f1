"""Which passbands of two data sets are compared with each other.

They are matched by effective wavelength, since names of different surveys say little.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from zoo.passbands import PASSBANDS, Passband

Group = tuple[Passband, ...]
"""Passbands of one data set that count as one."""

REFERENCE = (PASSBANDS["ztfg"], PASSBANDS["ztfr"])
"""The passbands of an export of the Bright Transient Survey explorer, and those that
stand for g and r."""

# Half of the full width of SDSS g at half maximum, and its wavelength, um (Fukugita et
# al. 1996, AJ 111 1748): passbands of this width share half of their light. At shorter
# wavelengths passbands are narrower in proportion; in the infrared no tolerance is
# needed, as the surveys use the same windows of the atmosphere.
_TOLERANCE, _AT = 0.069, 0.4825

# Relative difference within a data set up to which passbands count as one: those of ZTF
# and LSST in i, the furthest apart of one letter, differ by 5.4 %; ATLAS o and ZTF r by
# 6.7 %.
_ALIKE = 0.06


def matched(
    a: Collection[Passband], b: Collection[Passband]
) -> list[tuple[Group, Group]]:
    """Match the passbands of two data sets, the nearest first, each once.

    Passbands match that are at most 0.069 um apart, or 14 % below 0.48 um.

    Args:
        a: the passbands of a data set; those within 6 % of one another count as one.
        b: those of the other.

    Returns:
        Pairs in order of wavelength.

    Example:
        >>> atlas = [PASSBANDS["atlasc"], PASSBANDS["atlaso"]]
        >>> lsst = [PASSBANDS[f"lsst{letter}"] for letter in "ugriz"]
        >>> [(of_a[0].name, of_b[0].name) for of_a, of_b in matched(atlas, lsst)]
        [('atlasc', 'lsstg'), ('atlaso', 'lsstr')]
    """
    near = []
    for one in _groups(a):
        for other in _groups(b):
            low, high = sorted((middle(one), middle(other)))
            if high - low <= _TOLERANCE * min(low / _AT, 1):
                near.append((high - low, low + high, one, other))
    pairs: list[tuple[Group, Group]] = []
    for *_, one, other in sorted(near, key=lambda row: row[:2]):
        if all(one != of_a and other != of_b for of_a, of_b in pairs):
            pairs.append((one, other))
    return sorted(pairs, key=_position)


def green_and_red(
    own: Collection[Passband], other: Collection[Passband] = REFERENCE
) -> tuple[Group, Group]:
    """The passbands of a data set that are measured as g and r.

    Of those with a counterpart in the other data set, the nearest to r is measured as r
    and, of those at shorter wavelengths, the nearest to g as g. A single one is
    measured as the nearer of both. Where all lie far beyond r, the first is g.

    Args:
        own: the passbands of the data set.
        other: those of the data set that it is compared with.

    Returns:
        Both; empty where there is none.

    Example:
        >>> green, red = green_and_red([PASSBANDS["atlasc"], PASSBANDS["atlaso"]])
        >>> green[0].name, red[0].name
        ('atlasc', 'atlaso')
    """
    pairs = matched(own, other)
    if not pairs:
        return (), ()
    position = np.array([_position(pair) for pair in pairs])
    from_g, from_r = (np.abs(position - one.wavelength) for one in REFERENCE)
    red = int(from_r.argmin())
    if len(pairs) == 1 and from_g[0] < from_r[0]:
        return pairs[0][0], ()
    if red == 0 and len(pairs) > 1 and from_r[0] > _TOLERANCE:
        red = 1
    shorter = pairs[int(from_g[:red].argmin())][0] if red else ()
    return shorter, pairs[red][0]


def middle(group: Group) -> float:
    """Mean of the effective wavelengths, um."""
    return float(np.mean([passband.wavelength for passband in group]))


def codes(group: Group, passbands: Sequence[Passband]) -> np.ndarray:
    """Places of the passbands of a group among others, int16 `(k,)`."""
    return np.array([passbands.index(one) for one in group], dtype=np.int16)


def alike(group: Group, passband: Passband) -> bool:
    """Whether a group lies where a passband is."""
    return abs(middle(group) / passband.wavelength - 1) <= _ALIKE


def _position(pair: tuple[Group, Group]) -> float:
    return (middle(pair[0]) + middle(pair[1])) / 2


def _groups(passbands: Iterable[Passband]) -> list[Group]:
    groups: list[Group] = []
    for passband in sorted(passbands, key=lambda p: (p.wavelength, p.name)):
        if groups and passband.wavelength <= (1 + _ALIKE) * groups[-1][0].wavelength:
            groups[-1] += (passband,)
        else:
            groups.append((passband,))
    return groups
