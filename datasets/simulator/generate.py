"""Draw chunks of light curves until every class has its number."""

import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count
from multiprocessing import get_context

import numpy as np
import pandas as pd

from zoo.datasets.simulator import agn, explosion, snia, ulens
from zoo.datasets.simulator.cadence import draw_visits
from zoo.datasets.simulator.cosmology import (
    cumulative_rate,
    redshift_at,
)
from zoo.datasets.simulator.observe import (
    ALERT_ERRORS,
    ALERT_NIGHTS,
    ALERT_SNR,
    distort,
    measure,
    triggered,
)
from zoo.datasets.simulator.populations import Population, populations
from zoo.datasets.simulator.randomisation import Randomisation
from zoo.datasets.simulator.surveys import SURVEYS, Survey
from zoo.labels import canonical
from zoo.light_curves import DETECTION_SNR, ZEROPOINT, LightCurves
from zoo.taxonomy import TAXONOMIES, place

CHUNK = 512
"""Light curves drawn at a time; a chunk is the unit of randomness."""

_MODELS = {"explosion": explosion, "snia": snia, "agn": agn, "ulens": ulens}
_CANDIDATES = 4 * CHUNK
_MARGIN = 0.5  # mag: how much brighter than at 0.62 um a peak may be elsewhere
# E(B-V) towards objects of the Bright Transient Survey: ln-mean and ln-sigma, range.
_MILKY_WAY, _MILKY_WAY_RANGE = (-3.28, 0.80), (0.005, 0.6)


def simulate(
    survey: str,
    *,
    objects: int,
    seed: int = 0,
    classes: Sequence[str] | None = None,
    workers: int = 1,
    randomisation: Randomisation | None = None,
) -> Iterator[LightCurves]:
    """Simulate labelled light curves.

    Every object has a trigger: a detection (flux / flux_err >= 5) followed by another
    within 30 days. The same arguments give the same bytes, whatever `workers`.

    Args:
        survey: `ztfsims` (g, r; half forced photometry, half detections only), `bts`
            (the same telescope, peak brighter than 19 mag, mostly detections only) or
            `lsstsims` (ugrizy, wide-fast-deep).
        objects: how many in all.
        seed: any integer from 0 on.
        classes: canonical labels, in equal numbers, the remainder to the first ones; a
            coarser class holds its finer ones as in the Bright Transient Survey. The
            default is the survey's taxonomy: equal numbers, but for `bts` the mix of
            the Bright Transient Survey. KN, CaRT, ILOT, PISN and uLens can be had too.
        workers: processes. A script that asks for more than one must be guarded by
            `if __name__ == "__main__":`.
        randomisation: how far to spread the simulation; the default is for training.

    Yields:
        Chunks of at most 512 objects, the classes in turn. The metadata hold
        `redshift`, `mwebv`, `label`, and besides `subclass`, the finer label; `mode`,
        `forced` or `alerts`; `peak_abs_mag`, the absolute magnitude before host dust,
        NaN for AGN and uLens.

    Raises:
        ValueError: the survey or a class is unknown, or a number is out of range.

    Example:
        >>> from zoo.light_curves import concatenate
        >>> len(concatenate(list(simulate("ztfsims", objects=24, seed=1))))
        24
    """
    if survey not in SURVEYS:
        raise ValueError(
            f"survey {survey!r} is not simulated. Choose one of: {', '.join(SURVEYS)}."
        )
    for name, value, lowest in (
        ("objects", objects, 1),
        ("seed", seed, 0),
        ("workers", workers, 1),
    ):
        if value < lowest:
            raise ValueError(f"{name} is {value}. Give {lowest} or more.")
    quotas, taxonomy = _quotas(SURVEYS[survey], objects, classes)
    draw = partial(
        _draw_chunk, survey, seed, taxonomy, randomisation or Randomisation()
    )
    return _collect(quotas, draw, workers)


