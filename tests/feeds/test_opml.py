"""Lists of feeds as readers write them, and back."""

from __future__ import annotations

import time
import xml.dom.minidom
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.opml import NAMESPACE, Outline, read, write

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def opml(body: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{head}\n<opml version="1.1"><head><title>t</title></head><body>\n{body}\n</body></opml>'.encode()


def test_outlines_around_a_feed_are_its_folders() -> None:
    found = read(
        opml(
            '<outline text="Asia"><outline text="Pakistan" type="rss">\n'
            '<outline text="Dawn &amp; Dusk" title="other" type="rss" xmlUrl="https://dawn.example/?a=1&amp;b=2"/>\n'
            "</outline><OUTLINE title='BR' XMLURL='https://br.example/rss'></OUTLINE></outline>\n"
            '<outline text="https://top.example/" xmlUrl="https://top.example/"/>'
        )
    )
    assert found == [
        Outline(4, "https://dawn.example/?a=1&b=2", "Dawn & Dusk", ("Asia", "Pakistan")),
        Outline(5, "https://br.example/rss", "BR", ("Asia",)),
        Outline(6, "https://top.example/"),
    ]


@pytest.mark.parametrize(
    ("outline", "name", "address"),
    [
        ('text="News & Views" xmlUrl="http://x.example/?a=1&lang=en&section=2"', "News & Views", "http://x.example/?a=1&lang=en&section=2"),
        ('text="NYT > World <b>" xmlUrl="http://x.example/"', "NYT > World <b>", "http://x.example/"),
        ('text="He said "so"" xmlUrl="http://x.example/"', "He said", "http://x.example/"),
        ('text="A 5" disk" xmlUrl="http://x.example/"', "A 5", "http://x.example/"),
        ("text='Bob\"s' xmlUrl=http://x.example/", 'Bob"s', "http://x.example/"),
        ('text=" a\n\t b\x07 " xmlUrl=" http://x.example/ "', "a b", "http://x.example/"),
        ('text="caf&eacute; &#1590; &#x41; &unknown; &lt;" xmlUrl="http://x.example/"', "café ض A &unknown; <", "http://x.example/"),
        ('text="" title="T" type="RSS" url="http://x.example/"', "T", "http://x.example/"),
    ],
)  # fmt: skip
def test_what_is_not_quite_xml_is_read_all_the_same(outline: str, name: str, address: str) -> None:
    after = '<outline text="next" xmlUrl="http://next.example/"/>'
    one, two = read(opml(f"<outline {outline}/>\n{after}"))
    assert (one.name, one.address) == (name, address)
    assert (two.name, two.address) == ("next", "http://next.example/")


def test_feeds_without_an_address_are_told_and_empty_folders_are_not() -> None:
    found = read(
        opml(
            '<outline text="Empty"/><outline text="Folder" type="rss"></outline>\n<outline text="Lost" type="rss"/>\n'
            '<outline text="Lost too" xmlUrl="" htmlUrl="http://x.example/"/>\n<!-- <outline xmlUrl="http://no"/> -->\n'
            '<outline text="a page" type="link" url="http://x.example/"/>'
        )
    )
    assert found == [Outline(4, "", "Lost"), Outline(5, "", "Lost too")]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("UTF-8", "utf-16"), ("utf-16", "utf-8"),
        ("windows-1251", "cp1251"), ("koi8-r", "koi8-r"), ("no-such", "utf-8"), ("windows-1251", "utf-8"),
    ],
)  # fmt: skip
def test_encodings(declared: str, encoding: str) -> None:
    document = opml(
        '<outline text="Новости" xmlUrl="http://x.example/"/>', f'<?xml version="1.0" encoding="{declared}"?>'
    )
    assert [o.name for o in read(document.decode().encode(encoding))] == ["Новости"]


def test_what_calls_itself_latin_1_is_windows_1252() -> None:
    for head in (
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        '<?xml version="1.0"?>',
        '<?xml version="1.0" encoding="UTF-8"?>',
    ):
        document = opml('<outline text="“Café”" xmlUrl="http://x.example/"/>', head).decode().encode("cp1252")
        assert [o.name for o in read(document)] == ["“Café”"]


