"""A newsroom on this machine: a few papers with feeds, which print the seed reports one by one.

Printing starts when every feed has been fetched once, so that a monitor's first look finds only old news.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from worker.demo import articles
from worker.demo.articles import PAPERS, Article, Paper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ATOM = "http://www.w3.org/2005/Atom"
#: Entries a feed shows, newest first, and bytes of an article sent by hand.
FEED_LENGTH = 30
MOST_BYTES = 1_000_000

# XML 1.0 has no way to write these, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Newsroom:
    """Serves ``feeds``, (address, name) each, and publishes every ``pace`` seconds until ``done``.

    ``port`` 0 takes a free one. ``public_url`` is how others reach it where that is not ``http://host:port``.
    ``on_print`` is told the paper's name and the headline of every article after the back catalogue.
    """

    def __init__(
        self,
        host: str,
        port: int,
        seeds_folder: Path,
        pace: float = 2.0,
        public_url: str = "",
        on_print: Callable[[str, str], None] | None = None,
    ) -> None:
        """Binds the port and reads the seeds. Raises OSError, SeedError."""
        seeds = articles.read(seeds_folder)
        self._lock = threading.Lock()
        self._printed: dict[str, list[Article]] = {paper.slug: [] for paper in PAPERS}
        self._unread = set(self._printed)
        self._all_read, self._stopped, self._done = threading.Event(), threading.Event(), threading.Event()
        self._programme = articles.programme(seeds)
        self._pace = pace
        self._on_print = on_print
        now = datetime.now(UTC)
        for paper, old in articles.back_catalogue(seeds, now):
            self._printed[paper.slug].insert(0, old)
        self._server = _Server((host, port), self)
        bound = self._server.server_address[1]
        self._base = (public_url or f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{bound}").rstrip("/")  # noqa: S104
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), name="newsroom", daemon=True),
            threading.Thread(target=self._publish_all, name="newsroom-desk", daemon=True),
        ]

    @property
    def feeds(self) -> list[tuple[str, str]]:
        """(address, name) of each paper's feed."""
        return [(f"{self._base}/{paper.slug}.xml", paper.name) for paper in PAPERS]

    @property
    def expected(self) -> tuple[str, ...]:
        """The alerts that a monitor of all feeds should send, one line each."""
        return articles.EXPECTED

    @property
    def done(self) -> bool:
        """Whether everything has been published."""
        return self._done.is_set()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop publishing and serving; safe to call twice."""
        self._stopped.set()
        self._all_read.set()
        if self._threads[0].is_alive():
            self._server.shutdown()
        self._server.server_close()

    def publish(self, title: str, text: str, feed: str = "") -> Article:
        """Print one more article in the paper of that name, slug or address, the first if empty. Raises LookupError."""
        wanted = feed.casefold().rsplit("/", 1)[-1].removesuffix(".xml")
        paper = next((p for p in PAPERS if not wanted or wanted in {p.slug, p.name.casefold()}), None)
        if paper is None:
            raise LookupError(f"no paper {feed!r}; there are {', '.join(p.slug for p in PAPERS)}")
        printed = articles.article(paper, title, text, datetime.now(UTC))
        self._print(paper, printed)
        return printed

    def feed_body(self, slug: str) -> bytes | None:
        """The feed as it is now, None where there is none; asking for it counts as having read it."""
        paper = next((p for p in PAPERS if p.slug == slug), None)
        if paper is None:
            return None
        with self._lock:
            shown = self._printed[slug][:FEED_LENGTH]
            self._unread.discard(slug)
            if not self._unread:
                self._all_read.set()
        return _rss(paper, shown) if paper.form == "rss" else _atom(paper, shown, f"{self._base}/{slug}.xml")

    def _print(self, paper: Paper, printed: Article) -> None:
        with self._lock:
            self._printed[paper.slug].insert(0, printed)
        if self._on_print is not None:
            self._on_print(paper.name, printed.title)

    def _publish_all(self) -> None:
        self._all_read.wait()
        for paper, seed in self._programme:
            if self._stopped.wait(self._pace):
                return
            when = articles.published(seed) or datetime.now(UTC)
            self._print(paper, articles.article(paper, seed.title, seed.text, when))
        self._done.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "SeedwireNewsroom", ""
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        path = self.path.split("?", 1)[0]
        if path == "/":
            listed = "".join(f"{url}  {name}\n" for url, name in self.server.newsroom.feeds)
            self._answer(200, "text/plain; charset=utf-8", listed.encode())
            return
        body = self.server.newsroom.feed_body(path.strip("/").removesuffix(".xml"))
        if body is None:
            self._answer(404, "text/plain; charset=utf-8", b"no such feed; / lists them\n")
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        unchanged = etag in {tag.strip() for tag in self.headers.get("If-None-Match", "").split(",")}
        kind = "application/atom+xml" if b"<feed" in body[:200] else "application/rss+xml"
        self._answer(304 if unchanged else 200, kind, b"" if unchanged else body, etag)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        if self.path != "/publish":
            self._say(404, {"error": "POST to /publish"})
            return
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            self._say(413, {"error": f"an article is at most {MOST_BYTES} bytes, its length given"})
            return
        try:
            sent = json.loads(self.rfile.read(int(length)))
            title, text, feed = (sent.get(key, "") for key in ("title", "text", "feed"))
            if not (isinstance(title, str) and isinstance(text, str) and isinstance(feed, str) and (title or text)):
                raise ValueError
        except (ValueError, AttributeError):
            self._say(400, {"error": 'expected {"title": "…", "text": "…", "feed": "indus-herald"}'})
            return
        try:
            printed = self.server.newsroom.publish(title, text, feed)
        except LookupError as error:
            self._say(404, {"error": str(error)})
            return
        self._say(201, {"title": printed.title, "url": printed.url})

    def _say(self, status: int, content: dict[str, str]) -> None:
        self._answer(status, "application/json", json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))

    def _answer(self, status: int, kind: str, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Nothing: the service's own log tells of every fetch."""


def _rss(paper: Paper, shown: list[Article]) -> bytes:
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _add(channel, "title", paper.name)
    _add(channel, "link", f"https://{paper.host}/")
    _add(channel, "description", f"News from {paper.name}")
    for one in shown:
        item = ET.SubElement(channel, "item")
        _add(item, "title", one.title)
        _add(item, "link", one.url)
        _add(item, "guid", one.url, isPermaLink="true")
        _add(item, "pubDate", format_datetime(one.published, usegmt=True))
        _add(item, "description", _paragraphs(one.text))
    return _written(rss)


def _atom(paper: Paper, shown: list[Article], address: str) -> bytes:
    feed = ET.Element("feed", xmlns=ATOM)
    _add(feed, "title", paper.name)
    _add(feed, "id", f"https://{paper.host}/")
    ET.SubElement(feed, "link", rel="self", href=address)
    _add(feed, "updated", max((one.published for one in shown), default=datetime.now(UTC)).isoformat())
    for one in shown:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "title", one.title)
        _add(entry, "id", one.url)
        ET.SubElement(entry, "link", rel="alternate", href=one.url)
        _add(entry, "updated", one.published.isoformat())
        _add(entry, "published", one.published.isoformat())
        author = ET.SubElement(entry, "author")
        _add(author, "name", paper.name)
        _add(entry, "content", _paragraphs(one.text), type="html")
    return _written(feed)


def _written(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = _NOT_XML.sub("", text)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part.strip())}</p>" for part in re.split(r"\n\s*\n", text) if part.strip())
