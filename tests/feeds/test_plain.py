"""The fast reader of plain documents says what feedparser says, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds import bounded_feedparser, plain, sniff

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:our="http://example.org/our-own"'
)
ITEM = (
    "<item><title>One &amp; only</title><link>https://e.org/?a=1&amp;b=2</link><guid isPermaLink='false'>g1</guid>"
    "<description><![CDATA[<p>Text</p>]]></description><pubDate>Wed, 03 Jul 2024 12:00:00 GMT</pubDate></item>"
)


def rss(inside: str, root: str = "") -> bytes:
    return f'<rss version="2.0" {NAMESPACES} {root}><channel><title>News</title>{inside}</channel></rss>'.encode()


def told(parsed: dict[str, Any]) -> dict[str, Any]:
    """All that is read of feedparser's answer."""

    def fields(of: dict[str, Any], *keys: str) -> dict[str, Any]:
        found = {key: dict.get(of, key) for key in keys}
        links = [(x.get("rel"), x.get("href")) for x in dict.get(of, "links") or ()]
        return {**found, "links": [x for x in links if x[0] in ("alternate", "self", "hub")]}

    def entry(of: dict[str, Any]) -> dict[str, Any]:
        content = [(x["value"], x.get("language")) for x in dict.get(of, "content") or ()]
        return {**fields(of, "id", "link", "title", "summary", "published", "updated", "created"), "content": content}

    return {
        "version": parsed["version"],
        "encoding": parsed["encoding"],
        "bozo": bool(dict.get(parsed, "bozo")),
        "feed": fields(
            parsed["feed"], "title", "language", "link", "ttl", "sy_updateperiod", "sy_updatefrequency"
        ),
        "entries": [entry(of) for of in parsed["entries"]],
    }  # fmt: skip


def agrees(body: bytes) -> bool | None:
    """Whether both say the same; ``None`` where the fast reader leaves it to feedparser."""
    body, charset = sniff.charset(sniff.without_controls(body).strip(), None)
    fast = plain.parse_document(body, charset)
    if fast is None:
        return None
    return told(fast) == told(bounded_feedparser.parse_document(body, "https://e.org/feed", charset))


@pytest.mark.parametrize(
    "body",
    [
        rss(ITEM * 3),
        rss(ITEM, root='xml:lang="en-GB"'),
        rss("<language>fr</language><ttl>5</ttl><sy:updatePeriod>daily</sy:updatePeriod>" + ITEM),
        rss("<image><title>Logo</title><url>u</url><link>l</link></image>" + ITEM + "<link>https://e.org/</link>"),
        rss(ITEM.replace("</item>", "<our:thing a='1'>x</our:thing><media:content url='u'/></item>")),
        rss(ITEM.replace("</item>", "<content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded></item>")),
        rss("<item><guid>https://e.org/1</guid><title>Caf\xc3\xa9 \x91x\x92</title><dc:date>2024</dc:date></item>"),
        b'<?xml version="1.0" encoding="iso-8859-1"?>' + rss(ITEM.replace("One", "S\xe3o")).decode().encode("latin-1"),
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="text">A</title><id>urn:1</id>'
        b'<link rel="self" href="s"/><link rel="hub" href="h"/><link href="https://e.org/"/>'
        b'<entry><id>urn:2</id><title type="html">B &amp;lt;b&amp;gt;</title><link href="https://e.org/2"/>'
        b'<author><name>N</name></author><updated>2024-07-03T00:00:00Z</updated><summary>S</summary>'
        b'<content type="html" xml:lang="en">C</content><source><title>Other</title></source></entry></feed>',
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel>'
        b'<title>T</title><items><rdf:Seq><rdf:li resource="1"/></rdf:Seq></items></channel>'
        b'<item rdf:about="https://e.org/1"><title>I</title><link>https://e.org/1</link></item></rdf:RDF>',
    ],
)  # fmt: skip
def test_plain_documents_are_read_as_feedparser_reads_them(body: bytes) -> None:
    assert agrees(body) is True


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE rss>" + rss(ITEM),
        b'<!DOCTYPE rss [<!ENTITY x "boom">]>' + rss(ITEM),
        b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE rss+AD4-' + rss(ITEM),
        rss(ITEM, root='xml:base="https://other.org/"'),
        rss("<item><title>One <b>bold</b></title></item>"),
        rss("<item><title>A</title><svg>x</svg></item>"),
        rss("<item><item/></item>"),
        rss(ITEM).replace(b"</rss>", b""),
        rss("<item><title>A & B</title></item>"),
        rss("<item><x>" * 200 + "</x></item>" * 200),
        rss("<item>" + "<x>" * 200 + "</x>" * 200 + "</item>"),
        b'<rss xmlns="urn:of-its-own"><channel><item><title>T</title></item></channel></rss>',
        b"<opml/>",
    ],
)
def test_anything_odd_is_left_to_feedparser(body: bytes) -> None:
    assert agrees(body) is None


