"""A web server that receives posts, and answers as a test wants."""

from __future__ import annotations

import json
import queue
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.support.brokers import WAIT_S, free_port

if TYPE_CHECKING:
    from email.message import Message


@dataclass(frozen=True)
class Post:
    """One request as it arrived."""

    path: str
    headers: Message
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the JSON object in the body."""
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


class WebReceiver:
    """A server on a loopback port that can be stopped and started again."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = free_port()
        self.posts: queue.SimpleQueue[Post] = queue.SimpleQueue()
        self.status = 204
        self.text = b""
        self.location = ""
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._tls = tls
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.put(Post(self.path, self.headers, body))
                receiver.may_answer.wait(WAIT_S)
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(receiver.text)))
                self.end_headers()
                self.wfile.write(receiver.text)

            def log_message(self, *_line: object) -> None:
                """Log nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_request: object) -> None:
                """Ignore a client that went away."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        if self._tls is not None:
            # The handshake is left to each connection's own thread.
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """Listen no longer; does nothing when it does not."""
        self.may_answer.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(WAIT_S)
            self._server = None

    def next(self) -> Post:
        """Return the next post."""
        return self.posts.get(timeout=WAIT_S)
