"""The one door for outgoing HTTP: feeds, pages and webhooks all go through it, and nothing else opens a connection.

Each address is checked before a connection to it is opened and before one that is open is used (``feeds.transfer``),
each redirect hop is judged anew, the whole exchange has one deadline, and a body never grows beyond its cap, compressed
or not.

    Door.send        one exchange, from any thread
    Door.exchanges   many under way at once in one thread, as the poller needs them
"""

from __future__ import annotations

import os
import select
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, Self, TypeVar

import certifi
import pycurl

from feeds.errors import DoorError, TimedOut
from feeds.exchange import Answer, Redirect, Request
from feeds.hops import Exchange, as_door_error
from feeds.transfer import Transfer
from feeds.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

__all__ = ["Answer", "Door", "Exchanges", "Redirect", "Request", "parse_url"]

Tag = TypeVar("Tag")

_EXCERPT_WAIT = 2.0
#: Connections kept open between exchanges by each thread that has some under way.
_KEPT = 64
#: Bytes of bodies under way in one thread; far more than feeds need, far less than many endless bodies would take.
_MOST_HELD = 150_000_000


class Door:
    """Keeps connections alive between exchanges; one instance serves many threads at once.

    ``contact`` is a URL or address by which the operators of feeds can reach whoever polls them; it goes into the
    User-Agent. ``authorities`` is a PEM file of certificate authorities to trust in place of the public ones (and of
    what ``SSL_CERT_FILE`` names). ``pinned`` holds names with addresses, as ``host:port:address[,address]``, that are
    not to be looked up; the addresses are judged like any other.
    """

    def __init__(
        self, *, contact: str = "", user_agent: str = "", authorities: str = "", pinned: Sequence[str] = ()
    ) -> None:
        reachable = "".join(c for c in contact if c.isascii() and c.isprintable())
        self.user_agent = user_agent or ("Seedwire/0.1" + (f" (+{reachable})" if reachable else ""))
        self._authorities = authorities or os.environ.get("SSL_CERT_FILE") or certifi.where()
        self._pinned = tuple(pinned)
        self._lock = threading.Lock()
        self._idle: list[Exchanges[None]] = []

    def send(self, request: Request) -> Answer:
        """Raises ``DoorError`` and nothing else for whatever the URL, the network or the server does.

        Where a connection that was kept open dies before a byte of the answer came, libcurl sends the request once more
        on a new one, a POST too: it may have arrived twice, as after any failed attempt.
        """
        with self._lender() as exchanges:
            exchanges.start(request, None)
            while True:
                for _, outcome in exchanges.finished(request.timeout):
                    if isinstance(outcome, DoorError):
                        raise outcome
                    return outcome

    def exchanges(self) -> Exchanges[Tag]:
        """For one thread, which closes it."""
        return Exchanges(self.user_agent, self._authorities, self._pinned)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for exchanges in idle:
            exchanges.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _lender(self) -> Iterator[Exchanges[None]]:
        """The one used last first: its connections are the likeliest to be still open."""
        with self._lock:
            lent = self._idle.pop() if self._idle else self.exchanges()
        try:
            yield lent
        except DoorError:
            raise
        except BaseException:
            lent.close()  # something is still under way in it
            raise
        finally:
            if not lent.closed:
                with self._lock:
                    self._idle.append(lent)


