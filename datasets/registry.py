"""The surveys of the zoo. Importing this module registers their tfds builders.

    import tensorflow_datasets as tfds
    import zoo.datasets.registry

    train = tfds.load("ztfsims", split="train")

A survey is a folder beside this file; see `zoo.datasets.builder`.
"""

import contextlib
import importlib
import io
from collections.abc import Iterator, Sequence
from os import PathLike

from zoo.spelling import did_you_mean
from zoo.system.installed import explained

with explained():
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.utils import tqdm_utils

from zoo.datasets.builder import SurveyBuilder
from zoo.datasets.configs import (
    OBJECTS,
    folder_config,
    simulated_name,
    templated_config,
)
from zoo.datasets.names import BUILDER_SUFFIX, SURVEYS
from zoo.datasets.tfds_features import from_records
from zoo.light_curves.examples import SPLIT_COLUMN
from zoo.light_curves.ragged import LightCurves, concatenate

_BUILDERS: dict[str, type[SurveyBuilder]] = {
    name: importlib.import_module(f"zoo.datasets.{name}.{name}{BUILDER_SUFFIX}").Builder
    for name in SURVEYS
}


def surveys() -> dict[str, str]:
    """Name every survey, with one line of description.

    Example:
        >>> list(surveys())
        ['anysims', 'bts', 'lsstsims', 'ztfsims']
    """
    return {
        name: cls.get_metadata().description.splitlines()[0]
        for name, cls in _BUILDERS.items()
    }


def builder(
    survey: str,
    *,
    source_dir: str | PathLike[str] | None = None,
    objects: int | None = None,
    seed: int = 0,
    plain: bool = False,
    years: tuple[int, int] | None = None,
    data_dir: str | PathLike[str] | None = None,
    workers: int = 1,
    templates: str | PathLike[str] | None = None,
    pipeline: Sequence[str] | None = None,
) -> SurveyBuilder:
    """Choose a data set of a survey, built or not.

    Args:
        survey: one of `surveys()`.
        source_dir: folder with the survey's files, in a format of
            `zoo.datasets.readers`; None simulates.
        objects: number of objects to simulate; 12,000 by default.
        seed: of the simulation and of the splits.
        plain: simulate without deliberate variety, see `zoo.datasets.simulator.PLAIN`.
        years: added before and after the season of the peak, see
            `zoo.datasets.simulator.simulate`.
        data_dir: where tfds keeps its data sets; `~/tensorflow_datasets` by default.
        workers: processes of the simulation; they do not change the result.
        templates: folder with spectral templates to simulate from, see
            `zoo.datasets.simulator.transients.templates`; not for `anysims`.
        pipeline: build on Apache Beam, with these options, each KEY=VALUE, or KEY for a
            flag, such as `("runner=DirectRunner",)`; the examples are the same. Needs
            the extra `beam`.

    Returns:
        A tfds builder; `prepare` builds it.

    Raises:
        KeyError: there is no such survey.
        FileNotFoundError: there is no such folder.
        ValueError: the folder's format is not one of the survey, or `objects`, `years`
            or `templates` is given for a folder, or there are no objects or templates,
            or `years` is out of range.
    """
    if survey not in _BUILDERS:
        hint = did_you_mean(survey, _BUILDERS)
        raise KeyError(f"no survey {survey!r}.{hint} Surveys: {', '.join(_BUILDERS)}.")
    cls = _BUILDERS[survey]
    if source_dir is None:
        objects = OBJECTS if objects is None else objects
        if objects < 1 or seed < 0:
            raise ValueError(
                f"objects is {objects} and seed {seed}: a simulation needs at least 1 "
                "object and a seed of 0 or more."
            )
        if years is not None:
            from zoo.datasets.simulator.cadence import check_years

            check_years(years)
        config = (
            simulated_name(objects, seed, plain, years)
            if templates is None
            else cls.add(templated_config(objects, seed, templates, plain, years))
        )
    else:
        options = ["plain"] if plain else []
        options += [] if years is None else [f"years={years}"]
        options += [] if templates is None else [f"templates={str(templates)!r}"]
        options += [] if objects is None else [f"objects={objects}"]
        if options:
            raise ValueError(
                f"{options[0]} applies to simulations only; {source_dir} is read whole "
                "and unchanged. Leave one of the two out."
            )
        config = cls.add(folder_config(source_dir, seed))
    return cls(config=config, data_dir=data_dir, workers=workers, pipeline=pipeline)


def find(name: str) -> SurveyBuilder:
    """Find a data set by its tfds name, built or not.

    Args:
        name: a survey, or a survey and a configuration, such as
            `ztfsims/simulated-n5000-s3`.

    Raises:
        KeyError: there is no such survey or configuration.
    """
    survey, _, config = name.partition("/")
    if survey not in _BUILDERS:
        raise KeyError(
            f"{name!r} is neither a folder nor a survey ({', '.join(_BUILDERS)})."
            f"{did_you_mean(survey, _BUILDERS)}"
        )
    cls = _BUILDERS[survey]
    if config and cls.get_builder_config(config) is None:
        raise KeyError(
            f"{survey} has no configuration {config!r}."
            f"{did_you_mean(config, cls.builder_configs)} It has "
            f"{', '.join(cls.builder_configs)}, and "
            "simulated-nOBJECTS-sSEED[-yBEFORE-AFTER][-plain]."
        )
    return cls(config=config or None)


def read_named(name: str, split: str | None = None) -> LightCurves:
    """The light curves of a data set by its tfds name, built on first use.

    An entry point of the package, which `zoo.light_curves.sources.named` calls.

    Raises:
        KeyError: there is no such survey or configuration.
        ValueError: the data set has no such split.
    """
    return load_light_curves(find(name), split)


def prepare(data_set: SurveyBuilder) -> SurveyBuilder:
    """Build a data set that is not built yet, and show the progress.

    On standard error: a bar for each phase, in a log a line. What tfds prints about
    its own steps, and about downloads, of which there are none, is suppressed.
    """
    options = None
    if data_set.pipeline is not None:
        from zoo.datasets import on_beam

        options = on_beam.options(data_set.pipeline)
    with contextlib.redirect_stdout(io.StringIO()), _without_bars_of_tfds():
        data_set.download_and_prepare(
            download_config=tfds.download.DownloadConfig(  # type: ignore[arg-type]
                try_download_gcs=False, beam_options=options
            )
        )
    return data_set


@contextlib.contextmanager
def _without_bars_of_tfds() -> Iterator[None]:
    before = tqdm_utils._active  # tfds has a function to set it, and none to read it
    tfds.display_progress_bar(False)
    try:
        yield
    finally:
        tfds.display_progress_bar(before)


def load_light_curves(data_set: SurveyBuilder, split: str | None = None) -> LightCurves:
    """Load a data set into memory, built on first use.

    Args:
        data_set: as `builder` returns it.
        split: `train`, `validation` or `test`; None loads all.

    Returns:
        The light curves, with the name of the split as metadata column `zoo_split`.

    Raises:
        ValueError: the data set has no such split.
    """
    names = list(prepare(data_set).info.splits)
    if split is not None and split not in names:
        raise ValueError(
            f"{data_set.info.full_name} has no split {split!r}."
            f"{did_you_mean(split, names)} Splits: {', '.join(names)}."
        )
    parts = []
    for name in names if split is None else [split]:
        source = data_set.as_data_source(
            name,  # type: ignore[arg-type]
            deserialize_method=tfds.decode.DeserializeMethod.RAW_BYTES,
        )
        part = from_records(source)
        part.metadata[SPLIT_COLUMN] = name
        parts.append(part)
    return concatenate(parts)
