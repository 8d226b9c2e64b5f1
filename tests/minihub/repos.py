"""Repositories: files, commits, and the names (branch, tag, PR) that point to them."""

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from functools import cached_property

from minihub.messages import HubError

LFS_SUFFIXES = (
    *(".safetensors", ".npz", ".npy", ".h5", ".keras", ".onnx", ".tflite", ".pb"),
    *(".tfrecord", ".parquet", ".bin", ".gz", ".zip", ".png", ".jpg", ".pdf"),
)
LFS_SIZE = 10 << 20  # bytes; above it, the hub stores even text as LFS
INITIAL_FILES = {".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs\n"}


def is_lfs(path: str, size: int, sample: bytes) -> bool:
    """Whether the hub keeps the file as LFS, from its first bytes."""
    return path.endswith(LFS_SUFFIXES) or size > LFS_SIZE or b"\0" in sample


def git_sha1(data: bytes) -> str:
    """The name that git gives to a file with these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass(frozen=True)
class Blob:
    """The content of one file."""

    data: bytes
    lfs: bool
    xet_hash: str | None = None

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        """The small text that git holds in place of an LFS file."""
        head = "version https://git-lfs.github.com/spec/v1"
        size = len(self.data)
        return f"{head}\noid sha256:{self.sha256}\nsize {size}\n".encode()

    @cached_property
    def oid(self) -> str:
        return git_sha1(self.pointer if self.lfs else self.data)

    @property
    def etag(self) -> str:
        """What the client names the file in its cache."""
        return self.sha256 if self.lfs else self.oid

    def describe(self) -> dict:
        """The entry of the file in listings, without its path."""
        entry = {"type": "file", "oid": self.oid, "size": len(self.data)}
        if self.lfs:
            pointer = len(self.pointer)
            size = len(self.data)
            entry["lfs"] = {"oid": self.sha256, "size": size, "pointerSize": pointer}
        if self.xet_hash:
            entry["xetHash"] = self.xet_hash
        return entry


@dataclass(frozen=True)
class Commit:
    """A state of the whole repository; never changed once made."""

    oid: str
    parent: str | None
    title: str
    files: dict[str, Blob]
    date: str


@dataclass
class Repo:
    """One model repository; `branches`, `tags` and `pulls` map names to commit oids."""

    id: str
    private: bool = False
    gated: bool | str = False
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, str] = field(default_factory=dict)
    pull_titles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        files = {path: Blob(data, lfs=False) for path, data in INITIAL_FILES.items()}
        self.branches["main"] = self._add(None, "initial commit", files).oid

    @property
    def namespace(self) -> str:
        return self.id.split("/")[0]

    def resolve(self, revision: str) -> Commit:
        """The commit that a branch, tag, PR ref or full commit oid names."""
        for names in (self.branches, self.tags, self.pulls):
            if revision in names:
                return self.commits[names[revision]]
        if revision not in self.commits:
            raise HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return self.commits[revision]

    def commit(self, revision: str, title: str, files: dict[str, Blob]) -> Commit:
        """Move a branch or PR on to a new commit that holds exactly `files`."""
        for names in (self.branches, self.pulls):
            if revision in names:
                commit = self._add(names[revision], title, files)
                names[revision] = commit.oid
                return commit
        raise HubError(403, f"{revision} is neither a branch nor a pull request")

    def open_pull(self, title: str) -> str:
        """Open a PR that starts at main; returns its ref."""
        ref = f"refs/pr/{len(self.pulls) + 1}"
        self.pulls[ref], self.pull_titles[ref] = self.branches["main"], title
        return ref

    def _add(self, parent: str | None, title: str, files: dict[str, Blob]) -> Commit:
        date = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        commit = Commit(secrets.token_hex(20), parent, title, dict(files), date)
        self.commits[commit.oid] = commit
        return commit
