"""A feed document becomes entries. feedparser decides what it says; this module names what came in place of a feed,
bounds the work, and never raises for what is in the document.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from feeds import bounded_feedparser, jsonfeed, plain, sniff
from feeds.dates import parse_date
from feeds.entry import Entry
from feeds.fields import absolute, language_tag
from feeds.hubs import links_in
from feeds.sniff import Problem
from feeds.text import html_to_text, title_to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Entries read of one document, the first in it.
MAX_ENTRIES = 5_000
MAX_TEXT = 200_000
_MAX_TAGS = 300_000
_MAX_TAGS_ODD = 75_000  # of documents that feedparser has to read, some of them twice
_MAX_REFERENCES = 500_000

#: Problems that leave nothing to read: what came was no feed.
UNREADABLE = frozenset(
    {"empty", "html-page", "html-with-feed-link", "challenge-page", "not-a-feed", "truncated-empty", "unparsable"}
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a document says. ``format`` is feedparser's name of the version (``rss20``, ``atom10``, ``json11``), "" when
    it is no feed. ``ttl`` is how long the feed asks to be left alone. ``problems`` are in the order they were met.
    ``hubs`` (WebSub) and ``self_link`` are as written."""

    format: str = ""
    title: str | None = None
    encoding: str | None = None
    language: str | None = None
    problems: tuple[Problem, ...] = ()
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    ttl: timedelta | None = None
    hubs: tuple[str, ...] = ()
    self_link: str | None = None

    @property
    def failure(self) -> Problem | None:
        """The problem that makes this no feed at all, if there is one."""
        return next((problem for problem in self.problems if problem.code in UNREADABLE), None)

    @property
    def truncated(self) -> bool:
        return any(problem.code in ("truncated", "truncated-empty") for problem in self.problems)


def parse(body: bytes, *, url: str, content_type: str | None = None, content_language: str | None = None) -> ParsedFeed:
    """``url`` is where the document was found; relative links are resolved against it."""
    try:
        return _parse(body, url, content_type, content_language)
    except Exception as error:  # noqa: BLE001 - whatever a hostile document did to a parser ends here
        _log.warning("parser failed on %s: %r", url, error)
        detail = f"the parser gave up ({type(error).__name__})"
        return ParsedFeed(problems=(Problem("unparsable", detail),))


def _parse(body: bytes, url: str, content_type: str | None, content_language: str | None) -> ParsedFeed:
    body, moved_from = sniff.single_bytes(body)
    problems: list[Problem] = []
    clean = sniff.without_controls(body)
    if len(clean) != len(body):
        problems.append(Problem("control-characters", f"{len(body) - len(clean)} control characters were dropped"))
    clean = clean.removeprefix(b"\xef\xbb\xbf").strip()
    if not clean:
        return ParsedFeed(problems=(Problem("empty", "an empty document"),))
    if clean[:1] in (b"{", b"["):
        return _json(clean, url, problems)
    root = sniff.root_name(clean)
    if root not in (b"rss", b"rdf", b"feed", b"channel"):
        if sniff.is_page(root, clean):
            return ParsedFeed(problems=(sniff.page_problem(clean, url),))
        later = sniff.from_feed_start(clean)
        if later is not None and (later_root := sniff.root_name(later)) in (b"rss", b"rdf", b"feed"):
            problems.append(
                Problem("junk-before-feed", f"{len(clean) - len(later)} bytes before the feed were skipped")
            )
            clean, root = later, later_root
        elif not sniff.has_entries(clean):
            return ParsedFeed(problems=(*problems, _not_a_feed(root)))
    if root in (b"rss", b"rdf", b"feed"):
        if not sniff.is_complete(root, clean):
            problems.append(Problem("truncated", "the document ends before the feed does; its whole entries were read"))
            clean = sniff.cut_back(root, clean)
        clean = _bounded(clean, root, _MAX_TAGS, problems)
    short = sniff.without_long_tags(clean)
    if len(short) != len(clean):
        problems.append(Problem("long-tag", "tags longer than 64 KB were read without their attributes"))
        clean = short
    clean, charset = sniff.charset(sniff.with_short_declaration(clean), content_type)
    return _xml(clean, url, root, charset, content_language, moved_from, problems)


def _bounded(body: bytes, root: bytes, tags: int, problems: list[Problem]) -> bytes:
    """As much of the document as can be read in a second or two."""
    first = sniff.first_entries(body, MAX_ENTRIES, tags, _MAX_REFERENCES)
    if first is None:
        return body
    if all(problem.code != "too-many-entries" for problem in problems):
        detail = (
            f"more than {MAX_ENTRIES:,} entries, {tags:,} tags or {_MAX_REFERENCES:,} entity references, "
            "of which the first were read"
        )
        problems.append(Problem("too-many-entries", detail))
    return sniff.cut_back(root, first)


def _not_a_feed(root: bytes) -> Problem:
    shown = root.decode("ascii", "replace")[:40]
    detail = f"XML whose root is <{shown}>, not a feed" if root else "neither XML nor JSON, so not a feed"
    return Problem("not-a-feed", detail)


