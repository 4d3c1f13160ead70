"""Where the feeds of a web page are: what it names, what it links to, what is usual."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from feeds.feed import Feed, FeedState
from feeds.fetch import Failed, Fetched, fetch
from feeds.moving import after_success
from feeds.parse import ParsedFeed, parse
from feeds.sniff import Problem
from feeds.tags import attributes, pattern, tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.door import Door
    from feeds.feed import PollingLimits

#: Addresses of one page that are tried; a page of feeds may link to hundreds.
MOST_LINKS = 30
#: Where feeds are found on sites that do not say so, the most common first.
USUAL_PATHS = ("feed", "rss.xml", "atom.xml", "feed.xml", "rss", "index.xml", "feed.json")
_PAGES = frozenset({"html-page", "html-with-feed-link"})
_FEED_TYPES = re.compile(r"\s*(?:application/(?:rss|atom|rdf)\+xml|application/feed\+json|(?:application|text)/xml)\b")
_FEED_ADDRESS = re.compile(r"(?:^|[/._?&=-])(?:rss|atom|rdf|feeds?)(?:\d*[/._?&=-]|\d*$)|\.(?:xml|rss|rdf|atom)$")
_TAGS = pattern("base|link|a", r"|<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)")
_LONGEST_PAGE = 2_000_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed that can be read. ``url`` is the address asked for, or where its permanent redirects lead."""

    url: str
    feed: ParsedFeed


@dataclass(frozen=True, slots=True)
class Discovered:
    """Every feed that was found, in the page's order; the address itself where it is one. ``problem`` says why there
    is none. ``untried`` counts links that were too many to try."""

    candidates: tuple[Candidate, ...] = ()
    problem: Problem | None = None
    untried: int = 0


def full_address(typed: str) -> str:
    """What a person or a reader's list means by an address: ``example.org``, ``feed://…``, with spaces."""
    address = re.sub(r"^feed:(?://(?=https?:)|(?=https?:))", "", typed.strip(), flags=re.IGNORECASE)
    address = re.sub(r"^feed://", "http://", address, flags=re.IGNORECASE).replace(" ", "%20")
    return address if re.match(r"[a-z][a-z0-9+.-]*://", address, re.IGNORECASE) else f"https://{address}"


def discover(url: str, door: Door, *, limits: PollingLimits, allow_private: bool = False) -> Discovered:
    """The feed at ``url``, else those its page names in its head, else those it links to, else one at a usual place."""
    own, page = _look(url, door, limits, allow_private)
    if isinstance(own, Candidate):
        return Discovered((own,))
    if page is None:
        return Discovered(problem=own)
    named, linked = _links(page)
    refused: Problem | None = None
    for links in (named, [link for link in linked if link not in named]):
        with ThreadPoolExecutor(limits.per_host) as pool:
            looks = pool.map(lambda link: _look(link, door, limits, allow_private)[0], links[:MOST_LINKS])
            seen = list(zip(links, looks, strict=False))
        found = {look.url: look for _, look in seen if isinstance(look, Candidate)}
        if found:
            return Discovered(tuple(found.values()), untried=len(links[MOST_LINKS:]))
        for link, look in seen:
            if refused is None and links is named and isinstance(look, Problem):
                refused = Problem(look.code, f"a web page that names its feed {link}: {look.detail}")
    for guess in _usual(page.url):
        look, _ = _look(guess, door, limits, allow_private)
        if isinstance(look, Candidate):
            return Discovered((look,))
    return Discovered(problem=refused or own)


def _look(
    url: str, door: Door, limits: PollingLimits, allow_private: bool
) -> tuple[Candidate | Problem, Fetched | None]:
    """The feed at an address or why there is none, and the web page that is there instead."""
    feed = Feed(url, allow_private=allow_private)
    found = fetch(door, feed, FeedState(), limits, own_network="say --allow-private if it is on a network of your own")
    if not isinstance(found, Fetched):
        told = found if isinstance(found, Failed) else Failed("http-error", "the server answered 304 unasked")
        return Problem(told.reason, told.detail), None
    read = parse(found.body, url=found.url, content_type=found.content_type, content_language=found.content_language)
    if read.failure is not None:
        is_page = read.failure.code in _PAGES or "html" in (found.content_type or "")
        return read.failure, found if is_page else None
    moved_to, _ = after_success(feed, FeedState(), found.redirects)
    return Candidate(moved_to or url, read), None


def _links(page: Fetched) -> tuple[list[str], list[str]]:
    """The addresses a page names as its feeds, and those it links to that look like feeds."""
    base = page.url
    named, linked = [], []
    for _, _, name, content in tags(_TAGS, page.body[:_LONGEST_PAGE].decode("utf-8", "replace")):
        said = attributes(content)
        link = _absolute(base, said.get("href", ""))
        if name == "base":
            base = link or base
        elif name == "link":
            rel = said.get("rel", "").lower().split()
            if "feed" in rel or ("alternate" in rel and _FEED_TYPES.match(said.get("type", "").lower())):
                named.append(link)
        elif _FEED_ADDRESS.search(link.lower()):
            linked.append(link)
    return list(filter(None, dict.fromkeys(named))), list(filter(None, dict.fromkeys(linked)))


def _absolute(base: str, href: str) -> str:
    try:
        link = urljoin(base, full_address(href) if href.lower().startswith("feed:") else href)
    except ValueError:
        return ""
    return link.partition("#")[0] if link.startswith(("http://", "https://")) else ""


def _usual(url: str) -> Iterator[str]:
    """The usual places below the page and below the site."""
    folder = urlsplit(url).path
    if "." in folder.rpartition("/")[2]:
        folder = folder.rpartition("/")[0]
    for place in dict.fromkeys((folder.rstrip("/"), "")):
        for path in USUAL_PATHS:
            yield urljoin(url, f"{place}/{path}")
