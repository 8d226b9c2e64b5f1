"""The base of every survey's tfds builder.

A new survey is a folder `datasets/<survey>` with `<survey>_dataset_builder.py`, in it a
class `Builder` of a few lines, and `__init__.py`, `README.md` (its first line describes
the survey), `CITATIONS.bib` and `TAGS.txt`. New passbands go to `zoo.passbands`, and if
the survey comes in SNANA files, the filter letters to
`zoo.datasets.readers.surveys.snana`.
"""

import contextlib
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core.writer import ExampleWriter

from zoo.datasets.configs import (
    SIMULATED,
    Config,
    config_from_name,
    folder_config,
    templated_config,
)
from zoo.datasets.parquet import ParquetWriter
from zoo.datasets.readers import stream
from zoo.datasets.stratified_split import SPLITS, StratifiedSplit
from zoo.datasets.tfds_features import features, to_examples
from zoo.light_curves.ragged import LightCurves


class SurveyBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A data set of light curves, simulated or read from a survey's files.

    Besides the named configurations there is one for every size and seed of a
    simulation (`simulated-n5000-s3`) and, through `add_folder` and `add_templates`, one
    for every folder.

    Args:
        workers: processes of the simulation; they do not change the result.
        pipeline: options of an Apache Beam pipeline that makes and writes the examples,
            see `zoo.datasets.on_beam`; they do not change the examples.
        file_format: parquet is written and read without TensorFlow.
        **kwargs: of `tfds.core.DatasetBuilder`: `data_dir`, `config`, `version`.
    """

    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put the survey's files, as downloaded, into one folder and name it as "
        'manual_dir, or call zoo.datasets.registry.builder(survey, source_dir="...").'
    )

    _configs_made: ClassVar[dict[str, Config]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Where README.md and the others are; tfds' own guess needs symbolic links.
        cls.pkg_dir_path = Path(str(sys.modules[cls.__module__].__file__)).parent
        cls._configs_made = {}

    def __init__(
        self,
        *,
        workers: int = 1,
        pipeline: Sequence[str] | None = None,
        file_format: str = "parquet",
        **kwargs: Any,
    ) -> None:
        super().__init__(file_format=file_format, **kwargs)
        self.workers, self.pipeline = workers, pipeline

    @classmethod
    def get_builder_config(
        cls, name: str, version: str | tfds.core.Version | None = None
    ) -> Config | None:
        """Find a configuration, or create it from a name with a size or a folder."""
        if name not in cls._configs_made and (config := config_from_name(name)):
            cls._configs_made[name] = config
        return cls._configs_made.get(name) or super().get_builder_config(name, version)

    @classmethod
    def add_folder(cls, folder: str | PathLike[str], *, seed: int = 0) -> str:
        """Create the configuration that reads a folder, see `configs.folder_config`.

        Args:
            folder: holds files of one of the survey's formats.
            seed: of the splits.

        Returns:
            The name of the configuration, for `tfds.builder(survey, config=name)`.

        Raises:
            FileNotFoundError: there is no such folder.
            ValueError: its format is not known, or not one of this survey.
        """
        config = folder_config(folder, seed)
        if config.source not in cls.builder_configs:
            known = ", ".join(name for name in cls.builder_configs if name != SIMULATED)
            raise ValueError(
                f"{folder} is in the format {config.source}, which {cls.name} does not "
                f"read. It reads {known}. Choose another survey."
            )
        cls._configs_made[config.name] = config
        return config.name

    @classmethod
    def add_templates(
        cls,
        folder: str | PathLike[str],
        *,
        objects: int,
        seed: int,
        plain: bool = False,
    ) -> str:
        """Create the configuration of a simulation from a folder of spectral templates.

        Args:
            folder: see `zoo.datasets.simulator.transients.templates`.
            objects: number of objects to simulate.
            seed: of the simulation and of the splits.
            plain: simulate without the deliberate variety.

        Returns:
            The name of the configuration, for `tfds.builder(survey, config=name)`.

        Raises:
            FileNotFoundError: there is no such folder.
            ValueError: it holds no templates.
        """
        config = templated_config(objects, seed, folder, plain)
        cls._configs_made[config.name] = config
        return config.name

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(features=features())

    def _example_writer(self) -> ExampleWriter:
        if self.info.file_format is tfds.core.FileFormat.PARQUET:
            return ParquetWriter(self.info.file_format)
        return super()._example_writer()

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Any]:
        """Distribute the objects to one temporary file per split, in one pass.

        tfds writes one split after the other; the source is read only once, and never
        held in memory as a whole.
        """
        if self.pipeline is not None:
            from zoo.datasets.on_beam import Pieces

            pieces = Pieces(Path(self.data_dir))
            self._deal(dl_manager, pieces.add)
            self._after = pieces.delete
            return {SPLITS[c]: made for c, made in pieces.generators().items()}
        files: dict[int, IO[bytes]] = {}
        with contextlib.ExitStack() as failed:

            def write(split: int, light_curves: LightCurves) -> None:
                if split not in files:
                    file = TemporaryFile(dir=self.data_dir)
                    files[split] = failed.enter_context(file)
                pickle.dump(light_curves, files[split], pickle.HIGHEST_PROTOCOL)

            self._deal(dl_manager, write)
            failed.pop_all()
        return {SPLITS[c]: self._generate_examples(files[c]) for c in sorted(files)}

    def _deal(
        self,
        dl_manager: tfds.download.DownloadManager,
        write: Callable[[int, LightCurves], None],
    ) -> None:
        """Read the source once, and write each chunk's share of every split."""
        config = self.builder_config
        simulated = config.source == SIMULATED
        dealer, seen = StratifiedSplit(config.seed), set[str]()
        with tfds.core.utils.tqdm(
            desc=f"{'Simulating' if simulated else 'Reading'} {self.name}",
            total=config.objects if simulated else None,
            unit=" objects",
            leave=False,
        ) as bar:
            for chunk in self._light_curves(dl_manager):
                self._refuse_repeated(chunk, seen)
                split = dealer.assign(chunk.labels)
                for code in np.unique(split).tolist():
                    write(code, chunk.take(np.flatnonzero(split == code)))
                bar.update(len(chunk))
        if not seen:
            raise ValueError(
                f"{self.info.full_name}: the source holds no light curves. Give a "
                "folder with at least one object."
            )

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        super()._download_and_prepare(*args, **kwargs)
        if self.pipeline is not None:
            self._after()

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
            if config.folder is None and config.name != config.source:
                raise ValueError(
                    f"{self.info.full_name} is not built here, and its name does not "
                    "contain the folder of its files. Build it from there, with "
                    "zoo.datasets.registry.builder(survey, source_dir=...)."
                )
            folder = config.folder or Path(dl_manager.manual_dir)
            return stream(folder, format=config.source)
        if config.templated and config.templates is None:
            raise ValueError(
                f"{self.info.full_name} is not built here, and its name does not "
                "contain the folder of its templates. Build it from there, with "
                "zoo.datasets.registry.builder(survey, templates=...)."
            )
        from zoo.datasets.simulator import PLAIN, simulate  # only a build needs it

        return simulate(
            self.name,
            objects=config.objects,
            seed=config.seed,
            workers=self.workers,
            randomisation=PLAIN if config.plain else None,
            templates=config.templates,
        )

    def _refuse_repeated(self, light_curves: LightCurves, seen: set[str]) -> None:
        """A repeated object would be in two splits."""
        for object_id in light_curves.object_id:
            if object_id in seen:
                raise ValueError(
                    f"{self.name}: object {object_id!r} occurs twice in its source. "
                    "Give each object once, its rows in one piece."
                )
            seen.add(object_id)
