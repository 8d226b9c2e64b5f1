"""Loading from the hub: what is corrupted, moved, missing or unreachable."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
from huggingface_hub import snapshot_download
from minihub import Fault
from models import labelled, small_model

import zoo
from zoo.classifier.load import check_golden
from zoo.hub.client import as_version
from zoo.hub.fetch import fetch
from zoo.hub.pins import pins
from zoo.model_folder.folder import open_folder

REPO = "astro/toy-gru"
FILES = (
    "README.md",
    "config.json",
    "golden.npz",
    "metrics.json",
    "model.safetensors",
    "zoo.json",
)


@pytest.fixture
def published(hub, saved):
    """A model on the hub, which counts its requests from here on."""
    zoo.push(saved, REPO, version="1.0.0")
    hub.log.clear()
    return hub


def test_versions_are_compared_as_numbers():
    assert as_version("v1.10.0") > as_version("1.9.0")
    assert as_version("v1.0") is as_version("main") is as_version("1.0.0-rc1") is None


def test_what_is_fetched_once_is_not_downloaded_again(published):
    fetch(REPO)
    downloads = [path for method, path in published.log if "/resolve/" in path]
    assert downloads
    fetch(REPO)
    assert [path for method, path in published.log if "/resolve/" in path] == downloads


@pytest.mark.parametrize("revision", ["", "v1.0.0", "main"])
def test_whether_the_hub_answers_is_asked_once(published, revision):
    def asked() -> int:
        return sum(path in ("", "/") for _, path in published.log)

    fetch(REPO, revision)
    assert asked() == 1
    fetch(REPO, revision)
    assert asked() == 2
    published.log.clear()
    published.fault(Fault("HEAD /?", times=None, action="cut"))
    assert fetch(REPO, revision).folder.preset.version == "1.0.0"
    assert asked() == 1 == len(published.log)


def test_only_files_of_the_manifest_are_downloaded(published):
    published.put(REPO, {"extra.pkl": b"\x80\x04.", "sub/zoo.json": b"{}"})
    folder = fetch(REPO, "main").folder.path
    names = {path.name for path in folder.iterdir()}
    assert "extra.pkl" not in names and "sub" not in names
    assert not any(
        "extra.pkl" in path for _, path in published.log if "/resolve/" in path
    )


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("action", ["flip", "truncate"])
def test_a_download_that_is_corrupted_is_fetched_again(published, name, action):
    published.fault(Fault(f"GET /.*/resolve/.*/{name}", times=1, action=action))
    folder = fetch(REPO).folder
    assert not published.faults[0].times
    assert folder.preset.version == "1.0.0"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("action", ["flip", "truncate"])
def test_a_download_that_stays_corrupted_is_refused(published, name, action):
    published.fault(Fault(f"GET /.*/resolve/.*/{name}", times=None, action=action))
    with pytest.raises(
        (ValueError, OSError), match=f"{name} was changed|zoo.json is damaged|announces"
    ):
        fetch(REPO)


def test_a_repository_whose_tag_moved_is_refused(published, saved):
    fetched = fetch(REPO)
    former = published.repos[REPO].tags["v1.0.0"]
    oid = published.put(REPO, {"README.md": b"other"})
    published.move_tag(REPO, "v1.0.0", oid)
    for _ in range(2):  # also after somebody else has used the client's cache
        snapshot_download(REPO, revision="v1.0.0", allow_patterns=["zoo.json"])
        with pytest.raises(
            ValueError, match="tag moved from .* and versions never move"
        ):
            fetch(REPO)
    assert fetch(REPO, former).folder.files == fetched.folder.files


def test_a_tag_on_the_files_of_another_version_is_refused(published):
    published.move_tag(REPO, "v9.0.0", published.repos[REPO].tags["v1.0.0"])
    with pytest.raises(
        ValueError, match="tag v9.0.0 of .* is on other files: .* of v1.0.0"
    ):
        fetch(REPO)


def test_files_that_others_fetched_into_the_cache_do_no_harm(published):
    published.put(REPO, {"LICENSE": b"mine"})
    snapshot_download(REPO, revision="main")
    assert zoo.load(f"{REPO}@main").preset.version == "1.0.0"


def test_a_pinned_model_that_was_replaced_is_refused(hub, tmp_path, monkeypatch):
    """Somebody takes over the zoo's own name on the hub and publishes there."""
    monkeypatch.setattr("zoo.hub.find.BUNDLED", tmp_path)
    model = small_model()
    metrics = zoo.evaluate(model, labelled())
    folder = zoo.save(model, tmp_path / "m", metrics=metrics)
    version = list(pins()["ztfsims-gru"])[-1]
    zoo.push(folder, "transient-zoo/ztfsims-gru", version=version.removeprefix("v"))
    for name in ("ztfsims-gru", f"ztfsims-gru@{version}"):
        with pytest.raises(ValueError, match=f"not transient-zoo/.*@{version} as the"):
            zoo.load(name)


