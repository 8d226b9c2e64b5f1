"""DATA, MODEL and OUT: the arguments that commands share."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.terminal import say
from zoo.datasets.names import SURVEY_FILES, SURVEYS
from zoo.spelling import did_you_mean

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions
    from zoo.light_curves.ragged import LightCurves
    from zoo.light_curves.table import Part
    from zoo.model_folder.preset import Preset

DATA_HELP = (
    "A survey (ztfsims, bts, lsstsims, anysims: simulated), a survey file (FILE.toml, "
    "or a name of `zoo-cli survey list`), or a folder or file that `zoo-cli classify` "
    "reads, such as a light-curve table."
)
MODEL_HELP = (
    "An id that `zoo-cli models` lists, org/name of the hub, or a model folder; each "
    "with an optional @revision."
)

Model = Annotated[
    str, typer.Argument(help=MODEL_HELP, autocompletion=completion.models)
]
Data = Annotated[str, typer.Option(help=DATA_HELP, autocompletion=completion.data)]

# How to measure: the options of `evaluate` and `card`.
Taxonomy = Annotated[
    str | None, typer.Option(help="Score in this taxonomy: ztfsims, lsst or bts.")
]
Classes = Annotated[str | None, typer.Option(help="Score among these labels: A,B,...")]
NoMetadata = Annotated[
    bool, typer.Option("--no-metadata", help="Hide redshift, mwebv and further inputs.")
]
Where = Annotated[
    str | None, typer.Option(help="Keep objects with this metadata value.")
]
KeepAllPassbands = Annotated[
    bool,
    typer.Option(
        "--keep-all-passbands",
        help="Use also rows at wavelengths beyond those that it was trained on.",
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace what an earlier run wrote there.")
]
IncludeTraining = Annotated[
    bool,
    typer.Option("--include-training", help="Include objects that it was trained on."),
]


def read_data(
    data: str,
    options: "ReadOptions | None" = None,
    *,
    split: str | None = None,
    models: "Sequence[Preset]" = (),
) -> "LightCurves":
    """Read DATA: a survey where there is one of that name, else a folder or file.

    Args:
        data: what the user gave.
        options: what the user knows of files.
        split: part of a survey's data set; files are always read whole.
        models: those whose own passbands and columns are known too.

    Raises:
        KeyError: it is neither.
        ValueError: there are options although it is a survey.
    """
    from zoo.light_curves.accept import read
    from zoo.light_curves.photometry import DEFAULT

    options = options or DEFAULT
    simulated = is_survey_file(data)
    if not simulated and _is_path(data):
        return read(data, **vars(knowing(models, options)))
    if not simulated:
        _check_survey(data)
    if options != DEFAULT:
        raise ValueError(
            f"--zeropoint, --passbands, --bands and --format are for files; {data} is "
            "simulated."
        )
    if simulated:
        return _simulated(data, split)
    from zoo.datasets import registry

    return registry.load_light_curves(registry.find(data), split)


def _simulated(data: str, split: str | None) -> "LightCurves":
    """The light curves of a survey file, or those of one split."""
    import numpy as np

    from zoo.datasets.simulated import simulate
    from zoo.light_curves.examples import SPLIT_COLUMN

    light_curves = simulate(data)
    if split is None:
        return light_curves
    chosen = light_curves.metadata[SPLIT_COLUMN] == split
    return light_curves.take(np.flatnonzero(chosen))


def knowing(models: "Sequence[Preset]", options: "ReadOptions") -> "ReadOptions":
    """The options, with the passbands that models have learned and their columns."""
    from zoo.inputs.parameters import reads_of

    return replace(options, **reads_of(model.preprocessing for model in models))


def data_name(data: str) -> str:
    """What to call DATA in metrics and presets: never a path of the user's machine."""
    if is_survey_file(data):
        from zoo.datasets.simulated import simulated_name
        from zoo.datasets.survey_files import read_survey

        return simulated_name(read_survey(data))
    if _is_path(data):
        return Path(data).resolve().name
    _check_survey(data)
    from zoo.datasets import registry

    return registry.find(data).info.full_name


def data_given(data: str) -> str:
    """DATA as others can repeat it: a survey as given, a path by its last part."""
    return Path(data).resolve().name if _is_path(data) else data


def is_simulated(data: str) -> bool:
    """Whether DATA is a simulation of ours, which may be published with a model."""
    if is_survey_file(data):
        return True
    if _is_path(data):  # before the builders are imported
        return False
    from zoo.datasets import registry
    from zoo.datasets.configs import SIMULATED

    return registry.find(data).builder_config.source == SIMULATED


