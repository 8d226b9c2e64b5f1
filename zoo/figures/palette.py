"""Colours and markers of every figure and page.

Colour-blind readers can tell them apart (Wong 2011, Nature Methods 8, 441); where the
six colours are used up, the marker or the dash of a line changes. Passbands have the
colour of their wavelength, and each in a figure its own marker.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from zoo.passbands import Passband

# Effective wavelength, um, and colour: violet to red as light has it, then browns and
# greys for the infrared. Green, vermilion and reddish purple of g, r and u are Wong's;
# the least difference between the six of LSST is 11 in Oklab, and 6 to dichromats
# (Machado et al. 2009, IEEE TVCG 15 1291). Each is seen on white and on black.
_SPECTRUM = {
    0.21: "#5E3C99",
    0.26: "#A98BDD",
    0.345: "#CC79A7",
    0.375: "#CC79A7",
    0.435: "#0072B2",
    0.48: "#009E73",
    0.482: "#009E73",
    0.545: "#8FA31E",
    0.585: "#E69F00",
    0.62: "#D55E00",
    0.645: "#D55E00",
    0.756: "#CA0644",
    0.868: "#9B2211",
    0.975: "#906370",
    1.25: "#6B4A3A",
    1.65: "#A0A09A",
    2.2: "#64686B",
}
_USUAL = {0.4: "v", 0.57: "o", 0.7: "s", 0.82: "D", 0.92: "^", np.inf: "P"}
"""Markers of u, g, r, i, z and y, by the end of the range that each stands for, um."""

_FURTHER = "<>X*ph"  # of passbands beside others of their range

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours of classes, and of anything else that is compared."""

BLACK = "#222222"
MARKERS = "oDs^vP"
GREY = "0.45"
"""Of axes, and of what stands behind the subject of a figure."""


DASHES = ("-", "--", ":", "-.")

# Of two colours in Oklab times 100: more than between any two passbands of LSST, and
# black and sky blue are further from every colour of `_SPECTRUM`.
_APART = 12.5
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def line_style(number: int) -> dict[str, Any]:
    """Colour and marker of a line that is compared with others, for matplotlib.

    Example:
        >>> line_style(1)
        {'color': '#D55E00', 'marker': 'D', 'linewidth': 1.6}
    """
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
        "linewidth": 1.6,
    }


def class_markers(number: int, passbands: Iterable[Passband]) -> list[tuple[str, str]]:
    """Colours and markers of classes, on a page that shows passbands: colours first.

    None of the colours is near that of a passband, unless these would leave too few to
    tell the classes apart.

    Args:
        number: of classes.
        passbands: those of the page.

    Example:
        >>> from zoo.passbands import PASSBANDS
        >>> class_markers(3, [PASSBANDS["ztfg"], PASSBANDS["ztfr"]])
        [('#0072B2', 'o'), ('#CC79A7', 'o'), ('#E69F00', 'o')]
    """
    free = _away_from(passbands, COLOURS)
    if number > len(free) * len(MARKERS):
        free = [*COLOURS]
    places = (divmod(place, len(free)) for place in range(number))
    return [(free[column], MARKERS[row % len(MARKERS)]) for row, column in places]


def passband_colour(wavelength: float) -> str:
    """Colour of an effective wavelength, um, from violet to red and grey.

    Example:
        >>> passband_colour(0.48), passband_colour(0.64)
        ('#009E73', '#D55E00')
    """
    shares = np.array([_rgb(colour) for colour in _SPECTRUM.values()])
    at, known = np.log(wavelength), np.log(list(_SPECTRUM))
    mixed = [round(float(np.interp(at, known, column))) for column in shares.T]
    return "#{:02X}{:02X}{:02X}".format(*mixed)


def passband_styles(passbands: Iterable[Passband]) -> dict[str, tuple[str, str]]:
    """Colours and markers of the passbands of a figure, by name and wavelength.

    The colour of a passband is the same in every figure. Up to twelve have different
    markers, so that two of nearly the same colour are told apart.

    Example:
        >>> from zoo.passbands import PASSBANDS
        >>> passband_styles([PASSBANDS["ztfr"], PASSBANDS["ztfg"], PASSBANDS["lsstr"]])
        {'ztfg': ('#009E73', 'o'), 'lsstr': ('#D55E00', 's'), 'ztfr': ('#D55E00', '<')}
    """
    styles: dict[str, tuple[str, str]] = {}
    used: list[str] = []
    for passband in sorted(set(passbands), key=lambda p: (p.wavelength, p.name)):
        usual = next(m for end, m in _USUAL.items() if passband.wavelength < end)
        markers = (usual, *_FURTHER, *_USUAL.values())
        near = used[1 - len(_FURTHER) - len(_USUAL) :]  # all but one
        used.append(next(marker for marker in markers if marker not in near))
        styles[passband.name] = passband_colour(passband.wavelength), used[-1]
    return styles


def class_styles(number: int, passbands: Iterable[Passband]) -> list[tuple[str, str]]:
    """Colours and dashes of the lines of classes, in a figure that shows passbands.

    None of the colours is near that of a passband. Where they are used up, the dash of
    a line changes.

    Args:
        number: of classes.
        passbands: those of the figure.

    Example:
        >>> from zoo.passbands import PASSBANDS
        >>> class_styles(2, [PASSBANDS["ztfg"]])
        [('#0072B2', '-'), ('#222222', '-')]
    """
    free = _away_from(passbands, (COLOURS[0], BLACK, *COLOURS[1:]))
    places = (divmod(place, len(free)) for place in range(number))
    return [(free[column], DASHES[row % len(DASHES)]) for row, column in places]


def _away_from(passbands: Iterable[Passband], colours: Sequence[str]) -> list[str]:
    """Those of the colours that are not near the colour of a passband."""
    used = [_oklab(passband_colour(passband.wavelength)) for passband in passbands]
    return [
        colour
        for colour in colours
        if all(np.linalg.norm(_oklab(colour) - other) > _APART for other in used)
    ]


def legible_on(ground: Sequence[float] | np.ndarray) -> str:
    """Black or white, whichever is read better: 4.58 to 1 at least, where WCAG 2 asks
    for 4.5.

    Args:
        ground: red, green and blue, from 0 to 1; more numbers are not read.

    Example:
        >>> legible_on((0.42, 0.68, 0.84)), legible_on((0.03, 0.19, 0.42))
        ('black', 'white')
    """
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ _linear(np.array(ground[:3]))
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "black"


def _oklab(colour: str) -> np.ndarray:
    """Place in Oklab (https://bottosson.github.io/posts/oklab/), times 100."""
    return 100 * _OPPONENTS @ np.cbrt(_CONES @ _linear(np.array(_rgb(colour)) / 255))


def _linear(value: np.ndarray) -> np.ndarray:
    """Light of the values of sRGB, from 0 to 1."""
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _rgb(colour: str) -> list[int]:
    return list(bytes.fromhex(colour.removeprefix("#")))
