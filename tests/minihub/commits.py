"""How files enter a repository: preupload, commit and pull requests."""

import base64
import json

from minihub.access import readable, writable
from minihub.messages import REPO, REVISION, HubError, Request, Response, route
from minihub.repos import Blob, is_lfs


@route("POST", rf"/api/models/{REPO}/preupload/{REVISION}")
def preupload(request: Request, repo_id: str, revision: str) -> Response:
    """Tell the client how to send each file, and what it would replace."""
    commit = writable(request, repo_id).resolve(revision)
    answers = []
    for file in request.json()["files"]:
        sample = base64.b64decode(file["sample"])
        lfs = is_lfs(file["path"], file["size"], sample)
        present = commit.files.get(file["path"])
        answers.append(
            {
                "path": file["path"],
                "uploadMode": "lfs" if lfs else "regular",
                "shouldIgnore": False,
                "oid": present.etag if present else None,
            }
        )
    return Response.json({"files": answers, "commitOid": commit.oid})


@route("POST", rf"/api/models/{REPO}/commit/{REVISION}")
def commit(request: Request, repo_id: str, revision: str) -> Response:
    """Apply the lines of the body, a header and one line per file, all or nothing."""
    repo = writable(request, repo_id)
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    header, changes = lines[0]["value"], lines[1:]
    base = repo.resolve(revision)
    parent = header.get("parentCommit")
    if parent and not base.oid.startswith(parent):
        raise HubError(
            412, "A commit has happened since. Please refresh and try again."
        )
    files = dict(base.files)
    for change in changes:
        apply(request, files, change["key"], change["value"])
    answer = {"success": True, "hookOutput": ""}
    if request.flag("create_pr"):
        revision = repo.open_pull(header["summary"])
        number = revision.rpartition("/")[2]
        url = f"{request.hub.url}/{repo_id}/discussions/{number}"
        answer["pullRequestUrl"] = url
    oid = repo.commit(revision, header["summary"], files).oid
    url = f"{request.hub.url}/{repo_id}/commit/{oid}"
    return Response.json({**answer, "commitOid": oid, "commitUrl": url})


def apply(request: Request, files: dict[str, Blob], key: str, value: dict) -> None:
    """Apply one line of a commit to `files`."""
    path = value["path"]
    if key == "file":
        files[path] = Blob(base64.b64decode(value["content"]), lfs=False)
    elif key == "lfsFile":
        files[path] = uploaded(request, path, value["oid"])
    elif key == "deletedFile":
        files.pop(path, None)
    elif key == "deletedFolder":
        folder = path.rstrip("/") + "/"
        for inside in [name for name in files if name.startswith(folder)]:
            del files[inside]
    else:
        raise HubError(400, f"minihub does not know the commit line {key!r}")


def uploaded(request: Request, path: str, sha256: str) -> Blob:
    """The LFS file that the client sent before, through LFS or through Xet."""
    hub = request.hub
    if sha256 in hub.lfs:
        return Blob(hub.lfs[sha256], lfs=True)
    xet_hash = hub.xet_store.by_sha256.get(sha256)
    if xet_hash is None:
        raise HubError(
            400, f"LFS pointer pointed to a file that does not exist: {path}"
        )
    return Blob(hub.xet_store.read(xet_hash), lfs=True, xet_hash=xet_hash)


@route("POST", rf"/api/models/{REPO}/discussions")
def open_discussion(request: Request, repo_id: str) -> Response:
    repo, body = writable(request, repo_id), request.json()
    if not body.get("pullRequest"):
        raise HubError(400, "minihub keeps only pull requests, no discussions")
    number = int(repo.open_pull(body["title"]).rpartition("/")[2])
    url = f"{request.hub.url}/{repo_id}/discussions/{number}"
    return Response.json({"num": number, "url": url, "pullRequest": True})


@route("GET", rf"/api/models/{REPO}/discussions/(\d+)")
def discussion(request: Request, repo_id: str, number: str) -> Response:
    repo, ref = readable(request, repo_id), f"refs/pr/{number}"
    if ref not in repo.pulls:
        raise HubError(404, f"no discussion {number}")
    return Response.json(
        {
            "num": int(number),
            "title": repo.pull_titles[ref],
            "status": "draft",
            "isPullRequest": True,
            "createdAt": repo.resolve(ref).date,
            "author": {"name": repo.namespace},
            "events": [],
            "diffUrl": None,
            "changes": {"base": "refs/heads/main", "mergeCommitId": None},
            "filesWithConflicts": [],
            "repo": {"name": repo_id, "type": "model"},
        }
    )
