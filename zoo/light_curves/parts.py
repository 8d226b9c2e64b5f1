"""A light-curve table on disk, part by part, each object whole in one of them.

A file larger than a part is streamed where its rows stand in the order of their
objects. Where they do not, its rows are first spread over temporary files, by object;
either way memory does not grow with the number of observations. Every part goes through
`zoo.light_curves.table.build`, so that the rules are those of a small table.
"""

import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from zoo.columns import PHOTOMETRY
from zoo.light_curves.columns import shown
from zoo.light_curves.metadata import check, each_once
from zoo.light_curves.photometry import DEFAULT, ReadOptions
from zoo.light_curves.ragged import joined_passbands, nothing_observed
from zoo.light_curves.sources import files
from zoo.light_curves.sources.files import batches, is_ordered, read_frame, row_count
from zoo.light_curves.table import EMPTY, NO_FLUX, Part, build
from zoo.passbands import Passband
from zoo.system.atomic import scratch_folder

_SEEN = ("redshift", "redshift_err", "mwebv", "label")  # metadata of large files
_ROW = "zoo_row"  # the number of each row
_SORTED_ROWS = 100_000  # of a result, at a time


class TableParts:
    """The parts of a table on disk, to be iterated over.

    Args:
        photometry: a parquet, CSV or Arrow file with the columns of a light-curve
            table.
        metadata: the same, of its objects.
        options: what a user knows of it.
        scratch: folder for temporary files.

    Attributes:
        rows: of the photometry; of a CSV file, about.

    Raises:
        ValueError: a file cannot be read, or the metadata break a rule.
    """

    def __init__(
        self,
        photometry: Path,
        metadata: Path | None = None,
        options: ReadOptions = DEFAULT,
        *,
        scratch: Path | None = None,
    ):
        self.rows = row_count(photometry)
        self._path, self._options, self._scratch = photometry, options, scratch
        self._columns = (*_SEEN, *options.columns)
        self._small = self.rows <= files.ROWS
        self._small_metadata: pd.DataFrame | None = None
        self._metadata: pa.Table | None = None
        if metadata is not None and self._small:
            self._small_metadata = read_frame(metadata)
        elif metadata is not None:
            self._metadata = _read_metadata(metadata, self._columns)
        if self._metadata is not None:
            self._observed = np.zeros(len(self._metadata), bool)

    def __iter__(self) -> Iterator[Part]:
        if self._small:
            frame = read_frame(self._path)
            yield build(frame, self._small_metadata, self._options)
            return
        ordered = is_ordered(self._path)
        some_flux, own = False, tuple[Passband, ...]()
        for rows in self._tables(ordered):
            metadata, place = None, None
            if self._metadata is not None or not ordered:
                metadata, place = self._metadata_of(rows)
            frame = rows.drop_columns(self._not_of_rows(rows)).to_pandas()
            part = build(
                frame,
                metadata,
                self._options,
                whole=False,
                row_numbers=rows[_ROW].to_numpy(),
            )
            some_flux |= part.dropped < part.rows
            own = joined_passbands([own, part.light_curves.own])
            yield replace(part, place=place)
        if not some_flux:
            raise ValueError(NO_FLUX)
        yield from self._unobserved()

    def _not_of_rows(self, rows: pa.Table) -> list[str]:
        """Columns that count for no row: the row numbers, and what the metadata have,
        also where a part has none of their objects."""
        known = [] if self._metadata is None else self._metadata.column_names
        repeated = {_ROW, *known} - {"object_id"}
        return [name for name in rows.column_names if name in repeated]

    def _metadata_of(self, rows: pa.Table) -> tuple[pd.DataFrame | None, np.ndarray]:
        """Metadata of the objects of some rows, and the place of each object: those of
        the metadata come first, the others in the order of appearance."""
        codes, names = pd.factorize(_texts(rows["object_id"]).to_pandas())
        first = np.unique(codes, return_index=True)[1]
        place = rows[_ROW].to_numpy()[first[int(codes.min() < 0) :]]
        if self._metadata is None:
            return None, place
        ids = self._metadata["object_id"]
        mine = pc.is_in(ids, value_set=pa.array(names, ids.type)).to_numpy()
        self._observed |= mine
        known = self._metadata.filter(pa.array(mine)).to_pandas()
        further = place[~pd.Index(names).isin(known["object_id"])]
        place = np.concatenate([np.flatnonzero(mine), len(mine) + further])
        return known, place

    def _unobserved(self) -> Iterator[Part]:
        """After the last part: the objects of the metadata without photometry.

        Raises:
            ValueError: no object of the metadata has any.
        """
        if self._metadata is None or self._observed.all():
            return
        place = np.flatnonzero(~self._observed)
        frame = self._metadata.take(pa.array(place)).to_pandas()
        object_id = each_once(frame)
        if not self._observed.any():
            raise ValueError(
                f"no object of the metadata table (first: {shown(object_id[0])}) "
                f"occurs in the photometry {self._path}. Use the same object_id in "
                "both."
            )
        metadata = check(frame.drop(columns="object_id"), object_id)
        dark = replace(nothing_observed(object_id.names), metadata=metadata)
        yield Part(dark, place=place)

    def _tables(self, ordered: bool) -> Iterator[pa.Table]:
        if ordered:
            yield from _whole_objects(_numbered(self._path, self._columns))
            return
        with scratch_folder(self._scratch) as folder:
            try:
                yield from _by_object(self._path, folder, self._columns)
            except OSError as error:
                reason = os.strerror(error.errno) if error.errno else str(error)
                raise OSError(
                    f"the rows of {self._path} cannot be put in order, for which they "
                    f"are written to {folder.parent}: {reason}."
                ) from None


