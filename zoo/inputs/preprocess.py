"""Light curves to network inputs: the one path of training, inference and export.

    check -> trigger -> window -> features (`zoo.inputs.features`)

The result stays ragged; `zoo.training.epochs.batches` pads it. A padding row is all
zero, a real row never is: its features are not all zero for any passband, time and
positive error.
"""

import warnings
from collections.abc import Sequence

import numpy as np

from zoo.inputs.features import FEATURES, Rows
from zoo.inputs.inputs import Inputs
from zoo.inputs.metadata import metadata_inputs
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.trigger import (
    NO_PHOTOMETRY,
    NO_TRIGGER,
    OUT_OF_RANGE,
    trigger_flux,
    trigger_rows,
)
from zoo.inputs.wavelengths import (
    left_out,
    new_passbands,
    passband_messages,
    usable_rows,
)
from zoo.light_curves.ragged import LightCurves
from zoo.passbands import CATALOGUE, TOLERANCE, Passband

_CATALOGUE_WAVELENGTHS = np.array([p.wavelength for p in CATALOGUE], np.float32)
_CODES = {passband.name: code for code, passband in enumerate(CATALOGUE)}


def preprocess(
    light_curves: LightCurves, preprocessing: Preprocessing, *, model: str = ""
) -> Inputs:
    """Turn light curves into network inputs.

    Args:
        light_curves: any number of objects.
        preprocessing: the parameters that travel with a model.
        model: its name for the warnings, where it is not the one that the user runs.

    Returns:
        The inputs of every object with a trigger, and the reason for the others.

    Warns:
        UserWarning: a passband occurs that the model was not trained on. Observations
            outside its range of wavelengths are left out, see `zoo.inputs.wavelengths`.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> inputs = preprocess(golden_light_curves(), Preprocessing(features="paper"))
        >>> inputs.light_curve.shape[1], len(inputs)
        (4, 8)
    """
    outside = left_out(light_curves, preprocessing)
    new = new_passbands(light_curves, preprocessing, outside)
    for message in passband_messages(new, outside, preprocessing, model):
        warnings.warn(message, stacklevel=2)
    return to_inputs(light_curves, preprocessing)


def to_inputs(
    light_curves: LightCurves,
    preprocessing: Preprocessing,
    *,
    trigger: np.ndarray | None = None,
) -> Inputs:
    """As `preprocess`, but do not warn.

    Args:
        light_curves: any number of objects.
        preprocessing: the parameters that travel with a model.
        trigger: int64 `(n,)`, the row of each one's trigger, -1 without one, where it
            is known already. Default: what the rule finds.
    """
    usable = usable_rows(light_curves, preprocessing)
    if trigger is None:
        trigger = _triggers(light_curves, preprocessing, usable)
    index = np.flatnonzero(trigger >= 0)
    reason = np.full(len(light_curves), "", dtype=object)
    reason[trigger < 0] = NO_TRIGGER.format(days=preprocessing.pair_days)

    owner = np.repeat(np.arange(len(light_curves)), light_curves.lengths)
    if usable is not None:
        within = np.bincount(owner[usable], minlength=len(light_curves))
        reason[within == 0] = OUT_OF_RANGE
    reason[light_curves.lengths == 0] = NO_PHOTOMETRY

    rows, days = _in_window(light_curves, trigger, preprocessing.window, usable)
    owner = owner[rows]
    lengths = np.bincount(owner, minlength=len(light_curves))[index]
    offsets = np.concatenate([[0], np.cumsum(lengths)])

    at_trigger = trigger_flux(
        light_curves.flux[trigger[index]], light_curves.flux_err[trigger[index]]
    )
    return Inputs(
        light_curve=row_features(
            preprocessing,
            light_curves.passbands,
            light_curves.band[rows],
            days,
            light_curves.flux[rows],
            light_curves.flux_err[rows],
            np.repeat(at_trigger, lengths),
        ),
        offsets=offsets,
        trigger=np.searchsorted(rows, trigger[index]) - offsets[:-1],
        metadata=metadata_inputs(light_curves.metadata, preprocessing)[index],
        index=index,
        reason=reason,
    )


