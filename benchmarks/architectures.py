"""Which network reads light curves best, at equal parameters, data and training.

    python benchmarks/architectures.py TABLE [--data DATA] [--objects N] [--epochs N]
                                       [--only NAME ...] [--seeds N] [--json FILE]

Each network is trained on the same simulated light curves by the recipe `zoo` (four
earlier moments and the end of each light curve, thinned, metadata hidden at random) and
scored, without a label, on TABLE, real light curves with the labels of the Bright
Transient Survey. All are causal and differ below the first dense layer only. Rates are
those of TensorFlow with XLA on this machine, for all networks alike; the zoo's own
compiled code runs the two GRUs several times faster.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Table

from zoo.datasets.registry import find, load_light_curves, prepare
from zoo.evaluation.auroc import auroc
from zoo.evaluation.scores import score
from zoo.inputs.features import WIDTH
from zoo.inputs.inputs import Inputs
from zoo.inputs.padding import pad
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import input_rows, to_inputs
from zoo.light_curves.accept import read
from zoo.recipe import RECIPES
from zoo.taxonomy import BTS, ZTFSIMS, class_indices, collapse
from zoo.training.epochs.augment import augment, draw_ends
from zoo.training.epochs.batches import Batches
from zoo.training.labels.labelled import object_weights
from zoo.training.labels.stratified import stratified_split

RECIPE = RECIPES["zoo"]
PREPROCESSING = Preprocessing()
DAYS = (2, 5, 10, 20, 10_000)
LENGTHS = np.array([16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024])
"""Padded lengths, each of which is compiled once."""
layers = keras.layers


def two_grus(x, units=100):
    """The zoo's: the state of the second GRU."""
    for _ in range(2):
        x = layers.GRU(units, return_sequences=True)(x)
    return x


def attention_pool(x):
    """Two GRUs, and beside the last state a weighted mean of all states so far."""
    x = two_grus(x, 96)
    weight = layers.Dense(1)(layers.Dense(32, activation="tanh")(x))
    return layers.Concatenate()([x, SoFar()([x, weight])])


class SoFar(layers.Layer):
    """The weighted mean of all rows so far; weights between exp(-5) and exp(5)."""

    def call(self, inputs):
        """Means, as the first input: `(batch, time, width)`."""
        x, weight = inputs
        weight = keras.ops.exp(5 * keras.ops.tanh(weight))
        rows = keras.ops.shape(x)[1]
        so_far = keras.ops.tril(keras.ops.ones((rows, rows)))  # faster than sums, XLA
        summed = keras.ops.matmul(so_far, weight * x)
        return summed / keras.ops.matmul(so_far, weight)


