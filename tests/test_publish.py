"""Push and pull with the real client over HTTP: what arrives, what is refused."""

import json
import threading
from dataclasses import replace

import pytest
from minihub import Fault
from models import forge, labelled, small_model

import zoo
from zoo.card.rewrite import rewrite
from zoo.classifier.load import check_golden, read_model
from zoo.hub.fetch import fetch
from zoo.model_folder.folder import open_folder
from zoo.publish.plan import compare
from zoo.publish.push import stage
from zoo.publish.upload import upload

REPO = "astro/toy-gru"


@pytest.fixture
def other(saved, tmp_path):
    """The same model with another measurement, so with another content."""
    metrics = json.loads((saved / "metrics.json").read_text())
    return rewrite(
        open_folder(saved), tmp_path / "other", metrics={**metrics, "data": "other"}
    )


def relearned(saved, folder):
    """Other weights, so that there is a large file to upload."""
    metrics = json.loads((saved / "metrics.json").read_text())
    return zoo.save(small_model(seed=5), folder, metrics=metrics)


def test_round_trip(hub, saved, tmp_path):
    done = zoo.push(saved, REPO, version="1.0.0")
    assert (done.creates, done.tag) == (True, "v1.0.0")
    assert hub.repos[REPO].tags == {"v1.0.0": done.commit}
    listed = zoo.models(author="astro")
    assert listed.loc[REPO, "revision"] == "v1.0.0"
    assert listed.loc[REPO, "survey"] == "toy"
    assert listed.loc[REPO, "classes"] == 12
    assert listed.loc[REPO, "macro_auroc"] == pytest.approx(
        json.loads((saved / "metrics.json").read_text())["macro_auroc"], abs=1e-3
    )
    for name in (REPO, f"{REPO}@v1.0.0", f"hf://{REPO}@1.0.0", f"{REPO}@{done.commit}"):
        model = zoo.load(name)
        assert check_golden(model, open_folder(saved)) < 1e-6
    assert model.source == f"{REPO}@{done.commit}"
    assert model.preset.version == "1.0.0"
    copy = zoo.pull(f"{REPO}@v1.0.0", tmp_path / "copy")
    assert check_golden(read_model(open_folder(copy)), open_folder(copy)) < 1e-6
    assert open_folder(copy).preset.model_id == "toy-gru"


def test_the_published_files_are_those_of_the_manifest(hub, saved):
    zoo.push(saved, REPO, version="1.0.0")
    files = hub.read(REPO, "v1.0.0")
    manifest = json.loads(files["zoo.json"])
    assert set(files) - {".gitattributes"} == {"zoo.json", *manifest["files"]}
    assert f"{REPO}@v1.0.0" in files["README.md"].decode()


def test_the_folder_that_is_pushed_stays_as_it_is(hub, saved):
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    zoo.push(saved, "astro/another-name", version="3.0.0")
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert zoo.load("astro/another-name").preset.model_id == "another-name"


def test_ids_of_who_was_trained_on_are_never_pushed(hub, tmp_path):
    model = small_model()
    metrics = zoo.evaluate(model, labelled())
    folder = zoo.save(
        model, tmp_path / "m", metrics=metrics, split={"train": ["secret-object"]}
    )
    zoo.push(folder, REPO, version="1.0.0")
    files = hub.read(REPO, "main")
    assert "split.csv" not in files
    assert not any(b"secret-object" in content for content in files.values())


def test_without_a_revision_the_highest_version_is_loaded(hub, saved, other):
    zoo.push(saved, REPO, version="1.9.0")
    zoo.push(other, REPO, version="1.10.0")
    hub.put(REPO, {"README.md": b"vandal"})
    assert zoo.load(REPO).source == f"{REPO}@v1.10.0"
    assert zoo.load(f"{REPO}@1.9.0").preset.version == "1.9.0"
    assert zoo.load(f"{REPO}@main").preset.version == "1.10.0"


def test_a_second_version_replaces_and_deletes_only_what_is_its_own(
    hub, saved, tmp_path
):
    zoo.push(saved, REPO, version="1.0.0")
    hub.put(REPO, {"LICENSE": b"mine"})
    bare = zoo.pull(saved, tmp_path / "bare")
    for figure in bare.glob("*.png"):
        figure.unlink()
    metrics = json.loads((saved / "metrics.json").read_text())
    metrics.pop("diagnostics", None)
    forge(bare)
    done = zoo.push(
        rewrite(open_folder(bare), tmp_path / "m", metrics=metrics),
        REPO,
        version="1.0.1",
    )
    actions = {change.path: change.action for change in done.changes}
    assert actions["zoo.json"] == actions["README.md"] == "replace"
    assert actions["config.json"] == actions["golden.npz"] == "keep"
    assert actions["model.safetensors"] == "replace"  # it names its version
    assert "LICENSE" not in actions
    files = hub.read(REPO, "v1.0.1")
    assert files["LICENSE"] == b"mine"
    assert set(files) - {".gitattributes", "LICENSE", "zoo.json"} == set(
        json.loads(files["zoo.json"])["files"]
    )