def test_what_is_no_list_has_no_outlines() -> None:
    for body in (b"", b"\0\0", b"{}", b"<rss><channel/></rss>", b"<html>", b"\xff\xfe"):
        assert read(body) == []


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE o [<!ENTITY a "' + b"x" * 99 + b'">' + b'<!ENTITY b "&a;&a;&a;">' * 99 + b"]><outline text='&b;'",
        b"<outline " * 200_000, b"<outline text=\"" * 100_000, b"<!--" * 300_000, b"<outline a" + b"a" * 1_000_000,
        b"<outline text='x'>" * 100_000, b"</outline>" * 100_000, b"<outline " + b"> " * 500_000, b"&" * 1_000_000,
        b"<outline " + b"a = " * 300_000 + b">", b"<outline" + b" " * 1_000_000, b"\0" * 1_000_000,
    ],
)  # fmt: skip
def test_hostile_documents_take_linear_time(body: bytes) -> None:
    started = time.process_time()
    assert read(body) == []
    assert time.process_time() - started < 15


def test_an_entity_leads_nowhere() -> None:
    (found,) = read(
        b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]><opml><body>'
        b'<outline text="&x;" xmlUrl="http://x.example/"/></body></opml>'
    )
    assert found.name == "&x;"


_WORD = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
_OUTLINES = st.lists(
    st.builds(
        Outline, line=st.just(0), address=_WORD.map("https://x.example/{}".format), name=_WORD | st.just(""),
        folders=st.lists(_WORD, max_size=3, unique=True).map(tuple), interval=st.sampled_from(["", "5m"]),
        fulltext=st.booleans(),
    ),
    unique_by=lambda outline: outline.address, max_size=8,
)  # fmt: skip


@given(_OUTLINES)
def test_what_is_written_is_xml_and_read_again(outlines: list[Outline]) -> None:
    document = write(outlines, NOW)
    root = xml.dom.minidom.parseString(document).documentElement
    assert (root.tagName, root.getAttribute("version")) == ("opml", "2.0")
    assert all(outline.getAttribute("text") for outline in root.getElementsByTagName("outline"))
    again = {o.address: o for o in read(document.encode())}
    assert again == {o.address: Outline(again[o.address].line, *astuple(o)[1:]) for o in outlines}


def astuple(outline: Outline) -> tuple[object, ...]:
    return (outline.line, outline.address, outline.name, outline.folders, outline.interval, outline.fulltext)


def test_a_document_that_is_written() -> None:
    document = write(
        [Outline(0, "https://x.ex/?a&b", 'A "b"', ("n", "m"), "5m"), Outline(0, "https://y.example/")], NOW
    )
    assert document.splitlines() == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:seedwire="{NAMESPACE}">',
        "  <head>",
        "    <title>Seedwire feeds</title>",
        "    <dateCreated>Sun, 22 Nov 2026 12:00:00 GMT</dateCreated>",
        "  </head>",
        "  <body>",
        '    <outline type="rss" text="https://y.example/" title="https://y.example/" xmlUrl="https://y.example/"/>',
        '    <outline text="n" title="n">',
        '      <outline text="m" title="m">',
        '        <outline type="rss" text=\'A "b"\' title=\'A "b"\' xmlUrl="https://x.ex/?a&amp;b" seedwire:interval="5m"/>',  # noqa: E501
        "      </outline>",
        "    </outline>",
        "  </body>",
        "</opml>",
    ]


@pytest.mark.parametrize(
    ("name", "feeds", "folders"),
    [
        ("pakistan-countries.opml", 7, {("Pakistan",)}),
        ("news-recommended.opml", 11, {("News",)}),
        ("flym-auto-backup.opml", 11, {("black humor",), ("comics",), ("Tech",), ("Political humour",)}),
        ("winer-subscription-list-iso-8859-1.opml", 13, {()}),
        ("rssowl-default-292-feeds.xml", 292, None),
    ],
)  # fmt: skip
def test_lists_of_real_readers(shared: Path, name: str, feeds: int, folders: set[tuple[str, ...]] | None) -> None:
    found = read((shared / "feeds/opml" / name).read_bytes())
    assert len({o.address for o in found}) == len(found) == feeds
    assert all(o.address.startswith("http") and o.name and "&amp;" not in o.address + o.name for o in found)
    if folders is None:
        assert max(len(o.folders) for o in found) == 2
    else:
        assert {o.folders for o in found} == folders
