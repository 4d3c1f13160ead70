"""The feeds of a page are found where pages name them, link to them, or usually have them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from feeds.discover import MOST_LINKS, USUAL_PATHS, Discovered, discover, full_address
from feeds.feed import PollingLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import RawServer

    from feeds.door import Door

    Find = Callable[..., Discovered]

FEED = b'<rss version="2.0"><channel><title>Paper</title><item><title>News</title></item></channel></rss>'
LIMITS = PollingLimits(timeout=timedelta(seconds=5))


@pytest.fixture
def find(door: Door) -> Find:
    return lambda url: discover(url, door, limits=LIMITS, allow_private=True)


def page(server: RawServer, html: str, path: str = "/", **others: bytes) -> str:
    """A page at ``path``; nothing at the usual places."""
    for place in (path.rstrip("/"), ""):
        for usual in USUAL_PATHS:
            server.routes.setdefault(f"{place}/{usual}", server.routes.get("/404") or missing(server))
    return server.reply(path, html.encode(), headers={"Content-Type": "text/html"})


def missing(server: RawServer) -> Callable[..., None]:
    server.reply("/404", b"<html>no such page</html>", status="404 Not Found")
    return server.routes["/404"]


def asked(server: RawServer) -> list[str]:
    return [request.split(b" ")[1].decode() for request in server.requests]


def test_a_feed_is_its_own_feed(server: RawServer, find: Find) -> None:
    url = server.reply("/rss", FEED)
    (found,) = find(url).candidates
    assert (found.url, found.feed.title, len(found.feed.entries)) == (url, "Paper", 1)
    assert asked(server) == ["/rss"]


def test_the_feeds_a_page_names_are_found_in_its_order(server: RawServer, find: Find) -> None:
    server.reply("/a/main.xml", FEED)
    server.reply("/comments", FEED.replace(b"Paper", b"Comments"))
    server.reply("/gone", b"", status="410 Gone")
    url = page(
        server,
        '<head><base href="/a/"><LINK REL="alternate x" TYPE="application/rss+xml; charset=utf-8" HREF="main.xml#top">'
        '<link rel=alternate type=application/atom+xml href="/comments?a=1&amp;b=2"><link rel=feed href=/gone>'
        '<link rel=alternate type=application/rss+xml href="main.xml"><link rel=alternate hreflang=fr href="/fr">'
        '<link rel=alternate type=application/json href="/wp-json"><!-- <link rel=feed href="/no"> -->'
        '<link rel=stylesheet href="/feed.css"><link rel=feed href="javascript:0"><link rel=feed href="http://[">',
        "/page",
    )
    server.routes["/comments?a=1&b=2"] = server.routes["/comments"]
    found = find(url)
    assert [c.url for c in found.candidates] == [server.url("/a/main.xml"), server.url("/comments?a=1&b=2")]
    assert found.problem is None
    assert sorted(asked(server)) == sorted(["/page", "/a/main.xml", "/comments?a=1&b=2", "/gone"])


def test_a_page_that_names_no_feed_may_link_to_some(server: RawServer, find: Find) -> None:
    server.reply("/feeds/world.rss", FEED)
    server.reply("/news?format=rss", FEED)
    server.reply("/rss-explained", b"<html>about RSS</html>")
    url = page(
        server, '<a href="feeds/world.rss">World</a><a href="/news?format=rss">All</a><a href="/feedback">Write</a>'
        '<a href="/rss-explained">RSS?</a><a href="feed:/news?format=rss">again</a>',
    )  # fmt: skip
    assert [c.url for c in find(url).candidates] == [server.url("/feeds/world.rss"), server.url("/news?format=rss")]


@pytest.mark.parametrize(
    ("path", "feed"), [("/", "/rss.xml"), ("/blog/", "/blog/feed"), ("/blog/a.html", "/blog/atom.xml")]
)
def test_what_no_page_tells_is_looked_for_in_the_usual_places(
    server: RawServer, find: Find, path: str, feed: str
) -> None:
    url = page(server, "<html><p>news</p></html>", path)
    for usual in USUAL_PATHS:
        server.routes.setdefault(f"/blog/{usual}", missing(server))
    server.reply(feed, FEED)
    (found,) = find(url).candidates
    assert found.url == server.url(feed)


def test_a_page_without_a_feed_is_told(server: RawServer, find: Find) -> None:
    found = find(page(server, "<html><title>No news</title></html>"))
    assert found.candidates == ()
    assert found.problem is not None
    assert (found.problem.code, found.problem.detail) == ("html-page", 'a web page titled "No news", not a feed')
    server.reply("/away", b"", status="404 Not Found")
    found = find(page(server, '<html><link rel=feed href="/away"></html>', "/named"))
    assert found.problem is not None
    assert found.problem.code == "not-found"
    assert found.problem.detail == f"a web page that names its feed {server.url('/away')}: the server answered 404"


def test_what_cannot_be_reached_is_told_and_nothing_guessed(server: RawServer, find: Find, door: Door) -> None:
    found = find(server.reply("/secret", b"<html></html>", status="403 Forbidden"))
    assert found.problem is not None
    assert found.problem.code == "forbidden"
    assert asked(server) == ["/secret"]
    found = discover(server.url("/rss"), door, limits=LIMITS)
    assert found.problem is not None
    assert found.problem.code == "private-address"
    assert "say --allow-private" in found.problem.detail


def test_a_feed_that_has_moved_for_good_is_known_by_where_it_is(server: RawServer, find: Find) -> None:
    new = server.reply("/new", FEED)
    for status, url in (("301 Moved Permanently", new), ("302 Found", server.url("/old"))):
        old = server.reply("/old", b"", status=status, headers={"Location": new})
        (found,) = find(old).candidates
        assert found.url == url


def test_of_hundreds_of_links_the_first_are_tried(server: RawServer, find: Find) -> None:
    for number in range(100):
        server.reply(f"/{number}.rss", FEED)
    found = find(page(server, "".join(f'<a href="/{number}.rss">' for number in range(100))))
    assert (len(found.candidates), found.untried) == (MOST_LINKS, 100 - MOST_LINKS)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 300_000,
        "<script>" * 200_000,
        "<link rel=alternate " * 100_000,
        "<a href=x" * 200_000,
        "<base" * 300_000,
    ],
)
def test_hostile_pages_cost_little(server: RawServer, find: Find, html: str) -> None:
    started = time.monotonic()
    assert find(page(server, f"<html>{html}")).candidates == ()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("example.org", "https://example.org"),
        (" https://example.org/a b ", "https://example.org/a%20b"),
        ("feed://example.org/rss", "http://example.org/rss"),
        ("feed:https://example.org/rss", "https://example.org/rss"),
        ("FEED://https://example.org/rss", "https://example.org/rss"),
        ("http://example.org/?feed://x", "http://example.org/?feed://x"),
        ("example.org/?to=http://x", "https://example.org/?to=http://x"),
    ],
)
def test_addresses_as_people_write_them(typed: str, meant: str) -> None:
    assert full_address(typed) == meant
