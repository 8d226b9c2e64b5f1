"""The recipes of docs/howto/engines.md, run by the engines, give what we give.

Each runs as a script of its own, since engines start processes and print. In it,
`noted` stands in for `zoo.classify`: it calls it, and notes what came of it.
"""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from docs_pages import blocks
from models import labelled
from source_files import ROOT

import zoo

pytestmark = pytest.mark.engines

MODEL = "ztfsims-gru"
PAGE = blocks(ROOT / "docs" / "howto" / "engines.md")
PARTS = 24  # files, each of some objects
SECONDS = 300

SITE = """
import os, sys

def note(event, args):
    if event == "open" and str(args[0]).endswith(("model.safetensors", "zoo.json")):
        with open(os.environ["READ"] + "." + str(os.getpid()), "a") as file:
            file.write(os.path.basename(args[0]) + "\\n")

sys.addaudithook(note)
"""
"""Each process that an engine starts notes the files of models that it opens."""

SMALL = {
    "lsdb": [("partition_rows=20", "partition_rows=2")],
    "ray": [("batch_size=1000", "batch_size=4")],
}
"""What the scripts change in the recipes, to have many calls of few objects."""

NOTED = """
def noted(model, data):
    import json, os, uuid, zoo
    table = zoo.classify(model, data)
    count = {"rows": len(table), "said": int((table["reason"] == "").sum())}
    with open(os.environ["CALLS"] + "/" + uuid.uuid4().hex, "w") as file:
        json.dump(count | {"threads": os.environ.get("OMP_NUM_THREADS")}, file)
    return table
"""


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """A folder with the two tables of the page, and what `zoo.classify` says of them.

    A third of the objects has no trigger.
    """
    folder = tmp_path_factory.mktemp("night")
    photometry, metadata = labelled(9).to_tables()
    dim = metadata["object_id"][::3]
    photometry.loc[photometry["object_id"].isin(dim), "detected"] = False
    known = metadata[["object_id", "redshift", "mwebv"]]
    rows = photometry.merge(known, on="object_id")
    objects = photometry.groupby("object_id").agg(list).reset_index()
    objects = objects.merge(known, on="object_id")
    # Those without a trigger together, as it may happen.
    objects = objects.sort_values("object_id", key=lambda ids: ids.isin(dim))
    for name, table in (("rows", rows), ("objects", objects)):
        (folder / f"{name}.parquet").mkdir()
        bounds = np.linspace(0, len(table), PARTS + 1).astype(int)
        for part, (start, end) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
            path = folder / f"{name}.parquet" / f"{part:02d}.parquet"
            table[start:end].to_parquet(path, index=False)
    with pytest.warns(UserWarning, match="24 of 72 objects cannot be classified"):
        expected = zoo.classify(MODEL, rows)
    return folder, expected


class Outcome:
    """What a script wrote: its tables, its calls, and the files of models it opened."""

    def __init__(self, folder, expected):
        self.tables = [pd.read_pickle(path) for path in sorted(folder.glob("*.pkl"))]
        self.calls = [
            json.loads(path.read_text()) for path in (folder / "calls").iterdir()
        ]
        self.read = [
            Counter(path.read_text().split()) for path in folder.glob("read.*")
        ]
        self.expected = expected

    def check(self, tables=1):
        """The tables are right, and one call at least saw no trigger."""
        assert len(self.tables) == tables
        for table in self.tables:
            found = table.set_index("object_id") if "object_id" in table else table
            assert len(found) == len(self.expected)
            found = found.loc[self.expected.index, self.expected.columns]
            found = found.astype(self.expected.dtypes)
            pd.testing.assert_frame_equal(
                found, self.expected, check_exact=True, check_index_type=False
            )
        assert any(one["rows"] and not one["said"] for one in self.calls)

    def check_loaded_once(self):
        """No process loaded the model twice, though one at least called often."""
        assert all(one["model.safetensors"] == 1 for one in self.read)
        assert max(one["zoo.json"] for one in self.read) > 3


