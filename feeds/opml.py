"""OPML, the format in which readers hand their lists of feeds on.

What readers write is often no XML: bare ``&``, quotes inside of quotes, another encoding than declared, elements never
closed. So tags are looked for rather than a document parsed. Nothing is expanded but character references, so that no
entity can be a bomb or lead elsewhere, and the time is linear in the size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from feeds import sniff
from feeds.tags import attributes, pattern, tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

#: Of what OPML has no word for: an attribute of another namespace is any other reader's to ignore (OPML 2.0,
#: "Extending OPML").
NAMESPACE = "urn:seedwire:opml"

_OUTLINE = pattern("outline")
_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_FEED_TYPES = frozenset({"rss", "rss1", "rss2", "atom", "feed", "pie", "rdf", "json", "jsonfeed"})
_MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of a list. ``address`` is as written there, and empty where none is; ``name`` is empty where it says no
    more than the address. ``folders`` are the outlines around it, the outermost first. ``interval`` and ``fulltext``
    are as in our config, where the list is one of ours."""

    line: int
    address: str
    name: str = ""
    folders: tuple[str, ...] = ()
    interval: str = ""
    fulltext: bool = False


def read(body: bytes) -> list[Outline]:
    """Every outline of a document that is a feed or is meant to be one, in its order; none where it is no OPML."""
    return list(_outlines(_text(body)))


def _outlines(text: str) -> Iterator[Outline]:
    folders: list[str] = []  # "" for an outline that is none
    line, counted = 1, 0
    for start, closing, _, content in tags(_OUTLINE, text):
        if closing:
            folders[-1:] = []
            continue
        line, counted = line + text.count("\n", counted, start), start
        leaf = content.endswith("/")
        said = attributes(content.removesuffix("/"))
        name = said.get("text") or said.get("title", "")
        feed = _feed(said, name, line, folders[:_MAX_DEPTH], leaf=leaf)
        if feed:
            yield feed
        if not leaf:
            folders.append("" if feed else name)


def _feed(said: Mapping[str, str], name: str, line: int, folders: Sequence[str], *, leaf: bool) -> Outline | None:
    kind = said.get("type", "").lower()
    address = said.get("xmlurl", "")
    if not address and kind in _FEED_TYPES:
        address = said.get("url", "")
    # A folder may say that it is of type rss; an outline without any below it that says so has lost its address.
    if not address and not (leaf and (kind in _FEED_TYPES or "htmlurl" in said or "xmlurl" in said)):
        return None
    return Outline(
        line=line,
        address=address,
        name="" if name == address else name,
        folders=tuple(dict.fromkeys(filter(None, folders))),
        interval=said.get("seedwire:interval", ""),
        fulltext=said.get("seedwire:fulltext") == "true",
    )


def _text(body: bytes) -> str:
    """Text that reads as UTF-8 is UTF-8, as with feeds; else the document's word counts, if it can be true."""
    declared = _DECLARED.search(body[:1_000])
    body, _ = sniff.single_bytes(body)
    body, encoding = sniff.charset(body, f"charset={declared[1].decode()}" if declared else None)
    # What calls itself Latin-1 is Windows-1252, as in every browser.
    return body.decode("cp1252" if encoding in (None, "iso8859-1") else encoding, "replace").removeprefix("\ufeff")


def write(outlines: Iterable[Outline], now: datetime) -> str:
    """An OPML 2.0 document. The folders of an outline become outlines around it."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:seedwire="{NAMESPACE}">',
        "  <head>",
        "    <title>Seedwire feeds</title>",
        f"    <dateCreated>{format_datetime(now.astimezone(UTC), usegmt=True)}</dateCreated>",
        "  </head>",
        "  <body>",
        *_written([(outline.folders, outline) for outline in outlines], "    "),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _written(entries: Iterable[tuple[tuple[str, ...], Outline]], indent: str) -> Iterator[str]:
    """Outlines with the folders that are still to be opened around each."""
    folders: dict[str, list[tuple[tuple[str, ...], Outline]]] = {}
    for path, outline in entries:
        if path:
            folders.setdefault(path[0], []).append((path[1:], outline))
            continue
        name = quoteattr(outline.name or outline.address)
        own = f" seedwire:interval={quoteattr(outline.interval)}" if outline.interval else ""
        own += ' seedwire:fulltext="true"' if outline.fulltext else ""
        yield f'{indent}<outline type="rss" text={name} title={name} xmlUrl={quoteattr(outline.address)}{own}/>'
    for name, inside in folders.items():
        yield f"{indent}<outline text={quoteattr(name)} title={quoteattr(name)}>"
        yield from _written(inside, f"{indent}  ")
        yield f"{indent}</outline>"
