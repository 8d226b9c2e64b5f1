"""Figures of a comparison: one per quantity, a panel per class, and light curves."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from zoo.datasets.compare.comparison import Sample
from zoo.datasets.compare.curves import DAYS, LETTERS, Curves
from zoo.datasets.compare.quantities import QUANTITIES, Quantity
from zoo.figures.axes import literal, panels, save
from zoo.figures.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BINS = 24
_RANGE = (1, 99)  # percentiles shown: a single outlier does not flatten the rest
_PHASES = (-30, 70)  # days around the peak
_ENOUGH = 10  # objects for a median of the light curve

_Sides: TypeAlias = list[tuple[Sample, list[np.ndarray], str]]
"""Both samples, with the objects of each class and a colour."""


def draw_figures(
    result: dict,
    a: Sample,
    b: Sample,
    folder: Path,
    *,
    done: Callable[[str], None] = lambda name: None,
) -> list[str]:
    """Draw every figure of a comparison.

    Returns:
        The names of the files.
    """
    classes = list(result["classes"])
    sides = [
        (sample, sample.members(classes), colour)
        for sample, colour in zip((a, b), COLOURS, strict=False)
    ]
    drawn = next(iter(result["classes"].values()))["quantities"]
    figures: dict[str, Callable[[], Figure]] = {
        f"{q.name}.png": partial(_histograms, sides, classes, q)
        for q in QUANTITIES
        if q.name in drawn
    }
    if a.curves is not None and b.curves is not None:
        figures["light_curves.png"] = partial(_light_curves, sides, classes)
    for name, draw in figures.items():
        save(draw(), folder / name)
        done(name)
    return list(figures)


def _histograms(sides: _Sides, classes: list[str], quantity: Quantity) -> "Figure":
    """The distribution of one quantity, a panel per class; limits are left out."""
    figure, every = _panels(len(classes))
    for i, (label, axes) in enumerate(zip(classes, every, strict=True)):
        values = []
        for sample, chosen, _ in sides:
            table = sample.table.iloc[chosen[i]]
            if f"{quantity.name}_limit" in table:
                table = table[~table[f"{quantity.name}_limit"]]
            values.append(table[quantity.name].dropna().to_numpy(float))
        both = np.concatenate(values)
        low, high = np.percentile(both, _RANGE) if len(both) else (0.0, 1.0)
        edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
        for (sample, _, colour), data in zip(sides, values, strict=True):
            weights = np.full(len(data), 1 / max(len(data), 1))
            axes.hist(
                data.clip(edges[0], edges[-1]),
                edges,
                weights=weights,
                histtype="step",
                color=colour,
                label=literal(f"{sample.name} ({len(data)})"),
            )
            if len(data):
                axes.axvline(np.median(data), color=colour, linestyle=":")
        axes.set(title=literal(label), xlabel=quantity.title)
        axes.legend(frameon=False, fontsize=7)
    return figure


def _light_curves(sides: _Sides, classes: list[str]) -> "Figure":
    """The median g and r light curves around the peak in r, with 16 to 84 %."""
    figure, every = _panels(2 * len(classes))
    days = np.arange(_PHASES[0], _PHASES[1] + 1)
    for number, axes in enumerate(every):
        i, band = divmod(number, 2)
        for sample, chosen, colour in sides:
            if sample.curves is None:  # an export has no such figure
                continue
            low, middle, high = _stack(sample.curves, chosen[i], band, days)
            axes.plot(days, middle, color=colour, label=_label(sample, band))
            axes.fill_between(days, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.set(
            title=literal(f"{classes[i]}, {LETTERS[band]}"),
            xlabel="days since peak in r",
            ylabel="flux / peak flux in r",
        )
        axes.legend(frameon=False, fontsize=7)
    return figure


def _label(sample: Sample, band: int) -> str:
    """The name of a sample, and of its passbands where they stand for others."""
    names = " ".join(passband.name for passband in sample.passbands[band])
    return literal(f"{sample.name}: {names}" if names else sample.name)


def _stack(
    curves: Curves, chosen: np.ndarray, band: int, days: np.ndarray
) -> np.ndarray:
    """Quantiles `(3, len(days))` of the flux of those that are known on each day."""
    chosen = chosen[curves.covered[1][chosen]]
    at = curves.peak[1][chosen][:, None] + days
    inside = (at >= 0) & (at < len(DAYS))
    at = np.clip(at, 0, len(DAYS) - 1)
    known = inside & curves.sure[band][chosen[:, None], at]
    flux = curves.flux[band][chosen[:, None], at] / curves.peak_flux[1][chosen][:, None]
    quantiles = np.full((3, len(days)), np.nan)
    for column in np.flatnonzero(known.sum(0) >= _ENOUGH):
        values = flux[known[:, column], column]
        quantiles[:, column] = np.percentile(values, (16, 50, 84))
    return quantiles


def _panels(number: int) -> tuple["Figure", list]:
    return panels(number, 4, 3.6 * min(number, 4), 2.8)
