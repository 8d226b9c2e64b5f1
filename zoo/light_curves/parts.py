"""A light-curve table on disk, part by part, each object whole in one of them.

A file larger than a part is streamed where its rows stand in the order of their
objects. Where they do not, its rows are first spread over temporary files, by object;
either way memory does not grow with the file.
"""

import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc

from zoo.light_curves import files
from zoo.light_curves.files import _batches, _is_ordered, _rows, read_frame
from zoo.light_curves.metadata import each_once
from zoo.light_curves.ragged import ZEROPOINT, LightCurves, nothing_observed
from zoo.light_curves.table import build

_METADATA = ("object_id", "redshift", "mwebv")


@dataclass(frozen=True)
class Part:
    """Light curves of whole objects, and the rows they were made from.

    Attributes:
        light_curves: of any number of objects.
        rows: of their photometry, of which `dropped` had no flux.
    """

    light_curves: LightCurves
    rows: int
    dropped: int = 0


class TableParts:
    """The parts of a table on disk, to be iterated over.

    Args:
        photometry: a parquet, CSV or Arrow file with the columns of a light-curve
            table.
        metadata: likewise, of its objects; those without photometry come last.
        zeropoint: AB zero point of the fluxes where no column says it.
        scratch: folder for temporary files.

    Attributes:
        rows: of the photometry; of a CSV file, about.

    Raises:
        ValueError: a file cannot be read.
    """

    def __init__(
        self,
        photometry: Path,
        metadata: Path | None = None,
        *,
        zeropoint: float = ZEROPOINT,
        scratch: Path | None = None,
    ):
        self.rows = _rows(photometry)
        self._path, self._zeropoint, self._scratch = photometry, zeropoint, scratch
        self._small = self.rows <= files.ROWS
        self._small_metadata: pd.DataFrame | None = None
        self._metadata: pa.Table | None = None
        if metadata is not None and self._small:
            self._small_metadata = read_frame(metadata)
        elif metadata is not None:
            self._metadata = _read_metadata(metadata)
        if self._metadata is not None:
            self._observed = np.zeros(len(self._metadata), bool)

    def __iter__(self) -> Iterator[Part]:
        for photometry, metadata in self._frames():
            table = build(photometry, metadata, zeropoint=self._zeropoint)
            yield Part(table.light_curves, len(photometry), table.dropped)
        if len(unobserved := self._unobserved()):
            yield Part(nothing_observed(unobserved), 0)

    def _frames(self) -> Iterator[tuple[pd.DataFrame, pd.DataFrame | None]]:
        if self._small:
            yield read_frame(self._path), self._small_metadata
            return
        for rows in self._tables():
            yield rows.to_pandas(), self._metadata_of(rows["object_id"])

    def _unobserved(self) -> np.ndarray:
        """After the last part: ids of the metadata without photometry, object `(n,)`.

        Raises:
            ValueError: no object of the metadata has any.
        """
        if self._metadata is None or self._observed.all():
            return np.array([], dtype=object)
        ids = np.array(self._metadata["object_id"].to_pylist(), dtype=object)
        if not self._observed.any():
            raise ValueError(
                f"no object of the metadata table (first: {ids[0]!r}) occurs in the "
                f"photometry {self._path}. Use the same object_id in both."
            )
        return ids[~self._observed]

    def _tables(self) -> Iterator[pa.Table]:
        if _is_ordered(self._path):
            yield from _whole_objects(_batches(self._path))
            return
        with tempfile.TemporaryDirectory(prefix=".zoo-", dir=self._scratch) as folder:
            try:
                yield from _by_object(self._path, Path(folder))
            except OSError as error:
                reason = os.strerror(error.errno) if error.errno else str(error)
                raise OSError(
                    f"the rows of {self._path} cannot be put in order, for which they "
                    f"are written to {Path(folder).parent}: {reason}."
                ) from None

    def _metadata_of(self, object_id: pa.ChunkedArray) -> pd.DataFrame | None:
        if self._metadata is None:
            return None
        wanted = pc.unique(_texts(object_id))
        found = pc.is_in(self._metadata["object_id"], value_set=wanted).to_numpy()
        self._observed |= found
        return (
            self._metadata.filter(pa.array(found)).to_pandas() if found.any() else None
        )


def _whole_objects(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Hold back the last object of each piece, whose rows may go on in the next."""
    held: pa.Table | None = None
    for batch in batches:
        if held is None:
            held = batch
            continue
        last = held["object_id"][-1]
        of_last = pc.equal(held["object_id"], last)
        more = int(pc.sum(of_last).as_py() or 0)
        if len(batch) < files.ROWS // 2 or more == len(held):
            held = pa.concat_tables([held, batch])
            continue
        yield held.slice(0, len(held) - more)
        held = pa.concat_tables([held.slice(len(held) - more), batch])
    if held is not None:
        yield held


def _by_object(path: Path, folder: Path) -> Iterator[pa.Table]:
    """Spread the rows of a file over temporary ones by object, then read these."""
    count = -(-_rows(path) // files.ROWS) + 1
    pieces = [folder / f"{part}.arrow" for part in range(count)]
    with ExitStack() as stack:
        writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
        for batch in _batches(path):
            part = _part_of(batch["object_id"], count)
            order = np.argsort(part, kind="stable")
            ends = np.searchsorted(part[order], np.arange(count + 1))
            rows = batch.take(pa.array(order))
            for number in np.flatnonzero(np.diff(ends)).tolist():
                if number not in writers:
                    writers[number] = stack.enter_context(
                        pa.ipc.new_stream(str(pieces[number]), batch.schema)
                    )
                start, end = ends[number], ends[number + 1]
                writers[number].write_table(rows.slice(start, end - start))
    for number in sorted(writers):
        with pa.ipc.open_stream(pa.memory_map(str(pieces[number]))) as source:
            yield source.read_all()
        pieces[number].unlink()


def _part_of(object_id: pa.ChunkedArray, count: int) -> np.ndarray:
    """Part of each row, int16: the same for all rows of an object."""
    codes = object_id.combine_chunks().dictionary_encode()
    of_name = [
        zlib.crc32(str(x).encode()) % count for x in codes.dictionary.to_pylist()
    ]
    indices = codes.indices.fill_null(0).to_numpy(zero_copy_only=False)
    return np.array(of_name or [0], np.int16)[indices]


def _read_metadata(path: Path) -> pa.Table | None:
    """The columns of the metadata that a network may see, ids as text; None where no
    object is in it."""
    pieces = list(_batches(path, _METADATA, ("object_id",), "metadata"))
    if not pieces:
        return None
    table = pa.concat_tables(pieces)
    each_once(table.select(["object_id"]).to_pandas())
    at = table.schema.get_field_index("object_id")
    return table.set_column(at, "object_id", _texts(table["object_id"]))


def _texts(object_id: pa.ChunkedArray) -> pa.ChunkedArray:
    return object_id.cast(pa.large_string())
