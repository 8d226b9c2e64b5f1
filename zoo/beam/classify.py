"""The transforms: grouped rows to light curves, light curves to probabilities."""

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import Any, TypeAlias

import pandas as pd

from zoo.beam.installed import beam
from zoo.inference.classify import classified
from zoo.inference.novelty import Usual
from zoo.inference.runtime import Runtime
from zoo.inference.trust import Trust
from zoo.inputs.preprocess import to_inputs
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.ragged import ZEROPOINT, LightCurves
from zoo.light_curves.table import build

Rows: TypeAlias = Iterable[Mapping[str, Any]]


class Worker(beam.DoFn):
    """A step that needs a model, which each worker loads once.

    Args:
        model: its name or folder, which every worker must be able to read.
        novelty: whether to add the column of `zoo.novelty`.
        trust: whether to add the column `trust`, as for `zoo.classify`.
        keep_all_passbands: as for `zoo.classify`.
        source: `id@revision` that it must be; empty: any.
    """

    def __init__(
        self,
        model: str | PathLike[str],
        *,
        novelty: bool = False,
        trust: bool = False,
        keep_all_passbands: bool = False,
        source: str = "",
    ):
        self._model, self._novelty, self._source = str(model), novelty, source
        self._trust = trust
        self._keep_all_passbands = keep_all_passbands

    def setup(self) -> None:
        """Load the model, without Keras.

        Raises:
            ValueError: it is another model than `source`.
        """
        keep = self._keep_all_passbands
        self.runtime = Runtime.of(self._model, keep_all_passbands=keep)
        if self._source not in ("", self.runtime.source):
            raise ValueError(
                f"{self._model} is {self.runtime.source} on a worker, but "
                f"{self._source} where the pipeline was started."
            )
        self.usual = Usual.of(self.runtime) if self._novelty else None
        self.trust = Trust.of(self.runtime) if self._trust else None


class _Classify(Worker):
    def process(self, element: LightCurves) -> Iterator[pd.DataFrame]:
        inputs = to_inputs(element, self.runtime.preset.preprocessing)
        yield classified(self.runtime, element, inputs, self.usual, self.trust)[0]


class Classify(beam.PTransform):
    """Class probabilities of light curves.

    Elements in: `LightCurves` of any number of objects; some hundreds at a time are
    fast. Elements out: for each the DataFrame that `zoo.classify` returns. An object
    without a trigger has NaN probabilities and a reason; there are no warnings.

    Args:
        model: the name of a model, or its folder, which every worker must be able to
            read.
        novelty: add the column of `zoo.novelty`.
        trust: add the column `trust`, as for `zoo.classify`.
        keep_all_passbands: as for `zoo.classify`.

    Example:
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> with beam.Pipeline() as pipeline:
        ...     light_curves = pipeline | beam.Create([golden_light_curves()])
        ...     _ = light_curves | Classify("ztfsims-gru") | beam.Map(len)
    """

    def __init__(
        self,
        model: str | PathLike[str],
        *,
        novelty: bool = False,
        trust: bool = False,
        keep_all_passbands: bool = False,
    ):
        super().__init__()
        self._model = str(model)
        self._options: dict[str, Any] = {
            "novelty": novelty,
            "trust": trust,
            "keep_all_passbands": keep_all_passbands,
        }

    def expand(self, light_curves: Any) -> Any:
        """Apply the transform; Beam calls this."""
        return light_curves | beam.ParDo(_Classify(self._model, **self._options))


class ToLightCurves(beam.PTransform):
    """Rows of a light-curve table, grouped by object, to light curves.

    Elements in: (object_id, rows), as `beam.GroupByKey` gives them, or (object_id,
    {"photometry": rows, "metadata": rows}), as `beam.CoGroupByKey` does. A row is a
    mapping of the table's columns; an object has at most one of metadata. Elements out:
    `LightCurves`. A row that breaks a rule of the table ends the pipeline; rows without
    a flux are left out.

    Args:
        zeropoint: AB zero point of the fluxes where no column gives it.
        batch: maximum number of objects in an element.

    Example:
        >>> row = {"mjd": 60000.0, "band": "ztfg", "flux": 900.0, "flux_err": 30.0}
        >>> with beam.Pipeline() as pipeline:
        ...     grouped = pipeline | beam.Create([("a", [row])])
        ...     _ = grouped | ToLightCurves() | beam.Map(len)
    """

    def __init__(self, *, zeropoint: float = ZEROPOINT, batch: int = 512):
        super().__init__()
        self._zeropoint, self._batch = zeropoint, batch

    def expand(self, grouped: Any) -> Any:
        """Apply the transform; Beam calls this."""
        sizes = {"min_batch_size": min(64, self._batch), "max_batch_size": self._batch}
        return (
            grouped
            | beam.BatchElements(**sizes)
            | beam.Map(_light_curves, zeropoint=self._zeropoint)
        )


def _light_curves(
    objects: list[tuple[Any, Rows | Mapping[str, Rows]]], zeropoint: float
) -> LightCurves:
    photometry, metadata = [], []
    for object_id, rows in objects:
        both = rows if isinstance(rows, Mapping) else {"photometry": rows}
        photometry += [{**row, "object_id": object_id} for row in both["photometry"]]
        known = [{**row, "object_id": object_id} for row in both.get("metadata", ())]
        metadata += known or [{"object_id": object_id}]
    frame = pd.DataFrame(metadata)
    options = ReadOptions(zeropoint=zeropoint)
    return build(pd.DataFrame(photometry), frame, options).light_curves
