"""How Apprise reaches the network: HTTP by the one door, mail by addresses judged as the door judges them.

Apprise speaks through requests and smtplib, which know nothing of the door. Nobody else here uses either, so both are
changed where a connection is made: requests hands each request to the door, and smtplib connects to no address that has
not been judged. Outside an attempt both refuse.
"""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from feeds.address import refused
from feeds.errors import (
    ConnectionDropped,
    ConnectionFailed,
    DoorError,
    NameNotResolved,
    PrivateAddress,
    TimedOut,
    TlsFailed,
)
from feeds.exchange import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from feeds.door import Door

#: Answers of media are short; a medium that sends more is not read further.
_MOST_ANSWER_BYTES = 262_144
#: Set by the door itself, for what it can decode and sends.
_OWN_HEADERS = frozenset({"accept-encoding", "connection", "content-length", "host"})
_ASKED_TO_WAIT = frozenset({429, 503})
#: Greetings and partings of a mail server say nothing of the message.
_GREETINGS = frozenset({220, 221})


@dataclass(slots=True)
class Attempt:
    """One message on its way. ``answer`` is what the medium said last, a refusal rather than anything after it;
    ``error`` what kept it from saying anything."""

    door: Door
    allow_private: bool
    deadline: float
    answer: Answer | None = None
    error: DoorError | None = None
    _watched: list[tuple[threading.Timer, socket.socket]] = field(default_factory=list)

    def exchange(self, request: Request) -> Answer:
        """Raises DoorError."""
        if self.answer is not None and self.answer.status in _ASKED_TO_WAIT:
            raise TimedOut(request.url, "the medium asked for more time")
        try:
            answer = self.door.send(request)
        except DoorError as error:
            self.error = error
            raise
        self.error = None
        self.hear(answer)
        return answer

    def hear(self, answer: Answer) -> None:
        if self.answer is None or self.answer.status < 400 or answer.status >= 400:
            self.answer = answer

    def broke_off(self, error: DoorError) -> None:
        """Keep why a mail was not sent, unless it is known already."""
        if self.error is None and (self.answer is None or self.answer.status < 400):
            self.error = error

    def left(self) -> float:
        """Seconds; never none, so that what is late fails by its own time limit."""
        return max(self.deadline - time.monotonic(), 0.001)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to a mail server, which ends with the attempt whatever is under way. Raises OSError."""
        try:
            connection = _dial(host, port, self.left(), allow_private=self.allow_private)
        except DoorError as error:
            self.error = error
            raise OSError(error.reason) from error
        # TLS takes the socket over, so a second handle on the same connection is kept.
        watched = connection.dup()
        timer = threading.Timer(self.left(), self._late, [watched, host])
        timer.daemon = True
        timer.start()
        connection.settimeout(self.left() + 1)
        self._watched.append((timer, watched))
        return connection

    def close(self) -> None:
        for timer, connection in self._watched:
            timer.cancel()
            connection.close()

    def _late(self, connection: socket.socket, host: str) -> None:
        self.error = TimedOut(host, "the message was not sent in time")
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def attempt(door: Door, *, allow_private: bool, seconds: float) -> Iterator[Attempt]:
    """Within it, and in this thread alone, Apprise may reach the network."""
    one = Attempt(door, allow_private, time.monotonic() + seconds)
    token = _current.set(one)
    try:
        yield one
    finally:
        _current.reset(token)
        one.close()


def _now() -> Attempt:
    one = _current.get()
    if one is None:
        raise OSError("no connection is opened outside an attempt")
    return one


def _dial(host: str, port: int, seconds: float, *, allow_private: bool) -> socket.socket:
    """A TCP connection to the first address of ``host`` that may be connected to and accepts. Raises DoorError."""
    until = time.monotonic() + seconds
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NameNotResolved(host, f"the name {host} does not resolve") from None
    failure: DoorError = NameNotResolved(host, f"no address for {host}")
    for family, kind, protocol, _, where in found:
        address = str(where[0])
        if refused(address, allow_private=allow_private):
            own = refused(address, allow_private=True) is None
            hint = "set allow_private = true if it is on a network of your own" if own else ""
            failure = PrivateAddress(host, f"{host} leads to {address}, which is not a public address", hint)
            continue
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(max(until - time.monotonic(), 0.001))
        try:
            connection.connect(where)
        except OSError as error:
            connection.close()
            late = isinstance(error, TimeoutError)
            failure = (TimedOut if late else ConnectionFailed)(host, f"{host} does not accept connections at {port}")
            continue
        return connection
    raise failure


class _ByTheDoor(BaseAdapter):
    """requests' way to the network, through the door. Certificates are checked and proxies passed over as there."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        del stream, timeout, verify, cert, proxies
        now = _now()
        body = request.body.encode() if isinstance(request.body, str) else request.body
        if body is not None and not isinstance(body, bytes):
            raise requests.exceptions.InvalidSchema("only bodies that are at hand are sent")
        url = request.url or ""
        try:
            answer = now.exchange(
                Request(
                    url=url,
                    method=request.method or "GET",
                    headers={n: v for n, v in _texts(request.headers) if n.lower() not in _OWN_HEADERS},
                    body=body,
                    timeout=now.left(),
                    max_bytes=_MOST_ANSWER_BYTES,
                    allow_private=now.allow_private,
                    redirects=0,
                    overflow="cut",
                )
            )
        except DoorError as error:
            raise requests.ConnectionError(error.reason) from None
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, answer.url, request
        response.headers = CaseInsensitiveDict(answer.headers)
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        response._content = answer.body
        return response

    def close(self) -> None:
        """Connections are the door's."""


