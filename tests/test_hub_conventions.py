"""What the Hugging Face Hub, its client and its command `hf` read of our repositories.

The client's own validators, parsers and command, against the local hub.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy
import yaml
from huggingface_hub import (
    EvalResultEntry,
    HfApi,
    ModelCard,
    parse_eval_result_entries,
)
from huggingface_hub.repocard_data import (
    eval_results_to_model_index,
    model_index_to_eval_results,
)
from models import forge, labelled, small_model
from source_files import ROOT

import zoo
from zoo.card.eval_results import eval_results
from zoo.evaluation.metrics_file import measure
from zoo.hub.pins import BUNDLED, bundled_ids
from zoo.model_folder.folder import open_folder
from zoo.model_folder.metric_names import METRIC_NAMES
from zoo.model_folder.tensors import to_safetensors
from zoo.publish.push import stage

REPO = "astro/toy-gru"
DATA = "ztfsims/simulated-n8-s1/1.0.0"


@pytest.fixture(scope="module")
def metrics():
    model = small_model()
    further = [
        measure(model, labelled(), name=DATA, metadata=False),
        measure(model, labelled(), "bts", name=DATA),
        measure(model, labelled(), name=DATA, where="redshift=0.25"),
        measure(model, labelled(2), name=DATA),  # 16 objects
        measure(model, labelled(), name="mine"),
        measure(model, labelled(), name="ztfsims/simulated-n8-s1/../../x"),
    ]
    scores = {**measure(model, labelled(), name=DATA), "more": further}
    for measured in (scores, *further):  # else each push draws them
        del measured["diagnostics"], measured["purity_completeness"]
    return scores


@pytest.fixture(scope="module")
def folder(metrics, tmp_path_factory):
    """A model transferred from one of the zoo. Tests must not change it."""
    model = small_model()
    model.preset = model.preset.replace(
        parent="ztfsims-gru@v1.3.0",
        training={"data": f"{DATA} + mine", "labels": 32, "seed": 7},
    )
    out = tmp_path_factory.mktemp("conventions") / "toy"
    return zoo.save(model, out, metrics=metrics)


@pytest.fixture
def published(hub, folder):
    zoo.push(folder, REPO, version="1.0.0")
    return hub


def hf(*arguments: str) -> str:
    """Run the command of the hub's own client."""
    code = "import sys; from huggingface_hub.cli.hf import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "HF_HUB_DISABLE_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_card_passes_the_validators_of_the_client(published):
    card = ModelCard.load(REPO)
    card.validate()  # asks the hub
    data = card.data
    assert data.datasets == ["transient-zoo/ztfsims"]
    assert data.metrics == ["roc_auc", "f1", "accuracy"]
    assert data.base_model == "transient-zoo/ztfsims-gru"
    assert data.to_dict()["base_model_relation"] == "finetune"
    index = eval_results_to_model_index(data.model_name, data.eval_results)
    assert model_index_to_eval_results(index) == ("toy-gru", data.eval_results)


def test_a_base_model_has_no_base_model(hub, tmp_path):
    zoo.save(small_model(), tmp_path / "m")
    header = ModelCard.load(tmp_path / "m" / "README.md").data.to_dict()
    assert not {"base_model", "base_model_relation", "datasets", "metrics"} & {*header}
    assert not (tmp_path / "m" / ".eval_results").exists()


def test_the_hub_parses_the_results(published, metrics):
    info = HfApi().model_info(REPO, expand=["evalResults"])
    measured = [metrics, metrics["more"][0]]  # see `metrics` for what is left out
    assert len(info.eval_results) == len(METRIC_NAMES) * len(measured)
    # The hub sorts files by their names: ztfsims-2.yaml, ztfsims.yaml.
    parsed = iter(info.eval_results)
    for one in reversed(measured):
        for key, entry in zip(METRIC_NAMES, parsed, strict=False):
            assert isinstance(entry, EvalResultEntry)
            assert (entry.dataset_id, entry.task_id) == ("transient-zoo/ztfsims", key)
            assert entry.value == round(one[key], 5)
            low, high = one["intervals"][key]
            assert entry.notes.startswith("simulated-n8-s1/1.0.0; 32 objects; ")
            assert entry.notes.endswith(f"95 % interval {low:.5f} to {high:.5f}")
            assert entry.source_url.endswith(f"/{REPO}/blob/v1.0.0/metrics.json")


def test_results_are_files_of_the_model_and_say_nothing_of_a_hub_before_a_push(
    folder, published
):
    named = set(open_folder(folder).manifest.files)
    files = {".eval_results/ztfsims.yaml", ".eval_results/ztfsims-2.yaml"}
    assert files == {name for name in named if "/" in name}
    for name in files:
        entries = parse_eval_result_entries(yaml.safe_load((folder / name).read_text()))
        assert all(entry.source_url is None for entry in entries)
        assert name in published.read(REPO, "v1.0.0")


def test_results_that_are_no_longer_measured_are_deleted_by_a_push(
    published, folder, tmp_path
):
    from zoo.card.rewrite import rewrite

    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["more"]
    other = rewrite(open_folder(folder), tmp_path / "other", metrics=metrics)
    done = zoo.push(other, REPO, version="1.1.0")
    gone = [change.path for change in done.changes if change.action == "delete"]
    assert gone == [".eval_results/ztfsims-2.yaml"]


