"""What a body is before it is parsed: a feed, a cut feed, or the page that came in place of one."""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(b for b in range(32) if b not in (0x09, 0x0A, 0x0D, 0x1B))
_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_FEED_START = re.compile(rb"<\?xml\s|<rss[\s>]|<rdf:RDF[\s>]|<feed[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</((?:[A-Za-z_][\w.-]*:)?(?:item|entry))\s*>", re.IGNORECASE)
_ENTRY_START = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?(?:item|entry))[\s>]", re.IGNORECASE)
_ADDRESS = re.compile(rb"</(?:guid|id|link)\s*>|<link\s[^<>]*href[^<>]*>", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_BEYOND_ASCII = re.compile(r"[\x00-\x7f\ufffd]+")
_CLOSED_AT_END = re.compile(rb"</[^<>]+>\s*$|/>\s*$")
_HTML_ROOTS = frozenset({b"html", b"head", b"body", b"div", b"script", b"meta", b"title", b"p", b"center"})
_CHALLENGES = re.compile(
    rb"just a moment|cf-chl|cf_chl|challenge-platform|attention required|captcha|are you (?:a )?(?:human|robot)|"
    rb"access denied|request unsuccessful|incapsula|ddos-guard|checking your browser|verify you are human|"
    rb"pardon our interruption|bot detection",
    re.IGNORECASE,
)
_FEED_LINK = re.compile(
    rb"<link\s[^<>]{0,500}?application/(?:rss|atom|feed)\+(?:xml|json)[^<>]{0,1000}>", re.IGNORECASE
)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'\s<>]{1,1000})", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^<>]*>([^<]{0,300})", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml(?:\s[^<>]{0,300}?)?\?>")
_HEAD = 65_536
_MAX_TAG = 65_536
_TAG_END = re.compile(rb"<|/>")
_TAG = re.compile(rb"<([A-Za-z_][\w:.-]*+)(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+")
_REFERENCE = re.compile(rb"&[A-Za-z#]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a document worth telling; ``code`` for machines, ``detail`` one line for a person."""

    code: str
    detail: str


def single_bytes(body: bytes) -> tuple[bytes, str | None]:
    """``body`` in an encoding that keeps ASCII as it is, and the encoding it was moved from, if it had to be.

    UTF-16, UTF-32 and EBCDIC become UTF-8, so that everything after can search bytes. Nothing is lost that was text.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _recoded(body, encoding), encoding
    start = body[:4]
    if start == b"<\0?\0" or start == b"<\0r\0":
        return _recoded(body, "utf-16-le"), "utf-16-le"
    if start == b"\0<\0?" or start == b"\0<\0r":
        return _recoded(body, "utf-16-be"), "utf-16-be"
    if start == "<?xm".encode("cp037"):  # EBCDIC, of which the declaration says the kind
        named = _ENCODING.search(body[:300].decode("cp037"))
        encoding = _codec(named[1] if named else "") or "cp037"
        return _recoded(body, encoding), encoding
    return body, None


def _codec(name: str) -> str | None:
    try:
        b"<".decode(name)
    except (LookupError, ValueError):
        return None
    return codecs.lookup(name).name


def _recoded(body: bytes, encoding: str) -> bytes:
    text = body.decode(encoding, "replace").lstrip("\ufeff")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode("utf-8", "replace")


def charset(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """``body`` and the charset it is in, ``None`` where the document's own declaration has to tell.

    Bytes outside ASCII that read as UTF-8 are UTF-8, whatever server or document claim: no other text does so by
    chance. A few damaged bytes among many good ones are replaced. Else the server's word counts, if it can be true.
    """
    if not body.isascii():
        text = body.decode("utf-8", "replace")
        damaged = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
        if damaged <= 0:
            return body, "utf-8"
        if damaged * 20 < len(_BEYOND_ASCII.sub("", text)):
            return text.encode("utf-8"), "utf-8"
    claimed = _CHARSET.search(content_type or "")
    name = claimed[1].lower() if claimed else ""
    try:
        codec = codecs.lookup(name).name if name else ""
        body[:1_000].decode(codec or "latin-1", "replace")
    except (LookupError, UnicodeError, ValueError):
        return body, None
    return body, None if codec.startswith(("utf", "ascii")) or not codec else codec


def without_controls(body: bytes) -> bytes:
    """Drop the control bytes that no version of XML 1.0 allows and real feeds contain anyway."""
    dropped = _CONTROLS if b"2022" in body[:200] else _CONTROLS + b"\x1b"
    return body.translate(None, dropped)


def with_short_declaration(body: bytes) -> bytes:
    """The XML declaration alone on the first line, where it is one.

    feedparser looks for the encoding with a pattern that takes hours where that line is long and names many.
    """
    if not body.startswith(b"<?"):
        return body
    declaration = _DECLARATION.match(body)
    if declaration is None:
        return b"\n" + body
    return b" ".join(declaration[0].split()) + b"\n" + body[declaration.end() :]


def without_long_tags(body: bytes) -> bytes:
    """Drop the attributes of tags longer than 64 KB: parsers hold a hundred times their size in memory.

    Images written out in a tag are that long, too; nothing that is read of a document is.
    """
    return _TAG.sub(_shortened, body) if len(body) > _MAX_TAG else body


def _shortened(tag: re.Match[bytes]) -> bytes:
    if tag.end() - tag.start() <= _MAX_TAG:
        return tag[0]
    return b"<" + tag[1] + (b"/" if tag[0].endswith(b"/") else b"")


def root_name(body: bytes) -> bytes:
    """The root element's local name in lower case, ``b""`` when the body does not start as XML or HTML."""
    at = 3 if body.startswith(codecs.BOM_UTF8) else 0
    head = body[:_HEAD]
    while found := _PROLOG.match(head, at):
        at = found.end()
    root = _ROOT.match(head, at)
    return root[2].lower() if root else b""


def from_feed_start(body: bytes) -> bytes | None:
    """The body from where a feed starts in it, when something else was put before (a warning, a log line)."""
    found = _FEED_START.search(body[:_HEAD])
    return body[found.start() :] if found else None


def has_entries(body: bytes) -> bool:
    return _ENTRY_START.search(body) is not None


def is_page(root: bytes, body: bytes) -> bool:
    return root in _HTML_ROOTS or body[:1_000].lstrip().lower().startswith(b"<!doctype html")


def page_problem(body: bytes, url: str) -> Problem:
    """Name the web page that came where a feed was expected."""
    head = body[:_HEAD]
    found = _TITLE.search(head)
    words = " ".join(html.unescape(found[1].decode("utf-8", "replace")).split()) if found else ""
    called = f' titled "{words[:100]}"' if words.isprintable() and words else ""
    for link in _FEED_LINK.finditer(head):
        target = _HREF.search(link[0])
        if target:
            try:
                there = urljoin(url, html.unescape(target[1].decode("utf-8", "replace")))
            except ValueError:
                continue
            return Problem("html-with-feed-link", f"a web page{called} that names its feed: {there}")
    if _CHALLENGES.search(head):
        return Problem("challenge-page", f"a page{called} that asks for a person or denies access, not a feed")
    return Problem("html-page", f"a web page{called}, not a feed")


def is_complete(root: bytes, body: bytes) -> bool:
    """Whether the root element is closed at the end of the document."""
    return re.search(rb"</(?:[\w.-]+:)?" + re.escape(root) + rb"\s*>", body[-2_000:], re.IGNORECASE) is not None


def cut_back(root: bytes, body: bytes) -> bytes:
    """``body`` up to its last whole entry, closed as the root needs it.

    Half an entry is not read: half a guid or link would be a new item that never was, and one without its text would be
    judged by its title alone. The exception is a document that closes no entry at all, as some authors write them.
    """
    end = max((found.end() for found in _ENTRY_END.finditer(body)), default=0)
    closing = b""
    if not end:
        start = _ENTRY_START.search(body)
        if start and _CLOSED_AT_END.search(body[-200:]) and _ADDRESS.search(body, start.end()):
            end, closing = len(body), b"</" + start[1] + b">"
        else:
            end = start.start() if start else len(body)
    opened = re.search(rb"<((?:[\w.-]+:)?" + re.escape(root) + rb")[\s>]", body, re.IGNORECASE)
    name = opened[1] if opened else root
    return body[:end] + closing + (b"</channel>" if root == b"rss" else b"") + b"</" + name + b">"


def first_entries(body: bytes, entries: int, tags: int, references: int) -> bytes | None:
    """The start of ``body`` that holds so many entries, tags and references at most, ``None`` when all of it does.

    A tag that closes itself counts twice.
    """
    opened = body.count(b"<")
    counted = opened + body.count(b"/>")
    if opened <= 2 * entries and counted <= tags and body.count(b"&") <= references:
        return None
    end = next((e.end() for n, e in enumerate(_ENTRY_END.finditer(body), 1) if n == entries), len(body))
    end = next((s.start() for n, s in enumerate(_ENTRY_START.finditer(body, 0, end)) if n == entries), end)
    if not _ENTRY_START.search(body, end):
        end = len(body)  # what follows the last entry is the end of the feed
    if counted > tags:
        end = next((t.start() for n, t in enumerate(_TAG_END.finditer(body, 0, end)) if n == tags), end)
    if body.count(b"&", 0, end) > references:
        end = next((r.start() for n, r in enumerate(_REFERENCE.finditer(body, 0, end)) if n == references), end)
    return body[:end] if end < len(body) else None
