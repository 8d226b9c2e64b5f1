"""Which way to transfer is best: a comparison of everything we tried.

    python benchmarks/transfer.py TABLE --base ID [--classes bts|data] [--labels N]
                                  [--runs R] [--only NAME ...] [--unlabelled TABLE]
                                  [--json FILE]

TABLE is a light-curve table with labels. Every run sets 40 % of each class aside, draws
N labels from the others and transfers the base. The first row is the recipe of the zoo;
every other row differs from it in one respect. What did not help exists only here.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Table

import zoo
from zoo.datasets.simulator import simulate
from zoo.evaluation.scores import score
from zoo.inference.runtime import predict
from zoo.inputs.inputs import Inputs
from zoo.inputs.preprocess import preprocess
from zoo.light_curves import concatenate
from zoo.light_curves.accept import read
from zoo.recipe import RECIPES, Recipe
from zoo.taxonomy import class_indices, resolve_classes
from zoo.training.calibration import temperature
from zoo.training.epochs.augment import augment
from zoo.training.epochs.batches import Batches
from zoo.training.labels.stratified import draw_labels, stratified_split

HELD_OUT = 0.4
SCORES = ("macro_auroc", "macro_f1", "balanced_accuracy", "ece", "log_loss")
LAYERS = ("gru_1", "gru_2", "light_curve_dense", "metadata_dense", "merge_dense")
ONLY_TOP = dict.fromkeys(LAYERS, 0.0)
DENSE_FROZEN = dict.fromkeys(LAYERS[2:], 0.0)


@dataclass(frozen=True)
class Way:
    """One way to transfer; the defaults are the zoo's.

    Attributes:
        recipe: of the training.
        rates: factor of the learning rate by layer; 0 freezes it.
        pull: strength of an L2 pull towards the base (L2-SP, arXiv 1802.01483).
        rank: of adapters on the recurrent kernels (LoRA, arXiv 2106.09685), which
            themselves are frozen; 0: none.
        gradual: unfreeze the layers from the top down, a third of the epochs each
            (arXiv 1801.06146).
        simulated: light curves simulated like the target, learned together with it.
        unlabelled: train once more on the model's own probabilities of light curves
            without labels (self-training).
        members: models with other seeds, whose probabilities are averaged.
        calibrated: divide by a temperature that fits the validation part.
    """

    recipe: Recipe = RECIPES["transfer"]
    rates: dict[str, float] | None = None
    pull: float = 0.0
    rank: int = 0
    gradual: bool = False
    simulated: int = 0
    unlabelled: int = 0
    members: int = 1
    calibrated: bool = True


def changed(**numbers) -> Way:
    """A way whose recipe differs."""
    return Way(recipe=replace(RECIPES["transfer"], **numbers))


WAYS = {
    "the zoo's": Way(),
    "not calibrated": Way(calibrated=False),
    "head only (latent, head)": Way(rates=ONLY_TOP),
    "gru+head": Way(rates=DENSE_FROZEN),
    "gradual unfreezing": Way(gradual=True),
    "discriminative rates": Way(
        rates=dict(zip(LAYERS, (0.1, 0.3, 0.5, 0.5, 0.5), strict=True))
    ),
    "L2-SP, 0.01": Way(pull=0.01),
    "L2-SP, 0.1": Way(pull=0.1),
    "adapters of rank 4": Way(rank=4),
    "simulated target too": Way(simulated=1000),
    "self-training": Way(unlabelled=1000),
    "ensemble of 3": Way(members=3),
    "every class the same weight": changed(balance="classes"),
    "cut short, no earlier moments": changed(truncation=0.3, prefixes=0),
    "not thinned": changed(thinning=0.0),
    "batches of 128": changed(batch_size=128),
    "learning rate 3e-4": changed(learning_rate=3e-4),
    "60 epochs": changed(epochs=60),
}


class Target:
    """The table, with a new split in every run."""

    def __init__(self, table: Path, base: str, classes: str, unlabelled: Path | None):
        light_curves = read(table)
        self.base = zoo.load(base)
        self.preprocessing = self.base.preset.preprocessing
        self.classes = resolve_classes(classes, light_curves.labels)
        self.inputs, self.codes = self.labelled(light_curves)
        self.alone, _ = self.labelled(light_curves.without_metadata())
        self.unlabelled = None
        if unlabelled is not None:
            self.unlabelled = preprocess(read(unlabelled), self.preprocessing)

    def labelled(self, light_curves) -> tuple[Inputs, np.ndarray]:
        """Inputs and classes of the objects that have both."""
        codes = class_indices(light_curves.labels, self.classes)
        inputs = preprocess(light_curves, self.preprocessing)
        usable = np.flatnonzero(codes[inputs.index] >= 0)
        return inputs.take(usable), codes[inputs.index[usable]]

    def parts(self, labels: int, run: int) -> tuple[np.ndarray, ...]:
        """Train, validation and test."""
        pool, test = stratified_split(self.codes, HELD_OUT, run)
        drawn = pool[draw_labels(self.codes[pool], min(labels, len(pool)), run)]
        train, validation = stratified_split(self.codes[drawn], 0.1, run)
        return drawn[train], drawn[validation], test


class Hand:
    """A model and its own training step, reused for every way."""

    def __init__(self, target: Target):
        self.model = target.base.transfer("target", classes=target.classes, train="all")
        self.variables = self.model.trainable_variables
        self.start = [v.numpy() for v in self.variables]
        self.recurrent = [
            i for i, v in enumerate(self.variables) if "recurrent_kernel" in v.path
        ]
        self.steps: dict[int, object] = {}

    def fit(self, way: Way, inputs, targets, weights, target: Target, seed: int):
        """Train, starting from the base."""
        recipe = way.recipe
        for variable, value in zip(self.variables, self.start, strict=True):
            variable.assign(value)
        step, rates, state = self._step(way.rank)
        for variable in state:
            variable.assign(tf.zeros_like(variable))
        batches = Batches(
            inputs,
            targets,
            weights,
            size=recipe.batch_size,
            seed=seed,
            augment=lambda x, random: augment(x, target.preprocessing, recipe, random),
        )
        for epoch in range(recipe.epochs):
            for rate, variable in zip(rates, self.variables, strict=True):
                rate.assign(self._rate(way, variable.path, epoch / recipe.epochs))
            cosine = 0.5 * (1 + np.cos(np.pi * epoch / recipe.epochs))
            speed = recipe.learning_rate * cosine
            for number in range(len(batches)):
                x, y, w = batches[number]
                step(x, y, w, tf.constant(speed, tf.float32), tf.constant(way.pull))
            batches.on_epoch_end()
        return self.model

    def _rate(self, way: Way, path: str, done: float) -> float:
        layer = path.partition("/")[0]
        if way.rank and "gru" in layer and "recurrent_kernel" not in path:
            return 0.0
        if way.gradual:
            top, middle = ("latent", "head"), LAYERS[2:]
            if done < 1 / 3 and layer not in top:
                return 0.0
            if done < 2 / 3 and layer not in (*top, *middle):
                return 0.0
        return (way.rates or {}).get(layer, 1.0)

    def _step(self, rank: int):
        """Adam, with a rate for each variable, a pull and adapters.

        With adapters, the change of a recurrent kernel is reduced to its `rank` largest
        singular directions after every step, as adapters would.
        """
        if rank in self.steps:
            return self.steps[rank]
        model, variables = self.model, self.variables
        rates = [tf.Variable(1.0) for _ in variables]
        base = [tf.constant(value) for value in self.start]
        first = [tf.Variable(tf.zeros_like(v.value)) for v in variables]
        second = [tf.Variable(tf.zeros_like(v.value)) for v in variables]
        count = tf.Variable(0.0)
        recurrent = set(self.recurrent)

        @tf.function(reduce_retracing=True)
        def step(x, y, w, speed, pull):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(
                    w * keras.losses.categorical_crossentropy(y, model(x))
                )
                away = [
                    tf.reduce_sum((v.value - b) ** 2)
                    for v, b in zip(variables, base, strict=True)
                ]
                total = loss + 0.5 * pull * tf.add_n(away)
            gradients = tape.gradient(total, [v.value for v in variables])
            count.assign_add(1.0)
            size = speed * tf.sqrt(1 - 0.999**count) / (1 - 0.9**count)
            for i, (v, g) in enumerate(zip(variables, gradients, strict=True)):
                first[i].assign(0.9 * first[i] + 0.1 * g)
                second[i].assign(0.999 * second[i] + 0.001 * g**2)
                move = size * rates[i] * first[i] / (tf.sqrt(second[i]) + 1e-7)
                moved = v.value - move
                if rank and i in recurrent:
                    s, left, right = tf.linalg.svd(moved - base[i])
                    low = left[:, :rank] * s[:rank]
                    moved = base[i] + tf.matmul(low, right[:, :rank], transpose_b=True)
                v.value.assign(moved)

        self.steps[rank] = step, rates, [*first, *second, count]
        return self.steps[rank]


def roots(codes: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Weights of the objects, as in `zoo.fit`."""
    power = {"roots": 0.5, "classes": 1.0}[recipe.balance]
    weights = np.bincount(codes)[codes] ** -power
    return (weights / weights.mean()).astype(np.float32)


