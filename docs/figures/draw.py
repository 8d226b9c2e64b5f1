"""Draw the figures of the concept pages, from simulated light curves.

    python docs/figures/draw.py [FOLDER]

writes them to FOLDER, by default the folder of this file, in half a minute. The others
have other sources: `zoo-cli reproduce` draws `bts.png` and `lsst.png` (README), the
tutorial `before.png` and `after.png`.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import zoo
from zoo.datasets.simulator import PLAIN, simulate
from zoo.figures.axes import legend_beside, one_panel, save
from zoo.figures.photometry import photometry
from zoo.inference.runtime import Runtime, predict
from zoo.inputs.preprocess import to_inputs
from zoo.inputs.trigger import trigger_rows
from zoo.light_curves import LightCurves, concatenate
from zoo.taxonomy import BTS, PARENT, ZTFSIMS, class_indices
from zoo.training.calibration import temperature

OBJECTS = 4000
KEPT, FRESH, FROZEN = "#0072B2", "#D55E00", "0.6"


def simulated(survey: str, objects: int, **kwargs) -> LightCurves:
    """Simulate light curves with a fixed seed."""
    return concatenate(list(simulate(survey, objects=objects, seed=3, **kwargs)))


def busiest(light_curves: LightCurves) -> LightCurves:
    """The light curve with the most nights of observations."""
    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    nights = np.unique(np.stack([owner, np.floor(light_curves.mjd)]), axis=1)[0]
    return light_curves.take([int(np.bincount(nights.astype(int)).argmax())])


def trigger(path: Path) -> None:
    """A light curve with its detections, its trigger and the window of a model."""
    supernovae = simulated("ztfsims", 60, classes=["SNIa"], randomisation=PLAIN)
    forced = np.flatnonzero(supernovae.metadata["mode"] == "forced")
    one = busiest(supernovae.take(forced))
    days = one.mjd - one.mjd[trigger_rows(one, 30.0)[0]]
    figure, axes = one_panel(7, 3.2)
    lines = photometry(axes, one, days, (days > -60) & (days < 110))
    lines.append(axes.axvline(0, color="0.3", ls="--", lw=1, label="trigger"))
    low, high = axes.get_xlim()
    for outside in ((low, -30), (70, high)):
        shade = axes.axvspan(*outside, color="0.92", label="outside the window")
    axes.set(xlabel="days since trigger", xlim=(low, high))
    legend_beside(axes, [*lines, shade])
    figure.savefig(path, dpi=120)


def causal(path: Path) -> None:
    """The probabilities of one object as its observations arrive."""
    one = busiest(simulated("ztfsims", 60, classes=["SNIb"], randomisation=PLAIN))
    save(zoo.plot.light_curve(one, one.object_id[0], "ztfsims-gru"), path)


def transfer(path: Path) -> None:
    """The layers of a model, and which of them a transfer copies and trains."""
    layers = (
        *("light_curve", "gru_1", "gru_2", "light_curve_dense"),
        *("merge_dense", "latent", "head"),
    )
    figure = Figure(figsize=(8.4, 3.4), layout="constrained")
    axes = figure.subplots()
    rows = (
        ("source", dict.fromkeys(layers, KEPT)),
        ("all (auto)", dict.fromkeys(layers, KEPT)),
        ("gru+head", dict.fromkeys(("gru_1", "gru_2", "latent", "head"), KEPT)),
        ("head", dict.fromkeys(("latent", "head"), KEPT)),
    )
    for row, (name, trained) in enumerate(rows):
        y = -row
        axes.text(-0.75, y, name, ha="right", va="center", fontsize=10)
        for column, layer in enumerate(layers):
            weightless = layer == "light_curve"
            colour = "white" if weightless else trained.get(layer, FROZEN)
            text = layer.replace("light_curve_dense", "light_curve\n_dense")
            box = {"boxstyle": "round,pad=0.45", "fc": colour, "ec": "0.4", "lw": 0.8}
            axes.text(
                *(column * 1.45, y, text.replace("merge_", "merge_\n")),
                ha="center",
                va="center",
                fontsize=8,
                color="black" if weightless else "white",
                bbox=box,
            )
    axes.text(
        *(8.7, -4.0, "blue: trained; grey: copied and frozen"),
        ha="right",
        fontsize=9,
    )
    axes.set(xlim=(-2.4, 9.4), ylim=(-4.2, 0.6))
    axes.axis("off")
    figure.savefig(path, dpi=120)


def taxonomy(path: Path) -> None:
    """How the 12 classes of the base models collapse to the five of `bts`."""
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    fine = [PARENT.get(label, label) for label in ZTFSIMS]
    ordered = sorted(BTS, key=fine.index)  # so that no lines cross
    place = {label: -2.4 * row - 0.7 for row, label in enumerate(ordered)}
    families = {"SNIa": KEPT, "SNIb/c": FRESH, "SNII": "#009E73"}
    for row, label in enumerate(ZTFSIMS):
        coarse = PARENT.get(label, label)
        colour = families.get(coarse, "0.3")
        axes.text(0, -row, label, ha="right", va="center", color=colour)
        if coarse in place:
            ends = (-row, place[coarse])
            axes.plot((0.1, 2.9), ends, color=colour, lw=1)
        else:
            axes.text(0.15, -row, "no place in bts: left out", va="center", color="0.5")
    for label, y in place.items():
        axes.text(3, y, label, va="center", color=families.get(label, "0.3"))
    axes.text(0, 1, "ztfsims, lsst", ha="right", weight="bold")
    axes.text(3, 1, "bts", weight="bold")
    axes.set(xlim=(-1.3, 4.2), ylim=(-11.6, 1.6))
    axes.axis("off")
    figure.savefig(path, dpi=120)


def calibration(path: Path) -> None:
    """Accuracy against confidence, before and after dividing by a temperature."""
    model = Runtime.load("ztfsims-gru")
    figure = Figure(figsize=(7.6, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    surveys = {"ztfsims": "simulated ZTF, its own survey", "lsstsims": "simulated LSST"}
    for axes, (survey, title) in zip(panels, surveys.items(), strict=True):
        light_curves = simulated(survey, OBJECTS)
        inputs = to_inputs(light_curves, model.preset.preprocessing)
        probabilities = predict(model, inputs).astype(np.float64)
        labels = light_curves.labels[inputs.index]
        truth = class_indices(labels, model.preset.classes)
        held = np.arange(len(truth)) % 2 == 1
        divided_by = temperature(probabilities[~held], truth[~held])
        cooled = probabilities ** (1 / divided_by)
        cooled /= cooled.sum(axis=1, keepdims=True)
        axes.plot([0, 1], [0, 1], color="0.7", lw=0.8)
        for name, values, colour in (
            ("as it is", probabilities, KEPT),
            (f"logits divided by {divided_by:.2f}", cooled, FRESH),
        ):
            reliability(axes, name, values[held], truth[held], colour)
        axes.set(title=title, xlabel="highest probability", xlim=(0, 1), ylim=(0, 1))
        axes.legend(frameon=False, fontsize=8, loc="upper left")
    panels[0].set_ylabel("share that is right")
    figure.savefig(path, dpi=120)


def reliability(
    axes, name: str, probabilities: np.ndarray, truth: np.ndarray, colour: str
) -> None:
    """Add a curve: the fraction correct in ten bins of the highest probability."""
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    of = np.minimum((10 * sure).astype(int), 9)
    bins = [k for k in range(10) if (of == k).sum() >= 20]
    points = [(sure[of == k].mean(), right[of == k].mean()) for k in bins]
    weight = np.array([(of == k).mean() for k in bins])
    gap = float(np.sum(weight * np.abs(np.subtract(*np.transpose(points)))))
    axes.plot(
        *np.transpose(points),
        marker="o",
        ms=4,
        color=colour,
        clip_on=False,
        label=f"{name}, gap {gap:.2f}",
    )


FIGURES = (trigger, causal, transfer, taxonomy, calibration)


def main(folder: Path) -> None:
    """Draw all figures."""
    for figure in FIGURES:
        figure(folder / f"{figure.__name__}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
