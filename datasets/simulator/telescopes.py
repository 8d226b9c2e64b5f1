"""Objects that two telescopes observe, and gaps in what is observed."""

from dataclasses import replace

import numpy as np

from zoo.datasets.simulator.cadence import AFTER, BEFORE, Visits, Years, draw_visits
from zoo.datasets.simulator.surveys import Instrument, Survey

_SHARED = 0.7  # share of the objects that the second telescope observes
_GAP_DAYS = (7.0, 60.0)  # log-uniform
_PER_BAND = ("bands", "samples", "milky_way", "electrons", "depth")


def together(survey: Survey) -> Instrument:
    """The passbands of all telescopes of a survey, by wavelength."""
    first, second = survey.instrument, survey.second
    if second is None:
        return first
    order = _order(first, second)
    joined = {
        name: (*getattr(first, name), *getattr(second, name)) for name in _PER_BAND
    }
    joined["template_depth"] = tuple(
        float(depth)
        for one in (first, second)
        for depth in np.broadcast_to(one.template_depth, len(one.bands))
    )
    return replace(
        first,
        systematic=max(first.systematic, second.systematic),
        own=tuple(dict.fromkeys((*first.own, *second.own))),
        **{name: tuple(values[i] for i in order) for name, values in joined.items()},
    )


def _order(first: Instrument, second: Instrument) -> np.ndarray:
    wavelengths = np.concatenate([first.wavelengths, second.wavelengths])
    return np.argsort(wavelengths, kind="stable")


def visit(
    rng: np.random.Generator, survey: Survey, kept: np.ndarray, years: Years | None
) -> Visits:
    """Draw the visits of all telescopes of a survey, in the passbands of `together`.

    Args and errors as of `cadence.draw_visits`.
    """
    first, second = survey.instrument, survey.second
    if second is None:
        return _without_gaps(rng, draw_visits(rng, first, kept, years), survey, kept)
    n = len(kept)
    peak = rng.uniform(*first.mjd_range, n)
    seen = kept * (rng.random(n) < _SHARED)
    one = draw_visits(rng, first, kept, years, peak)
    other = draw_visits(rng, second, seen, years, peak)
    places = np.argsort(_order(first, second))
    other = other._replace(band=other.band + len(first.bands))
    both = Visits(*map(np.concatenate, zip(one, other, strict=True)))
    both = both._replace(band=places[both.band])
    order = np.lexsort((both.mjd, both.of))
    both = Visits(*(column[order] for column in both))
    return _without_gaps(rng, both, survey, kept)


def _without_gaps(
    rng: np.random.Generator, visits: Visits, survey: Survey, kept: np.ndarray
) -> Visits:
    """Leave out what falls into a gap of weeks around the peak, of some objects."""
    if not survey.gaps:
        return visits
    n = len(kept)
    days = np.exp(rng.uniform(*np.log(_GAP_DAYS), n)) * (rng.random(n) < survey.gaps)
    begin = rng.uniform(-BEFORE, AFTER, n)
    since = visits.days - begin[visits.of]
    outside = (since < 0) | (since >= days[visits.of])
    return Visits(*(column[outside] for column in visits))
