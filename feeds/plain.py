"""What feedparser says of a plainly ordinary document, at a tenth of its time.

Most feeds are well-formed XML in UTF-8 made of the same two dozen elements, and feedparser's answer to each of these
is known. This module gives that answer, in feedparser's shape. At anything else (a document type, ``xml:base``, markup
inside of a title, an element with a meaning that is not listed here) it gives none, and feedparser is asked.
tests/feeds/test_plain.py holds the two to each other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.etree import ElementTree  # expat, as in feedparser; a document type never gets here

from feedparser import api
from feedparser.encodings import RE_XML_PI_ENCODING
from feedparser.util import FeedParserDict

from feeds.plain_fields import (
    ABOUT,
    DATES,
    PREFIXES,
    READERS,
    SUMMARIES,
    EntryState,
    Fields,
    NotPlainError,
    attributes_of,
    content_of,
    lang_of,
    names,
    read_id,
    read_link,
    text_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Longer documents are left to feedparser, which needs no tree of them.
_LARGEST = 3_000_000
_MAX_NAMESPACES = 50
_DEEPEST = 20
_NAMESPACE = re.compile(rb"xmlns(?::([^\s=]{1,100}+))?\s*+=\s*+[\"']([^\"']{0,300}+)[\"']")
_ODD_URI = re.compile(rb"[\s&]")  # the separator that feedparser's expat puts between an address and a name
_BASE = re.compile(rb"[\s:]base\s*=")
_ATOM = b"http://www.w3.org/2005/atom"
_RSS_1 = {b"http://purl.org/rss/1.0/": "rss10", b"http://my.netscape.com/rdf/simple/0.9/": "rss090"}
_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_VERSIONS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}

#: What feedparser keeps apart from all that is read of it here.
_ELSEWHERE = names(
    "author category cloud contributor copyright docs email enclosure expirationdate generator height info items "
    "keywords managingeditor name rights subtitle tagline uri url homepage webmaster width "
    "cc:license creativecommons:license dc:author dc:contributor dc:creator dc:publisher dc:rights dc:subject "
    "dc:language dcterms:valid feedburner:browserfriendly admin:generatoragent admin:errorreportsto "
    "itunes:author itunes:block itunes:category itunes:email itunes:explicit itunes:image itunes:keywords itunes:name "
    "itunes:subtitle media:category media:credit media:keywords media:license media:player media:rating "
    "media:restriction media:thumbnail georss:point georss:box georss:line georss:polygon geo:lat geo:long"
)
#: Elements that keep feedparser's usual meaning of what stands inside of them away from the entry or feed.
_BOXES = {
    "author": names("name email uri url homepage"),
    "contributor": names("name email uri url homepage"),
    "itunes:owner": names("itunes:name itunes:email"),
    "image": names("title link url width height description"),
    "textinput": names("title description name link"),
    "source": names(
        "title id link updated published subtitle rights author name uri email category generator icon logo"
    ),
}
#: The names of feedparser's fields that are read.
_FIELDS = names(
    "id link links title language summary content published updated created ttl sy_updateperiod sy_updatefrequency"
)
_OWN = {"ttl": "ttl", "sy:updateperiod": "sy_updateperiod", "sy:updatefrequency": "sy_updatefrequency"}


def parse_document(body: bytes, charset: str | None) -> Fields | None:
    """``feed``, ``entries``, ``version`` and ``encoding`` as feedparser gives them, as far as they are read of it;
    ``None`` where the document is not plain. ``body`` has neither byte order mark nor space before it."""
    if len(body) > _LARGEST:
        return None
    declared = RE_XML_PI_ENCODING.match(body)
    try:
        encoding = charset or (declared[1].decode().lower() if declared else "") or "utf-8"
        encoding = "gb18030" if encoding == "gb2312" else encoding
        text = body.decode(encoding)
        if encoding != "utf-8":  # there are encodings in which "<" is written otherwise
            body = text.encode()
        if b"<!DOCTYPE" in body or (b"base" in body and _BASE.search(body)):
            return None
        root = ElementTree.fromstring(text)  # noqa: S314 - expat expands nothing without a document type
        return _Document(body, encoding).read(root)
    except (NotPlainError, ElementTree.ParseError, ValueError, LookupError):
        return None


class _Document:
    """One document on its way through the rules of feedparser's handlers, each of which names what it stands for."""

    def __init__(self, body: bytes, encoding: str) -> None:
        self.encoding = encoding
        found = _NAMESPACE.findall(body)
        declarations = set(found)
        if len(found) != body.count(b"xmlns") or len(declarations) > _MAX_NAMESPACES:
            raise NotPlainError
        if any(_ODD_URI.search(uri) for _, uri in declarations):
            raise NotPlainError
        self.declared = {uri.lower() for _, uri in declarations}
        self.prefixes = [(prefix.decode(), uri.decode()) for prefix, uri in declarations]
        self.feed: Fields = {}
        self.entries: list[Fields] = []
        self.lang: str | None = None
        self.summarised = False
        self.has_content = False

    def read(self, root: Element) -> Fields:
        attributes = attributes_of(root)
        name = self.name(root)
        self.lang = lang_of(attributes, None)
        if name == "rdf:rdf":
            version = self._rdf(root)
        elif name == "rss":
            version = self._rss(root, attributes)
        elif name == "feed":
            version = self._atom(root, attributes)
        else:
            raise NotPlainError
        if name != "rdf:rdf" and self.lang:
            self.feed.setdefault("language", self.lang.replace("_", "-"))
        return {"feed": self.feed, "entries": self.entries, "version": version, "encoding": self.encoding}

    def _rss(self, root: Element, attributes: dict[str, str]) -> str:
        if _RSS_1.keys() & self.declared:
            raise NotPlainError
        channels = 0
        for child in root:
            name = self.name(child)
            channels += name == "channel"
            if name == "item":
                self._entry(child, 3)
            elif name != "channel" or channels > 1:
                raise NotPlainError
            else:
                self._feed(child, 3)
        version = attributes.get("version", "")
        return _RSS_VERSIONS.get(version, "rss20" if version.startswith("2.") else "rss")

    def _atom(self, root: Element, attributes: dict[str, str]) -> str:
        atom10 = _ATOM.decode() in root.tag.lower()
        if _RSS_1.keys() & self.declared or (_ATOM in self.declared and not atom10):
            raise NotPlainError
        self._feed(root, 2)
        return "atom10" if atom10 else _ATOM_VERSIONS.get(attributes.get("version", ""), "atom")

    def _rdf(self, root: Element) -> str:
        versions = [version for uri, version in _RSS_1.items() if uri in self.declared]
        if len(versions) != 1 or _ATOM in self.declared:
            raise NotPlainError
        for child in root:
            name = self.name(child)
            if name == "item":
                self._entry(child, 3)
            elif name == "channel":
                self._feed(child, 3)
            elif name in ("image", "textinput"):
                self._box(child, name)
            else:
                raise NotPlainError
        return versions[0]

    def _feed(self, channel: Element, depth: int) -> None:
        lang = lang_of(attributes := attributes_of(channel), self.lang)
        if lang != self.lang or "lastmod" in attributes or "href" in attributes:
            raise NotPlainError
        titled = False
        for child in channel:
            name = self.name(child)
            if name in ("item", "entry"):
                self._entry(child, depth + 1)
            elif name == "title":
                if titled:
                    raise NotPlainError
                titled = True
                self.feed["title"] = content_of(child)[0]
            elif name == "link":
                read_link(self.feed, child, in_entry=False)
            elif name == "id":
                read_id(self.feed, child)
            elif name in ("language", "dc:language"):
                self.feed["language"] = text_of(child)
            elif name in _OWN:
                if child.attrib:
                    raise NotPlainError
                self.feed[_OWN[name]] = text_of(child)
            elif name in SUMMARIES:
                content_of(child)
                # To feedparser a second summary is content, which it forgets at the end of the next entry.
                self.has_content |= self.summarised
                self.summarised |= name in ("summary", "itunes:summary")
            elif name in DATES:
                text_of(child)
            elif _is_elsewhere(name):
                self._box(child, name)
            else:
                raise NotPlainError

    def _entry(self, item: Element, depth: int) -> None:
        attributes = attributes_of(item)
        if "lastmod" in attributes or "href" in attributes:
            raise NotPlainError
        entry = EntryState(lang_of(attributes, self.lang), self.has_content)
        self.has_content = False
        if ABOUT in attributes:
            entry.fields["id"] = attributes[ABOUT]
        self._fields(entry, item, depth)
        self.entries.append(entry.fields)

    def _fields(self, entry: EntryState, parent: Element, depth: int) -> None:
        for child in parent:
            name = _usual_name(child.tag) or self.name(child)
            read = READERS.get(name)
            if read is not None:
                read(entry, child, depth)
            elif name in ("media:group", "media:content"):
                outer, entry.lang = entry.lang, lang_of(attributes_of(child), entry.lang)
                if depth > _DEEPEST:
                    raise NotPlainError
                self._fields(entry, child, depth + 1)
                entry.lang = outer
            elif name in ("image", "textinput") or not _is_elsewhere(name):
                raise NotPlainError
            else:
                entry.after_source |= name == "source"
                self._box(child, name)

    def _box(self, element: Element, name: str, deep: int = 0) -> None:
        """An element of which nothing is read; what stands inside must be apart from what is read, too."""
        allowed = _BOXES.get(name)
        for child in element:
            inner = self.name(child)
            if allowed is None or ":" in inner:
                apart = inner not in _BOXES and _is_elsewhere(inner)
            else:
                apart = inner in allowed and (inner in _BOXES or not len(child))
            if not apart or deep > _DEEPEST:
                raise NotPlainError
            self._box(child, inner, deep + 1)

    def name(self, element: Element) -> str:
        """An element's name as feedparser calls it: in lower case, with the usual prefix of its namespace."""
        tag = element.tag
        name = _usual_name(tag)
        if name is not None:
            return name
        uri, _, local = tag[1:].partition("}")
        prefixes = [prefix for prefix, declared in self.prefixes if declared == uri]
        if len(prefixes) != 1 or not prefixes[0] or sum(prefix == prefixes[0] for prefix, _ in self.prefixes) != 1:
            raise NotPlainError
        return f"{prefixes[0]}:{local}".lower()  # of a namespace that is not known, the prefix counts


@lru_cache(maxsize=2_048)
def _usual_name(tag: str) -> str | None:
    if tag[0] != "{":
        return tag.lower()
    uri, _, local = tag[1:].lower().partition("}")
    prefix = "" if "backend.userland.com/rss" in uri else PREFIXES.get(uri)
    if prefix is None:
        return None
    return f"{prefix.lower()}:{local}" if prefix else local


@lru_cache(maxsize=2_048)
def _is_elsewhere(name: str) -> bool:
    """Whether an element changes nothing that is read: listed as such, or without a meaning to feedparser, which then
    keeps it under its own name."""
    if name in _ELSEWHERE or name in _BOXES:
        return True
    key = name.replace(":", "_")
    meant = hasattr(api.StrictFeedParser, f"_start_{key}") or hasattr(api.StrictFeedParser, f"_end_{key}")
    return not (meant or key in _FIELDS or key in FeedParserDict.keymap or key.endswith("_parsed") or name == "svg")
