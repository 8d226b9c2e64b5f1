"""Draw one chunk of light curves of one population."""

import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from zoo.datasets.simulator.any_survey import draw_survey, vary
from zoo.datasets.simulator.cadence import (
    AFTER,
    BEFORE,
    Visits,
    Years,
    span,
)
from zoo.datasets.simulator.observe import CUT_SNR, distort, measure, subtract
from zoo.datasets.simulator.populations import Population, populations
from zoo.datasets.simulator.randomisation import Randomisation
from zoo.datasets.simulator.surveys import Instrument, Survey
from zoo.datasets.simulator.telescopes import together, visit
from zoo.datasets.simulator.transients import agn, explosion, snia, ulens
from zoo.datasets.simulator.transients import years as long_term
from zoo.datasets.simulator.transients.cosmology import cumulative_rate, redshift_at
from zoo.datasets.simulator.transients.explosion import REFERENCE
from zoo.datasets.simulator.transients.spectra import REDSHIFT_MAX, TemplateModel
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.trigger import paired_rows
from zoo.light_curves.ragged import ZEROPOINT, LightCurves

_MODELS = {"explosion": explosion, "snia": snia, "agn": agn, "ulens": ulens}
# Candidates of a light curve, and in all at least: where an object is faint in all
# passbands of a survey, few qualify.
_CANDIDATES, _FEWEST = 4, 1024
# Noise and the smooth residual rarely raise a flux by more than this share of 5 sigma.
_ALMOST_DETECTED = 0.7
_MARGIN = 0.5  # mag: how much brighter than at 0.62 um a peak may be elsewhere
# Days. An alert of ZTF holds 30 before it (Masci et al. 2019, PASP 131 018003), one of
# LSST 365 (Rubin Data Products Definition Document, LSE-163).
_SHORT_HISTORY = (1.0, 365.0)
# E(B-V) towards objects of the Bright Transient Survey: ln-mean and ln-sigma, range.
_MILKY_WAY, _MILKY_WAY_RANGE = (-3.28, 0.80), (0.005, 0.6)


