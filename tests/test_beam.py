"""Apache Beam gives what the local path gives, to the bit. Keras is not needed."""

import uuid
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import zoo
from zoo.cli.main import main
from zoo.inference.tally import Tally
from zoo.light_curves import concatenate
from zoo.light_curves.analytic import golden_light_curves
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import Part

beam = pytest.importorskip(
    "apache_beam", reason="Apache Beam is not installed: pip install -e .[beam]"
)
# For warnings of the packages that Beam imports; ours are tested elsewhere.
pytestmark = pytest.mark.filterwarnings("default")

MODEL = "ztfsims-gru"


def simulated(objects, folder):
    from zoo.datasets.simulator import simulate

    light_curves = concatenate(list(simulate("ztfsims", objects=objects, seed=5)))
    return write_folder(light_curves, folder) or folder


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """200 simulated objects, and one that cannot be classified, in two tables."""
    folder = tmp_path_factory.mktemp("beam")
    simulated(200, folder / "bright")
    path = folder / "bright" / "photometry.parquet"
    dim = pd.read_parquet(path).head(3).assign(object_id="dim", flux=1.0)
    dim.assign(detected=False).to_parquet(folder / "dim.parquet")
    return folder / "bright", folder / "dim.parquet"


def run(*arguments) -> int:
    """Run a command as a user would; the exit code."""
    with pytest.raises(SystemExit) as done:
        main(["classify", MODEL, *map(str, arguments)])
    return done.value.code or 0


def same(inputs, folder, *arguments, both=(), suffix=".parquet"):
    """Classify here and on Beam, which must give the same file and leave no other."""
    local, spread = folder / f"local{suffix}", folder / f"spread{suffix}"
    assert run(*inputs, "--out", local, *both) == 0
    assert run(*inputs, "--out", spread, *both, "--runner", *arguments) == 0
    assert local.read_bytes() == spread.read_bytes()
    assert {*folder.iterdir()} == {local, spread}


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_command_writes_the_same_file(capsys, tables, tmp_path, suffix):
    same(tables, tmp_path, "DirectRunner", suffix=suffix)
    lines = capsys.readouterr().err.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert any("1 of 201 objects cannot be classified (dim)" in one for one in lines)


def test_runner_options_are_passed_on(tables, tmp_path):
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "here"
    elsewhere.mkdir()
    folder.mkdir()
    option = f"temp_location={elsewhere}"
    same(tables, folder, "DirectRunner", "--runner-option", option)
    assert [*elsewhere.iterdir()] == []


PORTABLE = ("job_endpoint=embed", "environment_type=LOOPBACK")
"""Jobs as those of Flink and Spark, sent to a server that Beam starts in this process,
which calls this process back to do the work."""


def test_the_portable_runner_writes_the_same_file(tables, tmp_path):
    options = [x for one in PORTABLE for x in ("--runner-option", one)]
    same(tables, tmp_path, "PortableRunner", *options)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_ten_thousand_objects_are_the_same(tmp_path, processes):
    table, folder = simulated(10_000, tmp_path / "table"), tmp_path / "results"
    folder.mkdir()
    several = ("direct_num_workers=2", "direct_running_mode=multi_processing")
    options = [x for one in several for x in ("--runner-option", one)]
    same((table,), folder, "DirectRunner", *(options if processes > 1 else ()))
    assert len(pd.read_parquet(folder / "local.parquet")) == 10_000


def test_novelty_and_trust_are_the_same(tables, tmp_path):
    same(tables, tmp_path, "DirectRunner", both=("--novelty", "--trust"))
    table = pd.read_parquet(tmp_path / "spread.parquet")
    assert {"novelty", "trust"} <= {*table.columns}


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
    capsys, tables, tmp_path, arguments, message
):
    out = tmp_path / "p.parquet"
    assert run(*tables, "--out", out, "--runner", *arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert [*tmp_path.iterdir()] == []


def test_an_error_of_a_worker_is_one_sentence_and_leaves_no_file(tmp_path):
    from zoo.beam.pipeline import classify_parts_on

    light_curves = golden_light_curves()
    broken = replace(light_curves, flux=light_curves.flux[:9])
    parts = [Part(light_curves), Part(broken)]
    tables = classify_parts_on("DirectRunner", MODEL, parts, Tally(), scratch=tmp_path)
    with pytest.raises(OSError, match="^the pipeline on DirectRunner failed: .*index"):
        list(tables)
    assert [*tmp_path.iterdir()] == []


def test_nothing_to_classify_is_the_error_of_the_local_path(capsys, tables, tmp_path):
    _, dim = tables
    messages = []
    for more in ((), ("--runner", "DirectRunner")):
        assert run(dim, "--out", tmp_path / "p.csv", *more) == 1
        messages.append(capsys.readouterr().err)
    assert messages[0] == messages[1]
    assert "1 of 1 objects cannot be classified" in messages[0]
    assert [*tmp_path.iterdir()] == []


def results(folder):
    """The tables that a pipeline wrote, in any order."""
    return pd.concat([pd.read_pickle(path) for path in folder.iterdir()])


def keep(folder):
    return beam.Map(lambda table: table.to_pickle(folder / uuid.uuid4().hex))


@pytest.mark.parametrize("options", [(), ("runner=PortableRunner", *PORTABLE)])
def test_classify_in_a_pipeline_of_ones_own(tmp_path, options):
    from apache_beam.options.pipeline_options import PipelineOptions

    from zoo.beam import Classify

    light_curves = golden_light_curves()
    dim = light_curves.take([0, 1])
    dim = replace(
        dim,
        object_id=np.array(["dim-0", "dim-1"], object),
        detected=np.zeros_like(dim.detected),
    )
    parts = [light_curves.take(np.arange(i, i + 2)) for i in range(0, 8, 2)]
    # One without a trigger, and one that is empty.
    parts += [dim, dim.take([])]
    chosen = PipelineOptions([f"--{option}" for option in options])
    with beam.Pipeline(options=chosen) as pipeline:
        made = pipeline | beam.Create(parts) | Classify(MODEL)
        _ = made | keep(tmp_path)
    with pytest.warns(UserWarning, match="2 of 10 objects cannot be classified"):
        expected = zoo.classify(MODEL, concatenate([light_curves, dim]))
    assert (expected["reason"] != "").sum() == 2
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
