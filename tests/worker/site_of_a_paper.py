"""A newspaper's own site on loopback: a feed of short texts, the pages of its articles, and a robots.txt."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from xml.sax.saxutils import escape

from loopback import _Server, answer

HEADLINE = "Kenya and Ethiopia: trade along the border"
SUMMARY = "More follows."
PARAGRAPHS = (
    "President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday, the president's "
    "office said after the talks had ended.",
    "The two leaders discussed trade and security along their common border, where drought has driven herders from "
    "one country to the other for three years in a row.",
    "Both governments want to open a second crossing for lorries before the end of the year, so that maize and fuel "
    "need not take the long road by the coast.",
    "A commission of officials is to meet again in the spring and to report what has become of the plans by then.",
)

Page = Callable[[BaseHTTPRequestHandler], None]


def article_page(headline: str = HEADLINE, paragraphs: tuple[str, ...] = PARAGRAPHS) -> bytes:
    """A page as papers make them: menus, the article, teasers of others, a footer."""
    told = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    menu = "".join(f'<li><a href="/{n}">{n}</a></li>' for n in ("World", "Business", "Sport", "Weather", "Opinion"))
    teasers = "".join(
        f'<li><a href="/t/{n}">Minister of country {n} meets premier of country {n + 1}</a></li>' for n in range(8)
    )
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(headline)} | Site</title></head>"
        f"<body><header><nav><ul>{menu}</ul></nav></header><main><article><h1>{escape(headline)}</h1>{told}</article>"
        f"</main><aside><h2>Most read</h2><ul>{teasers}</ul></aside><footer><p>© The Site. All rights reserved.</p>"
        "</footer></body></html>"
    ).encode()


@dataclass
class Site(_Server):
    """``pages`` holds what each path answers; ``asked`` every request as (path, time); no robots.txt unless given."""

    pages: dict[str, Page] = field(default_factory=dict)
    stories: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def feed(self) -> str:
        return f"{self.url}/feed.xml"

    def publish(self, link: str, headline: str = HEADLINE, summary: str = SUMMARY) -> None:
        """``link`` as the feed gives it: a path of this site, or an address elsewhere."""
        self.stories.append((self.url + link if link.startswith("/") else link, headline, summary))

    def serve(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        headers = {"content_type": "text/html; charset=utf-8"} | headers
        self.pages[path] = lambda request: answer(request, status, body, **headers)

    def slow(self, path: str, seconds: float) -> None:
        def late(request: BaseHTTPRequestHandler) -> None:
            time.sleep(seconds)
            answer(request, 200, article_page(), content_type="text/html")

        self.pages[path] = late

    def times(self, path: str) -> list[float]:
        return [at for asked, at in self.asked if asked == path]

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        path = request.path
        self.asked.append((path, time.monotonic()))
        if path.startswith("/feed.xml"):
            items = "".join(
                f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{escape(link)}</guid>"
                f"<description>{escape(summary)}</description></item>"
                for link, title, summary in self.stories
            )
            document = f"<rss version='2.0'><channel><title>The Site</title>{items}</channel></rss>"
            answer(request, 200, document.encode(), content_type="application/rss+xml")
        elif path in self.pages:
            with suppress(OSError):  # who asked may have gone
                self.pages[path](request)
        else:
            answer(request, 404)
