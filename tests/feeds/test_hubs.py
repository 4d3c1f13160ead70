"""Which hubs a feed names: in its headers, in RSS, in Atom, in JSON Feed; and what is no hub."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.hubs import Offer, absolute_address, links_in_header, offer, same_address
from feeds.parse import parse

URL = "https://paper.example/feed.xml"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title><link rel="alternate" href="https://paper.example/"/>
<link rel="HUB" href="https://hub.example/"/><link rel="hub" href="/own-hub"/><link rel="self" href="https://paper.example/self"/>
<entry><id>1</id><title>One</title><link rel="self" href="https://paper.example/1"/></entry></feed>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Paper</title><link>https://paper.example/</link>
<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="https://paper.example/self"/>
<item><title>One</title><link>https://paper.example/1</link></item></channel></rss>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "feed_url": "https://paper.example/self",
"hubs": [{"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": "https://hub.example/"}, 7],
"items": [{"id": "1", "title": "One"}]}"""


def offered(document: str, header: str | None = None) -> Offer | None:
    parsed = parse(document.encode(), url=URL)
    assert parsed.failure is None
    return offer(URL, header, parsed.hubs, parsed.self_link)


@pytest.mark.parametrize(
    ("document", "hubs"),
    [(ATOM, ("https://hub.example/", "https://paper.example/own-hub")), (RSS, ("https://hub.example/",)),
     (JSON, ("https://hub.example/",))],
)  # fmt: skip
def test_a_document_names_its_hubs_and_itself(document: str, hubs: tuple[str, ...]) -> None:
    assert offered(document) == Offer(hubs, "https://paper.example/self")


def test_headers_rule_over_the_document() -> None:
    header = '<https://header.example/>; rel="hub", </canonical>; rel=self'
    assert offered(RSS, header) == Offer(("https://header.example/",), "https://paper.example/canonical")
    assert offered(RSS, "</canonical>; rel=self") == Offer(("https://hub.example/",), "https://paper.example/canonical")


def test_a_feed_that_names_no_hub_offers_nothing() -> None:
    assert offered(RSS.replace('rel="hub"', 'rel="license"')) is None
    assert offered(RSS, '<https://paper.example/self>; rel="self"') is not None


def test_a_feed_that_does_not_say_what_it_is_called_is_called_by_its_address() -> None:
    assert offered(RSS.replace('rel="self"', 'rel="license"')) == Offer(("https://hub.example/",), URL)


@pytest.mark.parametrize(
    ("header", "hubs", "own"),
    [
        ('<https://a.example/?x=1,2>; rel="hub"', ("https://a.example/?x=1,2",), None),
        (
            "<https://a.example/>;rel=hub,<https://b.example/>;rel=hub",
            ("https://a.example/", "https://b.example/"),
            None,
        ),
        ('<https://a.example/>; title="a, b; rel=x"; rel="self hub"', ("https://a.example/",), "https://a.example/"),
        ('<https://a.example/>; REL="Hub"', ("https://a.example/",), None),
        ("<https://a.example/>; rel = hub", ("https://a.example/",), None),
        ("https://a.example/; rel=hub", (), None),
        ("<>; rel=hub, <", (), None),
        ("<https://a.example/", (), None),
        ("", (), None),
        (None, (), None),
    ],
)
def test_link_headers_are_read_as_they_are_written(header: str | None, hubs: tuple[str, ...], own: str | None) -> None:
    assert links_in_header(header) == (hubs, own)


@given(st.text(alphabet='<>;=", relhubsf/:ab', max_size=200))
def test_no_link_header_raises(header: str) -> None:
    hubs, own = links_in_header(header)
    assert all(hubs)
    assert own is None or own


def test_a_hostile_link_header_costs_little() -> None:
    began = time.perf_counter()
    for header in ("<a>;" * 50_000, "<a>" + "; rel" * 50_000, '<a>;"' * 50_000, "<" * 200_000):
        links_in_header(header)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "written", ["ftp://hub.example/", "javascript:alert(1)", "https://[", "https://hub.example/a b", "é://x"]
)  # fmt: skip
def test_what_nobody_can_be_asked_at_is_no_hub(written: str) -> None:
    assert absolute_address(URL, written) is None


def test_no_more_than_a_few_hubs_are_remembered() -> None:
    many = [f"https://hub.example/{n}" for n in range(50)]
    found = offer(URL, None, [many[0], *many], None)
    assert found is not None
    assert found.hubs == tuple(many[:4])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://paper.example/feed", "http://Paper.Example:80/feed/", True),
        ("https://paper.example/feed#x", "https://paper.example:443/feed", True),
        ("https://paper.example/feed", "https://paper.example/feed2", False),
        ("https://paper.example/feed?a=1", "https://paper.example/feed", False),
        ("https://paper.example:8443/feed", "https://paper.example/feed", False),
        ("https://[", "https://[", True),
    ],
)
def test_addresses_are_compared_by_what_they_lead_to(one: str, other: str, same: bool) -> None:
    assert same_address(one, other) is same
