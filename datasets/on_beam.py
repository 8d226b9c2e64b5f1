"""The examples of a data set, made and written by the workers of Apache Beam.

One process reads the source and deals its objects out to the splits, since that depends
on their order; it writes them in pieces. Encoding, shuffling and writing, which take
most of the time, are done by the workers, which must be able to read the folder of the
data set.
"""

from collections.abc import Sequence
from typing import Any

from zoo.beam.installed import beam
from zoo.datasets.tfds_features import saved_examples


def generate(paths: list[str]) -> Any:
    """The transform that makes the examples of one split from its pieces, for tfds."""
    return beam.Create(paths) | beam.Reshuffle() | beam.FlatMap(saved_examples)


def options(flags: Sequence[str]) -> Any:
    """Options of a pipeline: each KEY=VALUE, or KEY for a flag."""
    from apache_beam.options.pipeline_options import PipelineOptions

    return PipelineOptions([f"--{flag}" for flag in flags])
