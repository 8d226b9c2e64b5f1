"""Let `keras.saving.load_model` find our class after `import zoo`.

Keras looks a class up among those that were registered, so its module must have been
imported; `import zoo` shall not import Keras for that. So the class is imported as soon
as Keras is, whichever of the two comes first.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def register_with_keras() -> None:
    """Import our class now if Keras is imported already, else right after it is."""
    if "keras" in sys.modules:
        _import_class()
    else:
        sys.meta_path.insert(0, _AfterKeras())


class _AfterKeras(MetaPathFinder):
    """Finds Keras as the other finders do, and imports our class after it."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        if fullname != "keras":
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next(filter(None, specs), None)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_import(module: ModuleType) -> None:
                execute(module)
                _import_class()

            spec.loader.exec_module = execute_and_import  # type: ignore[method-assign]
        return spec


def _import_class() -> None:
    modules = (name for name in sys.modules if name.startswith("zoo.classifier."))
    if set(modules) == {__name__}:  # else one of them is what imports Keras
        import_module("zoo.classifier.classifier")
