"""What the service talks to in these tests: real HTTP servers on loopback that play newspapers and receivers."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from xml.sax.saxutils import escape

from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "whsec_" + base64.b64encode(b"a secret for the tests of seedwire").decode()


class _AtAnyTime(StandardWebhook):
    """The library's check, signature and all, but for its tolerance of time: these tests let days pass in no time."""

    def _Webhook__verify_timestamp(self, timestamp_header: str) -> datetime:  # noqa: N802 - overrides a private name
        return datetime.fromtimestamp(float(timestamp_header), tz=UTC)


class _Http(ThreadingHTTPServer):
    #: Many connections at once are expected; beyond its backlog the system lets them try again after a second.
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # whoever gives up on us does no harm
            super().handle_error(request, client_address)


class _Server:
    """A threading HTTP server on a free port of loopback, as a context manager."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.handle(self, b"")

            def do_POST(self) -> None:
                outer.handle(self, self.rfile.read(int(self.headers.get("content-length", 0))))

            def log_message(self, *_: object) -> None:
                pass

        self._http = _Http(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        raise AssertionError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def answer(request: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("content-length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@dataclass
class Article:
    title: str
    text: str
    published: datetime | None = None

    def rss(self, link: str) -> str:
        date = f"<pubDate>{format_datetime(self.published)}</pubDate>" if self.published else ""
        return (
            f"<item><title>{escape(self.title)}</title><link>{link}</link><guid>{link}</guid>{date}"
            f"<description>{escape(self.text)}</description></item>"
        )


class Newspaper(_Server):
    """Serves one RSS feed a path, with ETags; an article once published stays."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: dict[str, list[Article]] = {}
        self.bodies: dict[str, bytes] = {}
        self.heads: dict[str, str] = {}
        self.headers: dict[str, dict[str, str]] = {}
        #: Cleared, it keeps everybody waiting.
        self.open = threading.Event()
        self.open.set()
        self.edits = 0
        self.polls: Counter[str] = Counter()
        self.not_modified: Counter[str] = Counter()

    def feed(self, path: str) -> str:
        self.articles.setdefault(path, [])
        return self.url + path

    def publish(self, path: str, *articles: Article) -> None:
        self.articles.setdefault(path, []).extend(articles)

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        path = request.path
        self.polls[path] += 1
        self.open.wait(30)
        if path in self.bodies:
            answer(request, 200, self.bodies[path], content_type="application/rss+xml")
            return
        if path not in self.articles:
            answer(request, 404)
            return
        articles = list(self.articles[path])
        etag = f'"{len(articles)}-{self.edits}"'
        if request.headers.get("if-none-match") == etag:
            self.not_modified[path] += 1
            answer(request, 304, etag=etag)
            return
        # Each outlet links to a host of its own, as real ones do.
        host = path.strip("/").replace("/", "-")
        items = "".join(a.rss(f"https://{host}.example/{n}") for n, a in enumerate(articles))
        head = f"<title>{host}</title><link>https://{host}.example</link>{self.heads.get(path, '')}"
        document = f"<rss version='2.0'><channel>{head}{items}</channel></rss>"
        headers = self.headers.get(path, {})
        answer(request, 200, document.encode(), etag=etag, content_type="application/rss+xml", **headers)


@dataclass
class Received:
    webhook_id: str
    path: str
    event: dict[str, Any]


@dataclass
class Receiver(_Server):
    """Verifies every signature with the ecosystem's library and keeps what it took; ``decide`` may answer otherwise."""

    decide: Callable[[int], int] = field(default=lambda _: 200)
    taken: list[Received] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    bad_signatures: int = 0
    real_time: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._count = 0

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        try:
            event = (StandardWebhook if self.real_time else _AtAnyTime)(SECRET).verify(
                body, {k.lower(): v for k, v in request.headers.items()}
            )
        except WebhookVerificationError:
            self.bad_signatures += 1
            answer(request, 401)
            return
        webhook_id = request.headers["webhook-id"]
        assert json.loads(body) == event
        with self._lock:
            self._count += 1
            status = self.decide(self._count)
            if 200 <= status < 300:
                self.taken.append(Received(webhook_id, request.path, event))
            else:
                self.refused.append(webhook_id)
        answer(request, status, b"noted", **self.headers)

    def ids(self) -> set[str]:
        with self._lock:
            return {one.webhook_id for one in self.taken}

    def stories(self) -> set[str]:
        with self._lock:
            return {one.event["subject"] for one in self.taken}
