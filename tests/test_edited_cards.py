"""A card is prose: who edits it keeps a model that loads, and publishes no false score.

And attacks on what is beside it: lies, links, files that were planted.
"""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import ModelCard, ModelCardData
from huggingface_hub.constants import HF_HUB_CACHE
from models import forge, labelled, small_model
from test_cli import fails, run
from typer.testing import CliRunner

import zoo
from zoo.card.edited import with_computed
from zoo.card.prose import prose_of
from zoo.card.rewrite import rewrite
from zoo.cli.main import app
from zoo.evaluation.metrics_file import measure
from zoo.hub.find import find
from zoo.hub.revisions import is_in_cache
from zoo.model_folder.folder import open_folder
from zoo.model_folder.manifest import read_manifest
from zoo.publish.push import stage

REPO = "astro/toy-gru"
LIE = """---
license: mit
tags: [transient-zoo]
zoo: {version: 99.0.0, survey: none, classes: 2}
model-index:
- name: best
  results:
  - task: {type: time-series-classification}
    dataset: {name: all, type: all}
    metrics: [{type: macro_auroc, value: 1.0}]
---
"""
RESULTS = ".eval_results/ztfsims.yaml"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """A folder with results for the hub, and without figures. Tests copy it."""
    model = small_model()
    scores = measure(model, labelled(), name="ztfsims/simulated-n8-s1/1.0.0")
    del scores["diagnostics"], scores["purity_completeness"]
    return zoo.save(model, tmp_path_factory.mktemp("edited") / "toy", metrics=scores)


@pytest.fixture
def folder(simulated, tmp_path):
    return zoo.pull(simulated, tmp_path / "toy")


def edit(folder, change):
    card = folder / "README.md"
    card.write_text(change(card.read_text()))


def body(card: str) -> str:
    return card.split("\n---\n", 1)[1]


def test_a_model_whose_card_was_edited_loads_and_verify_says_so(folder, tmp_path):
    assert "edited" not in run("verify", folder)
    edit(folder, lambda card: f"{card}\nA word of mine.\n")
    assert zoo.load(folder).preset.model_id == "toy-gru"
    assert "README.md was edited by hand" in run("verify", folder)
    report = json.loads(run("verify", folder, "--json"))
    assert report["card_edited"] is True
    copy = zoo.pull(folder, tmp_path / "copy")
    assert open_folder(copy).card_is_edited
    assert (copy / "README.md").read_text().endswith("A word of mine.\n")


def test_an_edited_card_is_published_with_what_is_computed(hub, folder):
    edit(folder, lambda card: LIE + body(card) + "\nA word of mine.\n")
    zoo.push(folder, REPO, version="2.0.0")
    files = hub.read(REPO, "v2.0.0")
    text = files["README.md"].decode()
    header = ModelCard(text).data
    assert header.license == "apache-2.0"
    assert header.to_dict()["zoo"]["version"] == "2.0.0"
    scores = json.loads(files["metrics.json"])
    assert header.eval_results[0].metric_value == round(scores["macro_auroc"], 5)
    assert text.endswith("A word of mine.\n") and "value: 1.0" not in text
    assert 'model = zoo.load("astro/toy-gru@v2.0.0")' in text
    call = 'folder = Path(snapshot_download("astro/toy-gru", revision="v2.0.0"))'
    imports = "from huggingface_hub import snapshot_download\n"
    assert text.count(call) == text.count(imports) == 2
    assert "lies in the folder" not in text
    # It is signed again: a version holds the card that was pushed.
    assert not open_folder(find(f"{REPO}@v2.0.0").folder.path).card_is_edited
    assert zoo.models(author="astro").loc[REPO, "macro_auroc"] < 1


def test_what_a_person_wrote_elsewhere_in_a_card_is_not_touched(hub, folder):
    mine = 'folder = Path("mine")\nmodel = zoo.load("another")\n'
    edit(folder, lambda card: card.replace("## Results", f"{mine}\n## Results"))
    zoo.push(folder, REPO, version="2.0.0")
    assert mine in hub.read(REPO, "v2.0.0")["README.md"].decode()


