"""The network of the zoo from its tensors: its outputs, its loss and its gradients."""

from collections.abc import Mapping, Sequence

import numpy as np

from zoo.kernel.layers import Arrays, Dense, Gru
from zoo.kernel.library import LINEAR, RELU, TANH, Kernel
from zoo.kernel.steps import Steps

_ACTIVATIONS = {
    "light_curve_dense": TANH,
    "metadata_dense": LINEAR,
    "merge_dense": RELU,
    "latent": RELU,
    "head": LINEAR,
}


class Network:
    """Two GRUs over the light curve and dense layers, as `LightCurveNetwork` has them.

    Args:
        kernel: the compiled functions.
        tensors: float32 weights by `layer/variable`, which must not change.
    """

    def __init__(self, kernel: Kernel, tensors: Mapping[str, np.ndarray]):
        self.kernel = kernel
        tensors = {name: _as_c_reads(values) for name, values in tensors.items()}
        self.gru_1 = Gru(kernel, of_layer(tensors, "gru_1"))
        self.gru_2 = Gru(kernel, of_layer(tensors, "gru_2"))
        self.dense = {
            name: Dense(kernel, of_layer(tensors, name), activation)
            for name, activation in _ACTIVATIONS.items()
            if f"{name}/kernel" in tensors
        }

    def run(
        self,
        rows: np.ndarray,
        offsets: np.ndarray,
        objects: np.ndarray,
        metadata: np.ndarray,
        outputs: Sequence[str],
        states: Sequence[np.ndarray] | None = None,
    ) -> list[np.ndarray]:
        """Outputs for some of `k` objects, in their order.

        Args:
            rows: float32 `(m, features)`, the observations of all objects.
            offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`, at
                least one row.
            objects: int64 `(b,)`, positions, in order of falling length.
            metadata: float32 `(k, width)`.
            outputs: any of `probabilities`, `latent`, and the states after the last
                row, `new_state_1` and `new_state_2`.
            states: float32 `(k, units)` of each GRU before these rows; None: zero.

        Raises:
            ValueError: an array has not the width of its layer.
        """
        steps = Steps(offsets, objects)
        x, metadata = self._inputs(rows[steps.rows], metadata[objects])
        first: list[np.ndarray | None] = [None, None]
        if states is not None:
            grus = zip(states, (self.gru_1, self.gru_2), strict=True)
            first = [_as_c_reads(s[objects], gru.units) for s, gru in grus]
        state_1 = self.gru_1.forward(steps, x, first[0])
        last_2 = steps.final(self.gru_2.forward(steps, state_1, first[1]))
        values = {"new_state_2": last_2}
        if "new_state_1" in outputs:
            values["new_state_1"] = steps.final(state_1)
        if "probabilities" in outputs or "latent" in outputs:
            values |= self._above(last_2, metadata)
        if "probabilities" in outputs:
            probabilities = values["probabilities"] = values["head"]
            self.kernel.softmax(*probabilities.shape, probabilities.ctypes.data)
        return [values[name] for name in outputs]

    def _inputs(
        self, x: np.ndarray, metadata: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both inputs, checked: the compiled functions read what they are told to."""
        x = _as_c_reads(x, len(self.gru_1.weights["kernel"]))
        if layer := self.dense.get("metadata_dense"):
            metadata = _as_c_reads(metadata, len(layer.weights["kernel"]))
        return x, metadata

    def _above(self, last: np.ndarray, metadata: np.ndarray) -> dict[str, np.ndarray]:
        """The outputs of the dense layers, and the input of `merge_dense`."""
        forward = {name: layer.forward for name, layer in self.dense.items()}
        values = {"light_curve_dense": forward["light_curve_dense"](last)}
        merged = values["light_curve_dense"]
        if "metadata_dense" in forward:
            values["metadata_dense"] = forward["metadata_dense"](metadata)
            merged = np.concatenate([merged, values["metadata_dense"]], axis=1)
        values["merge"] = merged
        values["merge_dense"] = forward["merge_dense"](merged)
        values["latent"] = forward["latent"](values["merge_dense"])
        values["head"] = forward["head"](values["latent"])
        return values

    def learn(
        self,
        rows: np.ndarray,
        offsets: np.ndarray,
        objects: np.ndarray,
        metadata: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray,
        ends: np.ndarray,
        into: Mapping[str, Arrays],
    ) -> float:
        """The loss of some objects, and its gradients.

        Args:
            rows, offsets, objects, metadata: as for `run`.
            targets: float32 `(k, classes)`, the probabilities to learn.
            weights: float32 `(k,)`, by which the cross-entropies are multiplied.
            ends: int64 `(k, e)`, rows of each object after which it is classified; its
                loss is the mean over them.
            into: by the name of each layer that learns, where the gradients of its
                weights are added.

        Returns:
            The sum of the weighted cross-entropies.

        Raises:
            ValueError: an array has not the width of its layer.
        """
        steps = Steps(offsets, objects)
        places = steps.places(ends[objects])
        of_end = np.repeat(objects, places.shape[1])
        x = _as_c_reads(rows[steps.rows], len(self.gru_1.weights["kernel"]))
        saved = [
            np.empty((len(x), 4 * gru.units), np.float32)
            for gru in (self.gru_1, self.gru_2)
        ]
        state_1 = self.gru_1.forward(steps, x, saved=saved[0])
        state_2 = self.gru_2.forward(steps, state_1, saved=saved[1])
        loss, of_seen = self.learn_above(
            *(state_2[places.ravel()], metadata[of_end], targets[of_end]),
            *(weights[of_end] / np.float32(places.shape[1]), into),
        )
        if {"gru_1", "gru_2"} & into.keys():
            of_states = np.zeros_like(state_2)
            of_seen = of_seen.reshape(*places.shape, -1)
            for number in range(places.shape[1]):  # whose places differ
                of_states[places[:, number]] += of_seen[:, number]
            back = self.gru_2.backward(steps, saved[1], state_2, of_states)
            if "gru_2" in into:
                self.gru_2.add_gradients(steps, state_1, state_2, back, into["gru_2"])
        if "gru_1" in into:
            of_states = self.gru_2.of_input(back)
            back = self.gru_1.backward(steps, saved[0], state_1, of_states)
            self.gru_1.add_gradients(steps, x, state_1, back, into["gru_1"])
        return loss

    def learn_above(
        self,
        seen: np.ndarray,
        metadata: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray,
        into: Mapping[str, Arrays],
    ) -> tuple[float, np.ndarray]:
        """The loss of some states of `gru_2`, and its gradients.

        Args:
            seen: float32 `(b, units)`, the states.
            metadata: float32 `(b, width)`, of their objects.
            targets, weights: float32 `(b, classes)` and `(b,)`, as for `learn`.
            into: as for `learn`; the GRUs are left out.

        Returns:
            The sum of the weighted cross-entropies, and the gradient of the states.

        Raises:
            ValueError: an array has not the width of its layer.
        """
        if layer := self.dense.get("metadata_dense"):
            metadata = _as_c_reads(metadata, len(layer.weights["kernel"]))
        values = {"gru_2": seen, "metadata": metadata} | self._above(seen, metadata)
        with np.errstate(all="ignore"):  # the loss tells of what is not finite
            logits = values["head"] - values["head"].max(1, keepdims=True)
            logits -= np.log(np.exp(logits).sum(1, keepdims=True))
            weights = weights[:, None]
            loss = -float((weights * targets * logits).sum(dtype=np.float64))
            of_logits = np.asarray(weights * (np.exp(logits) - targets), np.float32)
            return loss, self._back_above(values, of_logits, into)

    def _back_above(
        self, values: Arrays, of_logits: np.ndarray, into: Mapping[str, Arrays]
    ) -> np.ndarray:
        """The gradient of the states, from that of the logits.

        Args:
            values: outputs of all layers and inputs of the network, by name.
            of_logits: `(b, classes)`.
            into: as for `learn`.
        """

        def back(name: str, source: str, of_y: np.ndarray) -> np.ndarray:
            layer = self.dense[name]
            of_sums = layer.backward(values[name], np.ascontiguousarray(of_y))
            if name in into:
                layer.add_gradients(values[source], of_sums, into[name])
            return layer.of_input(of_sums)

        of_latent = back("head", "latent", of_logits)
        of_merge_dense = back("latent", "merge_dense", of_latent)
        of_merge = back("merge_dense", "merge", of_merge_dense)
        width = values["light_curve_dense"].shape[1]
        if "metadata_dense" in into:
            back("metadata_dense", "metadata", of_merge[:, width:])
        return back("light_curve_dense", "gru_2", of_merge[:, :width])


def _as_c_reads(values: np.ndarray, width: int | None = None) -> np.ndarray:
    """Values as float32, row-major and aligned; a copy only of what is not."""
    if width is not None and values.shape[1:] != (width,):
        raise ValueError(
            f"the network takes rows of {width} values, and these have the shape "
            f"{values.shape[1:]}. Prepare them with the model's own preprocessing."
        )
    return np.require(values, np.float32, ["C", "A"])


def of_layer(tensors: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """The tensors of one layer, by variable."""
    start = f"{name}/"
    return {
        key.removeprefix(start): value
        for key, value in tensors.items()
        if key.startswith(start)
    }