def input_rows(
    light_curves: LightCurves, inputs: Inputs, preprocessing: Preprocessing
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of the light curves the rows of their inputs are.

    Args:
        light_curves: the objects that `preprocess` was given.
        inputs: what it made of them.
        preprocessing: what it made them with.

    Returns:
        int64 `(m,)` positions among the rows of the light curves, in the order of
        `inputs.light_curve`, and float64 `(m,)` days since trigger.
    """
    usable = usable_rows(light_curves, preprocessing)
    trigger = np.full(len(light_curves), -1)
    every = _triggers(light_curves, preprocessing, usable)
    trigger[inputs.index] = every[inputs.index]
    return _in_window(light_curves, trigger, preprocessing.window, usable)


def triggers(light_curves: LightCurves, preprocessing: Preprocessing) -> np.ndarray:
    """The row of each object's trigger for a model, int64 `(n,)`, -1 without one."""
    usable = usable_rows(light_curves, preprocessing)
    return _triggers(light_curves, preprocessing, usable)


def _triggers(
    light_curves: LightCurves, preprocessing: Preprocessing, usable: np.ndarray | None
) -> np.ndarray:
    detected = _detected(light_curves, usable)
    return trigger_rows(light_curves, preprocessing.pair_days, detected)


def confirming_rows(
    light_curves: LightCurves, trigger: np.ndarray, preprocessing: Preprocessing
) -> np.ndarray:
    """The detections that confirm triggers: the next ones that a model may see.

    Args:
        light_curves: any number of objects.
        trigger: int64 `(k,)`, rows of triggers.
        preprocessing: the parameters that travel with a model.

    Returns:
        int64 `(k,)` rows.
    """
    usable = usable_rows(light_curves, preprocessing)
    detected = np.flatnonzero(_detected(light_curves, usable))
    return detected[np.searchsorted(detected, trigger, side="right")]


def _detected(light_curves: LightCurves, usable: np.ndarray | None) -> np.ndarray:
    return light_curves.detected if usable is None else light_curves.detected & usable


def _in_window(
    light_curves: LightCurves,
    trigger: np.ndarray,
    window: tuple[float, float],
    usable: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Rows within the window of each object, and their days since its trigger row."""
    start = np.full(len(light_curves), np.nan)
    known = trigger >= 0
    start[known] = light_curves.mjd[trigger[known]]
    days = light_curves.mjd - np.repeat(start, light_curves.lengths)
    first, last = window
    within = (days >= first) & (days <= last)
    rows = np.flatnonzero(within if usable is None else within & usable)
    return rows, days[rows]


def row_features(
    preprocessing: Preprocessing,
    passbands: Sequence[Passband],
    band: np.ndarray,
    days: np.ndarray,
    flux: np.ndarray,
    flux_err: np.ndarray,
    at_trigger: np.ndarray,
) -> np.ndarray:
    """Features of observations, float32 `(m, features)`.

    Args:
        preprocessing: the parameters that travel with a model.
        passbands: what the codes in `band` stand for.
        band: int16 `(m,)`, index in `passbands`.
        days: float64 `(m,)`, since trigger.
        flux: float32 `(m,)`, zero point 27.5.
        flux_err: its error, same unit.
        at_trigger: float32 `(m,)`, `trigger_flux` of the object.
    """
    wavelength = row_wavelengths(passbands, preprocessing)
    scale = np.float32(preprocessing.flux_scale)
    columns = FEATURES[preprocessing.features](
        Rows(
            wavelength=wavelength[band],
            days=days,
            flux=flux / scale,
            flux_err=flux_err / scale,
            trigger_flux=at_trigger / scale,
        )
    )
    features = np.empty((len(band), len(columns)), np.float32)
    for number, column in enumerate(columns):
        features[:, number] = column
    return features


def row_wavelengths(
    passbands: Sequence[Passband], preprocessing: Preprocessing
) -> np.ndarray:
    """Wavelength of each passband, um, float32 `(p,)`: a model keeps those that it was
    trained with.

    Raises:
        ValueError: it was trained with another wavelength for the name of a user.
    """
    trained = preprocessing.wavelengths
    own = passbands[len(CATALOGUE) :]
    for name, wavelength, *_ in own:
        if abs(trained.get(name, wavelength) - wavelength) > TOLERANCE:
            raise ValueError(
                f"the model was trained with a wavelength of {trained[name]:g} um for "
                f"passband {name!r}, not {wavelength:g}. Use another name for yours."
            )
    values = _CATALOGUE_WAVELENGTHS.copy()
    for name in trained.keys() & _CODES.keys():
        values[_CODES[name]] = trained[name]
    if own:
        more = [trained.get(name, wavelength) for name, wavelength, *_ in own]
        values = np.append(values, np.array(more, np.float32))
    return values
