"""Surveys drawn at random, for models of surveys that do not exist yet: `anysims`.

A seed and a number make a survey: one or two telescopes, each with one to eight
passbands between 0.2 and 1.8 um, real or invented, their depths, noise and cadence. The
objects of a chunk share it, and a chunk of every class has it, so that a survey tells
nothing of the class. Some are ZTF and LSST as `ztfsims` and `lsstsims` have them.

How far the spectral models reach:

- SNe Ia are the template of Hsiao et al. 2007, ApJ 663 1187, from 0.14 to 2.05 um in
  the rest frame; bluer there is no light. Below 0.28 um it is the mean of few spectra:
  real SNe Ia scatter there by half a magnitude or more (Brown et al. 2010, ApJ 721
  1608), these by a quarter.
- All other explosions are blackbodies at the effective wavelength. Their line
  blanketing was tuned in u to y, and goes on below 0.3 um as a straight line in
  magnitudes: there trust the difference between hot (TDE, SLSN-I, young SNII) and
  blanketed, not more. Above 1 um there are neither nebular lines nor dust that forms
  or echoes.
- AGN are one power law behind dust at all wavelengths: a torus that follows late is not
  in it.

So few of the surveys have passbands below 0.32 (a twelfth) or above 1.1 um (a seventh),
and only 2 % have no others; Swift's uvw2, in which red objects are seen through a leak
of the filter, is left out.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from zoo.datasets.simulator.populations import populations
from zoo.datasets.simulator.randomisation import Randomisation
from zoo.datasets.simulator.surveys import ANYSIMS, SURVEYS, Instrument, Survey
from zoo.datasets.simulator.transients.dust import reddening
from zoo.datasets.simulator.transients.explosion import REFERENCE
from zoo.datasets.survey_files import SCORES
from zoo.passbands import CATALOGUE, INVENTED, Passband
from zoo.taxonomy import PARENT

_TRUE = {"ztfsims": 0.15, "lsstsims": 0.15}  # share of the surveys
_GROUP = 32  # light curves of a class in one survey: 1,000 surveys of 150,000 objects
_SMALLEST = 4
_RANGE, _OPTICAL = (0.2, 1.8), (0.32, 1.1)  # um
_LEFT_OUT = ("uvot::uvw2", "gaia::grvs")  # a red leak; a spectrograph
_APART = 0.01  # um: nearer passbands are one
# Shares: surveys that may have UV and near infrared passbands, and telescopes of one
# passband; telescopes of a real instrument, and of real passbands (the others are
# invented); surveys with a second telescope, and of these with ZTF's or LSST's.
_ULTRAVIOLET, _INFRARED, _SINGLE = 0.25, 0.30, 0.06
_OF_INSTRUMENT, _REAL = 0.55, 0.75
_SECOND, _SECOND_TRUE = 0.15, 0.3
_MOST = 8
# 5-sigma AB magnitude of a visit at 0.62 um; scatter of the passbands about it, and how
# much shallower those in the UV and in the near infrared are at most, mag.
_DEPTH, _DEPTH_SCATTER, _SHALLOWER = (17.0, 26.0), 0.4, 1.5
_BRIGHTEST_LIMIT = 16.0  # mag: nearer there is too little volume
# Depth of ZTF in r less its median, mag; a survey has 0.15 (from space) to 1 times it.
_NIGHTS = (-3.68, -1.86, -0.88, -0.55, 0.0, 0.47, 0.64, 0.90, 1.08)
# Electrons of an object at the 5-sigma depth: 840 of ZTF, 1,300 of LSST, 30 where the
# sky is dark.
_ELECTRONS = (30.0, 3000.0)


def draw_survey(survey: Survey, label: str, seed: int, number: int) -> Survey:
    """The survey of a chunk: for `anysims` one drawn at random, else the same.

    Of the class only the size of the group depends, so that classes of which there are
    few are seen in as many surveys.

    Example:
        >>> from zoo.datasets.simulator.surveys import find_survey
        >>> anysims = find_survey("anysims")
        >>> draw_survey(anysims, "TDE", 1, 4) == draw_survey(anysims, "TDE", 1, 4)
        True
    """
    if survey.name != ANYSIMS:
        return survey
    drawn = _draw(_generator(seed, number, "survey"))
    return replace(drawn, name=ANYSIMS, group=_group(label))


def _group(label: str) -> int:
    """Light curves of a class in one survey, by its share of its family."""
    family = PARENT.get(label, label)
    share = {
        one: max(population.bts_count, 1) ** 0.5
        for one, population in populations().items()
        if PARENT.get(one, one) == family
    }
    return max(_SMALLEST, round(_GROUP * share[label] / sum(share.values())))


def _draw(rng: np.random.Generator) -> Survey:
    chosen = rng.random()
    for real, share in _TRUE.items():
        if chosen < share:
            return SURVEYS[real]
        chosen -= share
    first, second = _instrument(rng), None
    if rng.random() < _SECOND:
        second = _instrument(rng)
        if rng.random() < _SECOND_TRUE:
            second = SURVEYS[rng.choice(list(_TRUE))].instrument
    alerts, cut, _ = rng.dirichlet((0.6, 0.6, 0.6))
    depth = np.interp(REFERENCE, first.wavelengths, first.median_depth)
    if second is not None:  # of the two, as `chunk` has it
        both = np.concatenate([first.wavelengths, second.wavelengths])
        order = np.argsort(both, kind="stable")
        depths = np.concatenate([first.median_depth, second.median_depth])
        depth = np.interp(REFERENCE, both[order], depths[order])
    # As of ZTF and LSST: 3 mag brighter than the depth to about it.
    bright = max(depth - 3, _BRIGHTEST_LIMIT)
    return Survey(
        instrument=first,
        limits=(float(bright), float(max(depth - 0.1, bright + 0.8))),
        alerts=float(alerts),
        cut=float(cut),
        coverage=False,
        classes="ztfsims",
        mix="families",
        second=second,
        gaps=float(rng.uniform(0, 0.6)),
    )


def vary(name: str, seed: int, number: int, usual: Randomisation) -> Randomisation:
    """How far the chunk of a survey is spread: as usual, or for `anysims` more or less.

    Zero points scatter by half to four times as much, errors by up to twice.
    """
    if name != ANYSIMS:
        return usual
    rng = _generator(seed, number, "randomisation")
    low, high = usual.error_inflation
    return replace(
        usual,
        calibration=usual.calibration * float(np.exp(rng.uniform(*np.log((0.5, 4))))),
        error_inflation=(low, high * float(rng.uniform(1, 1.6))),
        band_dropout=min(1.0, usual.band_dropout * float(rng.uniform(0, 4))),
    )


def _generator(seed: int, number: int, what: str) -> np.random.Generator:
    stream = zlib.crc32(f"{ANYSIMS}/{what}".encode())
    return np.random.Generator(np.random.PCG64([seed, stream, number]))


def _instrument(rng: np.random.Generator) -> Instrument:
    """A telescope and its cadence."""
    passbands = _passbands(rng)
    bands = tuple(passband.name for passband in passbands)
    wavelength = np.array([passband.wavelength for passband in passbands])
    depth = rng.uniform(*_DEPTH) + rng.normal(0, _DEPTH_SCATTER, len(bands))
    for there in (wavelength < 0.38, wavelength > 1.0):
        depth -= there * rng.uniform(0, _SHALLOWER)
    depth = depth.clip(*_DEPTH)
    nights = rng.uniform(0.15, 1) * np.array(_NIGHTS)
    # Of every passband: electrons for the flux at which it is 5 sigma deep.
    electrons = np.exp(rng.uniform(*np.log(_ELECTRONS))) * 10 ** (0.4 * (depth - 27.5))
    start, begins = rng.uniform(57000, 63000), rng.uniform(0, 0.55)
    return Instrument(
        bands=bands,
        samples=tuple(_samples(rng, passband) for passband in passbands),
        milky_way=tuple(map(reddening, passbands)),
        electrons=_numbers(electrons),
        systematic=float(rng.uniform(0.003, 0.02)),
        template_depth=_numbers(depth + rng.uniform(0.5, 2.5)),
        depth=tuple(_numbers(middle + nights) for middle in depth),
        shallowest=float(depth.min() - 2.5),
        mjd_range=(float(start), float(start + 2000)),
        night_time=(float(begins), float(begins + rng.uniform(0.15, 0.4))),
        own=tuple(one for one in passbands if one.name in INVENTED),
        **_cadence(rng, bands),
    )


def _numbers(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.tolist())


def _samples(rng: np.random.Generator, passband: Passband) -> tuple[float, ...]:
    """Of an invented passband a box, 10 to 30 % wide."""
    if passband.samples:
        return passband.samples
    steps = rng.uniform(0.1, 0.3) * (np.arange(8) - 3.5) / 8
    return _numbers(passband.wavelength * (1 + steps))


def _passbands(rng: np.random.Generator) -> list[Passband]:
    """One to eight passbands, by wavelength."""
    low = _RANGE[0] if rng.random() < _ULTRAVIOLET else _OPTICAL[0]
    high = _RANGE[1] if rng.random() < _INFRARED else _OPTICAL[1]
    kind = rng.random()
    known = [p for p in CATALOGUE if p.name not in _LEFT_OUT]
    pool = known if kind < _REAL else [*INVENTED.values()]
    pool = [p for p in pool if low <= p.wavelength <= high]
    most = 1 if rng.random() < _SINGLE else int(rng.integers(2, _MOST + 1))
    if kind < _OF_INSTRUMENT:
        held = Counter(p.survey for p in pool)
        of = rng.choice([name for name, count in held.items() if count >= min(most, 2)])
        pool = [p for p in pool if p.survey == of]
    return _apart([pool[i] for i in rng.permutation(len(pool))], most)


def _apart(shuffled: Sequence[Passband], most: int) -> list[Passband]:
    """The first so many that are not the same twice, by wavelength."""
    taken: list[Passband] = []
    for passband in shuffled:
        near = (abs(passband.wavelength - other.wavelength) for other in taken)
        if len(taken) < most and all(distance > _APART for distance in near):
            taken.append(passband)
    return sorted(taken, key=lambda passband: passband.wavelength)


def _cadence(rng: np.random.Generator, bands: tuple[str, ...]) -> dict[str, Any]:
    """When a telescope observes: attributes of `Instrument`."""
    interval = np.exp(rng.uniform(0, np.log(8)))  # nights, and a third more of delays
    planned = sorted({max(1, round(interval * factor)) for factor in (0.7, 1.0, 1.3)})
    visits = _visits(rng, bands)
    most = max(len(names) for names in visits)
    shares = np.stack([rng.dirichlet(np.full(len(visits), 2.0)) for _ in "ab"])
    if rng.random() < 0.5:  # the moon matters to some
        shares[1] = shares[0]
    # Half to twenty weeks and more: campaigns to a survey without seasons.
    length = np.exp(rng.uniform(*np.log((60, 400))))
    seasons = length * np.exp(rng.uniform(0.1, 0.8) * np.array(SCORES))
    pause = rng.uniform(0.003, 0.1 if most < 3 else 0.02)
    # Several points a night, where that does not add up to thousands of rows.
    often = interval < 4 and most < 3
    return {
        "nights": tuple(
            (names, *map(float, share))
            for names, share in zip(visits, shares.T, strict=True)
        ),
        "revisit": tuple((night, 1 / len(planned)) for night in planned),
        "delay": (
            float(interval * rng.uniform(0.1, 0.7) + 0.1),
            float(rng.uniform(0.3, 0.6)),
        ),
        "seasons": _numbers(seasons.clip(20, 1054)),
        "pair_delay": (float(pause), float(pause * rng.uniform(1, 1.5))),
        "dense": (float(rng.uniform(0, 0.5) * often), int(rng.integers(2, 7))),
    }


def _visits(rng: np.random.Generator, bands: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Which passbands are observed in a night: one, two, or all of them in turn."""
    kind = rng.random()
    if kind < 0.25:
        return [tuple(bands)]
    if kind < 0.5:
        return [(band,) for band in bands]
    pairs = [tuple(rng.choice(bands, 2)) for _ in range(len(bands))]
    return [*((band,) for band in bands), *(tuple(map(str, two)) for two in pairs)]
