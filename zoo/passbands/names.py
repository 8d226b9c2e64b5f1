"""Which passband a name stands for: of the catalogue, or one that a user added."""

import difflib
import math
from collections.abc import Iterable, Sequence

import numpy as np

from zoo.passbands.catalogue import NAMES, PASSBANDS, Passband, key
from zoo.passbands.curve import effective_wavelength

SHORTEST, LONGEST = 0.05, 30.0
"""Effective wavelengths, um, that a passband can have: from the far ultraviolet to the
mid infrared. Wavelengths in nm or Angstrom lie above."""

TOLERANCE = 1e-3
"""Between two wavelengths of one name, um: tables and models keep three digits."""

_SURVEYS_SHOWN = 5  # in a message

_registered: dict[str, Passband] = {}


def register(
    name: str,
    *,
    wavelength: float | None = None,
    curve: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Passband:
    """Add a passband of your own, for this process.

    To keep it with the data, write its wavelength to a column `wavelength` instead.

    Args:
        name: such as `mine::x`, as in the `band` column of a light-curve table.
        wavelength: effective wavelength, um.
        curve: or the wavelengths, um, and transmissions of its curve.

    Returns:
        The passband.

    Raises:
        ValueError: not exactly one of both is given, the wavelength is none in um, or
            the name is already that of another passband.

    Example:
        >>> register("mine::x", wavelength=0.55).wavelength
        0.55
    """
    passband = describe(name, wavelength=wavelength, curve=curve)
    if find(name) is None:
        _registered[name] = passband
    return passband


def describe(
    name: str,
    *,
    wavelength: float | None = None,
    curve: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Passband:
    """The passband that `register` would add; one that is known has to agree."""
    passband = make(name, wavelength=wavelength, curve=curve)
    known = find(name)
    if known is not None and abs(known.wavelength - passband.wavelength) > TOLERANCE:
        raise ValueError(
            f"passband {name!r} has an effective wavelength of {known.wavelength:g} "
            f"um, not {passband.wavelength:g}. Choose another name."
        )
    return known or passband


def make(
    name: str,
    *,
    wavelength: float | None = None,
    curve: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Passband:
    """A passband of a user, checked; args and errors as for `register`."""
    if not name or not name.isprintable():
        raise ValueError(f"{name!r} cannot name a passband. Use printable characters.")
    if (wavelength is None) == (curve is None):
        raise ValueError(f"passband {name!r} needs either a wavelength or a curve.")
    if curve is not None:
        wavelength = effective_wavelength(*map(np.asarray, curve))
    try:
        # Rounded, a column in single precision gives the same as a file.
        um = round(float(wavelength or 0), 6)
    except OverflowError:  # an integer of hundreds of digits
        um = math.inf
    if not SHORTEST <= um <= LONGEST:
        raise ValueError(
            f"passband {name!r} has wavelength {um:g}. Give it in um, between "
            f"{SHORTEST:g} and {LONGEST:g}: 0.48 for a g passband."
        )
    return Passband(name, um)


def find(name: str) -> Passband | None:
    """The passband that a name or an alias stands for; None where there is none.

    A name of the catalogue is compared without regard to case, spaces and punctuation;
    a registered one letter for letter.

    Example:
        >>> find("PS1-g").name, find("cyan").name, find("g")
        ('ps1::g', 'atlasc', None)
    """
    known = PASSBANDS.get(name) or _registered.get(name)
    if key(name) == "rp" and not name.islower():
        return known  # Gaia writes RP for its own, others rp for the r' of SDSS
    if known is None and (canonical := NAMES.get(key(name))) is not None:
        known = PASSBANDS[canonical]
    return known


def near(name: str) -> list[str]:
    """Names of known passbands that resemble one that is not known."""
    wanted = key(name)
    ends = [one for one in PASSBANDS if wanted and key(one).endswith(wanted)]
    spelled = [NAMES[one] for one in difflib.get_close_matches(wanted, NAMES, n=3)]
    return list(dict.fromkeys([*spelled, *ends]))[:5]


def by_survey(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What single letters, such as `g` and `r`, may stand for.

    Args:
        names: of the passbands in one table, without their survey.

    Returns:
        By survey, in the order of the catalogue, its passbands that end in these
        letters, in their order; only surveys that have one, and no second, for each.

    Example:
        >>> by_survey(["c", "o"])
        {'atlas': ('atlasc', 'atlaso')}
        >>> by_survey(["g", "r"])["ztf"]
        ('ztfg', 'ztfr')
    """
    wanted = [name.lower() for name in names]
    if not all(len(letter) == 1 and letter.isalpha() for letter in wanted):
        return {}
    meant = {}
    for survey in dict.fromkeys(one.survey for one in PASSBANDS.values()):
        own = [one.name for one in PASSBANDS.values() if one.survey == survey]
        ends = [[o for o in own if key(o).endswith(letter)] for letter in wanted]
        if all(len(one) == 1 for one in ends):
            meant[survey] = tuple(one for (one,) in ends)
    return meant


def what_to_state(name: object, unknown: Sequence[object]) -> tuple[str, str]:
    """What an unknown passband of a table may stand for.

    Args:
        name: the first one.
        unknown: all of them, each once.

    Returns:
        A sentence with similar names, with a space before it, or an empty text; and how
        to state on the command line what the names stand for.

    Example:
        >>> what_to_state("o", ["o", "c"])
        ('', '--bands o=atlaso,c=atlasc for atlas')
    """
    names = [one for one in unknown if isinstance(one, str)]
    surveys = by_survey(names) if names and len(names) == len(unknown) else {}
    if not surveys:
        alike = near(name) if isinstance(name, str) else []
        hint = f" Similar ones: {', '.join(alike)}." if alike else ""
        return hint, "--bands NAME=PASSBAND"
    ways = []
    for survey, passbands in surveys.items():
        pairs = zip(names, passbands, strict=True)
        ways.append(f"{','.join(f'{a}={b}' for a, b in pairs)} for {survey}")
    shown, rest = ways[:_SURVEYS_SHOWN], ways[_SURVEYS_SHOWN:]
    return "", f"--bands {', '.join([*shown, '...'] if rest else shown)}"


_PLACES = {name: place for place, name in enumerate(PASSBANDS)}


def in_order(passbands: Iterable[Passband]) -> tuple[Passband, ...]:
    """Different passbands in the one order of all tables: that of the catalogue, then
    by wavelength and name."""
    return tuple(
        sorted(
            set(passbands),
            key=lambda p: (_PLACES.get(p.name, len(_PLACES)), p.wavelength, p.name),
        )
    )
