"""A webhook endpoint on loopback that fails a share of the time, in several ways, and keeps every message that came."""

from __future__ import annotations

import base64
import hashlib
import random
import socket
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from standardwebhooks import Webhook, WebhookVerificationError

from alerts.alert import OPENED
from benchmarks.chaos_ledger import Receipt
from benchmarks.loopback import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.loopback import Request

SECRET = "whsec_" + base64.b64encode(b"known to the benchmark and its service").decode()
#: The timeout that the service is to have for us, in seconds: whoever answers later answers nobody.
TIMEOUT = 8.0
#: Ways to fail, and how often each is drawn.
FAILURES: Mapping[str, int] = {
    "500": 38,
    "503 with Retry-After": 12,
    "closed without an answer": 20,
    "closed in the answer": 20,
    "hung, then closed": 7,
    "late": 3,
}
#: How long one that hangs does so, in seconds.
HANGS = 1.0


class Endpoint:
    """Verifies each message by the library of Standard Webhooks, keeps it, then answers. A context manager."""

    def __init__(self, failing: float = 1 / 3, seed: int = 0) -> None:
        self._failing = failing
        self._rng = random.Random(f"endpoint {seed}")
        self._lock = threading.Lock()
        self._receipts: list[Receipt] = []
        self.refused: list[str] = []
        self._http = Server(self._take)
        self.url = f"{self._http.url}/"

    @property
    def receipts(self) -> list[Receipt]:
        with self._lock:
            return list(self._receipts)

    def _take(self, request: Request, body: bytes) -> None:
        arrived = time.time()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            message = Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError as error:
            self.refused.append(str(error))
            _answer(request, 401)
            return
        with self._lock:
            number, way = len(self._receipts), self.draw()
            digest = hashlib.sha256(body).hexdigest()
            kept = Receipt(headers["webhook-id"], way, arrived, arrived, about(message), digest)
            self._receipts.append(kept)
        try:
            _behave(request, way)
        except OSError:
            request.close_connection = True  # they hung up, or died
        with self._lock:
            self._receipts[number] = replace(kept, answered=time.time())

    def draw(self) -> str:
        """How the next message is answered."""
        if self._rng.random() >= self._failing:
            return "ok"
        return self._rng.choices(list(FAILURES), list(FAILURES.values()))[0]

    def __enter__(self) -> Self:
        self._http.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.stop()


def about(message: Mapping[str, Any]) -> str:
    """The event that a message opens a story of, by its sides; "" where it does something else."""
    return sides(message["data"]["event"]["countries"]) if message["type"] == OPENED else ""


def sides(countries: object) -> str:
    assert isinstance(countries, list | tuple | frozenset)
    return "-".join(sorted(countries))


def _behave(request: Request, way: str) -> None:
    if way == "ok":
        _answer(request, 204)
    elif way == "500":
        _answer(request, 500)
    elif way == "503 with Retry-After":
        _answer(request, 503, {"retry-after": "1"})
    elif way == "late":
        time.sleep(TIMEOUT + 1.0)
        _answer(request, 204)
    else:
        if way == "hung, then closed":
            time.sleep(HANGS)
        if way == "closed in the answer":
            request.wfile.write(b"HTTP/1.1 2")
        request.close_connection = True
        request.connection.shutdown(socket.SHUT_RDWR)


def _answer(request: Request, status: int, headers: Mapping[str, str] | None = None) -> None:
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    if status != 204:
        request.send_header("content-length", "0")
    request.end_headers()
