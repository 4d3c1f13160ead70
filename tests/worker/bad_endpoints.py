"""Servers on loopback that do to a sender what endpoints in the wild do."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = b"HTTP/1.1 %d Whatever\r\ncontent-type: text/plain\r\n"


class BadEndpoint:
    """Takes each connection, reads the request, and does one thing to it until the client is gone."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self._act = act
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listening.getsockname()[1]
        self.connections = 0
        self._open: list[socket.socket] = []
        self._over = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def let_go(self) -> None:
        """Close every connection, and what comes from now on."""
        self._over = True
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._open.append(connection)
                self.connections += 1
                if self._over:
                    connection.close()
                    continue
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(90)
            received = b""
            # A TLS client says something else first: 0x16.
            while b"\r\n\r\n" not in received and received[:1] != b"\x16" and (chunk := connection.recv(65_536)):
                received += chunk
            self._act(connection)


def hang(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def drip_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _ in range(200):
        connection.sendall(b"a")
        time.sleep(0.1)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(_HEAD % 200 + b"content-length: 100000\r\n\r\n")
    for _ in range(200):
        connection.sendall(b"a")
        time.sleep(0.1)


def gigabytes(status: int) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        connection.sendall(_HEAD % status + b"content-length: 4000000000\r\n\r\n")
        while True:
            connection.sendall(b"<script>\x1b[31m no " * 4_096)

    return act


def endless_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x-more: " + b"a" * 8_192 + b"\r\n")


def redirect(target: str) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        connection.sendall(_HEAD % 302 + f"location: {target}\r\ncontent-length: 0\r\n\r\n".encode())

    return act


def close(connection: socket.socket) -> None:
    del connection


def close_in_the_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 O")


def close_in_the_body(connection: socket.socket) -> None:
    connection.sendall(_HEAD % 500 + b"content-length: 1000\r\n\r\nhalf of i")


def garbage(connection: socket.socket) -> None:
    connection.sendall(b"\x00\x01 SSH-2.0-OpenSSH_9.2\r\n\r\n" * 50)