def test_a_repository_of_something_else_is_left_alone(hub, saved):
    hub.put("astro/torch", {"pytorch_model.bin": b"\0x", "src/train.py": b"x"})
    with pytest.raises(ValueError, match="holds something other than a model: pytorch"):
        zoo.push(saved, "astro/torch", version="1.0.0")


def test_a_repository_that_was_just_made_by_hand_is_filled(hub, saved):
    hub.put("astro/new", {"README.md": b"# soon"})
    zoo.push(saved, "astro/new", version="1.0.0")
    assert zoo.load("astro/new").preset.repository == "astro/new"


def test_first_pushes_at_once_are_not_mixed(hub, saved, other, tmp_path):
    """Both found no repository; the second must see what the first has made of it."""
    ours = stage(open_folder(saved), tmp_path / "ours", REPO, "1.0.0")
    theirs = stage(open_folder(other), tmp_path / "theirs", REPO, "1.1.0")
    plan = compare(ours, REPO, "1.0.0", private=True)
    upload(theirs, compare(theirs, REPO, "1.1.0"))
    with pytest.raises(ValueError, match="does not increase"):
        upload(ours, plan)
    assert set(hub.repos[REPO].tags) == {"v1.1.0"}
    later = stage(open_folder(saved), tmp_path / "later", REPO, "1.2.0")
    plan = replace(plan, tag="v1.2.0")
    with pytest.raises(ValueError, match="exists and is public"):
        upload(later, plan)


@pytest.mark.parametrize("version", ["1.0.0", "0.9.9", "1.0.0"])
def test_a_version_that_does_not_increase_is_refused(hub, saved, version):
    zoo.push(saved, REPO, version="1.0.0")
    log = len(hub.log)
    with pytest.raises(ValueError, match="already has v1.0.0|v0.9.9 does not increase"):
        zoo.push(saved, REPO, version=version)
    assert all(method in ("GET", "HEAD") for method, _ in hub.log[log:])


def test_what_was_published_already_is_said_to_be(hub, saved):
    zoo.push(saved, REPO, version="1.0.0")
    with pytest.raises(ValueError, match="with these very files: there is nothing to"):
        zoo.push(saved, REPO, version="1.0.0")


@pytest.mark.parametrize(
    "version", ["v1.0.0", "1.0", "1", "latest", "1.0.0-rc1", "01.0.0", "1.0.٣", ""]
)
def test_what_is_no_version_is_refused(hub, saved, version):
    with pytest.raises(ValueError, match="write three numbers"):
        zoo.push(saved, REPO, version=version)
    assert hub.log == []


@pytest.mark.parametrize("repo", ["toy", "a/b/c", "/toy", "astro/"])
def test_what_is_no_name_is_refused(hub, saved, repo):
    with pytest.raises(ValueError, match="write org/name"):
        zoo.push(saved, repo, version="1.0.0")
    assert hub.log == []


def test_a_missing_licence_is_refused(hub, saved, tmp_path):
    preset = open_folder(saved).preset.replace(license="")
    folder = rewrite(open_folder(saved), tmp_path / "m", preset=preset)
    with pytest.raises(ValueError, match="names no licence"):
        zoo.push(folder, REPO, version="1.0.0")
    assert hub.log == []


def test_missing_metrics_are_refused(hub, tmp_path):
    folder = zoo.save(small_model(), tmp_path / "m")
    with pytest.raises(ValueError, match="has no measurement. Make one: zoo-cli card"):
        zoo.push(folder, REPO, version="1.0.0")
    assert hub.log == []


def test_a_changed_file_is_refused(hub, saved, tmp_path):
    folder = zoo.pull(saved, tmp_path / "m")
    (folder / "metrics.json").write_text("{}")
    with pytest.raises(ValueError, match="metrics.json was changed"):
        zoo.push(folder, REPO, version="1.0.0")
    assert hub.log == []


def test_an_unfilled_section_is_refused(hub, saved, tmp_path):
    prose = "## Intended use\n\nTODO\n\n## Limits and risks\n\nMany.\n"
    with pytest.raises(ValueError, match="Intended use"):
        zoo.push(
            rewrite(open_folder(saved), tmp_path / "m", prose=prose),
            REPO,
            version="1.0.0",
        )
    assert hub.log == []


