"""The local hub of our tests, tried with the real client."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from minihub import Fault, Hub, lz4, serve

REPO = "astro/gru"
WEIGHTS = bytes(range(256)) * 40
CARD = (
    b"---\nlicense: apache-2.0\nlibrary_name: zoo\ntags: [astronomy, ztf]\n---\n# GRU\n"
)
FILES = {"README.md": CARD, "model.safetensors": WEIGHTS, "figures/roc.png": b"\x89\0"}


@pytest.fixture
def api(hub) -> HfApi:
    """The client of user astro, with one repository on the hub."""
    hub.put(REPO, FILES)
    return HfApi(endpoint=hub.url, token="hf_astro")


@pytest.fixture
def other(hub) -> HfApi:
    return HfApi(endpoint=hub.url, token="hf_other")


@pytest.fixture
def anonymous(hub) -> HfApi:
    return HfApi(endpoint=hub.url, token=False)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def status(call, *args, **kwargs) -> int:
    """The HTTP status with which the hub refuses the call."""
    with pytest.raises(HfHubHTTPError) as refused:
        call(*args, **kwargs)
    return refused.value.response.status_code


def push(api: HfApi, parent: str | None = None, data: bytes = b"{}"):
    change = CommitOperationAdd("config.json", data)
    return api.create_commit(
        REPO, [change], commit_message="config", parent_commit=parent
    )


def download(hub: Hub, folder: Path, revision: str = "main") -> bytes:
    path = hf_hub_download(
        REPO, "model.safetensors", revision=revision, cache_dir=folder
    )
    return Path(path).read_bytes()


@pytest.mark.parametrize("multipart_over", [None, 4096])
def test_folder_comes_back_from_a_tag(tmp_path, multipart_over):
    hub = Hub({"hf_astro": ("astro",)}, multipart_over=multipart_over)
    server, url = serve(hub)
    api = HfApi(endpoint=url, token="hf_astro")
    source = write(tmp_path / "source", FILES)
    api.create_repo(REPO)
    api.create_repo(REPO, exist_ok=True)
    api.upload_folder(repo_id=REPO, folder_path=source)
    api.create_tag(REPO, tag="v1.0.0")
    hub.put(REPO, {"model.safetensors": b"new"})
    copy = Path(
        api.snapshot_download(REPO, revision="v1.0.0", local_dir=tmp_path / "c")
    )
    server.shutdown()
    server.server_close()
    assert {path: (copy / path).read_bytes() for path in FILES} == FILES
    assert FILES.items() <= hub.read(REPO, "v1.0.0").items()
    assert hub.read(REPO)["model.safetensors"] == b"new"
    assert hub.unhandled == []


def test_taken_names_are_refused(hub, api):
    api.create_tag(REPO, tag="v1.0.0")
    assert status(api.create_tag, REPO, tag="v1.0.0") == 409
    assert status(api.create_repo, REPO) == 409
    api.delete_tag(REPO, tag="v1.0.0")
    assert hub.repos[REPO].tags == {}


def test_missing_things_have_their_own_errors(api, tmp_path):
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("astro/none")
    with pytest.raises(RevisionNotFoundError):
        api.model_info(REPO, revision="v9.0.0")
    with pytest.raises(RemoteEntryNotFoundError):
        api.hf_hub_download(REPO, "none.json", cache_dir=tmp_path)


def test_stale_parent_changes_nothing(hub, api):
    parent = hub.repos[REPO].branches["main"]
    ours = push(api, parent).oid
    assert status(push, api, parent, b"[]") == 412
    assert hub.repos[REPO].branches["main"] == ours
    assert hub.read(REPO)["config.json"] == b"{}"


def test_one_of_many_pushes_on_a_parent_wins(hub, api):
    parent = hub.repos[REPO].branches["main"]

    def attempt(number: int) -> bool:
        try:
            push(api, parent, str(number).encode())
        except HfHubHTTPError as error:
            assert error.response.status_code == 412
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(8)))
    assert won.count(True) == 1
    assert hub.read(REPO)["config.json"] == str(won.index(True)).encode()


def test_pull_request_leaves_main_alone(hub, api, tmp_path):
    source = write(tmp_path, {"config.json": b"{}"})
    pull = api.upload_folder(repo_id=REPO, folder_path=source, create_pr=True)
    assert pull.pr_revision == "refs/pr/1"
    assert "config.json" in hub.read(REPO, "refs/pr/1")
    assert "config.json" not in hub.read(REPO)


def test_tokens_write_to_their_namespaces(api, other, anonymous):
    assert [org["name"] for org in api.whoami()["orgs"]] == ["transient-zoo"]
    api.create_repo("transient-zoo/gru")
    assert status(other.create_repo, "astro/x") == 403
    assert status(other.create_tag, REPO, tag="v1.0.0") == 403
    assert status(anonymous.create_tag, REPO, tag="v1.0.0") == 401
    bad = HfApi(endpoint=api.endpoint, token="hf_bad")
    assert status(bad.model_info, REPO) == 401


def test_private_repository_is_invisible(hub, api, other, anonymous):
    hub.repos[REPO].private = True
    assert api.model_info(REPO).private
    for stranger in (other, anonymous):
        with pytest.raises(RepositoryNotFoundError):
            stranger.model_info(REPO)
        assert list(stranger.list_models()) == []


def test_gated_repository_shows_its_card_and_no_file(hub, api, other, anonymous):
    hub.repos[REPO].gated = "manual"
    api.auth_check(REPO)
    for stranger, expected in ((other, 403), (anonymous, 401)):
        assert stranger.model_info(REPO).gated == "manual"
        with pytest.raises(GatedRepoError) as refused:
            stranger.hf_hub_download(REPO, "README.md")
        assert refused.value.response.status_code == expected


def test_models_are_found_by_card(hub, api):
    hub.put("astro/cnn", {"README.md": b"---\ntags: [ztf]\n---\n"})
    hub.put("other/gru", {"README.md": b"no header"})

    def found(**query) -> list[str]:
        return [model.id for model in api.list_models(**query)]

    assert found(author="astro", search="GRU") == [REPO]
    assert found(filter="ztf") == [REPO, "astro/cnn"]
    assert found(filter=["ztf", "astronomy", "zoo", "license:apache-2.0"]) == [REPO]
    assert found(limit=2) == [REPO, "astro/cnn"]
    (model,) = api.list_models(search="gru", author="astro", cardData=True)
    assert model.card_data.license == "apache-2.0"
    assert model.sha == hub.repos[REPO].branches["main"]
    assert next(api.list_models(author="astro")).card_data is None
    assert api.model_info(REPO).card_data.library_name == "zoo"


@pytest.mark.parametrize("action", ["401", "403", "429", "500", "503", "504"])
def test_refused_request_does_nothing(hub, api, action):
    hub.fault(Fault("POST /api/models/.*/tag/.*", action=action))
    assert status(api.create_tag, REPO, tag="v1.0.0") == int(action)
    assert hub.repos[REPO].tags == {}
    api.create_tag(REPO, tag="v1.0.0")


def test_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="unknown action 'explode'"):
        Fault(".*", action="explode")


def test_client_waits_as_retry_after_says(hub, api):
    path = f"GET /api/models/{REPO}/tree/main"
    hub.fault(Fault(path, action="429", retry_after=0))
    assert len(list(api.list_repo_tree(REPO))) == 4
    assert [f"{method} {path}" for method, path in hub.log].count(path) == 2


@pytest.mark.parametrize(("action", "done"), [("cut", False), ("cut-after", True)])
def test_cut_connection(hub, api, action, done):
    hub.fault(Fault("POST .*/tag/.*", action=action))
    with pytest.raises(httpx2.RemoteProtocolError):
        api.create_tag(REPO, tag="v1.0.0")
    assert ("v1.0.0" in hub.repos[REPO].tags) is done


def test_cut_body_is_resumed(hub, api, tmp_path):
    hub.fault(Fault("GET /.*/resolve/.*", action="cut-body"))
    assert download(hub, tmp_path) == WEIGHTS
    assert len([path for method, path in hub.log if "/resolve/" in path]) == 3


def test_flipped_byte_passes_the_client(hub, api, tmp_path):
    hub.fault(Fault("GET /.*/resolve/.*", action="flip"))
    received = download(hub, tmp_path)
    assert sum(a != b for a, b in zip(received, WEIGHTS, strict=True)) == 1


def test_truncated_file_is_noticed_by_the_client(hub, api, tmp_path):
    hub.fault(Fault("GET /.*/resolve/.*", action="truncate"))
    with pytest.raises(OSError, match="Consistency check failed"):
        download(hub, tmp_path)


def test_delay(hub, api):
    hub.fault(Fault("GET /api/models/.*", times=None, action="delay", seconds=0.2))
    start = time.monotonic()
    api.model_info(REPO)
    api.model_info(REPO)
    assert time.monotonic() - start >= 0.4


def test_moved_tag_serves_other_bytes(hub, api, tmp_path):
    api.create_tag(REPO, tag="v1.0.0")
    assert download(hub, tmp_path / "a", "v1.0.0") == WEIGHTS
    evil = hub.put(REPO, {"model.safetensors": WEIGHTS[::-1]}, branch="evil")
    hub.move_tag(REPO, "v1.0.0", evil)
    assert download(hub, tmp_path / "b", "v1.0.0") == WEIGHTS[::-1]
    assert hub.read(REPO)["model.safetensors"] == WEIGHTS


def test_clear_keeps_only_the_tokens(hub, api):
    hub.fault(Fault(".*", times=None))
    hub.clear()
    assert (hub.repos, hub.log) == ({}, [])
    assert api.whoami()["name"] == "astro"


def test_lz4_frame():
    """A frame with both kinds of block; the second has an overlapping match."""
    head = lz4.MAGIC + bytes([0x40, 0x40, 0])
    raw = (2 | lz4.RAW_BLOCK).to_bytes(4, "little") + b"ab"
    packed = bytes([0x1F]) + b"c" + bytes([3, 0, 255, 10]) + bytes([0x10]) + b"!"
    frame = head + raw + len(packed).to_bytes(4, "little") + packed + bytes(4)
    count = 4 + 15 + 255 + 10
    assert lz4.decompress(frame) == b"abc" + (b"abc" * count)[:count] + b"!"


XET_CLIENT = """
import os, sys
from pathlib import Path
from huggingface_hub import HfApi
api, source, copy = HfApi(), Path(sys.argv[1]), Path(sys.argv[2])
api.create_repo("astro/gru")
api.upload_folder(repo_id="astro/gru", folder_path=source)
api.snapshot_download("astro/gru", local_dir=copy)
"""


def test_xet_files_are_rebuilt(tmp_path):
    """In a process of its own: the client decides on Xet when it is imported."""
    pytest.importorskip("hf_xet")
    hub = Hub({"hf_astro": ("astro",)}, xet=True)
    server, url = serve(hub)
    numbers = b"".join((n // 9).to_bytes(4, "little") for n in range(50_000))
    files = {"model.safetensors": numbers, "zeros.npz": bytes(10_000), **FILES}
    files["random.npz"] = os.urandom(100_000)
    source, copy = write(tmp_path / "source", files), tmp_path / "copy"
    environment = {
        **os.environ,
        "HF_ENDPOINT": url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_TOKEN": "hf_astro",
        "HF_HUB_DISABLE_XET": "0",
    }
    command = [sys.executable, "-c", XET_CLIENT, str(source), str(copy)]
    subprocess.run(command, env=environment, check=True, timeout=120)
    server.shutdown()
    server.server_close()
    assert files.items() <= hub.read("astro/gru").items()
    assert {path: (copy / path).read_bytes() for path in files} == files
    stored = hub.repos["astro/gru"].resolve("main").files
    assert stored["random.npz"].xet_hash and stored["model.safetensors"].xet_hash
    assert ("POST", "/cas/v1/shards") in hub.log
    assert hub.unhandled == []
