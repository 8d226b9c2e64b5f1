"""One row per object with its sources nested in it.

| of | column | holds |
|---|---|---|
| Rubin's catalogues, as LSDB and HATS give them | `diaSource` | detections |
| | `diaObjectForcedSource`, `objectForcedSource` | forced photometry |
| Fink, of Rubin | lists `cmidpointMjdTai`, `cband`, `cpsfFlux` ... | detections |
| Fink, of ZTF | lists `cjd`, `cfid`, `cmagpsf`, `cisdiffpos` ... | detections |

https://data.lsdb.io and https://fink-broker.readthedocs.io. Structs of lists, lists of
structs and nested-pandas are read. The metadata are `ra` and `dec` (deg),
`redshift` and `mwebv`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from zoo.datasets.readers.brokers import packets
from zoo.datasets.readers.brokers.fields import IDS, Columns, identity, scalars
from zoo.datasets.readers.brokers.observations import is_lsst, observations
from zoo.datasets.readers.files.interface import Format
from zoo.datasets.readers.files.source import Source
from zoo.light_curves.photometry import ReadOptions

_SOURCES = {
    "diaSource": packets.HISTORY,
    "diaObjectForcedSource": packets.FORCED,
    "objectForcedSource": packets.FORCED,
}
_LISTS = (
    ("cmidpointMjdTai", "cband", "cpsfFlux", "cpsfFluxErr"),
    ("cjd", "cfid", "cmagpsf", "csigmapsf", "cisdiffpos"),
)
_POSITIONS = (("ra", "dec"), ("ra", "decl"), ("coord_ra", "coord_dec"))


def _accepts(source: Source) -> bool:
    if not (source.tabular or source.kind == "packet") or source.columns.isdisjoint(
        IDS
    ):
        return False
    if any(source.nested.issuperset(names) for names in _LISTS):
        return True
    return any(
        is_lsst(Columns(pd.DataFrame(columns=sorted(inner))))
        for name, inner in source.structs
        if name in _SOURCES
    )


def _read(
    source: Source, left_out: Counter[str], options: ReadOptions
) -> Iterator[packets.Object]:
    in_memory = source.kind == "packet"
    rows = [source.value] if in_memory else source.frame(IDS).to_dict("records")
    for row in rows:
        content = one_object(row, left_out, options)
        if content is not None:
            yield content


def one_object(
    row: Mapping[str, Any], left_out: Counter[str], options: ReadOptions
) -> packets.Object | None:
    """What one row holds; None of one without a name, which is counted.

    Raises:
        KeyError: a field is missing.
        ValueError: a value breaks a rule.
    """
    names = (identity(row[key]) for key in IDS if key in row)
    name = next((name for name in names if name is not None), None)
    if name is None:
        left_out["objects without a name"] += 1
        return None
    rows: list[packets.Rows] = []
    for key, origin in _SOURCES.items():
        table = _opened(row.get(key))
        if len(table):
            rows += observations(name, Columns(table), origin, left_out, options)
    for fields in _LISTS:
        if fields[0] in row and np.iterable(row[fields[0]]):
            table = pd.DataFrame({field[1:]: row[field] for field in fields})
            rows += observations(
                name, Columns(table), packets.HISTORY, left_out, options
            )
    both = next((both for both in _POSITIONS if set(both) <= row.keys()), None)
    position = {} if both is None else {"ra": row[both[0]], "dec": row[both[1]]}
    known = {ours: row[column] for ours, column in scalars(row).items()}
    return rows, {"object_id": name} | position | known


def _opened(value: Any) -> pd.DataFrame:
    """A struct of lists, a list of structs or a table; empty where there is none."""
    if isinstance(value, pd.DataFrame):
        return value
    if not np.iterable(value):
        return pd.DataFrame()
    return pd.DataFrame(value if isinstance(value, dict) else list(value))


FORMAT = Format(
    name="nested_sources",
    what="objects with nested sources",
    looks_for=(
        "objects with nested sources (parquet: diaSource, diaObjectForcedSource, or "
        "lists of Fink such as cjd, cmagpsf)"
    ),
    accepts=_accepts,
    tables=partial(packets.tables, _read),
)
