"""Time to classify a table on Spark, Dask, LSDB, Ray and Beam, and without them.

    python benchmarks/engines.py [--objects N] [--only ENGINE ...] [--json FILE]

Engines that are not installed are left out. Each runs in a process of its own on two
workers with one thread each; the table is read from parquet files and the result is
collected. `first` is the first run of the workers, which import zoo and load the model,
and `again` the median of three further runs; Beam starts workers for each run. Every
result is compared with that of `zoo.classify`, to the bit. Takes some five minutes.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import zoo

MODEL = "ztfsims-gru"
WORKERS, PARTS, RUNS = 2, 16, 4


def local(folder: Path) -> Callable[[], pd.DataFrame]:
    """One call of `zoo.classify`, which uses every core."""
    return lambda: zoo.classify(MODEL, pd.read_parquet(folder / "rows"))


def pyspark(folder: Path) -> Callable[[], pd.DataFrame]:
    """`mapInPandas`."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{WORKERS}]")
    spark = builder.config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    rows = spark.read.parquet(str(folder / "rows")).repartition(PARTS, "object_id")
    like = zoo.classify(MODEL, pd.read_parquet(folder / "rows")[:0])
    columns = ", ".join(f"`{name}` float" for name in like.columns[:-1])

    def classify(batches):
        if batches := list(batches):
            yield zoo.classify(MODEL, pd.concat(batches)).reset_index()

    result = rows.mapInPandas(classify, f"object_id string, {columns}, reason string")
    return result.toPandas


def dask(folder: Path) -> Callable[[], pd.DataFrame]:
    """`map_partitions`, in processes."""
    import dask.dataframe as dd
    from dask.distributed import Client

    Client(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None)
    rows = dd.read_parquet(folder / "rows").shuffle("object_id")
    like = zoo.classify(MODEL, pd.read_parquet(folder / "rows")[:0])
    result = rows.map_partitions(lambda part: zoo.classify(MODEL, part), meta=like)
    return result.compute


def lsdb(folder: Path) -> Callable[[], pd.DataFrame]:
    """`map_partitions` of a catalog on disk, in processes of Dask."""
    import lsdb
    import nested_pandas
    from dask.distributed import Client

    rows = pd.read_parquet(folder / "rows").set_index("object_id")
    known = rows[["redshift", "mwebv"]].groupby("object_id").first()
    position = np.random.default_rng(0)
    known["ra"], known["dec"] = position.uniform(-80, 80, (2, len(known)))
    light_curves = rows.drop(columns=["redshift", "mwebv"])
    nested = nested_pandas.NestedFrame(known).join_nested(light_curves, "lightcurve")
    made = lsdb.from_dataframe(
        nested.reset_index(),
        partition_rows=len(known) // PARTS,
        margin_threshold=None,
    )
    made.write_catalog(folder / "catalog")
    Client(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None)
    result = lsdb.open_catalog(folder / "catalog").map_partitions(
        lambda part: zoo.classify(MODEL, part)
    )
    return lambda: pd.DataFrame(result.compute())


def ray(folder: Path) -> Callable[[], pd.DataFrame]:
    """`map_batches` on one row per object."""
    import ray

    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False

    def classify(batch):
        return zoo.classify(MODEL, batch).reset_index()

    def work() -> pd.DataFrame:
        objects = ray.data.read_parquet(str(folder / "objects"))
        result = objects.map_batches(classify, batch_format="pandas", batch_size=1000)
        return result.to_pandas()

    return work


def apache_beam(folder: Path) -> Callable[[], pd.DataFrame]:
    """`zoo-cli classify --runner DirectRunner` in processes."""
    out = folder / "beam.parquet"
    options = [f"direct_num_workers={WORKERS}", "direct_running_mode=multi_processing"]
    more = [x for one in options for x in ("--runner-option", one)]
    program = "from zoo.cli.main import main; main()"
    command = [sys.executable, "-c", program, "classify", MODEL]
    command += [str(folder / "all.parquet"), "--out", str(out)]

    def work() -> pd.DataFrame:
        subprocess.run(
            [*command, "--runner", "DirectRunner", *more],
            check=True,
            capture_output=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return pd.read_parquet(out)

    return work


ENGINES = (local, pyspark, dask, lsdb, ray, apache_beam)


def simulated(objects: int, folder: Path) -> None:
    """Write both tables of the page `docs/howto/engines.md`, in parts."""
    from zoo.datasets.simulator import simulate
    from zoo.light_curves import concatenate

    drawn = concatenate(list(simulate("ztfsims", objects=objects, seed=1)))
    photometry, metadata = drawn.to_tables()
    known = metadata[["object_id", "redshift", "mwebv"]]
    rows = photometry.merge(known, on="object_id")
    lists = photometry.groupby("object_id", sort=False).agg(list).reset_index()
    objects_table = lists.merge(known, on="object_id")
    rows.to_parquet(folder / "all.parquet", index=False)
    for name, table in (("rows", rows), ("objects", objects_table)):
        (folder / name).mkdir()
        bounds = np.linspace(0, len(table), PARTS + 1).astype(int)
        for part, (start, end) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
            path = folder / name / f"{part:02d}.parquet"
            table[start:end].to_parquet(path, index=False)


def timed(name: str, folder: Path) -> dict[str, float]:
    """Run one engine in this process."""
    work = next(one for one in ENGINES if one.__name__ == name)(folder)
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        table = work()
        seconds.append(time.perf_counter() - start)
    expected = local(folder)()
    found = table.set_index("object_id") if "object_id" in table else table
    found = found.loc[expected.index, expected.columns].astype(expected.dtypes)
    pd.testing.assert_frame_equal(
        found, expected, check_exact=True, check_index_type=False
    )
    return {"first": seconds[0], "again": statistics.median(seconds[1:])}


def main() -> None:
    """Measure each engine in a process of its own, and print."""
    names = [engine.__name__ for engine in ENGINES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "FOLDER"), help="internal")
    args = parser.parse_args()
    if args.one:
        name, folder = args.one
        figures = timed(name, Path(folder))
        (Path(folder) / f"{name}.json").write_text(json.dumps(figures))
        return
    every = {}
    with tempfile.TemporaryDirectory() as folder:
        simulated(args.objects, Path(folder))
        for name in args.only:
            if name != "local" and importlib.util.find_spec(name) is None:
                sys.stderr.write(f"{name} is not installed: left out\n")
                continue
            command = [sys.executable, __file__, "--one", name, folder]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{name} failed:\n{done.stderr[-4000:]}")
            every[name] = json.loads((Path(folder) / f"{name}.json").read_text())
            figures = (f"{key} {value:.2f} s" for key, value in every[name].items())
            sys.stdout.write(f"{name}: {', '.join(figures)}\n")
    if args.json:
        args.json.write_text(json.dumps(every, indent=2) + "\n")


if __name__ == "__main__":
    main()
