"""Inference without Keras: one ONNX Runtime session, fed chunks of like length.

Measured on two cores (`benchmarks/README.md`): several times faster than Keras'
`predict`, whose batches are padded to their longest and whose every call costs
milliseconds, and ready 0.1 s after the process has started.
"""

import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from zoo.inference.onnx_cache import cached_graph
from zoo.inference.onnx_graph import onnx_graph
from zoo.inputs.inputs import Inputs
from zoo.inputs.padding import Objects, side_by_side
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.preset import Preset
from zoo.system.cores import cores

if TYPE_CHECKING:
    import onnxruntime

CHUNK = 24
"""Objects per call of the session: what their gates hold stays in the cache of a core,
and padding is next to nothing. 16 to 48 are alike (measured, 100 units)."""

MOST_STEPS = 512
"""Observations per call where objects have only a few: calls cost some 0.1 ms."""

_sessions: "weakref.WeakKeyDictionary[Any, tuple[dict, Any]]"
_sessions = weakref.WeakKeyDictionary()  # of Keras models, with the weights of then


class KerasClassifier(Protocol):
    """What inference needs of a Keras model: any `LightCurveNetwork` has it.

    Attributes:
        preset: architecture, preprocessing and classes.
        source: `id@revision`, for messages.
        layers: the Keras layers, whose weights are read by name.
    """

    preset: Preset
    source: str

    @property
    def layers(self) -> list[Any]:
        """See the class."""

    def reference(self) -> LightCurves:
        """The light curves that travel with the model."""


class Runtime:
    """A model ready for inference, without Keras.

    Args:
        preset: of the model.
        session: of the graph that `zoo.inference.onnx_graph` writes of it.
        source: `id@revision`, for messages.
        reference: gives the light curves that travel with the model.

    Example:
        >>> runtime = Runtime.load("ztfsims-gru")
        >>> runtime.preset.classes[0]
        'SNIa'
    """

    def __init__(
        self,
        preset: Preset,
        session: "onnxruntime.InferenceSession",
        source: str,
        reference: Callable[[], LightCurves],
    ):
        self.preset = preset
        self.source = source
        self.reference = reference
        self._session = session

    @classmethod
    def load(cls, name: str | PathLike[str]) -> "Runtime":
        """Load a model by its name, as `zoo.load` does, its graph cached beside it.

        Raises:
            KeyError, ValueError, OSError: as `zoo.load`.
        """
        from zoo.hub.find import find
        from zoo.model_folder.golden import golden_values

        found = find(name)
        folder = found.folder
        session = _session(cached_graph(folder))
        return cls(folder.preset, session, found.name, lambda: golden_values(folder)[0])

    @classmethod
    def of(cls, model: "Runtime | KerasClassifier | str | PathLike[str]") -> "Runtime":
        """The runtime of a model, whatever stands for it; a Keras model as it is now.

        A session is kept for each Keras model, and made anew when its weights changed.
        """
        if isinstance(model, Runtime):
            return model
        if isinstance(model, (str, PathLike)):
            return cls.load(model)
        from zoo.model_folder.tensors import named_tensors

        tensors = {name: v.numpy() for name, v in named_tensors(model).items()}
        kept, session = _sessions.get(model, ({}, None))
        if kept.keys() != tensors.keys() or not all(
            np.array_equal(kept[name], tensor) for name, tensor in tensors.items()
        ):
            session = _session(onnx_graph(model.preset, tensors))
            _sessions[model] = tensors, session
        return cls(model.preset, session, model.source, model.reference)

    def run(
        self,
        inputs: Inputs,
        *outputs: str,
        advance: Callable[[int], None] = lambda objects: None,
    ) -> list[np.ndarray]:
        """Outputs of the network for ragged inputs, each float32 `(k, width)`.

        Args:
            inputs: of `k` objects.
            outputs: `probabilities`, `latent`, or both.
            advance: called with the number of objects of each chunk that is done.
        """
        return self.step(
            inputs.light_curve,
            inputs.offsets,
            inputs.metadata,
            outputs,
            advance=advance,
        )

    def step(
        self,
        rows: np.ndarray,
        offsets: np.ndarray,
        metadata: np.ndarray,
        outputs: Sequence[str],
        states: tuple[np.ndarray, np.ndarray] | None = None,
        *,
        advance: Callable[[int], None] = lambda objects: None,
    ) -> list[np.ndarray]:
        """Outputs after further observations of objects, each float32 `(k, width)`.

        Args:
            rows: float32 `(m, features)`, the observations of all objects.
            offsets: int64 `(k + 1,)`; object i owns `offsets[i]:offsets[i + 1]`, at
                least one row.
            metadata: float32 `(k, width)`.
            outputs: names of outputs of the graph, see `zoo.inference.onnx_graph`.
            states: float32 `(k, units)` of each GRU before these rows; None: zero.
            advance: called with the number of objects of each chunk that is done.
        """
        lengths = np.diff(offsets)
        sizes = self.preset.architecture
        widths = {one.name: one.shape[-1] for one in self._session.get_outputs()}
        found = [np.empty((len(lengths), widths[name]), np.float32) for name in outputs]

        def work(objects: Objects) -> int:
            here = lengths[objects]
            first, second = (
                (
                    np.zeros((len(here), n), np.float32)
                    for n in (sizes.gru_1, sizes.gru_2)
                )
                if states is None
                else (state[objects] for state in states)
            )
            feed = {
                "light_curve": side_by_side(rows, offsets, objects, int(here.max())),
                "lengths": here.astype(np.int32),
                "state_1": first,
                "state_2": second,
            }
            if metadata.shape[1]:
                feed["metadata"] = metadata[objects]
            said = self._session.run(outputs, feed)
            for whole, part in zip(found, said, strict=True):
                whole[objects] = part
            return len(here)

        chunks = list(_chunks(lengths))
        if len(chunks) == 1 or cores() == 1:
            for objects in chunks:
                advance(work(objects))
            return found
        pool = ThreadPoolExecutor(cores())
        try:
            for done in pool.map(work, chunks):
                advance(done)
        finally:
            pool.shutdown(cancel_futures=True)
        return found


def _chunks(lengths: np.ndarray) -> Iterator[Objects]:
    """Cut objects into chunks of like length: the shorter, the more at once.

    Objects that are all alike stay in their order: slices of arrays need no copies.
    """
    alike = len(lengths) == 0 or lengths.min() == lengths.max()
    order = np.arange(0) if alike else np.argsort(lengths, kind="stable")
    at = 0
    while at < len(lengths):
        shortest = int(lengths[at if alike else order[at]])
        size = max(CHUNK, MOST_STEPS // shortest)
        yield (
            slice(at, min(at + size, len(lengths))) if alike else order[at : at + size]
        )
        at += size


def _session(graph: bytes) -> "onnxruntime.InferenceSession":
    """A session of one thread: the chunks run side by side, not what is in them."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(
        graph, options, providers=["CPUExecutionProvider"]
    )


AnyModel: TypeAlias = KerasClassifier | Runtime | str | PathLike[str]
"""A loaded model, its runtime, or its name or folder: all that inference needs."""


def predict(
    model: AnyModel,
    inputs: Inputs,
    output: str = "probabilities",
    *,
    advance: Callable[[int], None] = lambda objects: None,
) -> np.ndarray:
    """One output of a model for ragged inputs, float32 `(k, width)`, in their order.

    Args:
        model: the model, or its name.
        inputs: of `k` objects.
        output: `probabilities`, or `latent`: the latent layer.
        advance: called with the number of objects of each chunk that is done.
    """
    return Runtime.of(model).run(inputs, output, advance=advance)[0]