def run(folder, expected, package, *, before="", after, replaced=()):
    """Run the recipes of the page that need a package."""
    pytest.importorskip(package, reason=f"{package} is not installed")
    data, work = folder, folder / f"{package}-{len(os.listdir(folder))}"
    (work / "calls").mkdir(parents=True)
    for name in ("rows.parquet", "objects.parquet"):
        (work / name).symlink_to(data / name)
    (work / "site").mkdir()
    (work / "site" / "sitecustomize.py").write_text(SITE)
    common = next(b.text for b in PAGE if b.text.startswith("import pandas as pd"))
    recipes = [b.text for b in PAGE if b.options == f"engine {package}"]
    assert recipes
    body = ""
    for recipe in recipes:
        body += recipe + after
    for old, new in replaced:
        assert old in body
        body = body.replace(old, new)
    body = common + NOTED + before + body.replace("zoo.classify(", "noted(")
    # A process that an engine spawns imports the script.
    (work / "recipe.py").write_text(
        "COUNT = []\nif __name__ == '__main__':\n" + textwrap.indent(body, "    ")
    )
    path = os.pathsep.join([str(work / "site"), str(ROOT)])
    environment = {
        **{k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")},
        "PYTHONPATH": path,
        "READ": str(work / "read"),
        "CALLS": str(work / "calls"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": "--master local[2] --conf spark.ui.enabled=false "
        "pyspark-shell",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    done = subprocess.run(
        [sys.executable, "recipe.py"],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Outcome(work, expected)


def kept(expression):
    """A line that keeps a table."""
    return f"{expression}.to_pickle(f'{{len(COUNT)}}.pkl'); COUNT.append(1)\n"


@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_spark(night):
    # 64 partitions of 72 objects: some are empty, some have no trigger.
    outcome = run(*night, "pyspark", after=kept("result.toPandas()"))
    outcome.check(tables=2)
    outcome.check_loaded_once()
    assert {one["threads"] for one in outcome.calls} == {"1"}


def test_dask_in_processes(night):
    before = "from dask.distributed import Client\n"
    before += "client = Client(n_workers=2, threads_per_worker=1)\n"
    after = kept("result.compute()") + "client.close()\n"
    outcome = run(*night, "dask", before=before, after=after)
    outcome.check()
    outcome.check_loaded_once()
    assert any(not one["rows"] for one in outcome.calls)
    assert {one["threads"] for one in outcome.calls} == {"1"}


def test_lsdb(night):
    outcome = run(
        *night,
        "lsdb",
        before="import dask; dask.config.set(scheduler='synchronous')\n",
        after=kept("pd.DataFrame(result.compute())")
        + "empty = catalog.query('redshift > 1000').map_partitions(classify)\n"
        + "assert len(empty.compute()) == 0\n",
        replaced=SMALL["lsdb"],
    )
    outcome.check()
    outcome.check_loaded_once()
    assert sum(not one["rows"] for one in outcome.calls) > 3


def test_ray(night):
    outcome = run(
        *night,
        "ray",
        before="import ray; ray.init(num_cpus=2, include_dashboard=False)\n",
        after=kept("result.to_pandas()")
        + "empty = objects.limit(0).map_batches(classify, batch_format='pandas')\n"
        + "assert len(empty.to_pandas()) == 0\n"
        + "ray.shutdown()\n",
        replaced=SMALL["ray"],
    )
    outcome.check()
    outcome.check_loaded_once()
    assert {one["threads"] for one in outcome.calls} == {"1"}


WITH_TASKS = """
from dask.distributed import Client
client = Client(n_workers=2, threads_per_worker=2)
"""
RESULTS = {
    "pyspark": "result.toPandas()",
    "dask": "result.compute()",
    "lsdb": "pd.DataFrame(result.compute())",
    "ray": "result.to_pandas()",
}


@pytest.mark.parametrize("package", RESULTS)
def test_a_runtime_sent_along_gives_the_same_and_reads_no_file(night, package):
    if package == "pyspark" and shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    before = (
        "from zoo.inference.runtime import Runtime\nRUNTIME = Runtime.load(MODEL)\n"
    )
    outcome = run(
        *night,
        package,
        before=before + (WITH_TASKS if package in ("dask", "lsdb") else ""),
        after=kept(RESULTS[package]),
        replaced=[
            ("zoo.classify(MODEL, ", "zoo.classify(RUNTIME, "),
            *SMALL.get(package, []),
        ],
    )
    outcome.check(tables=2 if package == "pyspark" else 1)
    assert len(outcome.read) == 1  # the process that loaded it
