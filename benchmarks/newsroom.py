"""Papers on loopback whose feeds grow, and when each report in them was first served."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING, Self
from xml.sax.saxutils import escape

from benchmarks.loopback import Server

if TYPE_CHECKING:
    from datetime import datetime

    from benchmarks.loopback import Request


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    text: str
    link: str
    published: datetime

    def rss(self) -> str:
        return (
            f"<item><title>{escape(self.title)}</title><link>{self.link}</link><guid>{self.link}</guid>"
            f"<pubDate>{format_datetime(self.published)}</pubDate><description>{escape(self.text)}</description></item>"
        )


@dataclass(slots=True)
class _Paper:
    items: str = ""
    edition: int = 0
    unserved: list[str] = field(default_factory=list)


class Newsroom:
    """Serves the feed of every paper with an ETag. What is published stays in its feed. A context manager."""

    def __init__(self, papers: int) -> None:
        self.served: dict[str, float] = {}
        self._papers = {f"/paper{number}": _Paper() for number in range(papers)}
        self._unread = set(self._papers)
        self._lock = threading.Lock()
        self._http = Server(self._answer)

    @property
    def feeds(self) -> list[str]:
        return [self._http.url + path for path in self._papers]

    @property
    def all_read(self) -> bool:
        """Whether every feed was asked for."""
        return not self._unread

    def publish(self, paper: int, article: Article) -> None:
        with self._lock:
            one = self._papers[f"/paper{paper}"]
            one.items = article.rss() + one.items
            one.edition += 1
            one.unserved.append(article.link)

    def _answer(self, request: Request, _: bytes) -> None:
        with self._lock:
            paper = self._papers[request.path]
            self._unread.discard(request.path)
            etag, items = f'"{paper.edition}"', paper.items
            unchanged = request.headers.get("if-none-match") == etag
            if not unchanged:  # noted before the answer: who has it may ask at once when it was served
                self.served.update(dict.fromkeys(paper.unserved, time.time()))
                paper.unserved.clear()
        body = b""
        if not unchanged:
            host = f"https://{request.path.strip('/')}.example/"
            head = f"<title>{host}</title><link>{host}</link>"
            body = f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()
        request.send_response(304 if unchanged else 200)
        request.send_header("etag", etag)
        request.send_header("content-type", "application/rss+xml")
        if not unchanged:
            request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def __enter__(self) -> Self:
        self._http.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.stop()
