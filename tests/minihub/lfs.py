"""Git LFS uploads, whole (basic) or in parts (multipart)."""

import hashlib

from minihub.access import writable
from minihub.messages import HASH, REPO, HubError, Request, Response, route


@route("POST", rf"/{REPO}\.git/info/lfs/objects/batch")
def batch(request: Request, repo_id: str) -> Response:
    """Where to send each file; none for what the hub has already."""
    writable(request, repo_id)
    body = request.json()
    objects = []
    for wanted in body["objects"]:
        answer = {"oid": wanted["oid"], "size": wanted["size"]}
        if wanted["oid"] not in request.hub.lfs:
            multipart = "multipart" in body["transfers"]
            answer["actions"] = {
                "upload": upload_action(request, **answer, multipart=multipart),
                "verify": {"href": f"{request.hub.url}/lfs/{repo_id}/verify"},
            }
        objects.append(answer)
    return Response.json({"transfer": "basic", "objects": objects})


def upload_action(request: Request, oid: str, size: int, multipart: bool) -> dict:
    """One address to PUT the file to, or one per part and one to POST the end to."""
    href = f"{request.hub.url}/lfs/{oid}"
    part = request.hub.multipart_over
    if not multipart or not part or size <= part:
        return {"href": href}
    count = -(-size // part)
    parts = {str(n): f"{href}/{n}" for n in range(1, count + 1)}
    return {"href": href, "header": {"chunk_size": str(part), **parts}}


@route("PUT", rf"/lfs/{HASH}")
def put_whole(request: Request, sha256: str) -> Response:
    return store(request, sha256, request.body)


@route("PUT", rf"/lfs/{HASH}/(\d+)")
def put_part(request: Request, sha256: str, number: str) -> Response:
    request.hub.lfs_parts[sha256, int(number)] = request.body
    etag = hashlib.md5(request.body).hexdigest()
    return Response.json({}, ETag=f'"{etag}"')


@route("POST", rf"/lfs/{HASH}")
def complete(request: Request, sha256: str) -> Response:
    """Join the parts; they are dropped only once the whole is right."""
    numbers = [part["partNumber"] for part in request.json()["parts"]]
    parts = request.hub.lfs_parts
    response = store(request, sha256, b"".join(parts[sha256, n] for n in numbers))
    for number in numbers:
        del parts[sha256, number]
    return response


def store(request: Request, sha256: str, data: bytes) -> Response:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise HubError(400, "the bytes do not have the sha256 they were announced with")
    request.hub.lfs[sha256] = data
    return Response.json({})


@route("POST", rf"/lfs/{REPO}/verify")
def verify(request: Request, repo_id: str) -> Response:
    writable(request, repo_id)
    body = request.json()
    data = request.hub.lfs.get(body["oid"])
    if data is None or len(data) != body["size"]:
        raise HubError(404, "object not found")
    return Response.json({})
