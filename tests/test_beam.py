"""Apache Beam gives what the local path gives, to the bit. Keras is not needed."""

import sys
import uuid
import warnings

import numpy as np
import pandas as pd
import pytest

import zoo
from zoo.cli.main import main
from zoo.light_curves import concatenate
from zoo.light_curves.analytic import golden_light_curves
from zoo.light_curves.folder import write_folder

beam = pytest.importorskip(
    "apache_beam", reason="Apache Beam is not installed: pip install -e .[beam]"
)
# Of the packages that Beam imports; ours are tested elsewhere.
pytestmark = pytest.mark.filterwarnings("default")

MODEL = "ztfsims-gru"


def simulated(objects, folder):
    from zoo.datasets.simulator import simulate

    light_curves = concatenate(list(simulate("ztfsims", objects=objects, seed=5)))
    return write_folder(light_curves, folder) or folder


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """200 simulated objects, and one that cannot be classified, in small parts."""
    folder = tmp_path_factory.mktemp("beam") / "table"
    simulated(200, folder)
    path = folder / "photometry.parquet"
    photometry = pd.read_parquet(path)
    dim = photometry.head(3).assign(object_id="dim", flux=1.0, detected=False)
    pd.concat([photometry, dim]).to_parquet(path)
    return folder


def run(monkeypatch, *arguments) -> int:
    """Run a command as a user would; the exit code."""
    monkeypatch.setattr(sys, "argv", ["zoo-cli", *map(str, arguments)])
    with pytest.raises(SystemExit) as done:
        main()
    return done.value.code or 0


def classified(monkeypatch, table, out, *arguments):
    assert run(monkeypatch, "classify", MODEL, table, "--out", out, *arguments) == 0
    return out.read_bytes()


def same(monkeypatch, table, folder, *arguments, both=(), suffix=".parquet"):
    local = classified(monkeypatch, table, folder / f"local{suffix}", *both)
    spread = folder / f"spread{suffix}"
    spread = classified(monkeypatch, table, spread, *both, "--runner", *arguments)
    assert local == spread
    names = {f"local{suffix}", f"spread{suffix}"}
    assert {one.name for one in folder.iterdir()} == names


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_command_writes_the_same_file(monkeypatch, capsys, table, tmp_path, suffix):
    monkeypatch.setattr("zoo.light_curves.files.ROWS", 1000)  # several parts
    same(monkeypatch, table, tmp_path, "DirectRunner", suffix=suffix)
    lines = capsys.readouterr().err.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert "1 of 201 objects cannot be classified (dim)" in lines[0]


def test_runner_options_are_passed_on(monkeypatch, table, tmp_path):
    monkeypatch.setattr("zoo.light_curves.files.ROWS", 1000)
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "here"
    elsewhere.mkdir()
    folder.mkdir()
    option = f"temp_location={elsewhere}"
    same(monkeypatch, table, folder, "DirectRunner", "--runner-option", option)
    assert [*elsewhere.iterdir()] == []


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_ten_thousand_objects_are_the_same(monkeypatch, tmp_path, processes):
    monkeypatch.setattr("zoo.light_curves.files.ROWS", 20_000)
    table, folder = simulated(10_000, tmp_path / "table"), tmp_path / "results"
    folder.mkdir()
    several = ("direct_num_workers=2", "direct_running_mode=multi_processing")
    options = [x for one in several for x in ("--runner-option", one)]
    same(
        monkeypatch,
        table,
        folder,
        "DirectRunner",
        *(options if processes > 1 else ()),
    )
    assert len(pd.read_parquet(folder / "local.parquet")) == 10_000


def test_novelty_is_the_same(monkeypatch, table, tmp_path):
    same(monkeypatch, table, tmp_path, "DirectRunner", both=("--novelty",))
    assert "novelty" in pd.read_parquet(tmp_path / "spread.parquet")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Nowhere"], "Unexpected pipeline runner: Nowhere"),
        (
            ["DirectRunner", "--runner-option", "direct_num_workers=x"],
            "Beam refuses --runner=DirectRunner --direct_num_workers=x",
        ),
    ],
)
def test_a_wrong_runner_or_option_is_one_line(
    monkeypatch, capsys, table, tmp_path, arguments, message
):
    out = tmp_path / "p.parquet"
    code = run(
        monkeypatch, "classify", MODEL, table, "--out", out, "--runner", *arguments
    )
    said = capsys.readouterr().err
    assert code == 1
    assert said.startswith("error: ")
    assert message in said
    assert len(said.splitlines()) == 1
    assert [*tmp_path.iterdir()] == []


