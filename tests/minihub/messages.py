"""What a route receives and returns, and the table of routes.

Routes are plain functions `(request, *groups of the path) -> Response`. They never
touch the socket, so the server can spoil an answer on its way out (see `faults`).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from minihub.hub import Hub

REPO = r"([^/]+/[^/]+)"
REVISION = r"([^/]+)"  # the client quotes the slashes of `refs/pr/1`
HASH = r"([0-9a-f]{64})"


@dataclass(frozen=True)
class Request:
    """One HTTP request, with its body read."""

    hub: "Hub"
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Any
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body or b"{}")

    def flag(self, name: str) -> bool:
        """Whether the query asks for `name`, in any of the client's spellings."""
        return self.query.get(name, ["false"])[0].lower() in ("true", "1")


@dataclass(frozen=True)
class Response:
    """One HTTP answer; a HEAD request sends it without its body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> "Response":
        """A JSON answer; underscores in header names become hyphens."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        body = json.dumps(value, default=str).encode()  # a card may hold dates
        return cls(status, body, {"Content-Type": "application/json", **named})


class HubError(Exception):
    """A refusal, told in the headers from which the client makes its typed errors.

    Args:
        status: HTTP status.
        message: Sent as `X-Error-Message` and in the body.
        code: `X-Error-Code`: RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo.
        headers: Further headers.
        body: Further keys of the JSON body.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        body: dict | None = None,
    ):
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.headers, self.body = headers or {}, body or {}

    def response(self) -> Response:
        headers = {"X-Error-Message": self.message, **self.headers}
        if self.code:
            headers["X-Error-Code"] = self.code
        answer = Response.json({"error": self.message, **self.body}, self.status)
        return Response(self.status, answer.body, {**answer.headers, **headers})


def byte_range(request: Request, size: int) -> tuple[int, int] | None:
    """First and last byte that the Range header asks for, None without a header."""
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if match is None:
        return None
    first, last = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if first >= size:
        headers = {"Content-Range": f"bytes */{size}"}
        raise HubError(416, "range outside the file", headers=headers)
    return first, last


def serve_bytes(request: Request, data: bytes, headers: dict[str, str]) -> Response:
    """`data`, or the part of it that the request asks for."""
    headers = {"Content-Type": "application/octet-stream", **headers}
    headers["Accept-Ranges"] = "bytes"
    wanted = byte_range(request, len(data))
    if wanted is None:
        return Response(200, data, headers)
    first, last = wanted
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(206, data[first : last + 1], headers)


Route = Callable[..., Response]
ROUTES: list[tuple[tuple[str, ...], re.Pattern, Route]] = []


def route(methods: str, path: str) -> Callable[[Route], Route]:
    """Register a function for the methods (words) and the path (regular expression)."""

    def register(function: Route) -> Route:
        ROUTES.append((tuple(methods.split()), re.compile(path), function))
        return function

    return register


def dispatch(request: Request) -> Response:
    """Answer the request; the lock makes every request one atomic step of the hub."""
    for methods, path, function in ROUTES:
        match = path.fullmatch(request.path)
        if match is None or request.method not in methods:
            continue
        groups = [unquote(group) if group else group for group in match.groups()]
        try:
            with request.hub.lock:
                return function(request, *groups)
        except HubError as error:
            return error.response()
    request.hub.unhandled.append((request.method, request.path))
    return HubError(404, f"minihub has no route for {request.path}").response()
