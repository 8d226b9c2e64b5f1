"""Every public function takes every form of data, and every form of a model."""

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from models import labelled, small_model
from source_files import ROOT

import zoo
from zoo.datasets import registry
from zoo.datasets.names import SURVEYS
from zoo.hub.find import find
from zoo.inference.runtime import Runtime
from zoo.light_curves.folder import write_folder
from zoo.light_curves.sources.named import DATA_SETS

NAMED = "ztfsims/simulated-n60-s5"
"""A data set of ours, small enough to be simulated here."""

USES: dict[str, Callable[..., Any]] = {
    "classify": zoo.classify,
    "embed": zoo.embed,
    "novelty": zoo.novelty,
    "evaluate": zoo.evaluate,
    "thresholds": lambda model, data: zoo.thresholds(
        model, data, "SNIa", completeness=0.5
    ),
    "compare_models": lambda model, data: zoo.compare_models(model, model, data),
    "Stream": lambda model, data: zoo.Stream(model).push(data),
}
"""How to call each public function that takes a model and light curves.

`zoo.fit`, which trains a model in memory, and `zoo.explain`, which is of one object,
have tests of their own."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a table, a model and the named data set; tfds looks there."""
    folder = tmp_path_factory.mktemp("parity")
    write_folder(labelled(4), folder / "table")
    model = small_model()
    model.golden = labelled(7)  # enough to tell what is usual
    zoo.save(model, folder / "toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(folder / "tfds"))
        registry.prepare(registry.find(NAMED))
        yield folder


DATA = {
    "LightCurves": lambda folder: labelled(4),
    "frames": lambda folder: labelled(4).to_tables(),
    "arrow": lambda folder: tuple(map(pa.table, labelled(4).to_tables())),
    "folder": lambda folder: str(folder / "table"),
    "path": lambda folder: folder / "table",
    "files": lambda folder: (
        str(folder / "table" / "photometry.parquet"),
        folder / "table" / "metadata.parquet",
    ),
    "list": lambda folder: [folder / "table"],
}
MODELS = {
    "Keras": lambda folder: zoo.load(folder / "toy"),
    "runtime": lambda folder: Runtime.load(folder / "toy"),
    "found": lambda folder: find(folder / "toy"),
    "folder": lambda folder: str(folder / "toy"),
    "path": lambda folder: folder / "toy",
}


def numbers(result: Any) -> Any:
    """What a function returned, without the names of the data and of the model."""
    if isinstance(result, dict):
        return {k: v for k, v in result.items() if k not in ("data", "models")}
    return result.to_dict()


def test_every_public_function_of_light_curves_is_listed_here():
    for name in set(zoo.__all__) - {*USES, "fit", "explain"}:
        thing = getattr(zoo, name)
        if inspect.isfunction(thing):
            asks = {"data", "photometry"} & set(inspect.signature(thing).parameters)
            assert not asks, f"zoo.{name} takes light curves: add it to USES"


@pytest.mark.parametrize("form", [*DATA][1:])
@pytest.mark.parametrize("name", USES)
def test_every_form_of_data_gives_the_same(name, form, place):
    wanted = USES[name](place / "toy", DATA["LightCurves"](place))
    np.testing.assert_equal(
        numbers(USES[name](place / "toy", DATA[form](place))), numbers(wanted)
    )


@pytest.mark.parametrize("form", [*MODELS][1:])
@pytest.mark.parametrize("name", USES)
def test_every_form_of_a_model_gives_the_same(name, form, place):
    wanted = USES[name](MODELS["Keras"](place), labelled(4))
    np.testing.assert_equal(
        numbers(USES[name](MODELS[form](place), labelled(4))), numbers(wanted)
    )


def test_every_survey_is_a_data_set_of_its_name():
    offered = entry_points(group=DATA_SETS)
    assert sorted(one.name for one in offered) == list(SURVEYS)


@pytest.mark.parametrize("name", USES)
def test_a_data_set_goes_by_its_name(name, place):
    sizes = registry.find(NAMED).info.splits
    result = USES[name](place / "toy", NAMED)
    if isinstance(result, dict):  # measured on the part that no model learns from
        assert (result["n"], result["data"]) == (sizes["test"].num_examples, NAMED)
    else:
        assert len(result) == sum(one.num_examples for one in sizes.values())


def test_the_methods_of_a_model_take_the_same(place):
    model = zoo.load(place / "toy")
    for name in ("classify", "embed", "novelty"):
        method = getattr(model, name)
        wanted = method(labelled(4)).to_dict()
        for form in DATA.values():
            np.testing.assert_equal(method(form(place)).to_dict(), wanted)
        assert len(method(NAMED)) == 60


@pytest.mark.parametrize("form", DATA)
def test_a_model_learns_from_every_form(form, place):
    model = zoo.load(place / "toy")
    report = zoo.fit(model, DATA[form](place), epochs=1, progress=False)
    assert report.objects + report.validation_objects == 32
    with pytest.raises(ValueError, match="all 32 objects .*were used to train toy-gru"):
        zoo.evaluate(model, DATA[form](place))


def test_a_model_learns_from_the_training_part_of_a_named_data_set(place):
    sizes = registry.find(NAMED).info.splits
    model = zoo.load(place / "toy")
    report = zoo.fit(model, NAMED, epochs=1, progress=False)
    assert report.objects <= sizes["train"].num_examples  # those with a trigger
    assert report.validation_objects <= sizes["validation"].num_examples
    assert zoo.evaluate(model, NAMED)["n"] == sizes["test"].num_examples
    with_all = zoo.evaluate(model, NAMED, include_training=True)
    assert with_all["n"] + with_all["n_excluded"] == 60


def test_objects_are_chosen_by_their_metadata_everywhere(place):
    data, condition = labelled(4), "label=SNIa"
    assert zoo.evaluate(place / "toy", data, where=condition)["n"] == 4
    model = zoo.load(place / "toy")
    report = zoo.fit(model, data, where=condition, epochs=1, progress=False)
    assert report.objects == 4  # too few to hold one out
    assert set(model.split["train"]) == set(data.where(condition).object_id)
    with pytest.raises(ValueError, match="none of the 32 objects has label = 'KN'. It"):
        zoo.evaluate(place / "toy", data, where="label=KN")
    with pytest.raises(ValueError, match="'label' is not COLUMN=VALUE"):
        zoo.evaluate(place / "toy", data, where="label")
    with pytest.raises(ValueError, match="column redshift holds numbers, not 'far'"):
        zoo.evaluate(place / "toy", data, where="redshift=far")
    with pytest.raises(KeyError, match="no column 'Label'.* Did you mean 'label'"):
        zoo.evaluate(place / "toy", data, where="Label=SNIa")


def test_what_is_no_model_or_no_data_is_refused_in_a_sentence(place):
    with pytest.raises(ValueError, match="zoo.fit trains a model in memory, not 'toy'"):
        zoo.fit("toy", labelled(1))
    with pytest.raises(ValueError, match="zoo.save writes a model in memory, not 'to"):
        zoo.save("toy", place / "copy")
    for name, use in USES.items():
        with pytest.raises(ValueError, match="3 is no model"):
            use(3, labelled(1))
        with pytest.raises(FileNotFoundError, match="Did you mean 'bts'"):
            use(place / "toy", "BTS"), name
    with pytest.raises(KeyError, match="ztfsims has no configuration 'moon'"):
        zoo.classify(place / "toy", "ztfsims/moon")


def test_a_folder_with_the_name_of_a_data_set_is_written_with_a_dot(place, monkeypatch):
    monkeypatch.chdir(place)
    write_folder(labelled(2), place / "bts")
    assert len(zoo.classify(place / "toy", "./bts")) == 16
    assert len(zoo.classify(place / "toy", Path("bts"))) == 16


def test_the_options_of_a_transfer_reach_the_new_model(place):
    model = zoo.load(place / "toy")
    new = model.transfer("mine", model_id="my-own", version="0.3.0", license="MIT")
    preset = new.preset
    assert (preset.model_id, preset.version, preset.license) == (
        "my-own",
        "0.3.0",
        "MIT",
    )
    preset = model.transfer("mine").preset
    assert (preset.model_id, preset.license) == ("mine-gru", "Apache-2.0")


def python(code: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**environment, **variables},
        check=True,
    )


def test_python_is_as_quiet_as_the_commands():
    done = python(
        "import logging, os, zoo\n"
        "from zoo.light_curves.analytic import golden_light_curves\n"
        "before = dict(os.environ)\n"
        "model = zoo.load('ztfsims-gru-lite').transfer(target='bts')\n"
        "zoo.fit(model, golden_light_curves(), epochs=1, progress=False)\n"
        "model.classify(golden_light_curves())\n"
        "assert 'TF_CPP_MIN_LOG_LEVEL' not in os.environ\n"
        "assert logging.getLogger('tensorflow').level < logging.ERROR\n"
        "os.write(2, b'the end')\n"
    )
    assert done.stderr == "the end"