class InOrder:
    """Results in the order of their objects: of the metadata, then of appearance.

    Those of parts that come in order are passed on at once. Others are held until their
    table is done, in some 100 bytes per object.
    """

    def __init__(self) -> None:
        self._places: list[tuple[int, np.ndarray | None]] = []

    def noted(self, tables: Sequence[Iterable[Part]]) -> Iterator[Part]:
        """The parts of all tables; the place of each is remembered.

        Raises:
            ValueError: an object occurs in two tables.
        """
        known: set[str] = set()
        for number, table in enumerate(tables):
            here: set[str] = set()
            for part in table:
                if len(tables) > 1:  # within one, ids differ
                    ids = part.light_curves.object_id
                    twice = next((name for name in ids if name in known), None)
                    if twice is not None:
                        raise ValueError(
                            f"object {shown(twice)} occurs in two of the inputs. Each "
                            "object must occur in one input only."
                        )
                    here.update(ids)
                self._places.append((number, part.place))
                yield part
            known |= here

    def sort(self, results: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """Results, one for each part that was noted, in the order of their objects."""
        # While a result is awaited, the places of later parts may be added.
        placed = zip(results, self._places, strict=False)
        for _, of_table in groupby(placed, key=lambda pair: pair[1][0]):
            held: list[pa.Table] = []
            places: list[np.ndarray] = []
            for result, (_, place) in of_table:
                if place is None:
                    yield result
                else:
                    held.append(pa.Table.from_pandas(result))
                    places.append(place)
            if held:
                table = pa.concat_tables(held)
                order = np.argsort(np.concatenate(places))
                for start in range(0, len(order), _SORTED_ROWS):
                    rows = pa.array(order[start : start + _SORTED_ROWS])
                    yield table.take(rows).to_pandas()


def _numbered(path: Path, metadata: Sequence[str]) -> Iterator[pa.Table]:
    """The columns of a table that a network or a rule needs, and the row numbers."""
    row = 0
    for batch in batches(path, (*PHOTOMETRY, *metadata)):
        numbers = pa.array(np.arange(row, row + len(batch)))
        yield batch.append_column(_ROW, numbers)
        row += len(batch)
    if row == 0:  # a large file of comments
        raise ValueError(EMPTY)


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


def _by_object(path: Path, folder: Path, metadata: Sequence[str]) -> Iterator[pa.Table]:
    """Spread the rows of a file over temporary ones by object, then read these."""
    count = -(-row_count(path) // files.ROWS) + 1
    pieces = [folder / f"{part}.arrow" for part in range(count)]
    with ExitStack() as stack:
        writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
        for batch in _numbered(path, metadata):
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


def _read_metadata(path: Path, columns: Sequence[str]) -> pa.Table | None:
    """The columns of the metadata that a network or a rule needs, checked, with ids as
    text; None where there is no object."""
    pieces = list(batches(path, ("object_id", *columns), ("object_id",), "metadata"))
    if not pieces:
        return None
    table = pa.concat_tables(pieces)
    frame = table.to_pandas()
    check(frame.drop(columns="object_id"), each_once(frame))
    at = table.schema.get_field_index("object_id")
    return table.set_column(at, "object_id", _texts(table["object_id"]))


def _texts(object_id: pa.ChunkedArray) -> pa.ChunkedArray:
    return object_id.cast(pa.large_string())