def test_a_card_that_windows_saved_is_published(hub, folder):
    assert "edited" not in run("push", folder, REPO, "--version", "1.0.0", "--dry-run")
    card = folder / "README.md"
    card.write_bytes(b"\xef\xbb\xbf" + card.read_bytes().replace(b"\n", b"\r\n"))
    said = run("push", folder, REPO, "--version", "2.0.0")
    assert "README.md was edited by hand: its text is kept" in said
    assert zoo.load(REPO).preset.version == "2.0.0"
    text = hub.read(REPO, "v2.0.0")["README.md"].decode()
    assert 'zoo.load("astro/toy-gru@v2.0.0")' in text


def test_the_command_card_keeps_marked_prose_and_says_what_it_does(folder):
    edit(
        folder, lambda card: card.replace("## Intended use\n", "## Intended use\n\nMe.")
    )
    said = run("card", folder)
    assert "edited by hand: the marked prose is kept, the rest is written" in said
    assert "Me." in (folder / "README.md").read_text()
    assert not open_folder(folder).card_is_edited
    assert "edited" not in run("card", folder)
    (folder / "README.md").write_text("# All mine")
    assert "nothing in it is marked as prose" in fails("card", folder)
    assert (folder / "README.md").read_text() == "# All mine"
    (folder / "README.md").unlink()
    run("card", folder)
    assert "## Results" in (folder / "README.md").read_text()


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"# All mine", LIE.encode() + b"# Mine"]
)
def test_a_card_that_cannot_be_published_is_refused_and_kept(hub, folder, content):
    (folder / "README.md").write_bytes(content)
    assert zoo.load(folder).preset.version == "1.2.3"
    with pytest.raises(ValueError, match="is not UTF-8 text|no section '## Intended"):
        zoo.push(folder, REPO, version="2.0.0")
    assert (folder / "README.md").read_bytes() == content
    assert REPO not in hub.repos


def test_a_link_in_place_of_the_card_publishes_no_private_file(hub, folder, tmp_path):
    private = tmp_path / "private"
    private.write_text((folder / "README.md").read_text() + "secret\n")
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to(private)
    with pytest.raises(ValueError, match=r"README.md is a link to something other"):
        zoo.push(folder, REPO, version="2.0.0")
    assert "is a link to something other" in fails("card", folder)
    assert REPO not in hub.repos


@pytest.mark.parametrize("name", ["README.md", "split.csv"])
@pytest.mark.parametrize("command", ["pull", "card", "push"])
def test_no_private_file_behind_a_link_is_copied(hub, folder, tmp_path, name, command):
    private = tmp_path / "private"
    private.write_text((folder / "README.md").read_text() + "secret\n")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(private)
    arguments = {
        "pull": (folder, "--out", tmp_path / "copy"),
        "card": (folder,),
        "push": (folder, REPO, "--version", "2.0.0"),
    }[command]
    done = CliRunner().invoke(app, [command, *map(str, arguments)])
    if name == "README.md":
        with pytest.raises(ValueError, match=r"README.md is a link to something other"):
            raise done.exception
        assert not (tmp_path / "copy").exists() and REPO not in hub.repos
    else:
        assert done.exit_code == 0, done.output
    held = [path for path in tmp_path.rglob("*") if not path.is_symlink()]
    assert [p for p in held if p.is_file() and b"secret" in p.read_bytes()] == [private]
    if REPO in hub.repos:
        assert not any(b"secret" in one for one in hub.read(REPO, "v2.0.0").values())


def test_a_path_that_leaves_the_cache_is_not_in_it():
    """Where a card may be a link, as all files of the client's are."""
    cache = Path(HF_HUB_CACHE)
    assert is_in_cache(cache / "models--a--b" / "snapshots" / "c")
    assert not is_in_cache(cache / ".." / "mine")


def test_a_pipe_in_place_of_the_card_does_not_wait(folder):
    (folder / "README.md").unlink()
    os.mkfifo(folder / "README.md")
    with pytest.raises(ValueError, match=r"README.md is (missing|not an ordinary)"):
        zoo.load(folder)


