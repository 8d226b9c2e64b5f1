"""The base of every survey's tfds builder.

A new survey is a folder `datasets/<survey>` with `<survey>_dataset_builder.py`, in it a
class `Builder` of a few lines, and `__init__.py`, `README.md` (its first line describes
the survey), `CITATIONS.bib` and `TAGS.txt`. New passbands go to `zoo.passbands`, and if
the survey comes in SNANA files, its filter letters to
`benchmarks/passbands/sources.toml`.
"""

import pickle
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core.writer import ExampleWriter

from zoo.datasets.configs import SIMULATED, Config, config_from_name
from zoo.datasets.parquet import ParquetWriter
from zoo.datasets.readers import stream
from zoo.datasets.stratified_split import SPLITS, StratifiedSplit
from zoo.datasets.tfds_features import features, saved_examples
from zoo.light_curves.ragged import LightCurves
from zoo.system.progress import bar

_PIECES = "pieces"  # folder of light curves on their way to the examples


class SurveyBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A data set of light curves, simulated or read from a survey's files.

    Besides the named configurations there is one for every size and seed of a
    simulation (`simulated-n5000-s3`) and, through `add`, one for every folder.

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
    _phases: ExitStack
    _wrote: Callable[[int], None]

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
    def add(cls, config: Config) -> str:
        """Add a configuration that reads a folder, see `zoo.datasets.configs`.

        Returns:
            The name of the configuration, for `tfds.builder(survey, config=name)`.

        Raises:
            ValueError: its format is not one of this survey.
        """
        if config.source not in cls.builder_configs:
            known = ", ".join(name for name in cls.builder_configs if name != SIMULATED)
            raise ValueError(
                f"{config.folder} is in the format {config.source}, which {cls.name} "
                f"does not read. It reads {known}. Choose another survey."
            )
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
        """Distribute the objects to files of each split, in one pass.

        tfds writes one split after the other; the source is read only once, and never
        held in memory as a whole.
        """
        folder = Path(self.data_dir) / _PIECES
        folder.mkdir()
        config = self.builder_config
        simulated = config.source == SIMULATED
        dealer, seen = StratifiedSplit(config.seed), set[str]()
        pieces: dict[int, list[str]] = {}
        what = f"{'Simulating' if simulated else 'Reading'} {self.name}"
        total = config.objects if simulated else None
        log = f"{what} ..." if total is None else f"{what}: {total:,} objects ..."
        with bar(what, total, log=log) as done:
            for chunk in self._light_curves(dl_manager):
                if twice := seen.intersection(chunk.object_id):  # it is in two splits
                    raise ValueError(
                        f"{self.name}: object {min(twice)!r} occurs twice in its "
                        "source. Give each object once, its rows in one piece."
                    )
                seen.update(chunk.object_id)
                split = dealer.assign(chunk.labels)
                for code in np.unique(split).tolist():
                    paths = pieces.setdefault(code, [])
                    path = folder / f"{code}-{len(paths):06d}"
                    piece = chunk.take(np.flatnonzero(split == code))
                    path.write_bytes(pickle.dumps(piece, pickle.HIGHEST_PROTOCOL))
                    paths.append(str(path))
                done(len(chunk))
        if not seen:
            raise ValueError(
                f"{self.info.full_name}: the source holds no light curves. Give a "
                "folder with at least one object."
            )
        generate = self._generate_examples
        if self.pipeline is not None:
            from zoo.datasets.on_beam import generate
        what = f"Writing {self.name}"
        self._wrote = self._phases.enter_context(
            bar(what, len(seen), log=f"{what}: {len(seen):,} objects ...")
        )
        return {SPLITS[code]: generate(pieces[code]) for code in sorted(pieces)}

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        with ExitStack() as self._phases:
            super()._download_and_prepare(*args, **kwargs)
        shutil.rmtree(Path(self.data_dir) / _PIECES)

    def _generate_examples(
        self, paths: list[str]
    ) -> Iterator[tuple[str, dict[str, object]]]:
        for example in chain.from_iterable(map(saved_examples, paths)):
            self._wrote(1)
            yield example

    def _light_curves(
        self, dl_manager: tfds.download.DownloadManager
    ) -> Iterator[LightCurves]:
        config = self.builder_config
        if config.source == SIMULATED:
            lost = config.templated and config.templates is None
        else:
            lost = config.folder is None and config.name != config.source
        if lost:
            kind, option = "files", "source_dir"
            if config.templated:
                kind = option = "templates"
            raise ValueError(
                f"{self.info.full_name} is not built here, and its name does not "
                f"contain the folder of its {kind}. Build it from there, with "
                f"zoo.datasets.registry.builder(survey, {option}=...)."
            )
        if config.source != SIMULATED:
            folder = config.folder or Path(dl_manager.manual_dir)
            return stream(folder, format=config.source)
        from zoo.datasets.simulator import PLAIN, simulate  # only a build needs it

        return simulate(
            self.name,
            objects=config.objects,
            seed=config.seed,
            workers=self.workers,
            randomisation=PLAIN if config.plain else None,
            templates=config.templates,
            years=config.years,
        )