def draw_chunk(
    survey: Survey,
    seed: int,
    homes: dict[str, str],
    randomisation: Randomisation,
    label: str,
    chunk: int,
    templates: Mapping[str, tuple[Path, ...]] | None = None,
    years: Years | None = None,
) -> LightCurves:
    """Draw light curves, at most the survey's `group`, and keep those that qualify.

    Args:
        survey: what is simulated; for `anysims`, each chunk is of another one.
        seed: together with survey, label and chunk it fixes every random number.
        homes: label of the objects of each population.
        randomisation: how far to spread the simulation.
        label: of the population.
        chunk: number of the chunk.
        templates: the files of each class, see `templates.find_templates`; None: the
            simulator's own models.
        years: added before and after the season of the peak; None: only that season.
    """
    survey, population = draw_survey(survey, label, seed, chunk), populations()[label]
    randomisation = vary(survey.name, seed, chunk, randomisation)
    name, on = survey.name, together(survey)
    stream = zlib.crc32(f"{name}/{label}".encode())
    rng = np.random.Generator(np.random.PCG64([seed, stream, chunk]))
    model: ModuleType | TemplateModel = _MODELS[population.model]
    if templates is not None:
        model = TemplateModel(templates[label], population.model == "snia", on)
        reach = min(population.redshift_max, REDSHIFT_MAX)
        population = replace(population, redshift_max=reach)
    placed, redshift, magnitude = _draw_objects(
        rng, survey, on, population, model, randomisation, years
    )
    n = len(redshift)
    drawn = rng.random(n)
    alerts = drawn < survey.alerts
    cut = drawn < survey.alerts + survey.cut
    nights = 1 - rng.uniform(0, randomisation.dropout, n)
    visits = visit(rng, survey, nights, years)
    visits = _lose_bands(rng, visits, (n, len(on.bands)), randomisation.band_dropout)
    if years is not None and population.model == "agn":
        first = np.full(n, np.float32(AFTER))
        np.minimum.at(first, visits.of, visits.days)
        placed = agn.refer(rng, placed, first)
    mwebv = np.exp(rng.normal(*_MILKY_WAY, n)).clip(*_MILKY_WAY_RANGE)
    dust = 10 ** (-0.4 * mwebv[:, None] * np.array(on.milky_way))
    true = model.flux(placed, visits.of, visits.band, visits.days)
    if years is not None and population.model in ("explosion", "snia"):
        drawn_years = long_term.draw(
            rng, population.years, n, randomisation.spread, years
        )
        true = true + long_term.flux(
            drawn_years,
            _peak_flux(model, placed, n, on),
            redshift,
            on.wavelengths,
            visits.of,
            visits.band,
            visits.days,
        )
    true = true * dust.astype(np.float32)[visits.of, visits.band]
    true = distort(rng, true, visits, n, len(on.bands), randomisation, span(years))
    if years is not None:
        true = subtract(rng, true, visits, on, n)
    flux, error = measure(
        rng,
        true,
        visits,
        on,
        inflation=rng.uniform(*randomisation.error_inflation, n).astype(np.float32),
        alerts=alerts,
    )
    snr = flux / error
    measured = flux < 10 ** (-0.4 * (on.saturation - ZEROPOINT))
    detected = (snr >= survey.snr) & measured
    lowest = np.where(cut, rng.uniform(*CUT_SNR, n), -np.inf)
    trigger = paired_rows(detected, visits.mjd, visits.of, n, Preprocessing().pair_days)
    kept = trigger >= 0
    if survey.detections > 2:  # a trigger has two
        kept &= np.bincount(visits.of[detected], minlength=n) >= survey.detections
    if survey.coverage:
        kept &= _covered(flux, detected, visits.days, visits.of, n, survey.limits[1])
    rows = kept[visits.of] & (snr >= lowest[visits.of]) & measured
    since = visits.mjd - visits.mjd[np.maximum(trigger, 0)][visits.of]
    rows &= (since >= survey.window[0]) & (since <= survey.window[1])
    if years is not None:
        # An alert brings the weaker rows around it only.
        rows &= detected | _in_season(visits.days) | (lowest[visits.of] < 0)
        known = _history(rng, n, randomisation.short_history)
        rows &= since >= -known[visits.of]
    number = np.bincount(visits.of[rows], minlength=n)[kept]
    identity = chunk * survey.group + np.flatnonzero(kept)
    metadata = pd.DataFrame(
        {
            "redshift": redshift[kept].astype(np.float32),
            "mwebv": mwebv[kept].astype(np.float32),
            "label": np.full(kept.sum(), homes[label], dtype=object),
            "subclass": np.full(kept.sum(), label, dtype=object),
            "mode": np.select(
                [alerts[kept], cut[kept]], ["alerts", "cut"], "forced"
            ).astype(object),
            "peak_abs_mag": magnitude[kept].astype(np.float32),
        }
    )
    return LightCurves(
        object_id=np.array(
            [f"{name}-{label}-{seed}-{i:06d}" for i in identity], object
        ),
        offsets=np.concatenate([[0], np.cumsum(number)]),
        mjd=visits.mjd[rows],
        flux=flux[rows],
        flux_err=error[rows],
        band=on.codes[visits.band[rows]],
        detected=detected[rows],
        metadata=metadata,
        passbands=on.passbands,
    )


def _lose_bands(
    rng: np.random.Generator, visits: Visits, shape: tuple[int, int], chance: float
) -> Visits:
    """Leave out whole passbands of some objects, never all of them."""
    lost = rng.random(shape) < chance
    lost &= ~lost.all(1, keepdims=True)
    kept = ~lost[visits.of, visits.band]
    return Visits(*(column[kept] for column in visits))


