"""A web server on loopback that does exactly what a test says, byte for byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from feeds.door import Door
from feeds.feed import Feed
from tests.feeds.watching import Watch

Handler = Callable[[socket.socket, bytes], None]


class RawServer:
    """Answers each request on a path with what the path's handler writes; keeps connections alive until a handler
    closes them. ``requests`` holds every request head received, ``connections`` counts accepted connections."""

    def __init__(self) -> None:
        self.routes: dict[str, Handler] = {}
        self.requests: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def reply(self, path: str, body: bytes = b"", status: str = "200 OK", headers: dict[str, str] | None = None) -> str:
        """Answer ``path`` with a fixed, well-formed answer; return its URL."""
        fields = {"Content-Length": str(len(body)), **(headers or {})}
        head = f"HTTP/1.1 {status}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
        payload = head.encode("latin-1") + body
        self.routes[path] = lambda connection, _: connection.sendall(payload)
        return self.url(path)

    def raw(self, path: str, handler: Handler) -> str:
        """Let ``handler`` answer ``path`` on the bare socket and close the connection after it; return its URL."""

        def and_close(connection: socket.socket, request: bytes) -> None:
            try:
                handler(connection, request)
            finally:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

        self.routes[path] = and_close
        return self.url(path)

    def wait(self, seconds: float) -> None:
        """Be slow, but not slower than the test's end."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        self._stopped.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(30)
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    received = connection.recv(65_536)
                    if not received:
                        return
                    data += received
                    if data[:1] == b"\x16":  # a TLS greeting, to which this is the wrong place
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                        return
                head, _, data = data.partition(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length:")
                    ),
                    0,
                )
                while len(data) < length:
                    data += connection.recv(65_536)
                body, data = data[:length], data[length:]
                self.requests.append(head + b"\r\n\r\n" + body)
                path = head.split(b" ")[1].decode("latin-1")
                self.routes[path](connection, self.requests[-1])


@pytest.fixture
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.stop()


@pytest.fixture
def elsewhere() -> Iterator[RawServer]:
    """A second host."""
    running = RawServer()
    yield running
    running.stop()


@pytest.fixture
def door() -> Iterator[Door]:
    with Door(contact="https://example.org/about-our-polling") as opened:
        yield opened


@pytest.fixture
def watch(door: Door, server: RawServer) -> Watch:
    return Watch(door, Feed(server.url("/feed"), allow_private=True))
