"""Models of strangers: names, pins, moved tags, and configs that lie to Keras."""

import copy
import json
import shutil
from pathlib import Path

import pytest
from models import forge, labelled, small_model
from test_attacks_presets import short
from test_cli import run

import zoo
from zoo.classifier.load import check_plain, verify
from zoo.hub.fetch import fetch
from zoo.hub.find import find
from zoo.hub.pins import BUNDLED, bundled_ids, pins
from zoo.model_folder.folder import open_folder
from zoo.model_folder.keras_config import check_config, plain_config
from zoo.model_folder.manifest import read_manifest

REPO = "astro/toy-gru"
OFFICIAL = "transient-zoo/ztfsims-gru"
VERSION = list(pins()["ztfsims-gru"])[-1]
HONEST = "Whether its author is honest is not"


@pytest.fixture
def published(hub, saved):
    zoo.push(saved, REPO, version="1.0.0")
    hub.log.clear()
    return hub


@pytest.fixture
def taken_over(hub, tmp_path):
    """Somebody publishes another model under the zoo's own name and version."""
    model = small_model()
    folder = zoo.save(model, tmp_path / "m", metrics=zoo.evaluate(model, labelled()))
    zoo.push(folder, OFFICIAL, version=VERSION.removeprefix("v"))
    return hub


NAMES = (
    *(OFFICIAL, f"{OFFICIAL}@{VERSION}", f"{OFFICIAL}@{VERSION[1:]}"),
    *(f"{OFFICIAL}@main", f"hf://{OFFICIAL}", f"hf://{OFFICIAL}@{VERSION}"),
    f"hf://{OFFICIAL}@main",
)


@pytest.mark.parametrize("name", [*NAMES, "commit", "hf://commit"])
def test_every_name_of_a_model_of_the_zoo_is_pinned(taken_over, tmp_path, name):
    commit = taken_over.repos[OFFICIAL].tags[VERSION]
    name = name.replace("commit", f"{OFFICIAL}@{commit}")
    for load in (zoo.load, zoo.Stream, lambda name: zoo.pull(name, tmp_path / "copy")):
        with pytest.raises(ValueError, match="as the zoo published it"):
            load(name)


def test_every_name_of_a_bundled_model_gives_it(hub, tmp_path):
    """As the zoo publishes it, to the byte."""
    files = open_folder(BUNDLED / "ztfsims-gru").files
    oid = hub.put(OFFICIAL, files)
    hub.move_tag(OFFICIAL, VERSION, oid)
    for name in ("ztfsims-gru", *NAMES, f"{OFFICIAL}@{oid}"):
        assert find(name).folder.manifest.sha256 == pins()["ztfsims-gru"][VERSION]


def test_a_folder_of_the_short_id_is_another(taken_over, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tmp_path / "m", tmp_path / "ztfsims-gru")
    assert find("ztfsims-gru").folder.path == BUNDLED / "ztfsims-gru"
    assert find("./ztfsims-gru").folder.preset.architecture.gru_1 == 8


@pytest.mark.parametrize(
    "name", [REPO, f"{REPO}@v1.0.0", f"hf://{REPO}", f"{REPO}@main"]
)
def test_what_is_not_checked_of_a_stranger_is_said_once(published, name):
    with pytest.warns(UserWarning, match=HONEST) as caught:
        zoo.load(name)
        zoo.load(name)
    (message,) = (str(one.message) for one in caught)
    assert ("no folder here" in message) == (not name.startswith("hf://"))


def test_a_version_of_the_zoo_that_the_package_does_not_know_is_said(hub, saved):
    zoo.push(saved, OFFICIAL, version="9.0.0")
    for name in ("ztfsims-gru@v9.0.0", f"{OFFICIAL}@main"):
        with pytest.warns(UserWarning, match=f"does not know the version.*{HONEST}"):
            zoo.load(name)


def test_a_missing_folder_is_no_request_to_a_hub(published, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "astro").mkdir()
    with pytest.raises(KeyError, match="folder astro has no model 'toy-gru'.*hf://"):
        zoo.load(REPO)
    assert not published.log
    assert zoo.load(f"hf://{REPO}").source == f"{REPO}@v1.0.0"