def _draw_objects(
    rng: np.random.Generator,
    survey: Survey,
    on: Instrument,
    population: Population,
    model: ModuleType | TemplateModel,
    randomisation: Randomisation,
    years: Years | None,
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Placed parameters, redshifts and absolute magnitudes of objects within the
    magnitude limits."""
    group = survey.group
    if population.model == "ulens":  # not limited by its distance
        drawn = model.draw(rng, population, group, randomisation.spread)
        redshift = drawn["redshift"]
        return model.place(drawn, redshift, on), redshift, np.full(group, np.nan)
    if population.model == "agn":  # nor are these; half of them never reach a detection
        drawn = model.draw(rng, population, 2 * group, randomisation.spread, years)
        placed = model.place(drawn, drawn["redshift"], on)
        deepest = np.array([quantiles[-2] for quantiles in on.depth])
        faintest = 10 ** (-0.4 * (deepest - ZEROPOINT)) * _ALMOST_DETECTED
        seen = (agn.brightest(placed) > faintest).any(1)
        seen = np.flatnonzero(seen)[:group]
        placed = {name: values[seen] for name, values in placed.items()}
        return placed, drawn["redshift"][seen], np.full(len(seen), np.nan)
    candidates = max(_CANDIDATES * group, _FEWEST)
    drawn = model.draw(rng, population, candidates, randomisation.spread)
    if years is not None and model is explosion:
        drawn["index"] = explosion.draw_index(rng, candidates)
    low, high = survey.limits
    limit = rng.uniform(low, high, candidates)
    limit += population.deeper * (not survey.coverage)
    chosen, redshift = _fill_volume(rng, population, drawn["magnitude"], limit)
    if population.model == "explosion":
        # Here the shape does not depend on the magnitude: let no two be the same.
        shapes = np.arange(len(chosen))
        drawn["magnitude"][shapes] = drawn["magnitude"][chosen]
        drawn = {name: values[shapes] for name, values in drawn.items()}
    else:
        drawn = {name: values[chosen] for name, values in drawn.items()}
    placed = model.place(drawn, redshift, on)
    peak = _peak_flux(model, placed, len(redshift), on)
    peak = ZEROPOINT - 2.5 * np.log10(np.maximum(peak, 1e-9))
    # A passband shallower than r counts as fainter by the difference.
    depth = on.median_depth
    handicap = np.maximum(np.interp(REFERENCE, on.wavelengths, depth) - depth, 0)
    bright = np.flatnonzero((peak + handicap).min(1) < limit[chosen])[:group]
    placed = {name: values[bright] for name, values in placed.items()}
    return placed, redshift[bright], drawn["magnitude"][bright]


def _peak_flux(
    model: ModuleType | TemplateModel,
    placed: dict[str, np.ndarray],
    n: int,
    on: Instrument,
) -> np.ndarray:
    """Flux at the peak in each passband, `(n, b)`."""
    of, band = np.divmod(np.arange(n * len(on.bands)), len(on.bands))
    flux = model.flux(placed, of, band, np.zeros(len(of), np.float32))
    return flux.reshape(n, len(on.bands))


def _history(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    """Days before the trigger of which the photometry is known, `(n,)`."""
    known = np.exp(rng.uniform(*np.log(_SHORT_HISTORY), n))
    return np.where(rng.random(n) < share, known, np.inf)


def _fill_volume(
    rng: np.random.Generator,
    population: Population,
    magnitude: np.ndarray,
    limit: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose candidates by the volume they are seen in, and a redshift within it.

    Half as many as there are absolute peak magnitudes and apparent limits, `(n,)`;
    returns their indices, with repetition, and their redshifts. None where the limits
    hold no volume.
    """
    grid, within = cumulative_rate(population.evolution)

    def volume(absolute: np.ndarray) -> np.ndarray:
        edge = np.minimum(
            redshift_at(limit + _MARGIN - absolute), population.redshift_max
        )
        return np.interp(edge, grid, within)

    seen = volume(magnitude)
    # Divided by the volume of a typical object, so that the limits stay uniform.
    typical = volume(np.full_like(magnitude, np.quantile(magnitude, 0.15)))
    if not (seen * typical).any():
        return np.zeros(0, np.int64), np.zeros(0)
    weight = np.divide(seen, typical, out=np.zeros_like(seen), where=typical > 0)
    chosen = rng.choice(len(seen), len(seen) // 2, p=weight / weight.sum())
    return chosen, np.interp(rng.random(len(chosen)) * seen[chosen], within, grid)


def _in_season(days: np.ndarray) -> np.ndarray:
    """Which rows are near the peak: all, where one season is simulated."""
    return (days > -BEFORE - 1) & (days < AFTER + 1)


def _covered(
    flux: np.ndarray,
    detected: np.ndarray,
    days: np.ndarray,
    of: np.ndarray,
    n: int,
    limit: float,
) -> np.ndarray:
    """Which objects a bright survey counts: detected on both sides of the peak, in its
    season, and brighter than its limit."""
    detected = detected & _in_season(days)
    enough = np.ones(n, dtype=bool)
    for rows in (
        detected & (days < 0),
        detected & (days > 0),
        detected & (flux > 10 ** (-0.4 * (limit - ZEROPOINT))),
    ):
        enough &= np.bincount(of[rows], minlength=n) > 0
    return enough