def run(way: Way, hand: Hand, target: Target, labels: int, number: int) -> dict:
    """One run of one way: its scores, with metadata and on the light curve alone."""
    train, validation, test = target.parts(labels, number)
    inputs, codes = target.inputs.take(train), target.codes[train]
    one_hot = np.eye(len(target.classes), dtype=np.float32)
    targets, weights = one_hot[codes], roots(codes, way.recipe)
    if way.simulated:
        inputs, targets, weights = with_simulated(way, target, inputs, targets, weights)
    sums = None
    for member in range(way.members):
        seed = number + 100 * member
        model = hand.fit(way, inputs, targets, weights, target, seed)
        if way.unlabelled and target.unlabelled is not None:
            more = target.unlabelled.take(np.arange(way.unlabelled))
            pseudo = predict(model, more)
            share = np.full(len(pseudo), 0.5 * len(train) / len(pseudo), np.float32)
            model = hand.fit(
                way,
                joined(inputs, more),
                np.concatenate([targets, pseudo]),
                np.concatenate([weights, share]),
                target,
                seed,
            )
        parts = [
            predict(model, one)
            for one in (
                target.inputs.take(validation),
                target.inputs.take(test),
                target.alone.take(test),
            )
        ]
        sums = (
            parts if sums is None else [a + b for a, b in zip(sums, parts, strict=True)]
        )
    checks, *tests = (one / way.members for one in sums)
    by = temperature(checks, target.codes[validation]) if way.calibrated else 1.0
    scores = {}
    for name, p in zip(("with_metadata", "light_curve_alone"), tests, strict=True):
        cooled = np.maximum(p.astype(np.float64), 1e-12) ** (1 / by)
        cooled /= cooled.sum(axis=1, keepdims=True)
        result = score(cooled, target.codes[test], target.classes, replicates=1)
        scores[name] = {key: result[key] for key in SCORES}
    return scores


