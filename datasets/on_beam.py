"""The examples of a data set, made and written by the workers of Apache Beam.

One process reads the source and deals its objects out to the splits, since that depends
on their order; it writes them in pieces. Encoding, shuffling and writing, which take
most of the time, are done by the workers, which must be able to read the folder of the
data set.
"""

import pickle
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from zoo.beam.installed import beam
from zoo.datasets.tfds_features import to_examples
from zoo.light_curves.ragged import LightCurves


class Pieces:
    """Light curves on their way to the workers.

    Args:
        folder: where to make a folder for them.
    """

    def __init__(self, folder: Path):
        self.folder = folder / "pieces"
        self.folder.mkdir()
        self._paths: dict[int, list[str]] = {}

    def add(self, split: int, light_curves: LightCurves) -> None:
        """Write one piece of a split."""
        paths = self._paths.setdefault(split, [])
        path = self.folder / f"{split}-{len(paths):06d}"
        path.write_bytes(pickle.dumps(light_curves, pickle.HIGHEST_PROTOCOL))
        paths.append(str(path))

    def generators(self) -> dict[int, Any]:
        """For each split the transform that makes its examples, for tfds."""
        return {
            split: beam.Create(paths) | beam.Reshuffle() | beam.FlatMap(_examples)
            for split, paths in sorted(self._paths.items())
        }

    def delete(self) -> None:
        """Delete them."""
        shutil.rmtree(self.folder)


def _examples(path: str) -> Iterator[tuple[str, dict[str, object]]]:
    yield from to_examples(pickle.loads(Path(path).read_bytes()))


def options(flags: Sequence[str]) -> Any:
    """Options of a pipeline: each KEY=VALUE, or KEY for a flag."""
    from apache_beam.options.pipeline_options import PipelineOptions

    return PipelineOptions([f"--{flag}" for flag in flags])