def test_a_name_that_was_no_folder_is_said_to_have_been_asked_for(published):
    with pytest.raises(KeyError, match="there is no folder me/mine, so the hub was"):
        zoo.load("me/mine")


def test_a_pin_of_ones_own_is_kept(published, saved, tmp_path):
    right = fetch(REPO).folder.manifest.sha256
    for name in (REPO, f"{REPO}@main", f"hf://{REPO}@v1.0.0"):
        assert zoo.load(name, sha256=right.upper()).preset.model_id == "toy-gru"
        with pytest.raises(ValueError, match=f"not the model that you pinned.*{right}"):
            zoo.load(name, sha256="0" * 64)
    folder = zoo.pull(REPO, tmp_path / "copy")
    assert zoo.load(find(folder), sha256=right).preset.model_id == "toy-gru"
    forge(folder, survey="other")
    for other in (folder, find(folder)):
        with pytest.raises(ValueError, match="is not the model that you pinned"):
            zoo.load(other, sha256=right)


@pytest.mark.parametrize("sha256", ["", "abc", "g" * 64, "0" * 65, 5, b"0" * 64, ["0"]])
def test_what_is_no_sha256_is_refused(sha256):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        zoo.load("ztfsims-gru", sha256=sha256)


def test_a_commit_stays_what_it_was(published):
    commit = fetch(REPO).folder.path.name
    published.put(REPO, {"README.md": b"other"})
    assert zoo.load(f"{REPO}@{commit}").source == f"{REPO}@{commit}"


NOTES = (b"", b"\0" * 40, b"abc\xff", b"a" * 1000, b"not a commit")


@pytest.mark.parametrize("content", NOTES)
def test_a_damaged_note_does_not_switch_off_the_check_of_tags(published, content):
    from huggingface_hub.constants import HF_HOME

    note = Path(HF_HOME) / "zoo" / "versions" / REPO / "v1.0.0"
    former = fetch(REPO).folder.path.name
    assert note.read_text() == former
    note.write_bytes(content)
    assert fetch(REPO).folder.path.name == former and note.read_text() == former
    note.write_bytes(content)
    published.move_tag(REPO, "v1.0.0", published.put(REPO, {"README.md": b"other"}))
    for _ in range(2):
        with pytest.raises(ValueError, match=f"tag moved from {former[:8]}"):
            fetch(REPO)


def test_a_note_of_a_fetch_that_was_killed_at_once_is_mended(published):
    from huggingface_hub.constants import HF_HOME

    note = Path(HF_HOME) / "zoo" / "versions" / REPO / "v1.0.0"
    note.parent.mkdir(parents=True)
    note.touch()
    commit = fetch(REPO).folder.path.name
    assert note.read_text() == commit
    assert [path.name for path in note.parent.iterdir()] == ["v1.0.0"]


# Configs. `set` changes an entry of a layer, by its path.


def layer(config, name):
    return next(x for x in config["config"]["layers"] if x["name"] == name)


def entry(name, key, value):
    def change(config):
        layer(config, name)["config"][key] = value

    return change


def around(key, value):
    return lambda config: config.__setitem__(key, value)


def inner(key, value):
    return lambda config: config["config"].__setitem__(key, value)


def without(name):
    def change(config):
        config["config"]["layers"].remove(layer(config, name))

    return change


def twice(name):
    def change(config):
        config["config"]["layers"].append(copy.deepcopy(layer(config, name)))

    return change


def source(name, other):
    def change(config):
        tensor = layer(config, name)["inbound_nodes"][0]["args"][0]
        tensor["config"]["keras_history"] = [other, 0, 0]

    return change


def shape(name, value):
    def change(config):
        tensor = layer(config, name)["inbound_nodes"][0]["args"][0]
        tensor["config"]["shape"] = value

    return change


def called(name, key, value):
    def change(config):
        layer(config, name)["inbound_nodes"][0].setdefault("kwargs", {})[key] = value

    return change