class Exchanges(Generic[Tag]):
    """Exchanges under way at once; each takes the time of its own waits and nobody else's. For one thread."""

    def __init__(self, agent: str, authorities: str, pinned: Sequence[str]) -> None:
        self._options = agent, authorities, pinned
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, _KEPT)
        self._handles: list[Transfer] = []
        self._flying: dict[Transfer, Exchange[Tag]] = {}
        self._excerpts: set[Transfer] = set()
        self._done: list[tuple[Tag, Answer | DoorError]] = []
        self._held = 0
        self.closed = False

    def __len__(self) -> int:
        """Exchanges that were started and not yet handed out as finished."""
        return len(self._flying) + len(self._done)

    def start(self, request: Request, tag: Tag) -> None:
        """Begin an exchange; ``finished`` hands it back under its ``tag``. Raises nothing for what is in it."""
        try:
            exchange = Exchange(request, tag)
        except DoorError as error:
            self._done.append((tag, error))
            return
        handle = self._handles.pop() if self._handles else Transfer(*self._options, hold=self._hold)
        self._hop(exchange, handle)

    def finished(self, timeout: float, wake: int = -1) -> list[tuple[Tag, Answer | DoorError]]:
        """Those that are over, after at most ``timeout`` seconds; at once where some are, or none is under way, or the
        file descriptor ``wake`` has something to read."""
        until = time.monotonic() + timeout
        while True:
            self._multi.perform()
            over = True
            while over:
                waiting, good, bad = self._multi.info_read()
                for curl in good:
                    self._arrived(curl.transfer, 0, "")
                for curl, code, message in bad:
                    self._arrived(curl.transfer, code, message)
                over = bool(waiting)
            self._end_excerpts()
            left = until - time.monotonic()
            if self._done or not self._flying or left <= 0:
                done, self._done = self._done, []
                return done
            own = self._multi.timeout() / 1000
            wait = min(left, own) if own >= 0 else left
            if self._excerpts:
                wait = min(wait, max(min(self._flying[t].deadline for t in self._excerpts) - time.monotonic(), 0.0))
            if wait > 0 and wake < 0:
                self._multi.select(wait)
            elif wait > 0 and self._rings(wake, wait):
                until = 0.0

    def _rings(self, wake: int, seconds: float) -> bool:
        """Wait for what is under way; whether ``wake`` ended that. (select() takes no descriptor beyond 1,023.)"""
        poll = select.poll()
        reading, writing, broken = self._multi.fdset()
        for descriptor in {wake, *reading, *writing, *broken}:
            asked = select.POLLIN * (descriptor == wake or descriptor in reading) | select.POLLOUT * (
                descriptor in writing
            )
            poll.register(descriptor, asked)
        return any(descriptor == wake for descriptor, _ in poll.poll(seconds * 1_000))

    def close(self) -> None:
        """End what is under way without an answer, and every connection."""
        if self.closed:
            return
        self.closed = True
        for transfer in self._flying:
            self._multi.remove_handle(transfer.curl)
        for transfer in (*self._flying, *self._handles):
            transfer.close()
        self._flying.clear()
        self._handles.clear()
        self._multi.close()

    def _hop(self, exchange: Exchange[Tag], transfer: Transfer) -> None:
        left = exchange.deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimedOut(exchange.request.url, "")
            transfer.prepare(exchange.request, exchange.url, exchange.method, exchange.lines(), exchange.body, left)
            self._multi.add_handle(transfer.curl)
        except Exception as error:  # noqa: BLE001 - a caller has many exchanges: one surprise ends one of them
            self._over(exchange, transfer, as_door_error(exchange, error))
            return
        self._flying[transfer] = exchange
        if exchange.request.overflow == "cut":
            self._excerpts.add(transfer)

    def _arrived(self, transfer: Transfer, code: int, message: str) -> None:
        """A hop is over: go on with the next one, or end the exchange."""
        exchange = self._flying.pop(transfer)
        self._excerpts.discard(transfer)
        self._multi.remove_handle(transfer.curl)
        self._held -= transfer.size
        outcome: Answer | DoorError | None
        try:
            outcome = exchange.judge(transfer, code, message)
        except Exception as error:  # noqa: BLE001
            outcome = as_door_error(exchange, error)
        if outcome is None:
            self._hop(exchange, transfer)
        else:
            self._over(exchange, transfer, outcome)

    def _over(self, exchange: Exchange[Tag], transfer: Transfer, outcome: Answer | DoorError) -> None:
        transfer.forget()
        self._handles.append(transfer)
        self._done.append((exchange.tag, outcome))

    def _end_excerpts(self) -> None:
        """Where only the start of a body is wanted, the status has said what counts: the rest is not waited for as
        long as a document."""
        now = time.monotonic()
        for transfer in list(self._excerpts):
            exchange = self._flying[transfer]
            if not exchange.excerpt and transfer.answered():
                exchange.excerpt = True
                exchange.deadline = min(exchange.deadline, now + _EXCERPT_WAIT)
            if exchange.excerpt and now >= exchange.deadline:
                self._arrived(transfer, pycurl.E_OPERATION_TIMEDOUT, "")

    def _hold(self, count: int) -> bool:
        self._held += count
        return self._held <= _MOST_HELD
