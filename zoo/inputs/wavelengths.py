"""What a model knows of passbands: those it was trained on, and the range they span.

The network sees a wavelength, not a name, so every passband within the range that it
was trained on can be used. Outside it extrapolates: of 185 real SNe Ia in Pan-STARRS
griz, `ztfsims-gru`, trained on g and r, calls 6 % a SN Ia with all rows and 96 % with
those in g and r (docs/howto/passbands.md).
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping

import numpy as np

from zoo.inputs.parameters import Preprocessing
from zoo.light_curves.ragged import LightCurves
from zoo.passbands import Passband, in_order

_MOST_NAMES = 20  # in a sentence
_REMEDY = " --keep-all-passbands (keep_all_passbands=True) keeps them."


def left_out(
    light_curves: LightCurves, preprocessing: Preprocessing
) -> Counter[Passband]:
    """Number of observations outside the range of a model, by passband."""
    trained = preprocessing.trained_range
    if trained is None:
        return Counter()
    lowest = trained[0] - preprocessing.wavelength_margin
    highest = trained[1] + preprocessing.wavelength_margin
    counts = np.bincount(light_curves.band, minlength=len(light_curves.passbands))
    return Counter(
        {
            light_curves.passbands[code]: int(counts[code])
            for code in np.flatnonzero(counts)
            if not lowest <= light_curves.passbands[code].wavelength <= highest
        }
    )


def usable_rows(
    light_curves: LightCurves, preprocessing: Preprocessing
) -> np.ndarray | None:
    """Which observations lie within the range of a model, bool `(m,)`; None: all."""
    outside = left_out(light_curves, preprocessing)
    return rows_within(light_curves, outside) if outside else None


def rows_within(light_curves: LightCurves, outside: Container[Passband]) -> np.ndarray:
    """Which observations are in none of some passbands, bool `(m,)`."""
    usable = [passband not in outside for passband in light_curves.passbands]
    return np.array(usable)[light_curves.band]


def new_passbands(
    light_curves: LightCurves,
    preprocessing: Preprocessing,
    outside: Container[Passband],
) -> set[Passband]:
    """Passbands of the light curves that a model was not trained on, but for those
    outside its range."""
    if not preprocessing.passbands:
        return set()
    return {
        passband
        for passband in light_curves.observed
        if passband.name not in preprocessing.passbands and passband not in outside
    }


def passband_messages(
    new: Iterable[Passband],
    outside: Mapping[Passband, int],
    preprocessing: Preprocessing,
    model: str = "",
) -> list[str]:
    """What to tell a user of passbands that a model was not trained on.

    Args:
        new, outside: as `new_passbands` and `left_out` return them.
        preprocessing: of the model.
        model: its name, where it is not the one that the user runs.
    """
    messages = []
    trained, name = preprocessing.trained_range, model or "the model"
    remedy = "" if model else _REMEDY
    if outside and trained is not None:
        messages.append(
            f"left out {sum(outside.values()):,} rows in {_names(outside)}: {name} "
            f"was trained on {trained[0]:g} to {trained[1]:g} um.{remedy}"
        )
    if new := set(new):
        messages.append(
            f"{name} was not trained on {_names(new)} (but on "
            f"{_trained_on(preprocessing)}); expect less of it there, or "
            "transfer it with labels of your survey."
        )
    return messages


def _trained_on(preprocessing: Preprocessing) -> str:
    names, trained = preprocessing.passbands, preprocessing.trained_range
    if len(names) <= _MOST_NAMES or trained is None:
        return ", ".join(names)
    return f"{len(names)} others, {trained[0]:g} to {trained[1]:g} um"


def _names(passbands: Iterable[Passband]) -> str:
    return ", ".join(passband.name for passband in in_order(passbands))