def test_the_commands_of_the_hub_list_and_download_our_repositories(
    published, folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    listed = hf("models", "ls", "--author", "astro", "--filter", "transient-zoo")
    assert REPO in listed
    assert REPO in hf("models", "ls", "--filter", "dataset:transient-zoo/ztfsims")
    files = hf("models", "ls", REPO, "-R")
    for name in ("zoo.json", "model.safetensors", ".eval_results/ztfsims.yaml"):
        assert name in files
    assert "macro_auroc" in hf("models", "info", REPO, "--expand", "evalResults")
    assert "# toy-gru" in hf("models", "card", REPO)
    hf("download", REPO, "--revision", "v1.0.0", "--local-dir", "copy")
    copy = open_folder(Path("copy"))
    assert copy.manifest.files.keys() == open_folder(folder).manifest.files.keys()
    assert zoo.load("copy").preset.repository == REPO
    assert hf("download", REPO, "zoo.json", "--revision", "v1.0.0").strip()


# ---- the header of the weights


def about(path: Path) -> dict[str, str]:
    with safetensors.safe_open(path, "np") as file:
        return file.metadata()


def test_weights_name_their_model_before_and_after_a_push(published, folder):
    assert about(folder / "model.safetensors") == {
        "format": "keras",
        "library": "transient-zoo",
        "model_id": "toy-gru",
        "version": "1.2.3",
    }
    after = HfApi().hf_hub_download(REPO, "model.safetensors", revision="v1.0.0")
    assert about(Path(after))["model_id"] == REPO
    assert about(Path(after))["version"] == "1.0.0"
    old = safetensors.numpy.load_file(folder / "model.safetensors")
    new = safetensors.numpy.load_file(after)
    assert all(np.array_equal(old[name], new[name]) for name in old)


SAME = """
import hashlib, numpy as np
from zoo.model_folder.preset import Preset
from zoo.model_folder.tensors import to_safetensors
tensors = {f"layer_{n}/kernel": np.full((n, 3), n, np.float32) for n in range(1, 9)}
content = to_safetensors(tensors, Preset("toy-gru", ("SNIa", "other")))
print(hashlib.sha256(content).hexdigest())
"""


def test_weights_are_the_same_bytes_in_each_process():
    """The library writes metadata in the order of its own random hashes."""
    run = [sys.executable, "-c", SAME]
    digests = {subprocess.check_output(run, cwd=ROOT, text=True) for _ in range(3)}
    assert len(digests) == 1


def test_older_weights_load_and_name_no_model():
    for model_id in bundled_ids():
        assert open_folder(BUNDLED / model_id).preset.model_id == model_id


HOSTILE = (
    {"format": "pickle", "model_id": "\x1b[2J", "version": "9" * 100_000},
    {"__class__": "os.system", "": ""},
    {f"k{n}": "v" for n in range(10_000)},
)


@pytest.mark.parametrize("metadata", HOSTILE)
def test_hostile_metadata_of_weights_are_not_read_and_not_published(
    hub, folder, tmp_path, metadata
):
    copy = zoo.pull(folder, tmp_path / "copy")
    path = copy / "model.safetensors"
    tensors = safetensors.numpy.load_file(path)
    safetensors.numpy.save_file(tensors, path, metadata=metadata)
    forge(copy)
    assert zoo.load(copy).preset.model_id == "toy-gru"
    staged = stage(open_folder(copy), tmp_path / "staged", REPO, "1.0.0")
    preset = staged.preset
    assert staged.files["model.safetensors"] == to_safetensors(tensors, preset)


@pytest.mark.parametrize("metadata", [{"n": 5}, {"n": None}, {"n": {"a": "b"}}, [], 5])
def test_metadata_of_another_type_are_refused(folder, tmp_path, metadata):
    copy = zoo.pull(folder, tmp_path / "copy")
    path = copy / "model.safetensors"
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    entries = {**json.loads(content[8:start]), "__metadata__": metadata}
    header = json.dumps(entries).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content[start:])
    forge(copy)
    with pytest.raises(ValueError, match="model.safetensors cannot be read"):
        zoo.load(copy)


# ---- where a model is, and how it is cited


def test_a_model_of_the_zoo_says_that_the_package_holds_it_too(folder, tmp_path):
    staged = stage(
        open_folder(folder), tmp_path / "m", "transient-zoo/ztfsims-gru", "9.0.0"
    )
    card = staged.files["README.md"].decode()
    assert 'zoo.load("transient-zoo/ztfsims-gru@v9.0.0")' in card
    assert '`zoo.load("ztfsims-gru")` needs no network' in card
    assert "If the hub asks you to log in, the version is not published" in card
    other = stage(open_folder(folder), tmp_path / "n", REPO, "9.0.0")
    assert "The package has" not in other.files["README.md"].decode()


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "ztfsims-gru", "$load", "ä b"])
def test_the_card_of_a_folder_of_any_name_loads_it(folder, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    zoo.save(zoo.load(folder), name)
    block = re.findall(
        r"```python\n(.*?)```", (Path(name) / "README.md").read_text(), re.S
    )[0]
    if name.isprintable():
        exec(compile(block, "README.md", "exec"), {"print": lambda *_: None})
    else:  # shown, so that it cannot be loaded
        assert '"a\\\\nb"' in block


def test_citations_have_a_version_a_year_and_an_address(folder, published):
    from importlib.metadata import version

    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cff["version"] == version("transient-zoo")
    local = (folder / "README.md").read_text().partition("## Citation")[2]
    entry = local.partition("@software")[2]
    assert f"version = {{{cff['version']}}}" in entry
    assert f"year    = {{{cff['date-released'].year}}}" in entry
    assert f"url     = {{{cff['url']}}}" in entry
    assert "name its version 1.2.3" in local
    text = published.read(REPO, "v1.0.0")["README.md"].decode()
    assert f"version 1.0.0 of https://huggingface.co/{REPO}" in text


def test_files_of_results_have_names_that_a_folder_may_hold(metrics):
    from zoo.model_folder.contents import is_drawn

    names = eval_results(small_model().preset, metrics)
    assert names and all(map(is_drawn, names))
