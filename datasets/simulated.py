"""Light curves of a survey file, in memory: `zoo.datasets.simulate`."""

from collections.abc import Sequence
from os import PathLike

from zoo.datasets.simulator import PLAIN
from zoo.datasets.simulator import simulate as chunks
from zoo.datasets.simulator.cadence import Years
from zoo.datasets.simulator.surveys import described
from zoo.datasets.stratified_split import SPLITS, StratifiedSplit
from zoo.datasets.survey_files import SurveyFile, read_survey
from zoo.light_curves.examples import SPLIT_COLUMN
from zoo.light_curves.ragged import LightCurves, concatenate

OBJECTS = 12_000
"""Number of objects where none is asked for."""


def simulate(
    survey: str | PathLike[str] | SurveyFile,
    *,
    objects: int = OBJECTS,
    seed: int = 0,
    years: Years | None = None,
    classes: Sequence[str] | None = None,
    plain: bool = False,
    workers: int = 1,
) -> LightCurves:
    """Simulate the light curves of a survey that a file describes.

    Args:
        survey: a survey file, or the name of one that comes with the package, such as
            `atlas` (`zoo-cli survey list`); or one that has been read.
        objects: number of objects.
        seed: of the simulation and of the splits.
        years: added before and after the season of the peak, as in `(1, 2)`.
        classes: labels; default: the taxonomy that the file names.
        plain: leave out the deliberate variety that helps training, to compare with
            real data.
        workers: processes; they do not change the result.

    Returns:
        Labelled light curves, as by `zoo.datasets.simulator.simulate`, with the
        metadata column `zoo_split`: `train`, `validation` or `test`.

    Raises:
        FileNotFoundError: there is no such survey.
        ValueError: the file, a class or a number is wrong.

    Example:
        >>> simulate("atlas", objects=24).bands
        ('atlasc', 'atlaso')
    """
    file = survey if isinstance(survey, SurveyFile) else read_survey(survey)
    parts = chunks(
        described(file),
        objects=objects,
        seed=seed,
        years=years,
        classes=classes,
        workers=workers,
        randomisation=PLAIN if plain else None,
    )
    light_curves = concatenate(list(parts))
    split = StratifiedSplit(seed).assign(light_curves.labels)
    light_curves.metadata[SPLIT_COLUMN] = [SPLITS[code] for code in split]
    return light_curves


def simulated_name(
    survey: SurveyFile,
    objects: int = OBJECTS,
    seed: int = 0,
    years: Years | None = None,
    plain: bool = False,
) -> str:
    """What to call such light curves: it changes with the survey and the numbers.

    Example:
        >>> simulated_name(read_survey("atlas"), 500)[:6]
        'atlas-'
    """
    return f"{survey.name}-{survey.digest}-{numbered(objects, seed, plain, years)}"


def numbered(objects: int, seed: int, plain: bool, years: Years | None) -> str:
    """The end of the name of a simulation.

    Example:
        >>> numbered(500, 3, True, (4, 5))
        'n500-s3-y4-5-plain'
    """
    around = "" if years is None else f"-y{years[0]}-{years[1]}"
    return f"n{objects}-s{seed}{around}{'-plain' if plain else ''}"
