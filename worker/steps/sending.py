"""Attempts under way: those over HTTP together in one thread, each message to people in a thread of its own."""

from __future__ import annotations

import select
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from alerts import delivery as delivering
from alerts.delivery import Outcome
from feeds.door import Request
from feeds.errors import DoorError
from store.deliveries import Attempt
from worker import logs

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.alert import Alert
    from alerts.webhook import Webhook
    from feeds.door import Answer, Door, Exchanges
    from store.deliveries import WaitingDelivery

log = logs.get(__name__)

#: As much of an answer as is read; what is kept of it is far less.
MOST_ANSWER_BYTES = 16_384
#: How much longer than it may take a message to people is waited for, in seconds: it should end by its own means.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery that was attempted."""

    delivery: WaitingDelivery
    outcome: Outcome
    attempt: Attempt


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    delivery: WaitingDelivery
    at: datetime
    start: float
    timeout: float


def send(door: Door, webhook: Webhook, alert: Alert, at: datetime) -> Attempt:
    """One attempt, whatever the medium, waited for. Raises nothing for what the other side does."""
    start = time.monotonic()
    if webhook.for_people:
        outcome, body = _message(door, webhook, alert)
    else:
        try:
            outcome, body = _judge(door.send(_request(webhook, alert, at)))
        except DoorError as error:
            outcome, body = _judge(error)
    return _attempt(at, start, outcome, body)


class Sending:
    """For one thread, which closes it; ``wake`` is for any."""

    def __init__(self, door: Door) -> None:
        self._bell = _Bell()
        self._door = door
        self._exchanges: Exchanges[_Flight] = door.exchanges()
        self._talking: set[_Flight] = set()
        self._said: SimpleQueue[tuple[_Flight, Outcome, bytes]] = SimpleQueue()
        self._broken: list[Sent] = []

    def __len__(self) -> int:
        return len(self._exchanges) + len(self._talking) + len(self._broken)

    def start(self, webhook: Webhook, delivery: WaitingDelivery, at: datetime) -> None:
        """Begin an attempt; ``finished`` tells how it ended. Raises nothing."""
        flight = _Flight(delivery, at, time.monotonic(), webhook.timeout.total_seconds())
        try:
            if webhook.for_people:
                thread = threading.Thread(target=self._talk, args=(flight, webhook), name="message", daemon=True)
                thread.start()
                self._talking.add(flight)
            else:
                self._exchanges.start(_request(webhook, delivery.alert, at), flight)
        except Exception as error:  # one that cannot be sent must not cost the others their turn
            log.exception("delivery could not be sent", webhook=webhook.name, alert=delivery.alert.id)
            self._broken.append(_sent(flight, _internal(error), b""))

    def finished(self, timeout: float) -> list[Sent]:
        """Those that are over, after at most ``timeout`` seconds; at once when somebody wakes us."""
        done, self._broken = self._broken, []
        if len(self._exchanges):
            over = self._exchanges.finished(0.0 if done else timeout, self._bell.fileno())
            done += [_sent(flight, *_judge(answer)) for flight, answer in over]
        elif not done:
            bell = select.poll()  # select() takes no descriptor beyond 1,023
            bell.register(self._bell, select.POLLIN)
            bell.poll(timeout * 1_000)
        self._bell.hear()
        return done + self._heard()

    def wake(self) -> None:
        self._bell.ring()

    def close(self) -> None:
        self._exchanges.close()
        self._bell.close()

    def _talk(self, flight: _Flight, webhook: Webhook) -> None:
        self._said.put((flight, *_message(self._door, webhook, flight.delivery.alert)))
        self._bell.ring()

    def _heard(self) -> list[Sent]:
        """Messages to people that were sent, or should have been by now."""
        done: list[Sent] = []
        with suppress(Empty):
            while self._talking:
                flight, outcome, body = self._said.get_nowait()
                if flight in self._talking:
                    self._talking.remove(flight)
                    done.append(_sent(flight, outcome, body))
        now = time.monotonic()
        for flight in [one for one in self._talking if now > one.start + one.timeout + PATIENCE]:
            self._talking.remove(flight)
            late = Outcome(0, error=f"timeout: it was not sent within {flight.timeout:g} s")
            done.append(_sent(flight, late, b""))
        return done


class _Bell:
    """What a thread that waits for sockets can be woken by."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._out, self._in = socket.socketpair()
        self._out.setblocking(False)
        self._in.setblocking(False)

    def fileno(self) -> int:
        return self._out.fileno()

    def ring(self) -> None:
        with self._lock, suppress(OSError):  # full: it rings; closed: nobody waits any more
            self._in.send(b"!")

    def hear(self) -> None:
        with suppress(BlockingIOError):
            self._out.recv(4_096)

    def close(self) -> None:
        with self._lock:
            self._in.close()
            self._out.close()


def _request(webhook: Webhook, alert: Alert, at: datetime) -> Request:
    signed = delivering.request(webhook, alert, at)
    return Request(
        url=signed.url,
        method="POST",
        headers=signed.headers,
        body=signed.body,
        timeout=signed.timeout.total_seconds(),
        max_bytes=MOST_ANSWER_BYTES,
        allow_private=signed.allow_private,
        redirects=0,
        overflow="cut",
    )


def _judge(answer: Answer | DoorError) -> tuple[Outcome, bytes]:
    if isinstance(answer, DoorError):
        return Outcome(0, error=f"{answer.reason}: {answer.told}"), b""
    headers = answer.headers
    return Outcome(answer.status, retry_after=headers.get("retry-after"), date=headers.get("date")), answer.body


def _message(door: Door, webhook: Webhook, alert: Alert) -> tuple[Outcome, bytes]:
    from worker import messenger  # what it needs takes a second to load, and few installations use it

    try:
        return messenger.send(door, webhook, alert)
    except Exception as error:
        log.exception("message could not be sent", webhook=webhook.name, alert=alert.id)
        return _internal(error), b""


def _internal(error: Exception) -> Outcome:
    return Outcome(0, error=f"internal-error: {type(error).__name__}; see the log")


def _sent(flight: _Flight, outcome: Outcome, body: bytes) -> Sent:
    return Sent(flight.delivery, outcome, _attempt(flight.at, flight.start, outcome, body))


def _attempt(at: datetime, start: float, outcome: Outcome, body: bytes) -> Attempt:
    latency = (time.monotonic() - start) * 1000
    error = delivering.excerpt(outcome.error.encode()) if outcome.error else None
    return Attempt(at, outcome.code, latency, error, delivering.excerpt(body) if body else None)