_texts = st.sampled_from(
    ["", " ", "word", "A &amp; B", "&lt;p&gt;x&lt;/p&gt;", "<![CDATA[<b>y</b> & z]]>", "https://e.org/?b&amp;c", "/x",
     "é", "Ã©", "\x85", "http:////e.org/x", "2024-07-03T12:00:00Z", "x<!-- c -->y", "<b>i</b>", "a&amp;b;c", "5"]
)  # fmt: skip
_NAMES = """title link description summary content guid id pubDate published updated dc:date dcterms:modified created
    dc:title media:title media:description media:thumbnail itunes:summary content:encoded category dc:creator author
    enclosure source image language ttl sy:updatePeriod comments our:title our:x date links name url item channel
    TITLE"""
_names = st.sampled_from(_NAMES.split())
_attributes = st.sampled_from(
    ["", "", "", ' type="html"', ' type="text"', ' type="xhtml"', ' type="application/json"', ' href="https://e.org/h"',
     ' href=""', ' rel="self" href="s"', ' rel="enclosure" url="e"', ' isPermaLink="false"', ' isPermaLink="true"',
     ' xml:lang="pt-BR"', ' lang="en"', ' mode="base64"', ' our:href="x"', ' xmlns="http://www.w3.org/2005/Atom"',
     ' url="https://e.org/u"']
)  # fmt: skip
_leaf = st.builds(lambda name, attributes, text: f"<{name}{attributes}>{text}</{name}>", _names, _attributes, _texts)
_group = st.builds(
    lambda name, leaves: f"<{name}>{''.join(leaves)}</{name}>",
    st.sampled_from(["media:group", "media:content", "source", "author", "image", "our:box", "item"]),
    st.lists(_leaf, max_size=3),
)
_element = st.one_of(_leaf, _leaf, _leaf, _group)
_entry = st.lists(_element, max_size=7).map("".join)
_document = st.builds(
    lambda shell, before, entries, after: (
        shell[0]
        + "".join(before)
        + "".join(f"<{shell[2]}>{entry}</{shell[2]}>" for entry in entries)
        + "".join(after)
        + shell[1]
    ),
    st.sampled_from(
        [
            (f'<rss version="2.0" {NAMESPACES}><channel>', "</channel></rss>", "item"),
            (f'<rss version="0.91" {NAMESPACES} xml:lang="en"><channel>', "</channel></rss>", "item"),
            (f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>', "</feed>", "entry"),
            (f'<feed version="0.3" xmlns="http://purl.org/atom/ns#" {NAMESPACES}>', "</feed>", "entry"),
            (
                f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
                f"{NAMESPACES}><channel><title>x</title></channel>",
                "</rdf:RDF>",
                "item",
            ),
        ]
    ),
    st.lists(_element, max_size=3),
    st.lists(_entry, max_size=3),
    st.lists(_element, max_size=2),
)


@given(_document)
@settings(max_examples=300, deadline=None)
@example(
    f"<rss {NAMESPACES}><channel><itunes:summary>a</itunes:summary><description>b</description>{ITEM}</channel></rss>"
)
def test_documents_of_any_make_are_read_the_same_or_left_alone(document: str) -> None:
    assert agrees(document.encode()) is not False


def test_real_feeds_are_read_the_same(shared: Path) -> None:
    answers = [agrees(path.read_bytes()) for path in sorted((shared / "feeds/real").rglob("*.xml"))]
    assert False not in answers
    assert answers.count(True) >= 150, "most real feeds are plain"