def unmasked(config):
    for name in ("gru_1", "gru_2"):
        del layer(config, name)["inbound_nodes"][0]["kwargs"]["mask"]


def masked_by_other(config):
    operation = next(
        x for x in config["config"]["layers"] if x["class_name"] == "NotEqual"
    )
    operation["inbound_nodes"][0]["args"][1] = 5.0


def all_of(config):
    next(x for x in config["config"]["layers"] if x["class_name"] == "Any")[
        "class_name"
    ] = "All"


def lambda_layer(config):
    config["config"]["layers"].append(
        {"module": "keras.layers", "class_name": "Lambda", "config": {}, "name": "x"}
    )


def swapped(config):
    first, second = (layer(config, name) for name in ("merge_dense", "latent"))
    first["config"]["activation"], second["config"]["activation"] = "tanh", "sigmoid"


GRU = {
    "go_backwards": True,
    "return_sequences": False,
    "return_state": True,
    "stateful": True,
    "unroll": True,
    "zero_output_for_mask": True,
    "activation": "relu",
    "recurrent_activation": "hard_sigmoid",
    "use_bias": False,
    "reset_after": False,
    "dropout": 0.5,
    "recurrent_dropout": 0.5,
    "units": 9,
    "dtype": "float16",
    "kernel_regularizer": {"module": "keras.regularizers", "class_name": "L2"},
    "kernel_constraint": {"module": "keras.constraints", "class_name": "NonNeg"},
    "kernel_initializer": {"module": "os", "class_name": "system"},
    "quantum": True,
    "seed": 5,
}
FLAGS = (
    *("go_backwards", "return_sequences", "return_state", "stateful", "unroll"),
    "zero_output_for_mask",
)
DENSE = {
    "activation": "linear",
    "use_bias": False,
    "units": 9,
    "quantization_config": {"module": "os", "class_name": "system"},
    "bias_constraint": {"module": "builtins", "class_name": "eval"},
    "activity_regularizer": "l2",
    "lora_rank": 4,
    "dtype": "int8",
    "name": "other",
}
OTHERS = {
    "another mask": entry("mask", "mask_value", 1.0),
    "no mask": unmasked,
    "mask of other rows": masked_by_other,
    "all for any": all_of,
    "sums of inputs": entry("merge", "axis", 0),
    "more inputs": entry("light_curve", "batch_shape", [None, None, 6]),
    "integers": entry("light_curve", "dtype", "int32"),
    "without a GRU": without("gru_2"),
    "without the mask": without("mask"),
    "a layer twice": twice("latent"),
    "a Lambda": lambda_layer,
    "other activations": swapped,
    "past a layer": source("head", "merge_dense"),
    "past the GRUs": source("light_curve_dense", "gru_1"),
    "another shape": shape("head", [None, 9]),
    "training": called("gru_1", "training", True),
    "a first state": called("gru_1", "initial_state", [1.0]),
    "another output": inner("output_layers", ["latent", 0, 0]),
    "two outputs": inner("output_layers", [["head", 0, 0], ["latent", 0, 0]]),
    "another input": inner("input_layers", {"light_curve": ["metadata", 0, 0]}),
    "no layers": inner("layers", []),
    "layers that are none": inner("layers", "layers"),
    "layers of no tables": inner("layers", [1, None, "x"]),
    "a name that is none": inner("name", {"class_name": "eval"}),
    "an optimizer": around("compile_config", {"optimizer": "adam"}),
    "another class": around("class_name", "Sequential"),
    "a registered class": around("registered_name", "mine>Functional"),
    "another module": around("module", "os"),
    "a config that is none": around("config", [1]),
    "an entry more": around("hook", "eval"),
}
LIES = {
    **{f"gru_1 {key}": entry("gru_1", key, value) for key, value in GRU.items()},
    **{f"gru_2 {key}": entry("gru_2", key, True) for key in FLAGS},
    **{f"latent {key}": entry("latent", key, value) for key, value in DENSE.items()},
    **{f"head {key}": entry("head", key, value) for key, value in DENSE.items()},
    **OTHERS,
}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return zoo.save(small_model(), tmp_path_factory.mktemp("configs") / "toy")