def test_an_error_of_a_worker_is_one_line_and_no_file(
    monkeypatch, capsys, table, tmp_path
):
    def fails(*arguments):
        raise MemoryError("the worker has no memory left")

    monkeypatch.setattr("zoo.beam.pipeline.classified", fails)
    out = tmp_path / "p.parquet"
    arguments = ("classify", MODEL, table, "--out", out, "--runner", "DirectRunner")
    assert run(monkeypatch, *arguments) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("error: the pipeline on DirectRunner failed: the worker has")
    assert [*tmp_path.iterdir()] == []


def test_nothing_to_classify_is_the_error_of_the_local_path(
    monkeypatch, capsys, tmp_path
):
    photometry, _ = golden_light_curves().to_tables()
    path = tmp_path / "dim.parquet"
    photometry.assign(detected=False).to_parquet(path)
    said = []
    for more in ((), ("--runner", "DirectRunner")):
        arguments = ("classify", MODEL, path, "--out", tmp_path / "p.csv", *more)
        assert run(monkeypatch, *arguments) == 1
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert [one.name for one in tmp_path.iterdir()] == ["dim.parquet"]


def results(folder):
    """What a pipeline laid down, in any order."""
    return pd.concat([pd.read_pickle(path) for path in folder.iterdir()])


def keep(folder):
    return beam.Map(lambda table: table.to_pickle(folder / uuid.uuid4().hex))


def test_classify_in_a_pipeline_of_ones_own(tmp_path):
    from zoo.beam import Classify

    light_curves = golden_light_curves()
    parts = [light_curves.take(np.arange(i, i + 2)) for i in range(0, 8, 2)]
    with beam.Pipeline() as pipeline:
        made = pipeline | beam.Create(parts) | Classify(MODEL)
        _ = made | keep(tmp_path)
    expected = zoo.classify(MODEL, light_curves)
    found = results(tmp_path).loc[expected.index]
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize("with_metadata", [False, True])
@pytest.mark.parametrize("batch", [1, 512])
def test_rows_in_any_order_become_light_curves(tmp_path, with_metadata, batch):
    from zoo.beam import Classify, ToLightCurves

    photometry, metadata = golden_light_curves().to_tables()
    rows = photometry.sample(frac=1, random_state=0).to_dict("records")
    known = metadata.drop(columns="label").to_dict("records")
    with beam.Pipeline() as pipeline:
        keyed = {
            name: pipeline
            | name >> beam.Create(values)
            | f"key {name}" >> beam.Map(lambda row: (row["object_id"], row))
            for name, values in (("photometry", rows), ("metadata", known))
        }
        grouped = (
            keyed | beam.CoGroupByKey()
            if with_metadata
            else keyed["photometry"] | beam.GroupByKey()
        )
        made = grouped | ToLightCurves(batch=batch) | Classify(MODEL)
        _ = made | keep(tmp_path)
    data = (photometry, metadata) if with_metadata else (photometry, None)
    expected = zoo.classify(MODEL, *data)
    found = results(tmp_path).loc[expected.index]
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_model_that_differs_on_a_worker_is_refused():
    from zoo.beam.classify import Worker

    worker = Worker(MODEL, source="ztfsims-gru@v0.0.1")
    with pytest.raises(ValueError, match="but ztfsims-gru@v0.0.1 where the pipeline"):
        worker.setup()


@pytest.mark.filterwarnings("ignore")
def test_a_data_set_is_the_same_file_by_file(tmp_path):
    from zoo.datasets import registry

    files = {}
    for name, pipeline in (("local", None), ("beam", ("runner=DirectRunner",))):
        folder = tmp_path / name
        data_set = registry.builder(
            "ztfsims", objects=200, seed=2, data_dir=folder, pipeline=pipeline
        )
        registry.prepare(data_set)
        files[name] = {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*.parquet*")
        }
    assert len(files["local"]) == 3
    assert files["local"] == files["beam"]
    assert not list(tmp_path.rglob("pieces"))


def test_parts_and_their_counts_go_through_pickle():
    import pickle

    from zoo.inference.parts import Tally

    first, second = Tally(rows=3, objects=2), Tally(rows=1, left_out=1, named=["a"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = pickle.loads(pickle.dumps(second))
    first.merge(again)
    assert (first.rows, first.objects, first.left_out, first.named) == (4, 2, 1, ["a"])
