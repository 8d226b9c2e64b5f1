"""Faults that a test orders for coming requests."""

import re
from dataclasses import dataclass, replace

from minihub.messages import HubError, Response

ACTIONS = ("cut", "cut-after", "cut-body", "flip", "truncate", "delay", "page")
PAGE = b"<html><body>Welcome to our network</body></html>"
MESSAGES = {
    401: "Invalid credentials in Authorization header",
    403: "You don't have the required permissions",
    429: "Too many requests",
    500: "Internal Error - We're working hard to fix this as soon as possible!",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass
class Fault:
    """What goes wrong with the requests that match.

    Args:
        match: Regular expression for the whole of "METHOD /path", the path as in
            `Hub.log`: without query, still percent-encoded.
        times: How many requests it spoils; None is every one.
        action: An HTTP status ("429", "500", "503", "504", "401", "403"): refused,
            nothing done. "cut": the connection closes without an answer, nothing
            done. "cut-after": the same, but the work is done, which the client
            cannot know. "cut-body": half of the body, then the connection closes.
            "flip": one byte of the body changed. "truncate": half of the body,
            with a Content-Length to match. "delay": late by `seconds`. "page": a
            page of HTML in place of any answer, as of a network's login.
        seconds: For "delay".
        retry_after: Seconds in the `Retry-After` header of a refusal.
    """

    match: str
    times: int | None = 1
    action: str = "500"
    seconds: float = 0.0
    retry_after: int | None = None

    def __post_init__(self):
        if self.action not in ACTIONS and self.status not in MESSAGES:
            statuses = [str(status) for status in MESSAGES]
            accepted = ", ".join(statuses + list(ACTIONS))
            raise ValueError(f"unknown action {self.action!r}. Known: {accepted}.")

    @property
    def status(self) -> int | None:
        """The status to refuse with, None if the fault is not a refusal."""
        return int(self.action) if self.action.isdigit() else None

    def take(self, line: str) -> bool:
        """Whether the request "METHOD /path" is spoilt; uses up one of `times`."""
        if self.times == 0 or not re.fullmatch(self.match, line):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def refusal(self) -> Response:
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return HubError(self.status, MESSAGES[self.status], headers=headers).response()

    def tamper(self, response: Response) -> Response:
        """The response as "flip", "truncate" and "page" change it."""
        if self.action == "page":
            return Response(200, PAGE, {"Content-Type": "text/html"})
        body, middle = response.body, len(response.body) // 2
        if self.action == "flip" and body:
            flipped = bytes([body[middle] ^ 0xFF])
            body = body[:middle] + flipped + body[middle + 1 :]
        elif self.action == "truncate":
            body = body[:middle]
        return replace(response, body=body)
