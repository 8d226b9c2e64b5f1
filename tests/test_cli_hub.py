"""`zoo-cli push`, `pull` and `models` against the local hub."""

import json

import pytest
from models import labelled, small_model
from test_cli import fails, run

import zoo

REPO = "astro/toy-gru"


@pytest.fixture
def home(hub, tmp_path, monkeypatch):
    """A folder with a model that is fit to be published; the current one."""
    monkeypatch.chdir(tmp_path)
    model = small_model()
    zoo.save(model, tmp_path / "toy", metrics=zoo.evaluate(model, labelled()))
    return tmp_path


def test_push_pull_verify_and_list(home):
    plan = run("push", "toy", REPO, "--version", "1.0.0", "--dry-run")
    assert "add     model.safetensors" in plan
    assert (
        plan.splitlines()[-1] == "would be: one commit on a new branch main, then "
        "tag v1.0.0"
    )
    done = json.loads(run("push", "toy", REPO, "--version", "1.0.0", "--json"))
    assert (done["repo"], done["tag"], done["dry_run"]) == (REPO, "v1.0.0", False)
    assert f'zoo.load("{REPO}@v1.0.1")' in run(
        "push", "toy", REPO, "--version", "1.0.1"
    )
    assert "are right" in run("verify", f"{REPO}@v1.0.0")
    pulled = json.loads(run("pull", f"{REPO}@1.0.0", "--out", "copy", "--json"))
    assert pulled == {"model": "toy-gru", "revision": "v1.0.0", "folder": "copy"}
    listed = json.loads(run("models", "--hub", "--json"))["models"]
    found = {(row["model_id"], row["where"]) for row in listed}
    assert {row for row in found if row[1] != "bundled"} == {
        ("./copy", "folder"),
        ("./toy", "folder"),
        (REPO, "hub"),
    }
    assert json.loads(run("models", "--tag", "nothing", "toy-", "--json")) == {
        "models": []
    }


def test_the_tree_shows_what_was_transferred_from_what(home):
    run("push", "toy", REPO, "--version", "1.0.0")
    child = zoo.load(REPO).transfer("bts")
    assert child.preset.parent == f"{REPO}@v1.0.0"
    metrics = zoo.evaluate(child, labelled())
    zoo.save(child, home / "child", metrics=metrics)
    run("push", "child", "astro/bts-gru", "--version", "2.0.0")
    grandchild = zoo.load("astro/bts-gru").transfer("mine")
    assert grandchild.preset.ancestors == (f"{REPO}@v1.0.0",)
    lines = run("models", "astro/", "--hub", "--tree").splitlines()
    assert [line.strip(" │├└─") for line in lines] == [
        f"{REPO}@v1.0.0",
        "astro/bts-gru@v2.0.0",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("push", "toy", "toy-gru", "--version", "1.0.0"), "write org/name"),
        (("push", "toy", REPO, "--version", "one"), "write three numbers"),
        (("push", "nowhere", REPO, "--version", "1.0.0"), "is not a model folder"),
        (("pull", "astro/none", "--out", "x"), "the hub has no model 'astro/none'"),
        (("pull", "ztfsims-gruu", "--out", "x"), "Did you mean 'ztfsims-gru'?"),
        (("pull", "ztfsims-gru", "--out", "."), "is the folder in which this"),
        (("verify", "astro/none@v1.0.0"), "the hub has no model 'astro/none'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(home, arguments, message):
    assert message in fails(*arguments)


def test_a_hub_that_cannot_be_reached_is_one_line(home, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "the hub cannot be reached" in fails("pull", REPO, "--out", "x")
    assert "the hub cannot be reached" in fails(
        "push", "toy", REPO, "--version", "1.0.0"
    )


ODD = b"""---
license: mit
tags: [transient-zoo]
%s
---
# odd
"""


@pytest.mark.parametrize(
    "line",
    [
        b"zoo: abc",
        b'zoo: {version: "[/b]", survey: "[/b]", classes: [1]}',
        b"base_model: astro/odd",
        b"base_model: [a/b, c/d]",
        b"zoo: {ancestors: 5}",
        b"model-index: 3",
    ],
)
def test_an_odd_card_on_the_hub_does_not_spoil_the_list(home, hub, line):
    hub.put("astro/odd", {"README.md": ODD % line})
    assert "ztfsims-gru" in run("models", "--hub")
    assert "ztfsims-gru" in run("models", "--hub", "--tree")


def test_a_folder_that_is_no_model_is_left_out_with_a_warning(home):
    (home / "other").mkdir()
    (home / "other" / "zoo.json").write_text("{}")
    with pytest.warns(UserWarning, match="other is left out"):
        assert "./toy" in run("models")