def test_other_golden_values_are_refused(hub, saved, tmp_path):
    folder = zoo.pull(saved, tmp_path / "m")
    model = small_model(seed=3)
    zoo.save(model, tmp_path / "n")
    (folder / "model.safetensors").write_bytes(
        (tmp_path / "n" / "model.safetensors").read_bytes()
    )
    forge(folder)
    with pytest.raises(ValueError, match="does not reproduce its golden values"):
        zoo.push(folder, REPO, version="1.0.0")
    assert hub.log == []


def test_a_dry_run_changes_nothing(hub, saved):
    plan = zoo.push(saved, REPO, version="1.0.0", dry_run=True, private=True)
    assert (plan.creates, plan.private, plan.commit) == (True, True, "")
    assert {change.action for change in plan.changes} == {"add"}
    assert hub.repos == {}
    assert all(method in ("GET", "HEAD") for method, _ in hub.log)


def test_private_models_are_seen_by_their_owners_only(hub, saved, monkeypatch):
    zoo.push(saved, REPO, version="1.0.0", private=True)
    assert hub.repos[REPO].private
    assert zoo.load(REPO).preset.version == "1.0.0"
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(KeyError, match="or it is private and your token gives no acc"):
        fetch(REPO)


def test_a_public_repository_is_not_made_private(hub, saved):
    zoo.push(saved, REPO, version="1.0.0")
    with pytest.raises(ValueError, match="exists and is public"):
        zoo.push(saved, REPO, version="1.1.0", private=True)


def test_a_pull_request_and_its_merge(hub, saved, other):
    zoo.push(saved, REPO, version="1.0.0")
    done = zoo.push(other, REPO, version="1.1.0", pr=True)
    assert done.pull_request.startswith(hub.url)
    assert set(hub.repos[REPO].tags) == {"v1.0.0"}
    assert zoo.load(REPO).preset.version == "1.0.0"
    hub.repos[REPO].branches["main"] = done.commit  # merged
    again = zoo.push(other, REPO, version="1.1.0")
    assert again.commit == done.commit and not again.commits
    assert zoo.load(REPO).preset.version == "1.1.0"


@pytest.mark.parametrize(
    ("token", "repo", "message"),
    [
        ("hf_wrong", REPO, "the hub refuses your token or there is none"),
        ("", REPO, "the hub refuses your token or there is none"),
        ("hf_other", REPO, "the hub refuses your token or there is none"),
    ],
)
def test_a_wrong_token_is_refused(hub, saved, monkeypatch, token, repo, message):
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(PermissionError, match=message):
        zoo.push(saved, repo, version="1.0.0")
    assert hub.repos == {}


STEPS = {
    "preupload": "POST /api/models/.*/preupload/.*",
    "batch": "POST /.*/info/lfs/objects/batch",
    "upload": "PUT /lfs/.*",
    "commit": "POST /api/models/.*/commit/.*",
    "tag": "POST /api/models/.*/tag/.*",
}


FAILURES = [
    *((step, action) for step in STEPS for action in ("503", "cut", "cut-after")),
    *(("commit", status) for status in ("403", "429")),  # as at any other step
]


@pytest.mark.parametrize(("step", "action"), FAILURES)
def test_a_push_that_fails_can_be_run_again(hub, saved, step, action, tmp_path):
    """Whatever dies, the last version stays whole, and a second push ends well."""
    zoo.push(saved, REPO, version="1.0.0")
    changed = relearned(saved, tmp_path / "changed")
    hub.fault(Fault(STEPS[step], times=None, action=action))
    with pytest.raises(OSError, match="hub|uploading"):
        zoo.push(changed, REPO, version="1.1.0")
    hub.faults.clear()
    if step == "tag" and action == "cut-after":  # it was set, only nobody knew
        with pytest.raises(ValueError, match="already has v1.1.0"):
            zoo.push(changed, REPO, version="1.1.0")
    else:
        assert zoo.load(REPO).preset.version == "1.0.0"
        zoo.push(changed, REPO, version="1.1.0")
    model = zoo.load(REPO)
    assert model.preset.version == "1.1.0"
    assert check_golden(model, open_folder(changed)) < 1e-6


def test_two_pushes_of_one_version_at_once(hub, saved, other):
    zoo.push(saved, REPO, version="1.0.0")
    errors, done, barrier = [], [], threading.Barrier(2)

    def go(folder):
        barrier.wait()
        try:
            done.append(zoo.push(folder, REPO, version="1.1.0"))
        except Exception as error:
            errors.append(str(error))

    threads = [threading.Thread(target=go, args=(f,)) for f in (saved, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(errors), len(done)) == (1, 1)
    assert all("someone else" in e or "already" in e for e in errors)
    assert zoo.load(f"{REPO}@v1.1.0").preset.version == "1.1.0"
    files = hub.read(REPO, "v1.1.0")
    wanted = {
        json.dumps(json.loads((f / "metrics.json").read_text())) for f in (saved, other)
    }
    assert json.dumps(json.loads(files["metrics.json"])) in wanted