def test_marks_of_prose_without_an_end_are_passed_over():
    """So many that time which grew with their square would end this test run."""
    assert prose_of("<!-- prose -->\n" * 1_000_000) == ""


def test_a_card_that_is_not_signed_at_all_is_refused(folder):
    files = {k: v for k, v in read_manifest(folder).files.items() if k != "README.md"}
    forge(folder, files=files)
    with pytest.raises(ValueError, match=r"README.md is not listed in zoo.json"):
        zoo.load(folder)


def test_a_folder_of_an_earlier_version_loads_and_can_be_pushed(hub, tmp_path):
    """Without results for the hub, and without a word in the header of its weights."""
    old = zoo.pull("ztfsims-gru-paper", tmp_path / "old")
    assert not (old / ".eval_results").exists()
    edit(old, lambda card: f"{card}\nA word of mine.\n")
    assert zoo.load(old).preset.model_id == "ztfsims-gru-paper"
    zoo.push(old, "astro/lite", version="3.0.0")
    assert "A word of mine." in hub.read("astro/lite", "v3.0.0")["README.md"].decode()
    assert zoo.load("astro/lite").preset.version == "3.0.0"


# ---- the hub


def test_a_card_edited_on_the_hub_loads_from_a_branch(hub, folder):
    done = zoo.push(folder, REPO, version="1.0.0")
    card = hub.read(REPO, "main")["README.md"]
    oid = hub.put(REPO, {"README.md": card + b"\nSeen on the hub.\n"})
    for revision in ("main", oid, "v1.0.0", done.commit):
        model = find(f"{REPO}@{revision}").folder
        assert model.card_is_edited == (revision in ("main", oid))
    copy = zoo.pull(f"{REPO}@main", folder.parent / "copy")  # the cache holds links
    assert (copy / "README.md").read_bytes().endswith(b"Seen on the hub.\n")
    hub.move_tag(REPO, "v1.1.0", oid)
    with pytest.raises(ValueError, match=r"tag v1.1.0 .* is on other files|README.md"):
        zoo.load(f"{REPO}@v1.1.0")


# ---- .eval_results


def test_results_changed_by_hand_are_refused_and_written_again(folder):
    content = (folder / RESULTS).read_text()
    (folder / RESULTS).write_text(content.replace("value: 0.", "value: 0.9"))
    with pytest.raises(ValueError, match=r"ztfsims.yaml was changed.*zoo-cli card DIR"):
        zoo.load(folder)
    run("card", folder)
    assert (folder / RESULTS).read_text() == content


def test_results_that_lie_are_not_published(hub, folder):
    """Not even where their author has signed them."""
    content = (folder / RESULTS).read_text()
    (folder / RESULTS).write_text(content.replace("value: 0.", "value: 0.9"))
    forge(folder)
    zoo.push(folder, REPO, version="1.0.0")
    published = hub.read(REPO, "v1.0.0")[RESULTS].decode()
    assert "value: 0.9" not in published


PLANTED = (".eval_results/extra.yaml", ".eval_results/run.py", ".eval_results/a/b.yaml")


