"""feedparser, with the parts of it bounded whose time grows faster than the document, with ids as written, and without
giving a document up for an element that stands in an odd place."""

from __future__ import annotations

import contextlib
import re
from functools import partial
from typing import Any
from xml.sax.xmlreader import AttributesNSImpl

import feedparser
from feedparser import api
from feedparser.namespaces import _base, dc
from feedparser.sgml import sgmllib

_DECLARATION = re.compile(rb"^<\?xml[^>]*>")
_MAX_ATTRIBUTES = 200
_MAX_TAGS = 100
_MAX_BASES = 64
_MAX_NAMESPACES = 100

# An ampersand that starts no reference is text; the pattern as it was stops at each one of a million.
sgmllib.interesting = re.compile(r"&(?=[a-zA-Z#])|<")


# What handlers raise when an element stands where they did not expect it (a link with markup in an image).
_LOST = (KeyError, IndexError, TypeError, ValueError)

# An id is compared, never followed: resolved against the address, it would change when the feed moves.
_RELATIVE = api.StrictFeedParser.can_be_relative_uri - {"id"}


class _BoundedStrict(api.StrictFeedParser):  # type: ignore[misc]
    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802 - SAX's name
        if len(attrs) > _MAX_ATTRIBUTES:
            attrs = AttributesNSImpl({}, {})
        super().startElementNS(name, qname, attrs)

    def characters(self, text: str) -> None:
        if dict.get(self.contentparams, "type") == "application/xhtml+xml":
            super().characters(text)
        elif self.elementstack:  # all that is left for it to do; half the time of a full-content feed goes by here
            self.elementstack[-1][2].append(text)


class _BoundedLoose(api.LooseFeedParser):  # type: ignore[misc]
    def handle_charref(self, ref: str) -> None:
        with contextlib.suppress(ValueError, OverflowError):  # a number that is no character
            super().handle_charref(ref)


def _start(self: Any, tag: Any, attrs: Any) -> None:
    """Relative bases of nested elements would add up to addresses as long as the document is deep."""
    if len(self.basestack) >= _MAX_BASES:
        attrs = [(key, value) for key, value in dict(attrs).items() if key not in ("xml:base", "base")]
    with contextlib.suppress(*_LOST):
        api._FeedParserMixin.unknown_starttag(self, _apart(tag), attrs)


def _apart(tag: str) -> str:
    """An element that feedparser does not know is kept under its name, and that would be where the links are kept."""
    return "other:links" if tag == "links" else tag


def _end(self: Any, tag: Any) -> None:
    depth = self.depth
    try:
        api._FeedParserMixin.unknown_endtag(self, _apart(tag))
    except _LOST:
        if self.depth == depth:  # what it does last
            del self.basestack[-1:], self.langstack[-1:]
            self.depth -= 1


def _no_author_detail(self: Any, key: str = "author") -> None:
    """The pattern that splits "name (mail)" backtracks for a second over 16 KB (feedparser issue 562)."""


def _start_guid(self: Any, attrs: dict[str, str]) -> None:
    said = attrs.get("ispermalink")
    self.guidislink = said in (None, "true")
    self.guid_is_address = said == "true"
    self.push("id", 1)


def _end_guid(self: Any) -> None:
    """An id stands for a missing link where it is an address, or is said to be one."""
    value = self.pop("id")
    if self.guidislink and (self.guid_is_address or "://" in (value or "")):
        self._save("link", self.resolve_uri(value))


def _bounded_tag(self: Any, term: Any, scheme: Any, label: Any) -> None:
    """Every tag is compared with every tag before."""
    tags = self._get_context().setdefault("tags", [])
    if len(tags) < _MAX_TAGS and (term or scheme or label):
        value = feedparser.FeedParserDict(term=term, scheme=scheme, label=label)
        if value not in tags:
            tags.append(value)


def _bounded_namespace(self: Any, prefix: Any, uri: Any) -> None:
    """Every element is compared with every namespace."""
    if len(self.namespaces_in_use) < _MAX_NAMESPACES:
        api._FeedParserMixin.track_namespace(self, prefix, uri)


# Dates are read by ``feeds.dates``.
_base._parse_date = dc._parse_date = lambda _written: None

for _parser in (_BoundedStrict, _BoundedLoose):
    _parser.track_namespace = _bounded_namespace
    _parser._sync_author_detail = _no_author_detail
    _parser._add_tag = _bounded_tag
    _parser.can_be_relative_uri = _RELATIVE
    _parser.unknown_starttag = _start
    _parser.unknown_endtag = _end
    _parser.guidislink = _parser.guid_is_address = False
    _parser._start_guid = _parser._start_id = _start_guid
    _parser._end_guid = _parser._end_id = _end_guid

# api.parse looks both up by these names; there is no other way to hand it a subclass.
api.StrictFeedParser = _BoundedStrict
api.LooseFeedParser = _BoundedLoose


def parse_document(body: bytes, url: str, charset: str | None) -> dict[str, Any]:
    """feedparser's result. Bytes only: a string might be opened as an address. No sanitizing and no rewriting of
    links inside of markup: all markup is reduced to text anyway, and both cost more than the parsing.

    Without ``charset`` the document's own declaration counts.
    """
    content_type = "application/xml" + (f"; charset={charset}" if charset else "")
    headers = {"content-type": content_type}
    if (
        b"xml:base" in body
    ):  # else it would join every element's address, which doubles the time; links are joined later
        headers["content-location"] = url
    read = partial(api.parse, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    try:
        result: dict[str, Any] = read(body)
    except UnicodeError:  # the declared encoding has a name that feedparser stumbles over
        result = read(_DECLARATION.sub(b"", body))
    return result