def _quotas(
    survey: Survey, objects: int, classes: Sequence[str] | None
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Number of objects of each population, and the classes they are labelled with."""
    if classes is None:
        taxonomy = TAXONOMIES[survey.classes]
    else:
        names = [classes] if isinstance(classes, str) else classes
        taxonomy = tuple(str(canonical(name)) for name in names)
    members: dict[str, dict[str, int]] = {label: {} for label in taxonomy}
    for label, population in populations().items():
        if (home := place(label, taxonomy)) in members:
            members[home][label] = max(population.bts_count, 1)
    empty = [label for label in taxonomy if not members[label]]
    if empty or not taxonomy or len(members) < len(taxonomy):
        raise ValueError(
            f"classes {list(taxonomy)} cannot be simulated"
            + (f": nothing is known of {empty}" if empty else "")
            + f". List each once, out of: {', '.join(populations())}, SNIb/c."
        )
    if classes is None and not survey.balanced:
        every = {k: v for group in members.values() for k, v in group.items()}
        return _share(objects, every), taxonomy
    quotas: dict[str, int] = {}
    for label, number in _share(objects, dict.fromkeys(taxonomy, 1)).items():
        quotas |= _share(number, members[label])
    return quotas, taxonomy


def _share(number: int, weights: dict[str, int]) -> dict[str, int]:
    """Divide a number by weight; the largest remainders, then the first, round up."""
    exact = number * np.array(list(weights.values())) / sum(weights.values())
    shares = np.floor(exact).astype(int)
    order = np.argsort(-(exact - shares), kind="stable")
    shares[order[: number - shares.sum()]] += 1
    return dict(zip(weights, shares.tolist(), strict=True))


def _collect(
    quotas: dict[str, int], draw: Callable[[str, int], LightCurves], workers: int
) -> Iterator[LightCurves]:
    """Yield chunks, the populations in turn, until each has its number."""
    left = dict(quotas)

    def tasks() -> Iterator[tuple[str, int]]:
        for chunk in count():
            if not any(left.values()):
                return
            for label in quotas:
                if left[label]:
                    yield label, chunk

    for label, part in _results(tasks(), draw, workers):
        wanted = min(left[label], len(part))
        if wanted:
            left[label] -= wanted
            yield part.take(np.arange(wanted))


def _results(
    tasks: Iterator[tuple[str, int]],
    draw: Callable[[str, int], LightCurves],
    workers: int,
) -> Iterator[tuple[str, LightCurves]]:
    """Results in the order of the tasks; a few tasks are drawn ahead if in parallel."""
    if workers == 1:
        for label, chunk in tasks:
            yield label, draw(label, chunk)
        return
    # Not forked: the caller may run threads, as TensorFlow does.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        pending: deque = deque()
        while True:
            while len(pending) < 2 * workers and (task := next(tasks, None)):
                pending.append((task[0], pool.submit(draw, *task)))
            if not pending:
                return
            label, future = pending.popleft()
            yield label, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _draw_chunk(
    name: str,
    seed: int,
    taxonomy: tuple[str, ...],
    randomisation: Randomisation,
    label: str,
    chunk: int,
) -> LightCurves:
    """Draw at most `CHUNK` light curves of one population and keep what qualifies."""
    survey, population = SURVEYS[name], populations()[label]
    on = survey.instrument
    stream = zlib.crc32(f"{name}/{label}".encode())
    rng = np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([seed, stream, chunk]))
    )

    model = _MODELS[population.model]
    placed, redshift, magnitude = _draw_objects(rng, survey, population, randomisation)
    n = len(redshift)
    alerts = rng.random(n) < survey.alerts
    visits = draw_visits(
        rng,
        on,
        nights_kept=np.where(alerts, ALERT_NIGHTS, 1),
        visits_kept=1 - rng.uniform(0, randomisation.dropout, n),
    )
    mwebv = np.exp(rng.normal(*_MILKY_WAY, n)).clip(*_MILKY_WAY_RANGE)
    dust = 10 ** (-0.4 * mwebv[:, None] * np.array(on.milky_way))
    true = model.flux(placed, visits.of, visits.band, visits.days)
    true = true * dust.astype(np.float32)[visits.of, visits.band]
    true = distort(rng, true, visits, n, len(on.bands), randomisation)
    flux, error = measure(
        rng,
        true,
        visits,
        on,
        inflation=rng.uniform(*randomisation.error_inflation, n).astype(np.float32),
        factor=np.where(alerts, ALERT_ERRORS, 1).astype(np.float32),
    )
    snr = flux / error
    detected = snr >= DETECTION_SNR
    lowest = np.where(alerts, rng.uniform(*ALERT_SNR, n), -np.inf)
    kept = triggered(detected, visits.mjd, visits.of, n)
    if survey.coverage:
        kept &= _covered(flux, detected, visits.days, visits.of, n, survey.limits[1])
    rows = kept[visits.of] & (snr >= lowest[visits.of])
    number = np.bincount(visits.of[rows], minlength=n)[kept]
    identity = chunk * CHUNK + np.flatnonzero(kept)
    metadata = pd.DataFrame(
        {
            "redshift": redshift[kept].astype(np.float32),
            "mwebv": mwebv[kept].astype(np.float32),
            "label": np.full(kept.sum(), place(label, taxonomy), dtype=object),
            "subclass": np.full(kept.sum(), label, dtype=object),
            "mode": np.where(alerts[kept], "alerts", "forced").astype(object),
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
    )


def _draw_objects(
    rng: np.random.Generator,
    survey: Survey,
    population: Population,
    randomisation: Randomisation,
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Draw objects within their magnitude limits.

    Returns:
        Their placed parameters, redshifts and absolute magnitudes.
    """
    model, on = _MODELS[population.model], survey.instrument
    if population.model in ("agn", "ulens"):  # not limited by their distance
        drawn = model.draw(rng, population, CHUNK, randomisation.spread)
        redshift = drawn["redshift"]
        return model.place(drawn, redshift, on), redshift, np.full(CHUNK, np.nan)
    drawn = model.draw(rng, population, _CANDIDATES, randomisation.spread)
    low, high = survey.limits
    high = high + population.deeper * (high > low)
    limit = rng.uniform(low, high, _CANDIDATES)
    chosen, redshift = _fill_volume(rng, population, drawn["magnitude"], limit)
    drawn = {name: values[chosen] for name, values in drawn.items()}
    placed = model.place(drawn, redshift, on)
    n = len(redshift)
    of, band = np.divmod(np.arange(n * len(on.bands)), len(on.bands))
    peak = model.flux(placed, of, band, np.zeros(len(of), np.float32))
    peak = ZEROPOINT - 2.5 * np.log10(np.maximum(peak, 1e-9)).reshape(n, -1)
    # A passband shallower than r counts as fainter by the difference.
    depth = on.median_depth
    handicap = np.maximum(np.interp(0.62, on.wavelengths, depth) - depth, 0)
    bright = np.flatnonzero((peak + handicap).min(1) < limit[chosen])[:CHUNK]
    placed = {name: values[bright] for name, values in placed.items()}
    return placed, redshift[bright], drawn["magnitude"][bright]


def _fill_volume(
    rng: np.random.Generator,
    population: Population,
    magnitude: np.ndarray,
    limit: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose candidates by the volume they are seen in, and a redshift within it.

    Args:
        rng: where the randomness comes from.
        population: the class.
        magnitude: `(n,)`, absolute peak magnitudes.
        limit: `(n,)`, apparent magnitude limits.

    Returns:
        Indices of the candidates chosen, half as many, with repetition, and their
        redshifts.
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
    weight = seen / typical
    chosen = rng.choice(len(seen), len(seen) // 2, p=weight / weight.sum())
    return chosen, np.interp(rng.random(len(chosen)) * seen[chosen], within, grid)


def _covered(
    flux: np.ndarray,
    detected: np.ndarray,
    days: np.ndarray,
    of: np.ndarray,
    n: int,
    limit: float,
) -> np.ndarray:
    """Which objects a bright survey counts: detected on both sides of the peak, and
    brighter than its limit."""
    enough = np.ones(n, dtype=bool)
    for rows in (
        detected & (days < 0),
        detected & (days > 0),
        detected & (flux > 10 ** (-0.4 * (limit - ZEROPOINT))),
    ):
        enough &= np.bincount(of[rows], minlength=n) > 0
    return enough
