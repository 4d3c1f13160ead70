"""What feedparser's handlers make of the elements of an entry or feed, one function for each, for documents in which
nothing unusual happens (``feeds.plain``)."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from feedparser import api
from feedparser.html import _cp1252

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

#: An entry or feed as feedparser gives it: a value for each of its names of fields.
Fields: TypeAlias = dict[str, Any]

#: feedparser's names of the namespaces it knows, by their addresses in lower case.
PREFIXES: dict[str, str] = {uri.lower(): prefix for uri, prefix in api._FeedParserMixin.namespaces.items()}
ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_LANG = "{http://www.w3.org/xml/1998/namespace}lang"
_TEXT_TYPES = frozenset({"text/plain", "text/html", "text", "plain", "html"})
_PAGE_TYPES = frozenset({"text/html", "html", "application/xhtml+xml", "xhtml"})
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/+")
_WINDOWS = re.compile("[\x80-\x9f]")  # what that translates
_NO_ATTRIBUTES: dict[str, str] = {}


def names(words: str) -> frozenset[str]:
    return frozenset(words.split())


class NotPlainError(Exception):
    """Something that only feedparser should judge."""


class EntryState:
    """An entry's fields, and what feedparser remembers while it reads one. ``depth`` is how deep an element stands."""

    __slots__ = ("after_source", "depths", "fields", "has_content", "lang", "title_depth")

    def __init__(self, lang: str | None, has_content: bool) -> None:
        self.fields: Fields = {}
        self.depths: dict[str, int] = {}
        self.title_depth = -1
        self.has_content = has_content
        self.after_source = False
        self.lang = lang

    def store(self, key: str, value: str, depth: int) -> None:
        """Of two elements for one field the later one counts, unless it stands deeper."""
        before = self.depths.get(key)
        if before is None or depth <= before:
            self.depths[key] = depth
            self.fields[key] = value

    def title(self, element: Element, depth: int) -> None:
        if self.after_source:
            raise NotPlainError
        value, _ = content_of(element)
        if not -1 < self.title_depth <= depth:
            self.store("title", value, depth)
        if value:
            self.title_depth = depth

    def media_title(self, element: Element, depth: int) -> None:
        before = self.title_depth
        self.title(element, depth)
        self.title_depth = before

    def summary(self, element: Element, depth: int) -> None:
        """A second summary is kept as content, so that neither is lost."""
        if "summary" in self.fields and not self.has_content:
            self.content(element, depth)
        else:
            self.store("summary", content_of(element)[0], depth)

    def content(self, element: Element, _depth: int) -> None:
        self.has_content = True
        value, attributes = content_of(element)
        lang = lang_of(attributes, self.lang)
        self.fields.setdefault("content", []).append({"value": value, "language": lang and lang.replace("_", "-")})
        self.fields.setdefault("summary", value)

    def link(self, element: Element, _depth: int) -> None:
        read_link(self.fields, element, in_entry=True)

    def guid(self, element: Element, depth: int) -> None:
        self.store("id", read_id(self.fields, element), depth)

    def published(self, element: Element, depth: int) -> None:
        self.store("published", text_of(element), depth)

    def updated(self, element: Element, depth: int) -> None:
        self.store("updated", text_of(element), depth)

    def created(self, element: Element, depth: int) -> None:
        self.store("created", text_of(element), depth)


SUMMARIES = names("description summary dc:description media:description itunes:summary")
DATES = {
    "pubdate": EntryState.published,
    "published": EntryState.published,
    "issued": EntryState.published,
    "dcterms:issued": EntryState.published,
    "updated": EntryState.updated,
    "modified": EntryState.updated,
    "lastbuilddate": EntryState.updated,
    "dc:date": EntryState.updated,
    "dcterms:modified": EntryState.updated,
    "created": EntryState.created,
    "dcterms:created": EntryState.created,
}
READERS: dict[str, Callable[[EntryState, Element, int], None]] = {
    "title": EntryState.title,
    "dc:title": EntryState.title,
    "media:title": EntryState.media_title,
    "link": EntryState.link,
    "id": EntryState.guid,
    "guid": EntryState.guid,
    "content": EntryState.content,
    "content:encoded": EntryState.content,
    **dict.fromkeys(SUMMARIES, EntryState.summary),
    **DATES,
}


def read_link(fields: Fields, element: Element, *, in_entry: bool) -> None:
    attributes = {"rel": "alternate", "type": "text/html"}
    if element.attrib:
        attributes = dict(attributes_of(element))
        attributes["rel"] = attributes.get("rel", "alternate").lower()
        default = "application/atom+xml" if attributes["rel"] == "self" else "text/html"
        attributes["type"] = attributes.get("type", default).lower()
    fields.setdefault("links", []).append(attributes)
    href = attributes.get("url", attributes.get("uri", attributes.get("href")))
    if href is None:
        link = _joined(text_of(element))
        if "&" in link:
            link = _REFERENCE.sub(r"&\1", link.replace("&amp;", "&") if in_entry else link)
        fields["link"] = link
        if link or not in_entry:
            attributes["href"] = link
    elif len(element) or not (href or "href" in attributes):
        raise NotPlainError
    else:
        attributes["href"] = _joined(href)
        if attributes["rel"] == "alternate" and attributes["type"] in _PAGE_TYPES:
            fields["link"] = attributes["href"]


def read_id(fields: Fields, element: Element) -> str:
    """An id stands for a missing link where it is an address, or is said to be one."""
    value = text_of(element)
    is_address = attributes_of(element).get("ispermalink")
    if is_address == "true" or (is_address is None and "://" in value):
        fields.setdefault("link", _joined(value))
    return value


def attributes_of(element: Element) -> dict[str, str]:
    if not element.attrib:
        return _NO_ATTRIBUTES
    attributes = {key.lower(): value for key, value in element.attrib.items()}
    if any(key[0] == "{" and not PREFIXES.get(key[1:].partition("}")[0]) for key in attributes):
        raise NotPlainError
    return attributes


def lang_of(attributes: dict[str, str], inherited: str | None) -> str | None:
    if not attributes:
        return inherited
    own = attributes.get(_LANG, attributes.get("lang"))
    return inherited if own is None else own or None


def content_of(element: Element) -> tuple[str, dict[str, str]]:
    """The text of an element that may hold markup, where that markup is text, too."""
    attributes = attributes_of(element)
    if attributes and not (
        attributes.get("type", "html").lower() in _TEXT_TYPES and attributes.get("mode") in (None, "escaped", "xml")
    ):
        raise NotPlainError
    return text_of(element), attributes


def text_of(element: Element) -> str:
    if len(element):
        raise NotPlainError
    text = element.text
    if not text:
        return ""
    text = text.strip()
    if not text.isascii():
        with contextlib.suppress(UnicodeError):  # UTF-8 that was taken for Latin-1 and encoded again
            text = text.encode("iso-8859-1").decode("utf-8")
        if _WINDOWS.search(text):
            text = text.translate(_cp1252)
    return text


def _joined(link: str) -> str:
    """As feedparser joins a link to an empty base."""
    return _SLASHES.sub(r"\1", link) if ":///" in link else link
