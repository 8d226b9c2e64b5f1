"""Networks with random weights, ragged inputs, and what float64 makes of them."""

import ctypes

import numpy as np
import pytest

from zoo.kernel.library import LIBRARY, Kernel, kernel, why_not
from zoo.kernel.network import Network, of_layer

needs_kernel = pytest.mark.skipif(
    kernel() is None, reason=f"no compiled kernel: {why_not()}"
)

_ALSO = {"avx512": ["avx2"]}  # what a processor can run besides its own variant


def variants() -> list[str]:
    """The variants of the kernel that run on this processor."""
    here = kernel()
    return [here.variant, *_ALSO.get(here.variant, [])] if here else []


def of_variant(variant: str) -> Kernel:
    """The kernel, compiled for one of them."""
    return Kernel(ctypes.CDLL(str(LIBRARY)), variant)


class Case:
    """A network of one size, objects of 1 to `longest` rows, targets and weights."""

    def __init__(self, units: int, *, metadata: int = 3, longest: int = 20, seed=0):
        generator = np.random.default_rng(seed)
        shapes: dict[str, tuple[int, ...]] = {}
        for name, width in (("gru_1", 5), ("gru_2", units)):
            shapes[f"{name}/kernel"] = (width, 3 * units)
            shapes[f"{name}/recurrent_kernel"] = (units, 3 * units)
            shapes[f"{name}/bias"] = (2, 3 * units)
        dense = {"light_curve_dense": (units, units)}
        if metadata:
            dense["metadata_dense"] = (metadata, 4)
        dense["merge_dense"] = (units + (4 if metadata else 0), units)
        dense |= {"latent": (units, units), "head": (units, 7)}
        for name, shape in dense.items():
            shapes[f"{name}/kernel"], shapes[f"{name}/bias"] = shape, shape[1:]
        self.tensors = {
            name: generator.normal(0, 1 / np.sqrt(shape[0]), shape).astype(np.float32)
            for name, shape in shapes.items()
        }
        lengths = generator.permutation([1, 1, longest, *range(1, longest)])
        k = len(lengths)
        self.offsets = np.concatenate([[0], np.cumsum(lengths)])
        self.objects = np.argsort(-lengths, kind="stable")
        self.rows = generator.normal(size=(lengths.sum(), 5)).astype(np.float32)
        self.metadata = generator.normal(size=(k, metadata)).astype(np.float32)
        self.targets = np.eye(7, dtype=np.float32)[generator.integers(0, 7, k)]
        self.weights = generator.uniform(0.5, 2, k).astype(np.float32)
        self.ends = lengths[:, None] - 1
        self.layers = {name.partition("/")[0] for name in shapes}

    def run(self, compiled: Kernel, *outputs: str, **changes) -> list[np.ndarray]:
        """Outputs of the kernel, in the order of the objects."""
        given = {"rows": self.rows, "metadata": self.metadata, **changes}
        found = Network(compiled, self.tensors).run(
            *(given["rows"], self.offsets, self.objects, given["metadata"]),
            *(outputs, given.get("states")),
        )
        back = np.argsort(self.objects)
        return [values[back] for values in found]

    def learn(self, compiled: Kernel, layers=None) -> tuple[float, dict]:
        """The loss and the gradients of some layers; None: of all."""
        layers = self.layers if layers is None else layers
        gradients = {
            name: np.zeros(values.shape, np.float32)
            for name, values in self.tensors.items()
            if name.partition("/")[0] in layers
        }
        loss = Network(compiled, self.tensors).learn(
            *(self.rows, self.offsets, self.objects, self.metadata),
            *(self.targets, self.weights, self.ends),
            {name: of_layer(gradients, name) for name in layers},
        )
        return loss, gradients

    def exactly(self, tensors=None) -> dict[str, np.ndarray]:
        """The outputs in float64, computed object by object without the kernel."""
        t = {
            name: np.asarray(values, np.float64)
            for name, values in (tensors or self.tensors).items()
        }
        outputs = [self._of_object(t, i) for i in range(len(self.objects))]
        return {name: np.array([one[name] for one in outputs]) for name in outputs[0]}

    def loss(self, tensors=None) -> float:
        """The loss in float64."""
        log = np.log(self.exactly(tensors)["probabilities"])
        return -(self.weights[:, None] * self.targets * log).sum(dtype=np.float64)

    def _of_object(self, t: dict[str, np.ndarray], i: int) -> dict[str, np.ndarray]:
        def dense(name: str, x: np.ndarray) -> np.ndarray:
            return x @ t[f"{name}/kernel"] + t[f"{name}/bias"]

        x = self.rows[self.offsets[i] : self.offsets[i + 1]].astype(np.float64)
        states = {}
        for number, name in ((1, "gru_1"), (2, "gru_2")):
            x = _gru(
                x, *(t[f"{name}/{v}"] for v in ("kernel", "recurrent_kernel", "bias"))
            )
            states[f"new_state_{number}"] = x[-1]
        merged = np.tanh(dense("light_curve_dense", x[-1]))
        if "metadata_dense/kernel" in t:
            more = dense("metadata_dense", self.metadata[i].astype(np.float64))
            merged = np.concatenate([merged, more])
        latent = np.maximum(dense("merge_dense", merged), 0)
        latent = np.maximum(dense("latent", latent), 0)
        logits = dense("head", latent)
        odds = np.exp(logits - logits.max())
        return {"probabilities": odds / odds.sum(), "latent": latent, **states}


def _gru(x, kernel, recurrent, bias) -> np.ndarray:
    """All states of a GRU of Keras with `reset_after=True`."""
    state, states = np.zeros(len(recurrent)), []
    for row in x:
        z, r, h = np.split(row @ kernel + bias[0], 3)
        of_z, of_r, of_h = np.split(state @ recurrent + bias[1], 3)
        z, r = 1 / (1 + np.exp(-z - of_z)), 1 / (1 + np.exp(-r - of_r))
        state = z * state + (1 - z) * np.tanh(h + r * of_h)
        states.append(state)
    return np.array(states)