def with_simulated(way: Way, target: Target, inputs, targets, weights):
    """Add light curves simulated like the target, with half of the total weight."""
    survey = "bts" if len(target.classes) == 5 else "lsstsims"
    known = [c for c in target.classes if c != "other"]
    drawn = simulate(survey, objects=way.simulated, seed=9, classes=known)
    more, codes = target.labelled(concatenate(list(drawn)))
    share = np.full(len(codes), len(targets) / len(codes), np.float32)
    one_hot = np.eye(len(target.classes), dtype=np.float32)
    return (
        joined(inputs, more),
        np.concatenate([targets, one_hot[codes]]),
        np.concatenate([weights, share * roots(codes, way.recipe)]),
    )


def joined(a: Inputs, b: Inputs) -> Inputs:
    """Concatenate the inputs of two sets of objects."""
    return Inputs(
        light_curve=np.concatenate([a.light_curve, b.light_curve]),
        offsets=np.concatenate([a.offsets, b.offsets[1:] + a.offsets[-1]]),
        trigger=np.concatenate([a.trigger, b.trigger]),
        metadata=np.concatenate([a.metadata, b.metadata]),
        index=np.arange(len(a) + len(b)),
        reason=np.full(len(a) + len(b), "", dtype=object),
    )


def show(results: dict[str, list[dict]]) -> None:
    """Print medians over the runs."""
    table = Table("way", *SCORES, *(f"{key}, alone" for key in SCORES))
    for name, runs in results.items():
        cells = [
            f"{np.median([run[inputs][key] for run in runs]):.3f}"
            for inputs in ("with_metadata", "light_curve_alone")
            for key in SCORES
        ]
        table.add_row(name, *cells)
    Console(width=200).print(table)


def main() -> None:
    """Run the ways and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--base", required=True)
    parser.add_argument("--classes", default="bts")
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=WAYS)
    parser.add_argument("--unlabelled", type=Path, help="table for self-training")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    target = Target(args.table, args.base, args.classes, args.unlabelled)
    hand = Hand(target)
    results: dict[str, list[dict]] = {}
    for name, way in WAYS.items():
        if args.only and name not in args.only:
            continue
        if way.unlabelled and target.unlabelled is None:
            continue
        results[name] = [
            run(way, hand, target, args.labels, number) for number in range(args.runs)
        ]
        show(results)
        if args.json:
            args.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