def _texts(headers: Mapping[str, str | bytes]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        yield name, value.decode("latin-1") if isinstance(value, bytes) else value


@cache
def take_over() -> None:
    """Make requests and smtplib, in this process, do as the head of this module says."""
    begin: Any = requests.Session.__init__
    reply: Any = smtplib.SMTP.getreply

    def begin_by_the_door(self: requests.Session) -> None:
        begin(self)
        self.trust_env = False  # neither proxies nor passwords from files
        for prefix in ("https://", "http://"):
            self.mount(prefix, _ByTheDoor())

    def connect(_self: smtplib.SMTP, host: str, port: int, _timeout: object) -> socket.socket:
        return _now().connect(host, port)

    def hear(self: smtplib.SMTP) -> tuple[int, bytes]:
        code, said = reply(self)
        if code not in _GREETINGS:
            _now().hear(Answer(code, {}, said, ""))
        return code, said

    dropped = ConnectionDropped("", "the mail server closed the connection before it had answered")
    methods: list[tuple[Any, str, Any]] = [
        (requests.Session, "__init__", begin_by_the_door),
        (smtplib.SMTP, "_get_socket", connect),
        (smtplib.SMTP, "getreply", _telling(hear, lambda _: dropped)),
        (smtplib.SMTP, "starttls", _telling(smtplib.SMTP.starttls, _no_tls)),
        (smtplib.SMTP_SSL, "_get_socket", _telling(vars(smtplib.SMTP_SSL)["_get_socket"], _no_tls)),
    ]
    for kind, name, method in methods:
        setattr(kind, name, method)


def _no_tls(error: Exception) -> DoorError:
    return TlsFailed("", f"no trusted encrypted connection to the mail server ({str(error)[:200]})")


def _telling(method: Any, why: Callable[[Exception], DoorError]) -> Any:
    """``method`` of smtplib, which tells the attempt what Apprise says to its log alone."""

    def tell(self: smtplib.SMTP, *given: Any, **named: Any) -> Any:
        try:
            return method(self, *given, **named)
        except (OSError, smtplib.SMTPException) as error:
            _now().broke_off(why(error))
            raise

    return tell
