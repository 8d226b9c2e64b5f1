"""The configurations of a survey's data set, which decide its bytes and its name."""

import dataclasses
import hashlib
import re
from os import PathLike
from pathlib import Path

import tensorflow_datasets as tfds

from zoo.datasets.readers import FORMATS, detect
from zoo.datasets.simulated import OBJECTS as OBJECTS
from zoo.datasets.simulated import numbered

SIMULATED = "simulated"
"""Name of the default configuration and of its source."""


_SIMULATED_NAME = re.compile(
    rf"{SIMULATED}-n(\d+)-s(\d+)(?:-y(\d+)-(\d+))?(-plain)?(-t[0-9a-f]{{12}})?"
)
_FOLDER_NAME = re.compile(rf"({'|'.join(FORMATS)})-\w*-[0-9a-f]{{12}}")


@dataclasses.dataclass(eq=False)
class Config(tfds.core.BuilderConfig):
    """Everything that decides the bytes of a data set.

    Attributes:
        source: `simulated`, or a format of `zoo.datasets.readers`.
        objects: number of objects to simulate.
        seed: of the simulation and of the splits.
        plain: whether the simulation leaves out its deliberate variety, see
            `zoo.datasets.simulator.PLAIN`.
        years: added before and after the season of the peak, see
            `zoo.datasets.simulator.simulate`; None: only that season.
        folder: holds the files to read; None: tfds' `manual_dir`.
        templates: folder with spectral templates to simulate from; None: the
            simulator's own models.
        templated: whether it uses templates, even if their folder is unknown.
    """

    source: str = SIMULATED
    objects: int = OBJECTS
    seed: int = 0
    plain: bool = False
    years: tuple[int, int] | None = None
    folder: Path | None = None
    templates: Path | None = None
    templated: bool = False


def named_configs(*formats: str) -> list[Config]:
    """The configurations listed by a survey: `simulated`, and one for every format."""
    described = {SIMULATED: f"{OBJECTS} objects, simulated without a download."}
    for name in formats:
        described[name] = f"Read from manual_dir: {FORMATS[name].looks_for}."
    return [
        Config(name=name, source=name, description=text)
        for name, text in described.items()
    ]


def simulated_name(
    objects: int, seed: int, plain: bool = False, years: tuple[int, int] | None = None
) -> str:
    """Name the configuration of a simulation; the default one is `simulated`.

    Example:
        >>> simulated_name(5000, seed=3), simulated_name(5000, seed=3, plain=True)
        ('simulated-n5000-s3', 'simulated-n5000-s3-plain')
        >>> simulated_name(5000, seed=3, years=(4, 5))
        'simulated-n5000-s3-y4-5'
    """
    default = (objects, seed, plain, years) == (OBJECTS, 0, False, None)
    numbers = numbered(objects, seed, plain, years)
    return SIMULATED if default else f"{SIMULATED}-{numbers}"


def config_from_name(name: str) -> Config | None:
    """The configuration that another function of this module gave this name, else None.

    That of a folder lacks the folder: it only finds a data set that is already built.
    """
    if match := _SIMULATED_NAME.fullmatch(name):
        objects, seed = map(int, match.groups()[:2])
        return Config(
            name=name,
            objects=objects,
            seed=seed,
            years=None if match[3] is None else (int(match[3]), int(match[4])),
            plain=bool(match[5]),
            templated=bool(match[6]),
        )
    if match := _FOLDER_NAME.fullmatch(name):
        return Config(name=name, source=match[1])
    return None


def templated_config(
    objects: int,
    seed: int,
    templates: str | PathLike[str],
    plain: bool = False,
    years: tuple[int, int] | None = None,
) -> Config:
    """The configuration of a simulation from a folder of spectral templates.

    Its name changes with the content of the templates.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: it holds no templates.
    """
    from zoo.datasets.simulator.transients.templates import digest, find_templates

    digested = digest(find_templates(templates))
    return Config(
        name=f"{SIMULATED}-{numbered(objects, seed, plain, years)}-t{digested}",
        objects=objects,
        seed=seed,
        plain=plain,
        years=years,
        templates=Path(templates).expanduser().resolve(),
        templated=True,
    )


def folder_config(folder: str | PathLike[str], seed: int) -> Config:
    """The configuration that reads a folder.

    Its name holds the path and the state of the files, so that another folder, or the
    same one after a change, is another data set.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: its format is not known.
    """
    path = Path(folder).expanduser().resolve()
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is not a folder. Give one with light curves.")
    source = detect(path)
    state = [str(path), str(seed)]
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        status = file.stat()
        state.append(f"{file} {status.st_size} {status.st_mtime_ns}")
    digest = hashlib.sha256("\n".join(state).encode()).hexdigest()[:12]
    name = f"{source}-{re.sub(r'[^A-Za-z0-9]+', '_', path.name)}-{digest}"
    return Config(name=name, source=source, seed=seed, folder=path)
