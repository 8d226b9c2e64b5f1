"""A model ready for inference without Keras, 0.1 s after the process has started."""

import math
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from os import PathLike
from typing import Any, Protocol, TypeAlias

import numpy as np

from zoo.hub.find import Found, find
from zoo.inference.session import Session
from zoo.inputs.inputs import Inputs
from zoo.inputs.limits import shown
from zoo.light_curves.ragged import LightCurves
from zoo.model_folder.folder import ModelFolder, read_split
from zoo.model_folder.held import held_files
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import named_tensors, read_tensors

_sessions: weakref.WeakKeyDictionary[Any, tuple[dict[str, np.ndarray], Session]]
_sessions = weakref.WeakKeyDictionary()  # of Keras models, with the weights in them
_of_folders: weakref.WeakKeyDictionary[ModelFolder, Session]
_of_folders = weakref.WeakKeyDictionary()  # as long as these bytes are in memory


class KerasClassifier(Protocol):
    """What inference needs of a Keras model; every `LightCurveNetwork` has it.

    Attributes:
        preset: architecture, preprocessing and classes.
        source: `id@revision`, for messages.
        split: ids of the objects that it was trained on, by part.
        layers: the Keras layers, whose weights are read by name.
    """

    preset: Preset
    source: str

    @property
    def split(self) -> Mapping[str, Iterable[str]]:
        """See the class."""

    @property
    def layers(self) -> list[Any]:
        """See the class."""

    def reference(self) -> LightCurves:
        """The light curves that travel with the model."""


class Runtime:
    """A model ready for inference, without Keras.

    It can be copied and pickled, for `multiprocessing`, Spark or Dask: the pickle holds
    the network and the light curves that travel with the model, so that the process
    that reads it needs no file.

    Args:
        preset: of the model.
        session: its network.
        source: `id@revision`, for messages.
        reference: the light curves that travel with the model, or what reads them.
        seen: ids of the objects that it was trained on, or what reads them; none: they
            are not known.

    Attributes:
        preset, session, source: the same.

    Example:
        >>> import pickle
        >>> runtime = Runtime.load("ztfsims-gru")
        >>> pickle.loads(pickle.dumps(runtime)).preset.classes[0]
        'SNIa'
    """

    def __init__(
        self,
        preset: Preset,
        session: Session,
        source: str,
        reference: LightCurves | Callable[[], LightCurves],
        seen: frozenset[str] | Callable[[], frozenset[str]] = frozenset(),
    ):
        self.preset = preset
        self.session = session
        self.source = source
        self._reference = reference
        self._seen = seen

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_reference": self.reference(), "_seen": self.seen()}

    @classmethod
    def load(cls, name: str | PathLike[str] | Found) -> "Runtime":
        """Load a model by its name, as `zoo.load` does.

        This process keeps what it loaded and checked: to load the same name again takes
        some tenths of a millisecond, and a folder that has changed is read anew
        (`zoo.model_folder.held`). For a model of the hub, the hub is asked each time.

        What `zoo.hub.find.find` made of the name is taken as well.

        Raises:
            KeyError, ValueError, OSError: as `zoo.load`.
        """
        from zoo.model_folder.golden import golden_values

        found = find(name, read=held_files)
        folder = found.folder
        session = _of_folders.get(folder)
        if session is None:
            session = Session(folder.preset, read_tensors(folder))
            _of_folders[folder] = session
        return cls(
            folder.preset,
            session,
            found.name,
            lambda: golden_values(folder)[0],
            lambda: _ids(read_split(folder)),
        )

    @classmethod
    def of(
        cls,
        model: "Runtime | KerasClassifier | str | PathLike[str] | Found",
        *,
        keep_all_passbands: bool = False,
    ) -> "Runtime":
        """The runtime for a name, a path or a Keras model (with its current weights).

        The session of a Keras model is kept until its weights change.

        Args:
            model: any of these.
            keep_all_passbands: leave out no observation for its wavelength.

        Raises:
            ValueError: it is no model, or the weights of a Keras model are not float32.
            KeyError, ValueError, OSError: as `load`, of a name or a path.
        """
        if keep_all_passbands:
            return cls.of(model).keeping_all_passbands()
        if isinstance(model, Runtime):
            return model
        if isinstance(model, (str, PathLike, Found)):
            return cls.load(model)
        if not hasattr(model, "preset"):
            raise ValueError(
                f"{shown(model)} is no model. Give what zoo.load returns, or the name "
                "or folder of a model."
            )
        tensors = current_tensors(model)
        before, session = _sessions.get(model, ({}, None))
        if (
            session is None
            or before.keys() != tensors.keys()
            or not all(np.array_equal(before[name], tensors[name]) for name in tensors)
        ):
            session = Session(model.preset, tensors)
            _sessions[model] = tensors, session
        split = model.split
        return cls(
            model.preset, session, model.source, model.reference, lambda: _ids(split)
        )

    def keeping_all_passbands(self) -> "Runtime":
        """The same model, which leaves out no observation for its wavelength."""
        preprocessing = replace(self.preset.preprocessing, wavelength_margin=math.inf)
        preset = self.preset.replace(preprocessing=preprocessing)
        return type(self)(
            preset, self.session, self.source, self._reference, self._seen
        )

    def reference(self) -> LightCurves:
        """The light curves that travel with the model.

        Raises:
            ValueError: they cannot be read.
        """
        if not isinstance(self._reference, LightCurves):
            self._reference = self._reference()
        return self._reference

    def seen(self) -> frozenset[str]:
        """Ids of the objects that the model was trained on, or that decided when to
        stop; none where they are not known.

        Raises:
            ValueError: they cannot be read.
        """
        if not isinstance(self._seen, frozenset):
            self._seen = self._seen()
        return self._seen

    def run(self, inputs: Inputs, *outputs: str) -> list[np.ndarray]:
        """Outputs of the network for ragged inputs, each float32 `(k, width)`.

        Args:
            inputs: of `k` objects.
            outputs: `probabilities`, `latent`, or both.
        """
        rows, offsets = inputs.light_curve, inputs.offsets
        return self.session.run(rows, offsets, inputs.metadata, outputs)


AnyModel: TypeAlias = KerasClassifier | Runtime | str | PathLike[str]
"""A loaded model, its runtime, or its name or folder: all that inference needs."""


def predict(
    model: AnyModel, inputs: Inputs, output: str = "probabilities"
) -> np.ndarray:
    """One output of a model for ragged inputs, float32 `(k, width)`, in their order.

    Args:
        model: the model, or its name.
        inputs: of `k` objects.
        output: `probabilities`, or `latent`: the latent layer.
    """
    return Runtime.of(model).run(inputs, output)[0]


def _ids(split: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The ids of all parts."""
    return frozenset(chain.from_iterable(split.values()))


def current_tensors(model: KerasClassifier) -> dict[str, np.ndarray]:
    """The weights of a Keras model as they are now, by `layer/variable`.

    Raises:
        ValueError: they are not float32, the only type that inference computes with.
    """
    variables = named_tensors(model)
    for name, variable in variables.items():
        if variable.dtype != "float32":
            raise ValueError(
                f"the weight {name} of {model.source} is {variable.dtype}, and "
                "inference needs float32. Make or load the model with the floatx and "
                "the dtype policy of Keras at float32, and do not quantize it."
            )
    return {name: variable.numpy() for name, variable in variables.items()}
