"""Draw chunks of light curves until every class has its number of objects."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count
from multiprocessing import get_context
from os import PathLike

import numpy as np

from zoo.datasets.simulator.cadence import Years, check_years
from zoo.datasets.simulator.chunk import draw_chunk
from zoo.datasets.simulator.populations import populations
from zoo.datasets.simulator.randomisation import Randomisation
from zoo.datasets.simulator.surveys import ANYSIMS, Survey, find_survey
from zoo.datasets.simulator.transients.spectra import import_sncosmo
from zoo.datasets.simulator.transients.templates import find_templates
from zoo.labels import canonical
from zoo.light_curves.ragged import LightCurves
from zoo.system.workers import begin, submit
from zoo.taxonomy import PARENT, TAXONOMIES, place

_MOST_EMPTY = 30
"""Chunks in a row without an object, after which a population counts as unseen: the
surveys of the package have none. Each is of 1,024 candidates or more."""


def simulate(
    survey: str | PathLike[str] | Survey,
    *,
    objects: int,
    seed: int = 0,
    classes: Sequence[str] | None = None,
    workers: int = 1,
    randomisation: Randomisation | None = None,
    templates: str | PathLike[str] | None = None,
    years: Years | None = None,
) -> Iterator[LightCurves]:
    """Simulate labelled light curves.

    Every object has a trigger: a detection (flux / flux_err >= 5) followed by another
    within 30 days. The same arguments give the same bytes, with any number of workers.

    Args:
        survey: `ztfsims` (g, r; alerts, forced photometry, or only its significant
            rows), `bts` (the same telescope, peak brighter than 19 mag, mostly
            alerts), `lsstsims` (ugrizy, wide-fast-deep) or `anysims` (surveys drawn at
            random, see `zoo.datasets.simulator.any_survey`; the classes of `ztfsims`);
            another survey that comes with the package, or a file (see
            `zoo.datasets.survey_files`).
        objects: total number.
        seed: any integer from 0 on.
        classes: canonical labels, in equal numbers, the remainder to the first ones; a
            coarser class holds its finer ones as in the Bright Transient Survey. The
            default is the survey's taxonomy: for `bts` in the mix of the Bright
            Transient Survey, else equal numbers of SNIa, SNIb/c, SNII and the others,
            with fewer objects of the rarer finer classes. KN, CaRT, ILOT, PISN and
            uLens are available too.
        workers: processes. A script that asks for more than one must be guarded by
            `if __name__ == "__main__":`.
        randomisation: how far to spread the simulation; the default is for training.
        templates: folder with spectral templates
            (see `zoo.datasets.simulator.transients.templates`), read with sncosmo;
            they replace the shapes and spectra, nothing else. Then only classes with a
            template are simulated. None: the simulator's own models.
        years: whole years added before and after the season of the peak, up to 15, as
            in `(4, 5)`, with their seasons; the observations of each object begin and
            end at any date within them. There AGN vary, precursors and rebrightenings,
            late declines and plateaus occur, half of the simulator's own explosions
            but SNe Ia begin at an onset, and what is not there is noise. The trigger
            may lie years before the peak. None: only the season of the peak.

    Yields:
        Chunks of up to 512 objects, of `anysims` 32, the classes in turn. The metadata
        hold `redshift`, `mwebv`, `label`; `subclass`, the finer label; `mode`:
        `forced`, `cut` (its significant rows only) or `alerts`; and `peak_abs_mag`, the
        absolute magnitude before host dust, NaN for AGN and uLens.

    Raises:
        ValueError: a class is unknown, a class has no template, a number is out of
            range, the file of the survey is wrong or none of its light curves of a
            class would have a trigger, or templates are given for `anysims`.
        FileNotFoundError: there is no such survey, or no such folder of templates.
        ImportError: templates are given, and sncosmo is not installed.

    Example:
        >>> from zoo.light_curves.ragged import concatenate
        >>> len(concatenate(list(simulate("ztfsims", objects=24, seed=1))))
        24
    """
    for name, value, lowest in (
        ("objects", objects, 1),
        ("seed", seed, 0),
        ("workers", workers, 1),
    ):
        if value < lowest:
            raise ValueError(f"{name} is {value}. Give {lowest} or more.")
    if years is not None:
        check_years(years)
    files = None
    if templates is not None:
        if survey == ANYSIMS:
            raise ValueError(
                "templates are tabulated for one survey, and anysims has hundreds. "
                "Leave templates (--templates) out, or choose another survey."
            )
        import_sncosmo()
        files = find_templates(templates)
    found = find_survey(survey)
    homes = _homes(found, classes, files)
    mix = found.mix if classes is None else "equal"
    quotas = _quotas(homes, objects, mix)
    draw = partial(
        draw_chunk,
        found,
        seed,
        homes,
        randomisation or Randomisation(),
        templates=files,
        years=years,
    )
    return _collect(quotas, draw, workers)


def _homes(
    survey: Survey, classes: Sequence[str] | None, templates: Collection[str] | None
) -> dict[str, str]:
    """The label of each population, the populations of a class together.

    With templates, only the populations that have one are simulated.
    """
    known = populations() if templates is None else templates
    if classes is None:
        whole = TAXONOMIES[survey.classes]
        held = {place(label, whole) for label in known}
        wanted = tuple(label for label in whole if label in held)
    else:
        names = [classes] if isinstance(classes, str) else classes
        wanted = tuple(str(canonical(name)) for name in names)
    places = {label: place(label, wanted) for label in known}
    empty = [label for label in wanted if label not in places.values()]
    lacking = "population" if templates is None else "template"
    if not wanted or empty or len(set(wanted)) < len(wanted):
        raise ValueError(
            f"classes {list(wanted)} cannot be simulated"
            + (f": there is no {lacking} of {', '.join(empty)}" if empty else "")
            + f". List each once, out of: {', '.join(known)}, and coarser classes."
        )
    return {label: home for home in wanted for label in places if places[label] == home}


def _quotas(homes: dict[str, str], objects: int, mix: str) -> dict[str, int]:
    """Number of objects of each population.

    Groups have equal numbers, and their populations share them by the counts of the
    Bright Transient Survey; populations that it does not know count as one object
    there. `equal`: a group is a class. `families`: a group is a class of the coarse
    taxonomy, and the square root of the counts is used, so that rare
    classes are still learned. `bts`: all are one group.
    """
    counts = {label: max(populations()[label].bts_count, 1) for label in homes}
    weights = {k: n**0.5 if mix == "families" else float(n) for k, n in counts.items()}
    groups = {
        label: {"equal": home, "families": PARENT.get(home, home), "bts": "all"}[mix]
        for label, home in homes.items()
    }
    quotas: dict[str, int] = {}
    for group, number in _share(objects, dict.fromkeys(groups.values(), 1.0)).items():
        members = {label: w for label, w in weights.items() if groups[label] == group}
        quotas |= _share(number, members)
    return {label: quotas[label] for label in homes}


def _share(number: int, weights: dict[str, float]) -> dict[str, int]:
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
    empty = dict.fromkeys(quotas, 0)

    def tasks() -> Iterator[tuple[str, int]]:
        for chunk in count():
            if not any(left.values()):
                return
            for label in quotas:
                if left[label]:
                    yield label, chunk

    for label, part in _results(tasks(), draw, workers):
        wanted = min(left[label], len(part))
        empty[label] = 0 if len(part) else empty[label] + 1
        if left[label] and empty[label] == _MOST_EMPTY:
            raise ValueError(
                f"the survey sees no {label}: none of {_MOST_EMPTY} chunks of "
                "candidates has a light curve with a trigger. Widen its limits, depths "
                "or nights, lower its detections, or simulate other classes."
            )
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
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=begin
    )
    try:
        pending: deque = deque()
        while True:
            while len(pending) < 2 * workers and (task := next(tasks, None)):
                pending.append((task[0], submit(pool, draw, *task)))
            if not pending:
                return
            label, future = pending.popleft()
            yield label, future.result()
    finally:
        pool.shutdown(cancel_futures=True)
