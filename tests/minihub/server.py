"""HTTP: read a request, apply the fault ordered for it, write the answer."""

import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from minihub import api, commits, files, lfs, models, xet  # noqa: F401 - their routes
from minihub.hub import Hub
from minihub.messages import HubError, Request, Response, dispatch


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive over many requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer may wait 40 ms for an ACK
    hub: Hub

    def log_message(self, *args) -> None:
        """Nothing on stderr: `Hub.log` holds the requests."""

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def answer(self) -> None:
        """Every method comes here."""
        with self.hub.lock:
            self.hub.busy += 1
        try:
            self.answer_request()
        finally:
            with self.hub.lock:
                self.hub.busy -= 1

    def answer_request(self) -> None:
        parts = urlsplit(self.path)
        query, body = parse_qs(parts.query), self.read_body()
        request = Request(self.hub, self.command, parts.path, query, self.headers, body)
        self.hub.log.append((self.command, parts.path))
        fault = self.hub.take_fault(f"{self.command} {parts.path}")
        action = fault.action if fault else ""
        if action == "delay":
            time.sleep(fault.seconds)
        if action != "cut":
            refused = fault is not None and fault.status is not None
            response = fault.refusal() if refused else self.work(request)
            if action == "cut-body":
                self.write(response, half=True)
            elif action != "cut-after":
                self.write(fault.tamper(response) if fault else response)
        if action.startswith("cut"):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def work(self, request: Request) -> Response:
        """Answer the request; an error of the server itself is 501.

        The client would repeat a 500 for half a minute before it showed it.
        """
        try:
            return dispatch(request)
        except Exception as error:
            traceback.print_exc()
            return HubError(501, f"minihub failed: {error!r}").response()

    def write(self, response: Response, half: bool = False) -> None:
        body = response.body
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if half else body)


class Server(ThreadingHTTPServer):
    """A thread per connection; a client that goes away is no error."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def serve(hub: Hub) -> tuple[Server, str]:
    """Serve `hub` on a free local port, in a daemon thread; sets `hub.url`."""
    server = Server(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, hub.url
