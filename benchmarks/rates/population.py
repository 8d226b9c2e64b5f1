"""Light curves for benchmarks: irregular, of varied lengths, all of them classifiable.

Lengths are lognormal as for ZTF (median 32, mean 38, maximum 128). Every observation is
a detection within the window of the models, so that every row goes through the network.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from zoo.taxonomy import BTS

MEDIAN, SCATTER, FEWEST, MOST = 32, 0.6, 3, 128
DAYS = 69.0  # of the 70 after the trigger


def lengths(objects: int, seed: int = 0) -> np.ndarray:
    """Observations of each object."""
    drawn = np.random.default_rng(seed).standard_normal(objects)
    return np.clip(np.exp(np.log(MEDIAN) + SCATTER * drawn), FEWEST, MOST).astype(int)


def photometry(counts: np.ndarray, seed: int = 0, start: int = 0) -> pd.DataFrame:
    """A light-curve table, sorted by object and time; ids count from `start`."""
    random = np.random.default_rng([seed, start])
    rows = int(counts.sum())
    owner = np.repeat(np.arange(len(counts)), counts)
    mjd = random.uniform(0, DAYS, rows)
    mjd = 60000 + mjd[np.lexsort((mjd, owner))]
    names = np.array([f"ZTF26{start + i:08d}" for i in range(len(counts))], object)
    flux = 10 ** random.uniform(2.5, 4, len(counts))[owner] * random.uniform(
        0.5, 1, rows
    )
    return pd.DataFrame(
        {
            "object_id": names[owner],
            "mjd": mjd,
            "band": np.where(random.random(rows) < 0.5, "ztfg", "ztfr"),
            "flux": flux.astype(np.float32),
            "flux_err": np.full(rows, 20, np.float32),
        }
    )


def write(path: Path, objects: int, *, at_once: int = 50_000) -> None:
    """Write a table of any size, sorted by object, in parts."""
    writer = None
    for start in range(0, objects, at_once):
        counts = lengths(min(at_once, objects - start), seed=start + 1)
        table = pa.Table.from_pandas(
            photometry(counts, start=start), preserve_index=False
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def write_labelled(folder: Path, objects: int, points: int) -> Path:
    """Write a light-curve table with random labels of five classes, and return it."""
    folder.mkdir()
    drawn = np.random.default_rng(0).integers(0, len(BTS), objects)
    table = photometry(np.full(objects, points))
    table.to_parquet(folder / "photometry.parquet")
    metadata = pd.DataFrame({"object_id": table["object_id"].unique()})
    metadata = metadata.assign(label=np.array(BTS)[drawn])
    metadata.to_parquet(folder / "metadata.parquet")
    return folder