def transformer(x, width=76, blocks=2, heads=4):
    """Causal self-attention; the time since trigger is among the features."""
    x = layers.Dense(width)(x)
    for _ in range(blocks):
        y = layers.LayerNormalization()(x)
        y = layers.MultiHeadAttention(heads, width // heads)(y, y, use_causal_mask=True)
        x = x + y
        y = layers.LayerNormalization()(x)
        x = x + layers.Dense(width)(layers.Dense(2 * width, activation="gelu")(y))
    return layers.LayerNormalization()(x)


def convolution(x, width=76, dilations=(1, 2, 4, 8, 16)):
    """Causal convolutions of three rows, dilated: 63 rows back."""
    x = layers.Dense(width)(x)
    for dilation in dilations:
        y = layers.LayerNormalization()(x)
        y = layers.Conv1D(width, 3, padding="causal", dilation_rate=dilation)(y)
        x = x + keras.ops.gelu(y)
    return layers.LayerNormalization()(x)


def state_space(x, width=120, blocks=2):
    """Linear recurrences, each state with a decay that it learns and a gated output."""
    x = layers.Dense(width)(x)
    for _ in range(blocks):
        y = Decay()(layers.LayerNormalization()(x))
        x = x + layers.Dense(width)(y) * layers.Dense(width, activation="sigmoid")(y)
    return layers.LayerNormalization()(x)


class Decay(layers.Layer):
    """h(t) = a h(t - 1) + (1 - a) x(t), a of each state between 0 and 1."""

    def build(self, shape):
        """Decays over 1 to 100 rows, to begin with."""
        rows = np.geomspace(1.5, 100, shape[-1])
        start = np.log(rows - 1)  # the sigmoid of it is 1 - 1 / rows
        self.kept = self.add_weight(
            shape=(shape[-1],),
            initializer=keras.initializers.Constant(0.0),
            name="kept",
        )
        self.kept.assign(start)

    def call(self, x):
        """States, as x: `(batch, time, width)`."""
        kept = keras.ops.sigmoid(self.kept)
        states = (1 - kept) * x
        for step in 2 ** np.arange(int(np.log2(LENGTHS[-1]))):  # sums of 2 step rows
            earlier = keras.ops.pad(states, [[0, 0], [step, 0], [0, 0]])[:, :-step]
            states = states + kept**step * earlier
        return states


NETWORKS: dict[str, tuple[Callable, str]] = {
    "two GRUs": (two_grus, "200 numbers"),
    "two GRUs, attention pool": (attention_pool, "289 numbers"),
    "causal transformer": (transformer, "304 numbers a row"),
    "dilated convolution": (convolution, "4,712 numbers"),
    "state space": (state_space, "240 numbers"),
}
"""How each network reads a light curve, and what a stream keeps of an object."""


def network(read_rows: Callable) -> keras.Model:
    """The probabilities after some rows of light curves, `(batch, ends, classes)`."""
    rows = layers.Input((None, WIDTH[PREPROCESSING.features]), name="light_curve")
    metadata = layers.Input((len(PREPROCESSING.metadata),), name="metadata")
    ends = layers.Input((None,), dtype="int32", name="ends")
    x = keras.ops.take_along_axis(read_rows(rows), ends[:, :, None], axis=1)
    x = layers.Dense(100, activation="tanh")(x)
    m = layers.Dense(10)(metadata)[:, None] + 0 * x[:, :, :10]
    x = layers.Dense(100, activation="relu")(layers.Concatenate()([x, m]))
    x = layers.Dense(100, activation="relu")(x)
    x = layers.Dense(len(ZTFSIMS), activation="softmax")(x)
    return keras.Model({"light_curve": rows, "metadata": metadata, "ends": ends}, x)


def padded(inputs: Inputs, objects: np.ndarray, ends: np.ndarray) -> dict:
    """A batch, padded to one of a few lengths."""
    longest = int(inputs.lengths[objects].max())
    length = int(LENGTHS[np.searchsorted(LENGTHS, longest)])
    return {**pad(inputs, objects, length), "ends": ends[objects].astype(np.int32)}


def train(model: keras.Model, data: tuple[Inputs, np.ndarray], epochs: int, seed: int):
    """By the recipe; the number of light curves a second, without the first epoch."""
    inputs, codes = data
    weights = object_weights(codes, ZTFSIMS, RECIPE)
    targets = np.eye(len(ZTFSIMS), dtype=np.float32)[codes]
    batches = Batches(
        *(inputs, targets, weights),
        size=RECIPE.batch_size,
        seed=seed,
        augment=lambda x, random: augment(x, PREPROCESSING, RECIPE, random),
        prefixes=RECIPE.prefixes,
    )
    adam = keras.optimizers.Adam(RECIPE.learning_rate, global_clipnorm=1.0)
    adam.build(model.trainable_variables)

    @tf.function(jit_compile=True, reduce_retracing=False)
    def step(batch, target, weight):
        with tf.GradientTape() as tape:
            p = model(batch)
            loss = keras.losses.categorical_crossentropy(target[:, None] + 0 * p, p)
            loss = tf.reduce_mean(weight[:, None] * loss)
        found = tape.gradient(loss, [v.value for v in model.trainable_variables])
        adam.apply(found, model.trainable_variables)
        return loss

    seconds, losses = [], []
    for epoch in range(epochs):
        adam.learning_rate = (
            RECIPE.learning_rate * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        )
        started, total = time.perf_counter(), 0.0
        for objects in batches.order:
            batch = padded(batches.inputs, objects, batches.ends)
            total += float(step(batch, targets[objects], weights[objects]))
        losses.append(total / len(batches))
        seconds.append(time.perf_counter() - started)
        batches.on_epoch_end()
    return losses, len(codes) / float(np.median(seconds[1:] or seconds))


def predictor(model: keras.Model) -> Callable[[Inputs], np.ndarray]:
    """What predicts the classes of whole inputs."""
    forward = tf.function(lambda batch: model(batch)[:, 0], jit_compile=True)

    def predict(inputs: Inputs) -> np.ndarray:
        ends = draw_ends(inputs, 0, np.random.default_rng(0))
        found = np.empty((len(inputs), len(ZTFSIMS)), np.float32)
        for objects in _chunks(inputs.lengths):
            found[objects] = forward(padded(inputs, objects, ends)).numpy()
        return found

    return predict


def _chunks(lengths: np.ndarray, size: int = 256) -> Iterator[np.ndarray]:
    order = np.argsort(lengths, kind="stable")
    yield from (order[i : i + size] for i in range(0, len(order), size))


def measured(predict: Callable, table: Path) -> dict[str, float]:
    """AUROC of SN Ia after some days, macro AUROC and F1 at the end, of the table."""
    light_curves = read(table)
    found = {}
    for name, data in (
        ("alone", light_curves.without_metadata()),
        ("with redshift", light_curves),
    ):
        inputs = to_inputs(data, PREPROCESSING)
        codes = class_indices(data.labels, BTS)[inputs.index]
        inputs, codes = inputs.take(np.flatnonzero(codes >= 0)), codes[codes >= 0]
        _, since = input_rows(data, inputs, PREPROCESSING)
        for day in DAYS:
            p = collapse(predict(inputs.with_rows(since <= day)), ZTFSIMS, BTS)
            key = f"{name}, {day} d" if day < DAYS[-1] else f"{name}, end"
            right, ones = codes == 0, np.ones((1, len(codes)))
            found[key] = float(auroc(p[:, 0], right, ones)[0])
        scores = score(p, codes, BTS, replicates=1)
        found |= {f"{name}, {k}": scores[k] for k in ("macro_auroc", "macro_f1")}
    return found


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--data", default="ztfsims/simulated-n120000-s1")
    parser.add_argument("--objects", type=int, default=30_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=NETWORKS)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    simulated = load_light_curves(prepare(find(args.data)))
    drawn = np.random.default_rng(0).permutation(len(simulated))[: args.objects]
    simulated = simulated.take(np.sort(drawn))
    inputs = to_inputs(simulated, PREPROCESSING)
    codes = class_indices(simulated.labels, ZTFSIMS)[inputs.index]
    kept, held = stratified_split(codes, 0.1, 0)
    results: dict[str, list[dict]] = {}
    for name in args.only or NETWORKS:
        for seed in range(args.seeds):
            keras.utils.set_random_seed(seed)
            model = network(NETWORKS[name][0])
            data = inputs.take(kept), codes[kept]
            losses, rate = train(model, data, args.epochs, seed)
            predict = predictor(model)
            tested = inputs.take(held)
            own = score(predict(tested), codes[held], ZTFSIMS, replicates=1)
            started = time.perf_counter()
            predict(tested)
            forward = len(held) / (time.perf_counter() - started)
            results.setdefault(name, []).append(
                {
                    "parameters": model.count_params(),
                    "trained a second": rate,
                    "predicted a second": forward,
                    "loss": losses[-1],
                    "simulated, macro_auroc": own["macro_auroc"],
                    **measured(predict, args.table),
                }
            )
            if args.json:
                args.json.write_text(json.dumps(results, indent=1))
    names = [key for key in next(iter(results.values()))[0] if key != "loss"]
    shown = Table("", *results)
    shown.add_row("a stream keeps", *(NETWORKS[name][1] for name in results))
    for key in names:
        means = [np.mean([run[key] for run in runs]) for runs in results.values()]
        digits = ",.0f" if means[0] > 10 else ".3f"
        shown.add_row(key, *(f"{value:{digits}}" for value in means))
    Console(width=160).print(shown)


if __name__ == "__main__":
    main()
