"""A receiver of webhooks on this machine: checks every signature, keeps what came, counts repeats."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from alerts.errors import SignatureError
from alerts.verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Longer messages are refused unread; Seedwire's are at most 20,000 bytes.
MOST_BYTES = 1_000_000
#: Messages kept; older ones are forgotten first.
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose signature was right. ``times`` counts how often it came: repeats have the same id."""

    id: str
    at: datetime
    body: Mapping[str, Any]
    times: int = 1


@dataclass(slots=True)
class _Kept:
    messages: dict[str, Received] = field(default_factory=dict)
    refused: int = 0


class Catcher:
    """Answers 204 to what one of ``secrets`` signed and 401 to all else; ``GET /received`` shows what was kept.

    ``on_receipt`` is called once a message, after it was answered, by one thread at a time. ``port`` 0 takes a free
    one. Raises OSError when the port is taken.
    """

    def __init__(
        self, host: str, port: int, secrets: Sequence[bytes], on_receipt: Callable[[Received], None] | None = None
    ) -> None:
        self._secrets = tuple(secrets)
        self._on_receipt = on_receipt
        self._lock, self._telling = threading.Lock(), threading.Lock()
        self._kept = _Kept()
        self._server = _Server((host, port), self)
        self._base = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self._server.server_address[1]}"  # noqa: S104
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="catcher", daemon=True)

    @property
    def url(self) -> str:
        """Where to send webhooks to."""
        return f"{self._base}/"

    @property
    def received(self) -> list[Received]:
        """What came with a right signature, in order of arrival, repeats counted."""
        with self._lock:
            return list(self._kept.messages.values())

    @property
    def refused(self) -> int:
        """How many messages came that nobody with our secrets had signed just now."""
        with self._lock:
            return self._kept.refused

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; safe to call twice."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def take(self, headers: Mapping[str, str], body: bytes) -> Received | None:
        """Keep a message; returns it when it is new, None for a repeat. Raises SignatureError, ValueError (no JSON)."""
        now = datetime.now(UTC)
        try:
            message_id = verify(self._secrets, headers, body, now)
        except SignatureError:
            with self._lock:
                self._kept.refused += 1
            raise
        content = json.loads(body)
        if not isinstance(content, dict):
            raise ValueError("a message is a JSON object")
        with self._lock:
            known = self._kept.messages.get(message_id)
            message = Received(message_id, known.at if known else now, content, known.times + 1 if known else 1)
            self._kept.messages[message_id] = message
            if len(self._kept.messages) > MOST_KEPT:
                del self._kept.messages[next(iter(self._kept.messages))]
        return None if known else message

    def tell(self, message: Received) -> None:
        if self._on_receipt is not None:
            with self._telling:
                self._on_receipt(message)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], catcher: Catcher) -> None:
        self.catcher = catcher
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "SeedwireCatcher", ""
    timeout = 30
    server: _Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            self._answer(413, {"error": f"a message is at most {MOST_BYTES} bytes, its length given"})
            return
        body = self.rfile.read(int(length))
        try:
            fresh = self.server.catcher.take(dict(self.headers.items()), body)
        except SignatureError as error:
            self._answer(401, {"error": str(error)})
            return
        except ValueError as error:
            self._answer(400, {"error": f"the body is not what was expected: {error}"})
            return
        self._answer(204)
        if fresh is not None:
            self.server.catcher.tell(fresh)

    def do_GET(self) -> None:
        if self.path.split("?", 1)[0] != "/received":
            self._answer(404, {"error": "GET /received shows what came"})
            return
        shown = [
            {"id": one.id, "at": one.at.isoformat(), "times": one.times, "body": one.body}
            for one in self.server.catcher.received
        ]
        self._answer(200, {"received": shown, "refused": self.server.catcher.refused})

    def _answer(self, status: int, content: Mapping[str, object] | None = None) -> None:
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Nothing: what matters is kept and shown."""
