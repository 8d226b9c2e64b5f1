"""The base of every survey's tfds builder, and its configurations.

A survey is a folder with `<survey>_dataset_builder.py`, in it a class `Builder` of a
few lines, and `README.md`, `CITATIONS.bib` and `TAGS.txt`.
"""

import contextlib
import dataclasses
import hashlib
import pickle
import re
import sys
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core.writer import ExampleWriter

from zoo.datasets.features import features, to_examples
from zoo.datasets.parquet import ParquetWriter
from zoo.datasets.readers import FORMATS, detect
from zoo.datasets.splits import SPLITS, StratifiedSplit
from zoo.light_curves import LightCurves

SIMULATED = "simulated"
"""Name of the default configuration and of its source."""

OBJECTS = 12_000
"""Number of objects of the default configuration."""

_SIMULATED_NAME = re.compile(rf"{SIMULATED}-n(\d+)-s(\d+)")


@dataclasses.dataclass(eq=False)
class Config(tfds.core.BuilderConfig):
    """What decides the bytes of a data set.

    Attributes:
        source: `simulated`, or a format of `zoo.datasets.readers`.
        objects: number of objects to simulate.
        seed: of the simulation and of the splits.
        folder: with the files to read; None: tfds' `manual_dir`.
    """

    source: str = SIMULATED
    objects: int = OBJECTS
    seed: int = 0
    folder: Path | None = None


def simulated_config_name(objects: int, seed: int) -> str:
    """Name the configuration of a simulation; the default one is `simulated`.

    Example:
        >>> simulated_config_name(5000, seed=3)
        'simulated-n5000-s3'
    """
    default = (objects, seed) == (OBJECTS, 0)
    return SIMULATED if default else f"{SIMULATED}-n{objects}-s{seed}"


def configs(*formats: str) -> list[Config]:
    """The named configurations of a survey: `simulated`, and one for every format."""
    simulated = Config(
        name=SIMULATED, description=f"{OBJECTS} objects, simulated without a download."
    )
    return [
        simulated,
        *(
            Config(
                name=name,
                source=name,
                description=f"Read from manual_dir: {FORMATS[name].LOOKS_FOR}.",
            )
            for name in formats
        ),
    ]


class SurveyBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A data set of light curves, simulated or read from a survey's files.

    Besides the named configurations there is one for every size and seed of a
    simulation (`simulated-n5000-s3`) and, through `add_folder`, one for every folder.

    Args:
        workers: processes of the simulation; they do not change the result.
        file_format: parquet is written and read without TensorFlow.
        **kwargs: of `tfds.core.DatasetBuilder`: `data_dir`, `config`, `version`.
    """

    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put the survey's files, as downloaded, into one folder and name it as "
        'manual_dir, or call zoo.datasets.registry.builder(survey, source_dir="...").'
    )

    _of_folders: ClassVar[dict[str, Config]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Where README.md and the others are; tfds' own guess needs symbolic links.
        cls.pkg_dir_path = Path(str(sys.modules[cls.__module__].__file__)).parent
        cls._of_folders = {}

    def __init__(
        self, *, workers: int = 1, file_format: str = "parquet", **kwargs: Any
    ) -> None:
        super().__init__(file_format=file_format, **kwargs)
        self.workers = workers

    @classmethod
    def get_builder_config(
        cls, name: str, version: str | tfds.core.Version | None = None
    ) -> Config | None:
        """Find a named configuration, or make that of a name with a size and seed."""
        if match := _SIMULATED_NAME.fullmatch(name):
            objects, seed = map(int, match.groups())
            config = Config(name=name, objects=objects, seed=seed)
            return cls._of_folders.setdefault(name, config)
        return cls._of_folders.get(name) or super().get_builder_config(name, version)

    @classmethod
    def add_folder(cls, folder: str | PathLike[str], *, seed: int = 0) -> str:
        """Make the configuration that reads a folder.

        Its name holds the path and the state of the files, so that another folder, or
        the same one after a change, is another data set.

        Args:
            folder: with files of one of the survey's formats.
            seed: of the splits.

        Returns:
            The name of the configuration, for `tfds.builder(survey, config=name)`.

        Raises:
            FileNotFoundError: there is no such folder.
            ValueError: its format is not known, or not one of this survey.
        """
        path = Path(folder).expanduser().resolve()
        source = detect(path)
        if source not in cls.builder_configs:
            known = ", ".join(name for name in cls.builder_configs if name != SIMULATED)
            raise ValueError(
                f"{path} is in the format {source}, which {cls.name} does not read. It "
                f"reads {known}. Choose another survey."
            )
        state = [str(path), str(seed)]
        for file in sorted(path.rglob("*")):
            status = file.stat()
            state.append(f"{file.name} {status.st_size} {status.st_mtime_ns}")
        digest = hashlib.sha256("\n".join(state).encode()).hexdigest()[:12]
        name = f"{source}-{re.sub(r'[^A-Za-z0-9]+', '_', path.name)}-{digest}"
        config = Config(name=name, source=source, seed=seed, folder=path)
        cls._of_folders[name] = config
        return name

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(features=features())

    def _example_writer(self) -> ExampleWriter:
        if self.info.file_format is tfds.core.FileFormat.PARQUET:
            return ParquetWriter(self.info.file_format)
        return super()._example_writer()

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[str, dict[str, object]]]]:
        """Deal the objects out to one temporary file per split, in one pass.

        tfds writes one split after the other; the source is read only once, and never
        held in memory as a whole.
        """
        config = self.builder_config
        simulated = config.source == SIMULATED
        dealer, seen = StratifiedSplit(config.seed), set[str]()
        files: dict[int, IO[bytes]] = {}
        bar = tfds.core.utils.tqdm(
            desc=f"{'Simulating' if simulated else 'Reading'} {self.name}",
            total=config.objects if simulated else None,
            unit=" objects",
            leave=False,
        )
        with contextlib.ExitStack() as failed, bar:
            for chunk in self._light_curves(dl_manager):
                self._refuse_repeated(chunk, seen)
                split = dealer.assign(chunk.labels)
                for code in np.unique(split).tolist():
                    if code not in files:
                        file = TemporaryFile(dir=self.data_dir)
                        files[code] = failed.enter_context(file)
                    part = chunk.take(np.flatnonzero(split == code))
                    pickle.dump(part, files[code], protocol=pickle.HIGHEST_PROTOCOL)
                bar.update(len(chunk))
            if not files:
                raise ValueError(
                    f"{self.info.full_name}: the source holds no light curves. Give a "
                    "folder with at least one object."
                )
            failed.pop_all()
        return {SPLITS[c]: self._generate_examples(files[c]) for c in sorted(files)}

    def _generate_examples(
        self, file: IO[bytes]
    ) -> Iterator[tuple[str, dict[str, object]]]:
        with file:
            end = file.tell()
            file.seek(0)
            while file.tell() < end:
                yield from to_examples(pickle.load(file))

    def _light_curves(
        self, dl_manager: tfds.download.DownloadManager
    ) -> Iterator[LightCurves]:
        config = self.builder_config
        if config.source != SIMULATED:
            folder = config.folder or Path(dl_manager.manual_dir)
            return FORMATS[config.source].read(folder)
        from zoo.datasets.simulator import simulate  # only a build needs it

        return simulate(
            self.name, objects=config.objects, seed=config.seed, workers=self.workers
        )

    def _refuse_repeated(self, light_curves: LightCurves, seen: set[str]) -> None:
        """A repeated object would stand in two splits."""
        for object_id in light_curves.object_id:
            if object_id in seen:
                raise ValueError(
                    f"{self.name}: object {object_id!r} occurs twice in its source. "
                    "Give each object once, its rows in one piece."
                )
            seen.add(object_id)