def open_parts(
    names: list[str], options: "ReadOptions", model: "Preset", scratch: Path
) -> tuple[list[Iterable["Part"]], int]:
    """Open the inputs of `classify`, to be read part by part, and count their rows.

    Args:
        names: surveys, light-curve tables, and files of other formats, which are read
            together.
        options: what the user knows of files.
        model: that will classify them.
        scratch: folder for temporary files.

    Raises:
        KeyError, FileNotFoundError: one is neither.
        ValueError: a file cannot be read.
    """
    from zoo.light_curves.parts import TableParts
    from zoo.light_curves.sources.readers import open_others, sort_out
    from zoo.light_curves.table import Part

    whole, paths = [], []
    for name in names:
        if is_survey_file(name):
            whole.append(Part(read_data(name, options)))
        elif not _is_path(name):
            if any(sign in name for sign in "./*?") and not _is_survey(name):
                raise FileNotFoundError(
                    f"{name!r} does not exist. Give files, folders or a survey "
                    f"({', '.join(SURVEYS)})."
                )
            whole.append(Part(read_data(name, options)))
        else:
            paths.append(name)
    options = knowing([model], options)
    tables, others = sort_out(paths, options)
    parts = [
        TableParts(
            table.photometry, table.metadata, table.options(options), scratch=scratch
        )
        for table in tables
    ]
    sources: list[Iterable[Part]] = [[part] for part in whole]
    sources += parts
    if others:
        opened = open_others(others, options)
        say(opened.describe(), err=True)
        whole.append(opened.part(None, whole=True))
        sources.append([whole[-1]])
    return sources, sum(one.rows for one in [*whole, *parts])


def _check_survey(data: str) -> None:
    """Refuse what is no survey, before the builders are imported.

    Raises:
        KeyError: it is none.
    """
    if _is_survey(data):
        return
    name = data.partition("/")[0]
    hint = did_you_mean(name, (*SURVEYS, *SURVEY_FILES))
    raise KeyError(
        f"{data!r} is neither a folder nor a survey ({', '.join(SURVEYS)}).{hint} "
        "`zoo-cli data list` lists the surveys, `zoo-cli survey list` survey files."
    )


def _is_survey(data: str) -> bool:
    return data.partition("/")[0] in SURVEYS


def is_survey_file(data: str) -> bool:
    """Whether DATA is to be simulated: a file FILE.toml, or the name of one that comes
    with the package, where nothing here has that name."""
    if data in SURVEYS:
        return False
    path = Path(data)
    if data in SURVEY_FILES:
        return not path.exists()
    return path.suffix == ".toml" and path.is_file()


def _is_path(data: str) -> bool:
    return bool(data) and not _is_survey(data) and Path(data).exists()


def check_choice(value: str, known: Iterable[str], option: str) -> None:
    """Refuse a value that is none of those that an option has.

    Raises:
        typer.BadParameter: it is none.
    """
    known = list(known)
    if value not in known:
        hint = did_you_mean(value, known)
        raise typer.BadParameter(
            f"{value!r} is not known.{hint} Choose one of {', '.join(known)}.",
            param_hint=option,
        )


def check_where(where: str | None, option: str = "--where") -> None:
    """Refuse what is not COLUMN=VALUE, before any data are read.

    Raises:
        typer.BadParameter: there is no equals sign.
    """
    if where is not None and "=" not in where:
        raise typer.BadParameter(f"{where!r} is not COLUMN=VALUE.", param_hint=option)


def read_to_measure(
    data: str,
    options: "ReadOptions",
    models: "Sequence[Preset]",
    *,
    include_training: bool,
    where: str | None,
    no_metadata: bool,
) -> "LightCurves":
    """The light curves on which a command measures models.

    Args:
        data, options, models: as for `read_data`.
        include_training: take all parts of a survey's data set, not only `test`.
        where: as for `LightCurves.where`.
        no_metadata: hide all metadata that the models see.

    Raises:
        KeyError, ValueError: as `read_data` and `LightCurves.where`.
    """
    split = None if include_training else "test"
    light_curves = read_data(data, options, split=split, models=models)
    if where is not None:
        light_curves = light_curves.where(where)
    if no_metadata:
        columns = [one for model in models for one in model.preprocessing.columns]
        return light_curves.without_metadata(columns)
    return light_curves
