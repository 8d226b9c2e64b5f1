"""DATA, MODEL and OUT: what the arguments of the commands stand for."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zoo.light_curves import LightCurves
    from zoo.table_parts import Part

DATA_HELP = (
    "A survey (ztfsims, bts, lsstsims: simulated) or a light-curve table folder."
)
MODEL_HELP = (
    "An id that `zoo-cli models` lists, org/name of the hub, or a model folder; each "
    "with an optional @revision."
)

# How to measure: the options of `evaluate` and `card`.
Taxonomy = Annotated[
    str | None, typer.Option(help="Score in this taxonomy: ztfsims, lsst or bts.")
]
Classes = Annotated[str | None, typer.Option(help="Score among these labels: A,B,...")]
NoMetadata = Annotated[
    bool, typer.Option("--no-metadata", help="Hide redshift and mwebv.")
]
Where = Annotated[
    str | None, typer.Option(help="Keep objects whose metadata have COLUMN=VALUE.")
]


def read_data(
    data: str, *, split: str | None = None, zeropoint: float | None = None
) -> "LightCurves":
    """Read DATA: a survey where there is one of that name, else a folder.

    Args:
        data: what the user gave.
        split: part of a survey's data set; a folder is always read whole.
        zeropoint: AB zero point of the fluxes of a folder.

    Raises:
        KeyError: it is neither.
    """
    from zoo.light_curves import ZEROPOINT
    from zoo.table_folder import read_folder

    if _is_folder(data):
        return read_folder(
            data, zeropoint=ZEROPOINT if zeropoint is None else zeropoint
        )
    if zeropoint is not None:
        raise ValueError(f"--zeropoint is for folders; {data} is a survey of ours.")
    from zoo.datasets import registry

    return registry.load_light_curves(registry.find(data), split)


def data_name(data: str) -> str:
    """What to call DATA in metrics and presets: never a path of the user's machine."""
    if _is_folder(data):
        return Path(data).resolve().name
    from zoo.datasets import registry

    return registry.find(data).info.full_name


def data_given(data: str) -> str:
    """DATA as others can repeat it: a survey as given, a folder by its name alone."""
    return Path(data).resolve().name if _is_folder(data) else data


def is_simulated(data: str) -> bool:
    """Whether DATA is a simulation of ours, which may be published with a model."""
    from zoo.datasets import registry
    from zoo.datasets.configs import SIMULATED

    if _is_folder(data):
        return False
    return registry.find(data).builder_config.source == SIMULATED


def open_parts(
    name: str, zeropoint: float | None, scratch: Path
) -> tuple[Iterable["Part"], int | None]:
    """What `classify` is given, to be read part by part, and how many rows it has.

    Args:
        name: a survey, a light-curve table folder or the photometry of one.
        zeropoint: AB zero point of the fluxes of a table.
        scratch: folder for temporary files.

    Raises:
        KeyError: it is neither.
        ValueError: a file cannot be read.
    """
    from zoo.light_curves import ZEROPOINT
    from zoo.table_folder import SUFFIXES, find_tables
    from zoo.table_parts import Part, TableParts

    path = Path(name)
    if _is_folder(name) and (path.is_dir() or path.suffix in SUFFIXES):
        files = find_tables(path) if path.is_dir() else (path, None)
        parts = TableParts(
            *files,
            zeropoint=ZEROPOINT if zeropoint is None else zeropoint,
            scratch=scratch,
        )
        return parts, parts.rows
    light_curves = read_data(name, zeropoint=zeropoint)
    return [Part(light_curves, len(light_curves.mjd))], len(light_curves.mjd)


def _is_folder(data: str) -> bool:
    from zoo.datasets.names import SURVEYS

    return data.partition("/")[0] not in SURVEYS and Path(data).exists()


def check_where(where: str, option: str) -> None:
    """Refuse what is not COLUMN=VALUE, before any data are read.

    Raises:
        typer.BadParameter: there is no equals sign.
    """
    if "=" not in where:
        raise typer.BadParameter(f"{where!r} is not COLUMN=VALUE.", param_hint=option)


def keep_where(light_curves: "LightCurves", where: str | None) -> "LightCurves":
    """Keep the objects whose metadata column has a value, given as COLUMN=VALUE.

    Raises:
        ValueError: no object is left, or the value of a numeric column is no number.
        KeyError: there is no such column.
    """
    import numpy as np
    import pandas as pd

    if where is None:
        return light_curves
    column, _, value = where.partition("=")
    if column not in light_curves.metadata:
        known = ", ".join(map(str, light_curves.metadata.columns))
        raise KeyError(f"the metadata have no column {column!r}; they have {known}.")
    values = light_curves.metadata[column]
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        values, wanted = values.astype(float), float(value)
    else:
        values, wanted = values.astype(str), value
    kept = np.flatnonzero(values == wanted)
    if not len(kept):
        raise ValueError(f"no object has {column} = {value!r}.")
    return light_curves.take(kept)
