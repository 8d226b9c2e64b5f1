"""A network that runs: light curves in chunks of similar length, on every core.

Measured on two cores (`benchmarks/README.md`): many times faster than Keras' `predict`,
which pads each batch to its longest light curve and spends milliseconds on every call.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from zoo.inference.onnx_graph import onnx_graph
from zoo.inputs.padding import side_by_side
from zoo.kernel.library import kernel
from zoo.kernel.network import Network
from zoo.model_folder.preset import Preset
from zoo.system.cores import cores, threads

CHUNK = 64
"""Objects in one call of the network: their gates stay in the cache of a core, and a
hundred objects still have work for two. 24 to 192 differ by 5 % (measured, 100 units;
with 32 units, 64 are 11 % faster than 32)."""

MOST_STEPS = 1024
"""Observations in one call where objects have only a few: a call costs some 0.1 ms."""


class Session:
    """The network of a model. A pickle or a copy of it holds the weights.

    It runs in compiled code of our own (`zoo.kernel`) where that was compiled for this
    processor, else in ONNX Runtime; both agree to 1e-6.

    Args:
        preset: architecture, preprocessing and classes.
        tensors: float32, by the names of `zoo.model_folder.tensors.tensor_shapes`.
    """

    def __init__(self, preset: Preset, tensors: Mapping[str, np.ndarray]):
        self._made_from = preset, tensors
        compiled = kernel()
        self._network: Network | OnnxNetwork = (
            OnnxNetwork(onnx_graph(preset, tensors))
            if compiled is None
            else Network(compiled, tensors)
        )
        self._widths = {
            "probabilities": len(tensors["head/bias"]),
            "latent": len(tensors["latent/bias"]),
            "new_state_1": len(tensors["gru_1/recurrent_kernel"]),
            "new_state_2": len(tensors["gru_2/recurrent_kernel"]),
        }

    def __reduce__(self) -> tuple[type["Session"], tuple]:
        return Session, self._made_from

    def run(
        self,
        rows: np.ndarray,
        offsets: np.ndarray,
        metadata: np.ndarray,
        outputs: Sequence[str],
        states: Sequence[np.ndarray] | None = None,
    ) -> list[np.ndarray]:
        """Outputs after further observations of `k` objects, each float32 `(k, width)`.

        Args:
            rows: float32 `(m, features)`, the observations of all objects.
            offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`, at
                least one row.
            metadata: float32 `(k, width)`.
            outputs: any of `probabilities`, `latent`, `new_state_1`, `new_state_2`.
            states: float32 `(k, units)` of each GRU before these rows; None: zero.
        """
        lengths = np.diff(offsets)
        results = [
            np.empty((len(lengths), self._widths[name]), np.float32) for name in outputs
        ]

        def work(objects: np.ndarray) -> None:
            values = self._network.run(
                rows, offsets, objects, metadata, outputs, states
            )
            for whole, part in zip(results, values, strict=True):
                whole[objects] = part

        chunks = list(_chunks(lengths))
        if len(chunks) == 1 or cores() == 1:
            for objects in chunks:
                work(objects)
        else:
            with threads() as pool:
                list(pool.map(work, chunks))  # which raises the error of a chunk
        return results


class OnnxNetwork:
    """The network in ONNX Runtime.

    Args:
        graph: the ONNX model that `zoo.inference.onnx_graph` writes.
    """

    def __init__(self, graph: bytes):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # One thread each: chunks run in parallel, not the operators within a chunk.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self._widths = {x.name: x.shape[-1] for x in self._session.get_inputs()}

    def run(
        self,
        rows: np.ndarray,
        offsets: np.ndarray,
        objects: np.ndarray,
        metadata: np.ndarray,
        outputs: Sequence[str],
        states: Sequence[np.ndarray] | None,
    ) -> list[np.ndarray]:
        """As `zoo.kernel.network.Network.run`."""
        steps = np.diff(offsets)[objects]
        feed = {
            "light_curve": side_by_side(rows, offsets, objects, int(steps.max())),
            "lengths": steps.astype(np.int32),
        }
        for number, name in enumerate(("state_1", "state_2")):
            feed[name] = (
                np.zeros((len(steps), self._widths[name]), np.float32)
                if states is None
                else states[number][objects]
            )
        if metadata.shape[1]:
            feed["metadata"] = metadata[objects]
        return [np.asarray(values) for values in self._session.run(outputs, feed)]


def _chunks(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Divide objects into chunks of similar length, the longest first: the shorter, the
    more in a chunk."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(lengths):
        end = start + max(CHUNK, MOST_STEPS // int(lengths[order[start]]))
        yield order[start:end]
        start = end
