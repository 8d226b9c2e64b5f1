"""Which base suits the passbands at hand."""

from collections.abc import Collection
from functools import lru_cache

from zoo.hub.pins import BUNDLED, bundled_ids
from zoo.model_folder.manifest import read_manifest
from zoo.model_folder.preset import Preset
from zoo.passbands import Passband


def better_base(preset: Preset, passbands: Collection[Passband]) -> str | None:
    """The bundled model that knows more of some passbands than another model does.

    One knows more if more of them lie within the range of wavelengths that it was
    trained on, else if it was trained on more of them, else on more passbands in all.
    One that knows none is not named.

    Args:
        preset: of the other model.
        passbands: of the data.

    Returns:
        Its id; None where no bundled model of the same classes knows more.

    Example:
        >>> from zoo.passbands import find
        >>> own = read_manifest(BUNDLED / "ztfsims-gru").preset
        >>> better_base(own, [find("ps1::i"), find("ps1::z")])
        'anysims-gru'
    """
    own = _knows(preset, passbands)
    known = {
        name: _knows(other, passbands)
        for name, other in _bundled().items()
        if other.classes == preset.classes
    }
    best = max(known, key=lambda name: known[name], default=None)
    if best is None or not known[best][0] or known[best] <= own:
        return None
    return best


def _knows(preset: Preset, passbands: Collection[Passband]) -> tuple[int, int, int]:
    trained = preset.preprocessing.trained_range
    names = preset.preprocessing.passbands
    if trained is None:
        return 0, 0, 0
    within = [one for one in passbands if trained[0] <= one.wavelength <= trained[1]]
    named = [one for one in passbands if one.name in names]
    return len(within), len(named), len(names)


@lru_cache(1)
def _bundled() -> dict[str, Preset]:
    return {name: read_manifest(BUNDLED / name).preset for name in bundled_ids()}
