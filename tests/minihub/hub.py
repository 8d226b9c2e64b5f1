"""The state of the hub, and what a test does to it from the server's side."""

import threading

from minihub.faults import Fault
from minihub.repos import Blob, Repo, is_lfs
from minihub.shards import XetStore


class Hub:
    """Everything the server knows.

    Args:
        tokens: Access token -> the namespaces it may write to. The first is the user's
            name, the others are organisations.
        xet: Offer Xet storage; without it the hub speaks LFS only.
        multipart_over: LFS files of more bytes than this are uploaded in parts of it.

    Attributes:
        url: Address of the server, set by `serve`.
        repos: Repo id -> `Repo`.
        log: (method, path without query) of every request, in order of arrival.
        unhandled: Those of them that no route knows.
        lfs: sha256 -> bytes that were uploaded and can be committed.
        busy: Requests that are being answered.
        lock: Held through every request and every change from the server's side.
    """

    def __init__(
        self,
        tokens: dict[str, tuple[str, ...]],
        *,
        xet: bool = False,
        multipart_over: int | None = None,
    ):
        self.tokens, self.xet, self.multipart_over = tokens, xet, multipart_over
        self.url = ""
        self.lock = threading.RLock()
        self.xet_store = XetStore()
        self.busy = 0
        self.clear()

    def clear(self) -> None:
        """Forget repositories, uploads, log and faults; keep tokens.

        The Xet store stays: the client remembers in its cache which chunks it has
        uploaded, and does not send them again.
        """
        with self.lock:
            self.repos: dict[str, Repo] = {}
            self.lfs: dict[str, bytes] = {}
            self.lfs_parts: dict[tuple[str, int], bytes] = {}
            self.log: list[tuple[str, str]] = []
            self.unhandled: list[tuple[str, str]] = []
            self.faults: list[Fault] = []

    def fault(self, fault: Fault) -> None:
        """Order a fault; the first ordered one that matches a request applies."""
        with self.lock:
            self.faults.append(fault)

    def take_fault(self, line: str) -> Fault | None:
        """The fault for the request "METHOD /path", used up once."""
        with self.lock:
            return next((fault for fault in self.faults if fault.take(line)), None)

    def read(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """Every file at a tag, branch, commit or PR ref."""
        with self.lock:
            files = self.repos[repo_id].resolve(revision).files
            return {path: blob.data for path, blob in files.items()}

    def put(
        self,
        repo_id: str,
        files: dict[str, bytes],
        branch: str = "main",
        title: str = "put by the server",
    ) -> str:
        """Commit from the server's side, as another client would; returns the oid."""
        with self.lock:
            repo = self.repos.setdefault(repo_id, Repo(repo_id))
            repo.branches.setdefault(branch, repo.branches["main"])
            blobs = dict(repo.resolve(branch).files)
            for path, data in files.items():
                blobs[path] = Blob(data, is_lfs(path, len(data), data))
            return repo.commit(branch, title, blobs).oid

    def move_tag(self, repo_id: str, tag: str, oid: str) -> None:
        """Point a tag, new or old, to a commit."""
        with self.lock:
            repo = self.repos[repo_id]
            repo.tags[tag] = repo.resolve(oid).oid
