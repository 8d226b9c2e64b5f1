"""DATA, MODEL and OUT: what the arguments of the commands stand for."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.light_curves import LightCurves

DATA_HELP = (
    "A survey (ztfsims, bts, lsstsims: simulated) or a light-curve table folder."
)
MODEL_HELP = "An id that `zoo-cli models` lists, or a model folder."


def read_data(
    data: str, *, split: str | None = None, zeropoint: float | None = None
) -> "LightCurves":
    """Read DATA: a folder where there is one of that name, else a survey.

    Args:
        data: what the user gave.
        split: part of a survey's data set; a folder is always read whole.
        zeropoint: AB zero point of the fluxes of a folder.

    Raises:
        KeyError: it is neither.
    """
    from zoo.light_curves import ZEROPOINT
    from zoo.table_folder import read_folder

    if Path(data).exists():
        return read_folder(
            data, zeropoint=ZEROPOINT if zeropoint is None else zeropoint
        )
    from zoo.datasets import registry

    return registry.load_light_curves(registry.find(data), split)


def data_name(data: str) -> str:
    """What to call DATA in metrics and presets: never a path of the user's machine."""
    if Path(data).exists():
        return Path(data).resolve().name
    from zoo.datasets import registry

    return registry.find(data).info.full_name


def is_simulated(data: str) -> bool:
    """Whether DATA is a simulation of ours, which may be published with a model."""
    from zoo.datasets import registry
    from zoo.datasets.configs import SIMULATED

    if Path(data).exists():
        return False
    return registry.find(data).builder_config.source == SIMULATED


def keep_where(light_curves: "LightCurves", where: str | None) -> "LightCurves":
    """Keep the objects whose metadata column has a value, given as COLUMN=VALUE.

    Raises:
        ValueError: it is not of that form, or no object is left.
        KeyError: there is no such column.
    """
    import numpy as np

    if where is None:
        return light_curves
    column, equals, value = where.partition("=")
    if not equals:
        raise ValueError(f"--where {where!r} is not of the form COLUMN=VALUE.")
    if column not in light_curves.metadata:
        known = ", ".join(map(str, light_curves.metadata.columns))
        raise KeyError(f"the metadata have no column {column!r}; they have {known}.")
    kept = np.flatnonzero(light_curves.metadata[column].astype(str) == value)
    if not len(kept):
        raise ValueError(f"no object has {column} = {value!r}.")
    return light_curves.take(kept)
