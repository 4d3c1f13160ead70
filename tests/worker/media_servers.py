"""Where messages to people go in these tests: chats and a mail server on loopback, and a door that takes notes."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from loopback import _Server, answer
from running import free_port

from feeds.exchange import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from http.server import BaseHTTPRequestHandler


@dataclass
class Chat(_Server):
    """A medium spoken to over HTTP; ``reply`` answers a request, by default with an empty 200."""

    reply: Callable[[BaseHTTPRequestHandler], None] = lambda request: answer(request, 200)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.host = self.url.removeprefix("http://")

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.bodies.append(json.loads(body))
        self.reply(request)


class NotingDoor:
    """In place of the door: notes what would have gone out, to hosts that tests cannot be."""

    def __init__(self, status: int = 200, body: bytes = b"ok") -> None:
        self.requests: list[Request] = []
        self._answer = status, body

    def send(self, request: Request) -> Answer:
        self.requests.append(request)
        status, body = self._answer
        return Answer(status, {}, body, request.url)

    def sent(self) -> dict[str, Any]:
        body = json.loads(self.requests[-1].body or b"null")
        assert isinstance(body, dict)
        return body


@dataclass
class Mail:
    """A mail server; ``refuse`` is what it answers to every recipient."""

    refuse: str = ""
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.recipients += envelope.rcpt_tos
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@contextmanager
def mail_server(refuse: str = "") -> Iterator[Mail]:
    port = free_port()
    mail = Mail(refuse, port=port)
    controller = Controller(mail, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()


@contextmanager
def dripping_server(line: bytes = b"") -> Iterator[int]:
    """The port of a server that takes connections and says ``line`` a byte each tenth of a second, for ever."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            while line and not over.wait(0.1):
                try:
                    connection.sendall(line)
                except OSError:
                    return
            over.wait(20)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        over.set()
        server.shutdown(socket.SHUT_RDWR)
