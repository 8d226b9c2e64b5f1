"""An ONNX graph that runs: light curves in chunks of similar length, on every core.

Measured on two cores (`benchmarks/README.md`): several times faster than Keras'
`predict`, which pads each batch to its longest light curve and spends milliseconds on
every call.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from zoo.inputs.padding import Objects, side_by_side
from zoo.system.cores import cores, threads

CHUNK = 24
"""Objects in one call of ONNX Runtime: the gates of so few stay in the cache of a core,
and there is almost no padding. 16 to 48 are equally fast (measured, 100 units)."""

MOST_STEPS = 512
"""Observations in one call where objects have only a few: a call costs some 0.1 ms."""


class Session:
    """The network of a model in ONNX Runtime. A pickle or a copy of it holds the graph.

    Args:
        graph: the ONNX model that `zoo.inference.onnx_graph` writes.
    """

    def __init__(self, graph: bytes):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # One thread each: chunks run in parallel, not the operators within a chunk.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors
        self._graph = graph
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        values = (*self._session.get_inputs(), *self._session.get_outputs())
        self._widths = {value.name: value.shape[-1] for value in values}

    def __reduce__(self) -> tuple[type["Session"], tuple[bytes]]:
        return Session, (self._graph,)

    def run(
        self,
        rows: np.ndarray,
        offsets: np.ndarray,
        metadata: np.ndarray,
        outputs: Sequence[str],
        states: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> list[np.ndarray]:
        """Outputs after further observations of `k` objects, each float32 `(k, width)`.

        Args:
            rows: float32 `(m, features)`, the observations of all objects.
            offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`, at
                least one row.
            metadata: float32 `(k, width)`.
            outputs: names of outputs of the graph, see `zoo.inference.onnx_graph`.
            states: float32 `(k, units)` of each GRU before these rows; None: zero.
        """
        lengths = np.diff(offsets)
        results = [
            np.empty((len(lengths), self._widths[name]), np.float32) for name in outputs
        ]

        def work(objects: Objects) -> None:
            steps = lengths[objects]
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
            values = self._session.run(outputs, feed)
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


def _chunks(lengths: np.ndarray) -> Iterator[Objects]:
    """Divide objects into chunks of similar length: the shorter, the more in a chunk.

    Objects of one length keep their order: slices of arrays need no copies.
    """
    alike = len(lengths) == 0 or lengths.min() == lengths.max()
    order = np.arange(0) if alike else np.argsort(lengths, kind="stable")
    start = 0
    while start < len(lengths):
        shortest = int(lengths[start if alike else order[start]])
        end = start + max(CHUNK, MOST_STEPS // shortest)
        yield slice(start, min(end, len(lengths))) if alike else order[start:end]
        start = end
