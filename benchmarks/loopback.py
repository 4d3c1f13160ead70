"""An HTTP server on a free port of loopback whose clients may be killed at any moment."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Request(BaseHTTPRequestHandler):
    """One connection, kept open; its requests are answered by the server's ``answer``."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.answer(self, b"")

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) == length:  # else they were killed while they wrote
            self.server.answer(self, body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Serves from ``start`` to ``stop``; ``answer`` gets each request with its whole body."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Request, bytes], None]) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answer = answer
        self.url = f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