def _json(body: bytes, url: str, problems: list[Problem]) -> ParsedFeed:
    try:
        document = jsonfeed.load(body)
    except jsonfeed.NotJSONFeed as error:
        return ParsedFeed(problems=(*problems, Problem("not-a-feed", str(error))))
    entries = jsonfeed.entries(document, url, MAX_ENTRIES, _MAX_TAGS)
    items = document.get("items")
    listed = sum(isinstance(item, dict) for item in items) if isinstance(items, list) else 0
    if listed > len(entries):
        detail = f"{listed:,} entries, of which the first {len(entries):,} were read"
        problems.append(Problem("too-many-entries", detail))
    if not entries:
        problems.append(Problem("no-entries", "a feed without entries"))
    return ParsedFeed(
        format=jsonfeed.version(document),
        title=title_to_text(jsonfeed.text_of(document.get("title"))) or None,
        encoding="utf-8",
        language=language_tag(document.get("language")),
        problems=tuple(problems),
        entries=tuple(_capped(entries)),
        hubs=jsonfeed.hubs(document),
        self_link=jsonfeed.text_of(document.get("feed_url")) or None,
    )


def _xml(
    body: bytes,
    url: str,
    root: bytes,
    charset: str | None,
    content_language: str | None,
    moved_from: str | None,
    problems: list[Problem],
) -> ParsedFeed:
    parsed = plain.parse_document(body, charset)
    if parsed is None:
        body = _bounded(body, root, _MAX_TAGS_ODD, problems)
        parsed = bounded_feedparser.parse_document(body, url, charset)
    feed: Mapping[str, Any] = parsed["feed"]
    found: list[dict[str, Any]] = parsed["entries"]
    version = str(parsed.get("version") or "")
    if not version and not found and root not in (b"rss", b"rdf", b"feed", b"channel"):
        return ParsedFeed(problems=(*problems, _not_a_feed(root)))
    if parsed.get("bozo"):
        problems.append(_bozo(parsed.get("bozo_exception")))
    language = language_tag(feed.get("language")) or language_tag(content_language)
    if not url.startswith(("http://", "https://")):  # a file's relative links are its site's
        url = absolute("", str(feed.get("link") or "")) or url
    hubs, self_link = links_in(feed.get("links") or ())
    read = (_entry(entry, url, language) for entry in found)
    entries = tuple(_capped(read))
    if not entries:
        cut = any(problem.code == "truncated" for problem in problems)
        problems.append(
            Problem("truncated-empty", "the document was cut before its first entry ended")
            if cut
            else Problem("no-entries", "a feed without entries")
        )
    return ParsedFeed(
        format=version,
        title=title_to_text(str(feed.get("title") or "")) or None,
        encoding=moved_from or parsed.get("encoding") or None,
        language=language,
        problems=tuple(problems),
        entries=entries,
        ttl=_ttl(feed),
        hubs=hubs,
        self_link=self_link,
    )


def _entry(entry: dict[str, Any], url: str, language: str | None) -> Entry:
    get = partial(dict.get, entry)  # feedparser's own lets "updated" fall back to "published"
    contents: list[dict[str, Any]] = (get("content") or [])[:5]
    summary = str(get("summary") or "")
    if contents:
        markups = dict.fromkeys([*(str(part.get("value") or "") for part in contents), summary])
        text = max((html_to_text(markup) for markup in markups if markup), key=len, default="")
        language = language_tag(contents[0].get("language")) or language
    else:
        text = html_to_text(summary)
    return Entry(
        guid=str(get("id") or "").strip() or None,
        link=absolute(url, str(get("link") or "")) or _alternate(get("links"), url),
        title=title_to_text(str(get("title") or "")),
        text=text,
        published=_date(get("published")) or _date(get("created")),
        updated=_date(get("updated")),
        language=language,
    )


def _alternate(links: Any, url: str) -> str | None:
    for link in links or ():
        if link.get("rel") in (None, "alternate") and (found := absolute(url, str(link.get("href") or ""))):
            return found
    return None


def _date(written: Any) -> datetime | None:
    return parse_date(str(written)) if written else None


def _ttl(feed: Mapping[str, Any]) -> timedelta | None:
    """RSS ``ttl`` (minutes), else the syndication module's period over its frequency."""
    ttl = str(feed.get("ttl") or "").strip()
    if ttl.isdigit() and 0 < int(ttl[:9]) < 1_000_000:
        return timedelta(minutes=int(ttl))
    hours = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
    period = hours.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    frequency = str(feed.get("sy_updatefrequency") or "1").strip()
    if period is None or not frequency.isdigit() or not int(frequency[:6]):
        return None
    return timedelta(hours=period) / int(frequency[:6])


def _bozo(error: object) -> Problem:
    kind = type(error).__name__
    detail = " ".join(str(error).split())[:200]
    if kind == "CharacterEncodingOverride":
        return Problem("encoding", f"letters may be wrong, the encoding is a guess ({detail})")
    if kind == "NonXMLContentType":
        return Problem("content-type", detail)
    return Problem("malformed", f"not well-formed, read as far as it makes sense ({detail or kind})")


def _capped(entries: Iterable[Entry]) -> Iterable[Entry]:
    for entry in entries:
        yield replace(entry, text=entry.text[:MAX_TEXT]) if len(entry.text) > MAX_TEXT else entry
