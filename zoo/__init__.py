"""Pretrained classifiers of astronomical transients that move to your survey.

    import zoo

    model = zoo.load("ztfsims-gru")
    probabilities = model.classify(photometry, metadata)
    mine = model.transfer(target="mine", classes=["SNIa", "other"])

Public names are resolved on first use, so that `import zoo` imports neither Keras nor
TensorFlow.
"""

import os as _os
from importlib import import_module as _import_module
from pathlib import Path as _Path
from typing import TYPE_CHECKING, Any

from zoo.classifier.registration import register_with_keras as _register_with_keras

if TYPE_CHECKING:  # for type checkers and editors; the same names as in __all__
    from zoo import plot as plot
    from zoo.classifier.classifier import TransientClassifier as TransientClassifier
    from zoo.classifier.load import load as load
    from zoo.classifier.save import save as save
    from zoo.evaluation.evaluate import evaluate as evaluate
    from zoo.evaluation.paired import compare_models as compare_models
    from zoo.evaluation.thresholds import thresholds as thresholds
    from zoo.explanation.explain import explain as explain
    from zoo.hub.find import pull as pull
    from zoo.hub.listing import models as models
    from zoo.inference.classify import classify as classify
    from zoo.inference.classify import embed as embed
    from zoo.inference.novelty import novelty as novelty
    from zoo.light_curves.ragged import LightCurves as LightCurves
    from zoo.publish.push import push as push
    from zoo.stream.drift import drift as drift
    from zoo.stream.stream import Stream as Stream
    from zoo.training.fit import fit as fit

    __version__: str

# `zoo.datasets` and `zoo.cli` lie beside `zoo/` in a checkout, installed as editable or
# not: there this line finds them. The wheel has them in `zoo/` (see pyproject.toml).
_root = _Path(__file__).resolve().parent.parent
if (_root / "pyproject.toml").is_file() and (_root / "datasets").is_dir():
    __path__.append(str(_root))

# `zoo.datasets` has no `__init__.py` for its one public function, `simulate`: the file
# would shadow Hugging Face's `datasets` in a checkout.
vars(_import_module("zoo.datasets"))["__getattr__"] = lambda name: _of_datasets(name)

_register_with_keras()

# ONNX Runtime sends its maker what it runs, and how, unless this was set when it was
# imported (docs/security.md); the client of the hub names installed packages to it.
_os.environ |= {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

_WHERE = {
    "classify": "zoo.inference.classify",
    "compare_models": "zoo.evaluation.paired",
    "drift": "zoo.stream.drift",
    "embed": "zoo.inference.classify",
    "evaluate": "zoo.evaluation.evaluate",
    "explain": "zoo.explanation.explain",
    "fit": "zoo.training.fit",
    "load": "zoo.classifier.load",
    "models": "zoo.hub.listing",
    "novelty": "zoo.inference.novelty",
    "pull": "zoo.hub.find",
    "push": "zoo.publish.push",
    "save": "zoo.classifier.save",
    "thresholds": "zoo.evaluation.thresholds",
    "LightCurves": "zoo.light_curves.ragged",
    "Stream": "zoo.stream.stream",
    "TransientClassifier": "zoo.classifier.classifier",
}
_MODULES = ("plot",)
__all__ = sorted([*_WHERE, *_MODULES])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("transient-zoo")
    if name not in __all__:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    if name in _MODULES:
        return _import_module(f"zoo.{name}")
    return getattr(_import_module(_WHERE[name]), name)


def _of_datasets(name: str) -> Any:
    if name != "simulate":
        raise AttributeError(f"module 'zoo.datasets' has no attribute {name!r}")
    return _import_module("zoo.datasets.simulated").simulate


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
