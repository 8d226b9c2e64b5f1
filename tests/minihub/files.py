"""How files leave a repository: listings and downloads."""

from urllib.parse import parse_qs, quote

from minihub.access import downloadable, readable
from minihub.messages import (
    REPO,
    REVISION,
    HubError,
    Request,
    Response,
    route,
    serve_bytes,
)

PAGE = 1000  # entries


@route("GET", rf"/api/models/{REPO}/tree/{REVISION}(?:/(.+))?")
def tree(request: Request, repo_id: str, revision: str, folder: str | None) -> Response:
    """The entries of a folder, or of all below it, in pages tied by a Link header."""
    commit = readable(request, repo_id).resolve(revision)
    prefix = folder.rstrip("/") + "/" if folder else ""
    recursive = request.flag("recursive")
    folders, files = set(), []
    for path, blob in sorted(commit.files.items()):
        if not path.startswith(prefix):
            continue
        parents = path.removeprefix(prefix).split("/")[:-1]
        if recursive or not parents:
            files.append({"path": path, **blob.describe()})
        depth = len(parents) if recursive else min(len(parents), 1)
        folders |= {prefix + "/".join(parents[: n + 1]) for n in range(depth)}
    if folder and not folders and not files:
        raise HubError(404, f"{folder} does not exist", "EntryNotFound")
    empty = {"type": "directory", "oid": "0" * 40, "size": 0}
    entries = [{"path": path, **empty} for path in sorted(folders)] + files
    start = int(request.query.get("cursor", ["0"])[0])
    headers = {}
    if start + PAGE < len(entries):
        query = f"recursive={str(recursive).lower()}&cursor={start + PAGE}"
        url = f"{request.hub.url}{request.path}?{query}"
        headers["Link"] = f'<{url}>; rel="next"'
    return Response.json(entries[start : start + PAGE], **headers)


@route("POST", rf"/api/models/{REPO}/paths-info/{REVISION}")
def paths_info(request: Request, repo_id: str, revision: str) -> Response:
    """The entries of the named files; those that are missing are left out."""
    files = readable(request, repo_id).resolve(revision).files
    paths = parse_qs(request.body.decode()).get("paths", [])
    found = [path for path in paths if path in files]
    return Response.json([{"path": path, **files[path].describe()} for path in found])


@route("GET HEAD", rf"/{REPO}/resolve/{REVISION}/(.+)")
def resolve(request: Request, repo_id: str, revision: str, path: str) -> Response:
    """One file; its headers are what the client files it under in its cache."""
    commit = downloadable(request, repo_id).resolve(revision)
    headers = {"X-Repo-Commit": commit.oid}
    blob = commit.files.get(path)
    if blob is None:
        raise HubError(404, "Entry not found", "EntryNotFound", headers=headers)
    headers["ETag"] = f'"{blob.etag}"'
    if blob.lfs:
        headers["X-Linked-Etag"] = f'"{blob.etag}"'
        headers["X-Linked-Size"] = str(len(blob.data))
    if blob.xet_hash and request.hub.xet:
        token = f"/api/models/{quote(repo_id)}/xet-read-token/{commit.oid}"
        headers["X-Xet-Hash"] = blob.xet_hash
        headers["Link"] = f'<{request.hub.url}{token}>; rel="xet-auth"'
    return serve_bytes(request, blob.data, headers)