def test_every_config_that_is_another_network_is_refused(toy):
    path = toy / "config.json"
    content, accepted, unreadable = path.read_text(), [], []
    for name, change in LIES.items():
        config = json.loads(content)
        change(config)
        path.write_text(json.dumps(config))
        forge(toy)
        try:
            check_config(open_folder(toy))
            accepted.append(name)
        except ValueError as error:
            if not short(str(error)) or str(path) not in str(error):
                unreadable.append((name, str(error)[:300]))
    path.write_text(content)
    forge(toy)
    assert len(LIES) >= 60
    assert not accepted
    assert not unreadable


@pytest.mark.parametrize("name", ["gru_1 go_backwards", "head activation", "no mask"])
def test_no_door_lets_another_network_through(toy, tmp_path, name):
    folder = shutil.copytree(toy, tmp_path / "toy")
    config = json.loads((folder / "config.json").read_text())
    LIES[name](config)
    (folder / "config.json").write_text(json.dumps(config))
    forge(folder)
    for door in (zoo.load, lambda folder: zoo.pull(folder, tmp_path / "copy")):
        with pytest.raises(ValueError, match="config.json"):
            door(folder)
    with pytest.raises(ValueError, match="config.json"):
        verify(find(folder))


@pytest.mark.parametrize("model_id", bundled_ids())
def test_keras_and_zoo_agree_on_the_models_of_the_zoo(model_id):
    folder = open_folder(BUNDLED / model_id)
    check_config(folder)
    assert check_plain(folder) < 1e-5


def test_networks_of_any_kind_are_saved_as_configs_that_are_accepted(tmp_path):
    """Also the third of a process, frozen, or without metadata."""
    model = small_model(metadata=())
    for number, one in enumerate((model, model.transfer("bts"), small_model())):
        folder = open_folder(zoo.save(one, tmp_path / str(number)))
        check_config(folder)
        assert check_plain(folder) < 1e-5


def test_what_keras_does_not_use_may_be_there_or_not(toy, tmp_path):
    folder = shutil.copytree(toy, tmp_path / "toy")
    config = json.loads((folder / "config.json").read_text())
    layer(config, "gru_1")["config"] |= {"of_a_later_keras": None, "another": False}
    del layer(config, "latent")["config"]["bias_constraint"]
    (folder / "config.json").write_text(json.dumps(config))
    forge(folder)
    check_config(open_folder(folder))


def test_weights_that_keras_reads_otherwise_are_noticed(toy, tmp_path, monkeypatch):
    """The golden values are computed from `config.json` too."""
    import zoo.classifier.load as load

    folder = shutil.copytree(toy, tmp_path / "toy")
    config = json.loads((folder / "config.json").read_text())
    LIES["gru_1 go_backwards"](config)
    (folder / "config.json").write_text(json.dumps(config))
    forge(folder)
    monkeypatch.setattr(load, "check_config", lambda folder: None)
    with pytest.raises(ValueError, match="does not reproduce its golden values"):
        load.check_plain(find(folder).folder)
    with pytest.raises(ValueError, match="says True for .*go_backwards"):
        verify(find(folder))


def test_the_config_that_is_compared_is_the_one_that_keras_writes():
    preset = small_model().preset
    assert plain_config(preset)["config"]["output_layers"] == ["head", 0, 0]
    shapes = {
        x["name"]: x["config"]["units"]
        for x in plain_config(preset)["config"]["layers"]
        if "units" in x["config"]
    }
    assert shapes["head"] == 12 and shapes["metadata_dense"] == 4


def test_verify_prints_what_can_be_pinned():
    sha256 = json.loads(run("verify", "ztfsims-gru-lite", "--json"))["sha256"]
    assert sha256 == read_manifest(BUNDLED / "ztfsims-gru-lite").sha256
    assert f"sha256: {sha256}" in run("verify", "ztfsims-gru-lite")
    assert zoo.load("ztfsims-gru-lite", sha256=sha256).source.startswith(
        "ztfsims-gru-l"
    )