def test_a_bundled_model_whose_version_was_never_published_is_refused(
    saved, tmp_path, monkeypatch
):
    shutil.copytree(saved, tmp_path / "package" / "ztfsims-gru")
    monkeypatch.setattr("zoo.hub.find.BUNDLED", tmp_path / "package")
    with pytest.raises(ValueError, match="is not ztfsims-gru@v1.2.3 as the zoo pub"):
        zoo.load("ztfsims-gru")


def test_another_version_of_a_model_of_the_zoo_comes_from_its_hub(hub, saved):
    zoo.push(saved, "transient-zoo/ztfsims-gru", version="9.0.0")
    model = zoo.load("ztfsims-gru@v9.0.0")
    assert model.source == "ztfsims-gru@v9.0.0"
    assert model.transfer("bts").preset.parent == "ztfsims-gru@v9.0.0"


def test_a_model_that_does_not_exist(published):
    with pytest.raises(
        KeyError, match="no model 'astro/toi-gru'.*mean 'astro/toy-gru'"
    ):
        zoo.load("astro/toi-gru")
    with pytest.raises(KeyError, match=r"no such revision. Versions: v1.0.0"):
        zoo.load(f"{REPO}@v2.0.0")
    with pytest.raises(KeyError, match="is neither a folder nor a model of the zoo"):
        zoo.load("toy-gru")


def test_a_repository_without_a_version(hub):
    hub.put("astro/other", {"README.md": b"# x"})
    with pytest.raises(KeyError, match="astro/other has no version"):
        zoo.load("astro/other")
    with pytest.raises(KeyError, match="is not a zoo model: it has no zoo.json"):
        zoo.load("astro/other@main")


def test_a_gated_repository(published, monkeypatch):
    published.repos[REPO].gated = True
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(PermissionError, match="is gated: ask for access"):
        fetch(REPO)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("429", "asks for fewer requests"),
        ("503", "the hub answered 503|cannot be reached"),
        ("cut", "cannot be reached"),
    ],
)
def test_a_hub_in_trouble_is_named_in_one_sentence(published, action, message):
    published.fault(Fault("GET /api/.*", times=None, action=action))
    with pytest.raises(ConnectionError, match=message):
        fetch(REPO, "v1.0.0")


def test_a_hub_in_trouble_for_a_moment_is_asked_again(published):
    published.fault(Fault("GET /.*/resolve/.*", times=1, action="503"))
    published.fault(Fault("GET /.*/resolve/.*", times=1, action="cut-body"))
    assert fetch(REPO).name == f"{REPO}@v1.0.0"


def client(code: str, **environment) -> subprocess.CompletedProcess:
    """Run code in a process of its own, which reads the environment afresh."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


FETCH = f"from zoo.hub.fetch import fetch; print(fetch('{REPO}').name)"


def test_without_a_network_the_cache_serves(published):
    dead = {"HF_ENDPOINT": "http://127.0.0.1:9"}
    for environment in ({"HF_HUB_OFFLINE": "1"}, dead):
        done = client(FETCH, **environment)
        assert "ConnectionError" in done.stderr.splitlines()[-1]
        assert "Run `zoo-cli pull" in done.stderr or "cannot be reached" in done.stderr
    fetch(REPO)
    for environment in ({"HF_HUB_OFFLINE": "1"}, dead):
        done = client(FETCH, **environment)
        assert done.stdout == f"{REPO}@v1.0.0\n", done.stderr


def test_a_full_disk_leaves_no_half_model(published, tmp_path):
    """Files may not grow beyond 4 kB: a write fails as it does on a full disk."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        f"import zoo; zoo.pull('{REPO}', r'{tmp_path / 'copy'}')"
    )
    done = client(code, HF_HOME=str(tmp_path / "home"))
    assert "OSError" in done.stderr.splitlines()[-1], done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    fetched = client(FETCH, HF_HOME=str(tmp_path / "home"))
    assert fetched.stdout == f"{REPO}@v1.0.0\n", fetched.stderr


def test_a_damaged_cache_is_mended(published):
    folder = fetch(REPO).folder.path
    for name in FILES:
        blob = (folder / name).resolve()
        blob.chmod(0o644)
        content = bytearray(blob.read_bytes())
        content[len(content) // 2] ^= 1
        blob.write_bytes(content)
        assert check_golden(fetch_and_load(), open_folder(folder)) < 1e-6


def fetch_and_load():
    return zoo.load(REPO)


@pytest.fixture
def silent(monkeypatch):
    """A hub that takes connections and never answers; the client gives up at once."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_ETAG_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", url)
        yield url


@pytest.mark.parametrize(
    "ask",
    [
        lambda: zoo.models(hub=True),
        lambda: zoo.load("hf://me/mine"),
        lambda: zoo.load("hf://me/mine@v1.0.0"),
    ],
)
def test_a_hub_that_is_silent_is_given_up_in_one_sentence(ask, silent):
    with pytest.raises(ConnectionError, match="hub cannot be reached"):
        ask()


def test_a_dry_run_without_a_hub_tells_that_the_files_are_ready(silent, saved):
    with pytest.raises(ConnectionError, match="cannot be reached .* card are ready.$"):
        zoo.push(saved, "me/mine", version="1.0.0", dry_run=True)
