"""Xet: tokens from the hub, and the store (CAS) that they open."""

import re
import time

from minihub.access import downloadable, writable
from minihub.messages import (
    HASH,
    REPO,
    REVISION,
    HubError,
    Request,
    Response,
    byte_range,
    route,
    serve_bytes,
)
from minihub.shards import Term

LIFETIME = 3600  # seconds


@route("GET", rf"/api/models/{REPO}/xet-(read|write)-token/{REVISION}")
def token(request: Request, repo_id: str, kind: str, revision: str) -> Response:
    """The address of the store and a token for it, in the body and in headers."""
    if not request.hub.xet:
        raise HubError(404, "this hub has no Xet storage")
    (writable if kind == "write" else downloadable)(request, repo_id)
    url, expiry = f"{request.hub.url}/cas", int(time.time()) + LIFETIME
    access = f"xet-{kind}-{expiry}"
    return Response.json(
        {"casUrl": url, "exp": expiry, "accessToken": access},
        X_Xet_Cas_Url=url,
        X_Xet_Access_Token=access,
        X_Xet_Token_Expiration=str(expiry),
    )


def require_token(request: Request, kinds: str) -> None:
    """Refuse a request without a token of these kinds ("read|write")."""
    header = request.headers.get("Authorization", "")
    if not re.fullmatch(rf"Bearer xet-({kinds})-\d+", header):
        raise HubError(401, "bad Xet token")


@route("GET", rf"/cas/v1/chunks/[^/]+/{HASH}")
def known_chunk(request: Request, chunk: str) -> Response:
    """Whether another file holds the chunk: this store never says so."""
    require_token(request, "read|write")
    raise HubError(404, "chunk not known")


@route("POST", rf"/cas/v1/xorbs/default/{HASH}")
def put_xorb(request: Request, xorb: str) -> Response:
    require_token(request, "write")
    new = xorb not in request.hub.xet_store.xorbs
    request.hub.xet_store.xorbs[xorb] = request.body
    return Response.json({"was_inserted": new})


@route("POST", r"/cas/v1/shards")
def put_shard(request: Request) -> Response:
    require_token(request, "write")
    request.hub.xet_store.add_shard(request.body)
    return Response.json({"result": 1})


@route("POST", r"/cas/v1/xorb-grants/.+|/cas/v2/shards|/cas/v1/telemetry")
@route("GET", r"/cas/v2/reconstructions/.+")
def not_offered(request: Request) -> Response:
    """What the client asks for first, and can do without."""
    raise HubError(404, "not offered by this store")


@route("GET", rf"/cas/v1/reconstructions/{HASH}")
def reconstruction(request: Request, xet_hash: str) -> Response:
    """The chunks that make up the asked range of a file, and where to fetch them."""
    require_token(request, "read|write")
    store = request.hub.xet_store
    if xet_hash not in store.files:
        raise HubError(404, "no such file")
    terms = store.files[xet_hash]
    size = sum(term.size for term in terms)
    first, last = byte_range(request, size) or (0, size - 1)
    parts, fetch, begin, skip = [], {}, 0, 0
    for term in terms:
        end = begin + term.size
        if end > first and begin <= last:
            if not parts:
                skip = first - begin
            chunks = {"start": term.first, "end": term.last}
            parts.append(
                {"hash": term.xorb, "unpacked_length": term.size, "range": chunks}
            )
            sources = fetch.setdefault(term.xorb, [])
            source = fetch_info(request, term)
            if source not in sources:
                sources.append(source)
        begin = end
    answer = {"offset_into_first_range": skip, "terms": parts, "fetch_info": fetch}
    return Response.json(answer)


def fetch_info(request: Request, term: Term) -> dict:
    """Where the bytes of a term's chunks are; both ends of `url_range` are included."""
    chunks = request.hub.xet_store.chunks(term.xorb)[term.first : term.last]
    return {
        "range": {"start": term.first, "end": term.last},
        "url": f"{request.hub.url}/cas/xorbs/{term.xorb}",
        "url_range": {"start": chunks[0].start, "end": chunks[-1].end - 1},
    }


@route("GET", rf"/cas/xorbs/{HASH}")
def get_xorb(request: Request, xorb: str) -> Response:
    """A xorb, without a token: the address stands for a signed one."""
    if xorb not in request.hub.xet_store.xorbs:
        raise HubError(404, "no such xorb")
    return serve_bytes(request, request.hub.xet_store.xorbs[xorb], {})
