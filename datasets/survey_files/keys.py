"""The keys of a survey file, what each may be, and its value where it is left out."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from zoo.datasets.survey_files.kinds import (
    Kind,
    flag,
    names,
    number,
    one_of,
    rising,
    several,
    shares,
    text,
    whole,
)
from zoo.spelling import did_you_mean
from zoo.taxonomy import TAXONOMIES

QUANTILES = (0.01, 0.05, 0.16, 0.25, 0.50, 0.75, 0.84, 0.95, 0.99)
"""The probabilities at which a depth and the length of a season are tabulated."""

SCORES = (-2.326, -1.645, -0.994, -0.674, 0.0, 0.674, 0.994, 1.645, 2.326)
"""Standard normal scores of `QUANTILES`."""

REQUIRED = object()
"""In place of a default."""

_MAG = (5.0, 35.0)  # brighter than any survey saturates, fainter than any reaches
_SHARE = number(0, 1)
_MOST_VISITS = 12  # of a night; more are drawn in vain, as they tell nothing new
_MOST_ROWS = 200


class Key(NamedTuple):
    """One key: its kind, and its value where the file does not have it."""

    kind: Kind
    default: Any = REQUIRED


def _depth(value: Any) -> Any:
    if isinstance(value, list):
        return rising(len(QUANTILES), *_MAG)(value)
    return number(*_MAG)(value)


def _seasons(value: Any) -> Any:
    if isinstance(value, list):
        return rising(len(QUANTILES), 1, 20_000)(value)
    return (number(1, 20_000)(value),) * len(QUANTILES)


def _described(kind: Kind, what: str) -> Kind:
    def check(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(what) from None

    return check


PASSBAND = {
    "wavelength": Key(lambda value: value, None),
    "curve": Key(lambda value: value, None),
    "unit": Key(lambda value: value, None),
    "samples": Key(rising(8, 0.01, 100, strictly=True), None),
    "depth": Key(
        _described(
            _depth, "a 5-sigma AB magnitude, or nine in rising order, from 5 to 35"
        )
    ),
    "scatter": Key(number(0, 3), 0.4),
    "template_depth": Key(number(*_MAG), None),
    "zeropoint": Key(number(*_MAG), None),
    "milky_way": Key(number(0, 20), None),
}
"""The keys of [passband.NAME]. The scatter is that of ZTF between its 16 and 84 %,
without the nights that are lost (`known/ztf.toml`)."""

TABLES: Mapping[str, Mapping[str, Key]] = {
    "noise": {
        # Of ZTF's and of LSST's photometry (see their files).
        "error_floor": Key(number(0, 0.5), 0.005),
        "template_depth": Key(number(*_MAG), None),
        "shallowest": Key(number(*_MAG), None),
        "saturation": Key(number(-5, 30), -math.inf),
    },
    "cadence": {
        "nights": Key(
            shares(
                'rows [["PASSBAND", ...], share near new moon, share near full moon]',
                _MOST_ROWS,
                names(_MOST_VISITS),
                _SHARE,
                _SHARE,
                sums=(1, 2),
            )
        ),
        "revisit": Key(
            shares(
                "rows [nights to the next visit, share of the fields]",
                _MOST_ROWS,
                whole(1, 100),
                _SHARE,
                sums=(1,),
            )
        ),
        "delay": Key(
            several(
                "a median from 0 to 100 nights and an ln-sigma from 0 to 3",
                number(0, 100),
                number(0, 3),
            ),
            (1.0, 0.5),
        ),
        "seasons": Key(
            _described(_seasons, "a number of days from 1 to 20000, or nine quantiles")
        ),
        "pair_delay": Key(rising(2, 0, 0.5), (0.01, 0.05)),
        "night_time": Key(rising(2, 0, 2), (0.0, 0.4)),
        "dates": Key(rising(2, 15_000, 100_000, strictly=True), (60_000.0, 62_000.0)),
        "dense": Key(
            several(
                "a share of the objects and a whole number from 2 to 20",
                _SHARE,
                whole(2, 20),
            ),
            (0.0, 2),
        ),
    },
    "detection": {
        "snr": Key(number(1, 50), 5.0),
        "number": Key(whole(2, 50), 2),
    },
    "photometry": {
        "alerts": Key(_SHARE, 0.0),
        "detections_only": Key(_SHARE, 0.0),
        "window": Key(rising(2, -2000, 5000, strictly=True), (-math.inf, math.inf)),
    },
    "selection": {
        "limits": Key(rising(2, *_MAG)),
        "coverage": Key(flag, False),
        "classes": Key(one_of(tuple(TAXONOMIES)), "ztfsims"),
        "mix": Key(one_of(("families", "bts")), "families"),
    },
}
"""The keys of every table but [passband.NAME]. Two detections are what a trigger
takes, and 5 sigma what most surveys alert at (`zoo.light_curves.ragged`)."""

TOP = {
    "name": Key(lambda value: value),
    "description": Key(text(500), ""),
    "source": Key(text(2000), ""),
    "like": Key(lambda value: value, None),
}
"""The keys before the first table."""


def checked(where: str, table: Any, keys: Mapping[str, Key]) -> dict[str, Any]:
    """The values of a table, with those of keys that are left out.

    Args:
        where: what to call the table in an error.
        table: as TOML has it.
        keys: its keys.

    Raises:
        ValueError: it is no table, a key is unknown or missing, or a value is none.
    """
    if not isinstance(table, dict):
        raise ValueError(f"{where} is {shown(table)}, but must be a table.")
    refuse_unknown(where, table, keys)
    values = {}
    for name, key in keys.items():
        if name not in table:
            if key.default is REQUIRED:
                raise ValueError(f"{where} lacks {name}. Give it.")
            values[name] = key.default
            continue
        try:
            values[name] = key.kind(table[name])
        except ValueError as error:
            found = shown(table[name])
            raise ValueError(
                f"{where}: {name} is {found}, but must be {error}."
            ) from None
    return values


def refuse_unknown(where: str, names: Iterable[str], known: Collection[str]) -> None:
    """Refuse the first name that is not known.

    Raises:
        ValueError: there is one; the message has the nearest that is.
    """
    for name in names:
        if name not in known:
            meant = did_you_mean(name, known)
            raise ValueError(
                f"{where} has no key {name!r}.{meant} Its keys: {', '.join(known)}."
            )


def shown(value: Any) -> str:
    """A value in an error: in short, and never an integer of thousands of digits."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list) and len(value) > 12:
        return f"a list of {len(value)}"
    try:
        shown = repr(value)
    except (ValueError, RecursionError):
        return "a value"
    return shown if len(shown) <= 100 else f"{shown[:100]}..."
