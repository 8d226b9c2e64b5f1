"""Explain a prediction: what carried it, and how it came about."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from zoo.explanation.explanation import Explanation
from zoo.explanation.hidden import METADATA, POINT
from zoo.explanation.occlusion import MOST, Occlusion, carriers, occlude
from zoo.inference.history import history_table
from zoo.inference.runtime import AnyModel, Runtime, predict
from zoo.inference.tally import announce
from zoo.inputs.metadata import column_values
from zoo.inputs.preprocess import to_inputs
from zoo.labels import canonical
from zoo.light_curves.accept import read
from zoo.light_curves.ragged import LightCurves


def explain(
    model: AnyModel, data: Any, object_id: object, *, label: str | None = None
) -> Explanation:
    """Which points, passbands, days and metadata carried the prediction of an object.

    Each part is hidden in turn and the object classified again: where the probability
    of the predicted class falls, the part carried it. The parts are every point; all
    points of a passband; all points of a span of days since trigger (before it, 0 to 3,
    3 to 10, 10 to 30, 30 to 100, ..., see `zoo.explanation.hidden.SPANS`); the redshift
    with its error; E(B-V); every further column that the model uses; and all of these
    metadata together.

    The trigger is never hidden. It sets day 0 and the unit of the fluxes, so without it
    all other points would change too: the model sees the light curve without the hidden
    points and with the trigger where it was.

    Parts that tell the same stand in for each other: where two passbands show the same
    decline, hiding one of them changes little. The changes say what the model relied
    on, not whether it was right to.

    Args:
        model: a loaded model, or the name or folder of one, which needs no Keras.
        data: light curves, as for `zoo.classify`, or a (photometry, metadata) pair.
        object_id: of the object.
        label: a further class of the model, whose probability is followed as well.

    Returns:
        The changes as tables, and the path of the probabilities over time.

    Raises:
        KeyError: the data have no such object.
        ValueError: it has no trigger, or the label is no class of the model, or the
            data break a rule.

    Warns:
        UserWarning: as `zoo.classify`, of this object.

    Example:
        >>> import zoo
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> found = zoo.explain("ztfsims-gru", golden_light_curves(), "golden-0")
        >>> found.passbands["passband"].tolist(), len(found.points)
        (['ztfg', 'ztfr'], 80)
    """
    runtime = Runtime.of(model)
    classes, preprocessing = runtime.preset.classes, runtime.preset.preprocessing
    other = None if label is None else _class(label, classes)
    light_curves = read(data, **preprocessing.reads)
    one = light_curves.find(object_id)
    inputs = to_inputs(one, preprocessing)
    announce(runtime, one, inputs, inputs.reason, strict=True)
    path = history_table(runtime, one, inputs, most=MOST)
    whole = predict(runtime, inputs)[0]
    predicted = int(whole.argmax())
    occlusion = occlude(runtime, one, inputs)
    table = _table(one, occlusion, whole, classes, predicted, other)
    of_points = table["kind"] == POINT
    return Explanation(
        light_curve=one,
        model=runtime.source,
        predicted=classes[predicted],
        probability=float(whole[predicted]),
        label=None if other is None else classes[other],
        label_probability=None if other is None else float(whole[other]),
        points=_points(one, occlusion, table),
        parts=table[~of_points].reset_index(drop=True),
        carriers=tuple(carriers(occlusion.parts, table["change"].to_numpy())),
        path=path,
    )


def _class(label: str, classes: Sequence[str]) -> int:
    """The position of a class of the model."""
    spelled = label if label in classes else canonical(label)
    if spelled not in classes:
        raise ValueError(
            f"{label!r} is none of the classes {', '.join(classes)}. Give one of these."
        )
    return classes.index(spelled)


def _table(
    light_curve: LightCurves,
    occlusion: Occlusion,
    whole: np.ndarray,
    classes: Sequence[str],
    predicted: int,
    other: int | None,
) -> pd.DataFrame:
    """Every part, and what hiding it changes."""
    parts, change = occlusion.parts, occlusion.probabilities - whole
    values = [
        column_values(light_curve.metadata, part.name)[0]
        if part.kind == METADATA
        else np.nan
        for part in parts
    ]
    columns = {
        "kind": np.array([part.kind for part in parts], object),
        "part": np.array([part.name for part in parts], object),
        "value": np.array(values, np.float64),
        "points": np.array([len(part.rows) for part in parts], np.int64),
        "change": change[:, predicted],
        **({} if other is None else {"label_change": change[:, other]}),
    }
    then = np.array(classes, object)[occlusion.probabilities.argmax(1)]
    return pd.DataFrame({**columns, "predicted": then})


def _points(
    light_curve: LightCurves, occlusion: Occlusion, table: pd.DataFrame
) -> pd.DataFrame:
    """Every point that the model sees, and what hiding it changes."""
    row = occlusion.row
    part_of = np.full(len(row), -1)  # not in the table: the trigger has no change
    for number, part in enumerate(occlusion.parts):
        if part.kind == POINT:
            part_of[part.rows] = number
    changes = table.drop(columns=["kind", "part", "value"]).reindex(part_of)
    changes["points"] = changes["points"].fillna(0).astype(np.int64)
    names = np.array([passband.name for passband in light_curve.passbands], object)
    seen = {
        "mjd": light_curve.mjd[row],
        "days_since_trigger": occlusion.days,
        "band": names[light_curve.band[row]],
        "flux": light_curve.flux[row],
        "flux_err": light_curve.flux_err[row],
    }
    return pd.concat([pd.DataFrame(seen), changes.reset_index(drop=True)], axis=1)