@pytest.mark.parametrize("name", PLANTED)
def test_a_file_planted_among_the_results_is_refused(hub, folder, tmp_path, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    found = name.removesuffix("/b.yaml")
    for door in (
        zoo.load,
        lambda path: zoo.pull(path, tmp_path / "copy"),
        lambda path: zoo.push(path, REPO, version="1.0.0"),
        lambda path: zoo.save(small_model(), path, overwrite=True),
    ):
        with pytest.raises(
            ValueError, match=f"{found} is not listed|other than a model"
        ):
            door(folder)
    assert f"{found} is not listed" in fails("verify", folder)
    assert REPO not in hub.repos


@pytest.mark.parametrize("name", [".DS_Store", ".ipynb_checkpoints"])
@pytest.mark.parametrize("where", [".", ".eval_results"])
def test_what_programs_leave_in_any_folder_is_neither_a_trap_nor_published(
    hub, folder, tmp_path, name, where
):
    left = folder / where / name
    if name == ".DS_Store":
        left.write_bytes(b"\0\0\0\1Bud1")
    else:
        left.mkdir()
        (left / "ztfsims-checkpoint.yaml").write_text("x")
    assert zoo.load(folder).preset.model_id == "toy-gru"
    run("verify", folder)
    copy = zoo.pull(folder, tmp_path / "copy")
    assert not (copy / where / name).exists()
    run("card", folder)
    zoo.push(folder, REPO, version="1.0.0")
    assert not any(name in path for path in hub.read(REPO, "v1.0.0"))
    zoo.save(small_model(), folder, overwrite=True)


@pytest.mark.parametrize("inside", [False, True])
def test_a_link_in_place_of_the_results_is_refused(folder, tmp_path, inside):
    elsewhere = tmp_path / "elsewhere"
    if inside:
        (folder / RESULTS).rename(elsewhere)
        elsewhere.write_text("other")
        (folder / RESULTS).symlink_to(elsewhere)
    else:
        (folder / ".eval_results").rename(elsewhere)
        (folder / ".eval_results").symlink_to(elsewhere)
    with pytest.raises(ValueError, match=r"was changed|\.eval_results is not listed"):
        zoo.load(folder)
    if not inside:
        with pytest.raises(ValueError, match=r"\.eval_results is a link"):
            open_folder(folder)


EVIL = (
    *("../.eval_results/a.yaml", ".eval_results/../a.yaml", ".eval_results/a/b.yaml"),
    *(".eval_results/*.yaml", ".eval_results/.a.yaml", ".eval_results/a.yml"),
    *(".eval_results/", "eval_results/a.yaml", ".eval_results\\a.yaml"),
    ".eval_results/a.yaml\n",
)


@pytest.mark.parametrize("name", EVIL)
def test_a_manifest_that_names_other_places_is_refused(folder, name):
    forge(folder, files={**read_manifest(folder).files, name: "0" * 64})
    with pytest.raises(ValueError, match="is not a file of a model folder"):
        zoo.load(folder)


def test_results_go_with_their_model(folder):
    """They are hidden, as `.git` is, which stays."""
    (folder / ".git").mkdir()
    zoo.save(small_model(seed=1), folder, overwrite=True)
    assert {path.name for path in folder.glob(".*")} == {".git"}
    rewrite(open_folder(folder), folder)
    assert zoo.load(folder).preset.model_id == "toy-gru"


def test_sentences_of_a_person_are_not_taken_for_those_of_the_zoo(folder, tmp_path):
    heading, own = "## How to load it\n", "The model is small enough for a laptop."
    edit(folder, lambda card: card.replace(heading, f"{heading}\n{own}\n"))
    stage(open_folder(folder), tmp_path / "staged", REPO, "1.0.0")
    card = (tmp_path / "staged" / "README.md").read_text()
    assert card.count(own) == 1
    assert card.count(f"The model is `{REPO}` on the Hugging Face Hub.") == 1


def test_text_between_two_rules_is_no_header():
    fresh = "---\nlicense: mit\n---\n# toy"
    edited = "---\nMy words between two rules.\n---\nMore."
    assert with_computed(edited, fresh) == f"---\nlicense: mit\n---\n{edited}"
    lie = "---\nlicense: other\n---\nMore."
    assert with_computed(lie, fresh) == "---\nlicense: mit\n---\nMore."


@pytest.mark.parametrize("strange", [["\ud800"], {"\ud800": 1}, [["\x1b[31m"]]])
def test_a_strange_header_of_the_hub_is_listed_harmlessly(monkeypatch, strange):
    header = {"zoo": {"survey": strange, "classes": strange}, "base_model": strange}
    info = SimpleNamespace(id="a/b", card_data=ModelCardData(license="mit", **header))
    monkeypatch.setattr("zoo.hub.client.reach", lambda: None)
    monkeypatch.setattr("huggingface_hub.HfApi.list_models", lambda *_, **__: [info])
    shown = zoo.models(hub=True).loc[["a/b"]].to_json(orient="records")
    assert "\\ud800" in shown or "\\x1b" in shown
    assert "\\u001b" not in shown
