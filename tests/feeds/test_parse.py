"""Documents of every kind, whole and broken, become entries or a named problem."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.entry import Entry
from feeds.parse import MAX_ENTRIES, ParsedFeed, parse

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://news.example/feeds/all.xml"


def rss(*items: str, head: str = "") -> bytes:
    joined = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{head}{joined}</channel></rss>'.encode()
    )


def codes(parsed: ParsedFeed) -> list[str]:
    return [problem.code for problem in parsed.problems]


def only(parsed: ParsedFeed) -> Entry:
    (entry,) = parsed.entries
    return entry


def test_reads_rss() -> None:
    parsed = parse(
        rss(
            "<guid isPermaLink='false'>a1</guid><link>https://news.example/a1</link><title>PM meets president</title>"
            "<description>&lt;p&gt;They &lt;b&gt;met&lt;/b&gt;.&lt;/p&gt;</description>"
            "<pubDate>Wed, 03 Jul 2024 12:00:00 +0500</pubDate><author>desk@news.example (Desk)</author>"
            "<category>Politics</category>",
            head="<language>en-GB</language><ttl>15</ttl>",
        ),
        url=URL,
    )
    assert (parsed.format, parsed.title, parsed.language) == ("rss20", "News", "en-GB")
    assert parsed.ttl == timedelta(minutes=15)
    assert parsed.problems == ()
    assert only(parsed) == Entry(
        guid="a1",
        link="https://news.example/a1",
        title="PM meets president",
        text="They met.",
        published=datetime(2024, 7, 3, 7, tzinfo=UTC),
        language="en-GB",
    )


def test_reads_atom() -> None:
    parsed = parse(
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ur"><title>A</title><entry><id>tag:x,1</id>'
        b'<title type="html">A &amp;amp; B</title><link href="/one"/><published>2024-07-03T12:00:00Z</published>'
        b"<updated>2024-07-04T12:00:00Z</updated><summary>short</summary>"
        b'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The long one.</p></div></content>'
        b"</entry></feed>",
        url=URL,
    )
    entry = only(parsed)
    assert (parsed.format, entry.guid, entry.title) == ("atom10", "tag:x,1", "A & B")
    assert entry.link == "https://news.example/one"
    assert entry.text == "The long one."
    assert entry.updated == datetime(2024, 7, 4, 12, tzinfo=UTC)
    assert entry.language == "ur"


def test_reads_rdf_with_dublin_core_dates() -> None:
    parsed = parse(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>R</title></channel><item rdf:about="https://e.org/1">'
        b"<title>T</title><link>https://e.org/1</link><dc:date>2024-07-03T00:00:00+03:00</dc:date></item></rdf:RDF>",
        url=URL,
    )
    assert parsed.format == "rss10"
    assert only(parsed).updated == datetime(2024, 7, 2, 21, tzinfo=UTC)


@pytest.mark.parametrize(("version", "name"), [("1", "json10"), ("1.1", "json11")])
def test_reads_json_feed(version: str, name: str) -> None:
    document = {
        "version": f"https://jsonfeed.org/version/{version}",
        "title": "J",
        "language": "en",
        "items": [
            {
                "id": 7,
                "url": "/seven",
                "title": "Seven",
                "content_html": "<p>Text <b>here</b></p>",
                "date_published": "2024-07-03T12:00:00-07:00",
                "authors": [{"name": "Ann"}],
                "tags": ["a", 3, None],
            },
            "no item",
        ],
    }
    parsed = parse(json.dumps(document).encode(), url=URL)
    assert (parsed.format, parsed.title) == (name, "J")
    assert only(parsed) == Entry(
        guid="7",
        link="https://news.example/seven",
        title="Seven",
        text="Text here",
        published=datetime(2024, 7, 3, 19, tzinfo=UTC),
        language="en",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"\0\0\0", "empty"),
        (b"<!DOCTYPE html><html><head><title>Hello</title></head><body>x</body></html>", "html-page"),
        (
            b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html xmlns="x"><p/></html>',
            "html-page",
        ),
        (b"<html><title>Just a moment...</title></html>", "challenge-page"),
        (b"<html><title>403</title><h1>Access Denied</h1></html>", "challenge-page"),
        (b"<script>location.reload()</script>", "html-page"),
        (
            b'<html><link rel="alternate" type="application/rss+xml" href="/rss.xml"></html>',
            "html-with-feed-link",
        ),
        (b"<opml><body/></opml>", "not-a-feed"),
        (b"<?xml version='1.0'?><urlset><url/></urlset>", "not-a-feed"),
        (b"Service temporarily unavailable", "not-a-feed"),
        (b'{"error": "no"}', "not-a-feed"),
        (b'{"items": [', "not-a-feed"),
        (b"[" * 100_000, "not-a-feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not-a-feed"),
        (b"<rss><channel><title>N</title><item><title>half a ti", "truncated-empty"),
        (b"<rss><chan", "truncated-empty"),
    ],
)
def test_what_came_instead_of_a_feed_is_named(body: bytes, code: str) -> None:
    parsed = parse(body, url=URL)
    assert parsed.failure is not None
    assert parsed.failure.code == code
    assert parsed.entries == ()
    assert "\n" not in parsed.failure.detail


def test_a_page_with_a_feed_link_says_which() -> None:
    parsed = parse(
        b'<html><link rel=alternate type="application/atom+xml" title="x" href="../atom?a=1&amp;b=2"></html>', url=URL
    )
    assert parsed.failure is not None
    assert "https://news.example/atom?a=1&b=2" in parsed.failure.detail


def test_a_well_formed_feed_without_entries_is_a_feed() -> None:
    parsed = parse(rss(), url=URL)
    assert parsed.failure is None
    assert codes(parsed) == ["no-entries"]


def test_a_cut_document_gives_its_whole_entries_and_no_half_one() -> None:
    whole = rss(*(f"<guid>id-{n}</guid><title>Title {n}</title><link>https://e.org/{n}</link>" for n in range(5)))
    for cut in range(whole.index(b"id-3"), whole.index(b"id-4") - 12):
        parsed = parse(whole[:cut], url=URL)
        assert codes(parsed) == ["truncated"]
        complete = 4 if whole[:cut].count(b"</item>") == 4 else 3
        assert [entry.guid for entry in parsed.entries] == ["id-0", "id-1", "id-2", "id-3"][:complete]


def test_an_entry_that_is_never_closed_is_read_when_it_has_an_address() -> None:
    parsed = parse(b"<rss><channel><item><title>T</title><link>https://e.org/1</link>", url=URL)
    assert only(parsed).link == "https://e.org/1"
    assert parsed.truncated


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_recognised(encoding: str) -> None:
    text = rss("<title>Путин и Шариф встретились</title><guid>1</guid>").decode()
    assert only(parse(text.encode(encoding), url=URL)).title == "Путин и Шариф встретились"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("windows-1251", "Путин и Шариф встретились"),
        ("iso-8859-1", "São Paulo"),
        ("shift_jis", "首脳会談"),
        ("gb2312", "会谈"),
        ("euc-kr", "정상회담"),
        ("iso-8859-6", "اجتماع"),
    ],
)
def test_declared_encodings_are_believed(encoding: str, title: str) -> None:
    body = rss(f"<title>{title}</title>").decode().replace("?>", f' encoding="{encoding}"?>')
    assert only(parse(body.encode(encoding), url=URL)).title == title
    assert only(parse(body.encode(encoding), url=URL, content_type=f"text/xml; charset={encoding}")).title == title


@pytest.mark.parametrize("name", [b"undefined", b"punycode", b"\xc3(", b"x-unknown", b"hex", b"a" * 5_000, b""])
def test_an_encoding_by_an_odd_name_costs_no_entry(name: bytes) -> None:
    body = rss("<title>Caf\xe9</title>").decode().split("?>", 1)[1].encode("latin-1")
    assert only(parse(b'<?xml version="1.0" encoding="' + name + b'"?>' + body, url=URL)).title == "Café"


@pytest.mark.parametrize("name", ["cp037", "cp500", "cp875"])
def test_ebcdic_is_recognised(name: str) -> None:
    body = rss("<title>News of the day</title>").decode().replace("?>", f' encoding="{name}"?>', 1)
    parsed = parse(body.encode(name), url=URL)
    assert (only(parsed).title, parsed.encoding) == ("News of the day", name)


def test_a_server_that_lies_about_the_encoding_is_survived() -> None:
    body = rss("<title>Café – Präsident</title>")
    assert only(parse(body, url=URL, content_type="text/xml; charset=utf-16")).title == "Café – Präsident"
    undeclared = rss("<title>Café</title>").decode().encode("iso-8859-1")
    assert only(parse(undeclared, url=URL)).title == "Café"
    wrong = b'<?xml version="1.0" encoding="utf-8"?>' + undeclared.split(b"?>", 1)[1]
    assert only(parse(wrong, url=URL)).title == "Café"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (rss("<title>Oil & gas</title>"), "Oil & gas"),
        (rss("<title>A\x00B\x08C</title>"), "ABC"),
        (b"\n\n<br />Warning: line 3\n" + rss("<title>T</title>"), "T"),
        (b'<!DOCTYPE rss SYSTEM "http://x.invalid/rss.dtd">' + rss("<title>T</title>").split(b"?>")[1], "T"),
        (rss("<title><![CDATA[AT&amp;T <b>up</b>]]></title>"), "AT&T up"),
        (rss("<title>&nbsp;T&eacute;</title>"), "Té"),
    ],
)
def test_malformed_documents_are_read_as_meant(body: bytes, title: str) -> None:
    assert only(parse(body, url=URL)).title == title


def test_links_are_absolute_or_absent() -> None:
    parsed = parse(
        rss(
            "<title>1</title><link>/a/b</link>",
            "<title>2</title><link>javascript:alert(1)</link>",
            "<title>3</title><link>  https://e.org/x?a=1&amp;b=2  </link>",
            "<title>4</title><guid>https://e.org/permalink</guid>",
            "<title>5</title><link></link>",
        ),
        url=URL,
    )
    assert [entry.link for entry in parsed.entries] == [
        "https://news.example/a/b",
        None,
        "https://e.org/x?a=1&b=2",
        "https://e.org/permalink",
        None,
    ]


def test_an_id_stands_for_a_missing_link_where_it_is_an_address_or_said_to_be_one() -> None:
    parsed = parse(
        b'<rss xml:base="https://e.org/base/"><channel>'
        b"<item><guid>https://e.org/1</guid></item><item><guid>abc</guid></item>"
        b'<item><guid isPermaLink="true">two</guid></item><item><guid isPermaLink="false">https://e.org/3</guid></item>'
        b"</channel></rss>",
        url=URL,
    )
    assert [entry.link for entry in parsed.entries] == ["https://e.org/1", None, "https://e.org/base/two", None]
    assert [entry.guid for entry in parsed.entries] == ["https://e.org/1", "abc", "two", "https://e.org/3"]


@pytest.mark.parametrize(
    "odd",
    [
        "<image><link><b>i</b></link></image>",
        "<item><textInput><title>x</title></textInput></item>",
        "</guid></category>",
        "<links>x</links>",
    ],
)
def test_an_element_in_an_odd_place_costs_no_entry(odd: str) -> None:
    parsed = parse(rss("<title>T</title>", head=odd), url=URL)
    assert parsed.entries[-1].title == "T"


def test_a_reference_to_no_character_loses_nothing_else() -> None:
    assert only(parse(rss("<title>A&#2000000;B</title>"), url=URL)).title == "AB"


def test_entities_are_not_expanded_without_bound() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE rss [<!ENTITY l0 "boom">{levels}]>' + rss("<title>x&l11;</title>").decode().split("?>")[1]
    parsed = parse(body.encode(), url=URL)
    assert all(len(entry.title) < 2_000 for entry in parsed.entries)


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush")
    body = f'<!DOCTYPE rss [<!ENTITY f SYSTEM "file://{secret}">]>' + rss("<title>x&f;</title>").decode().split("?>")[1]
    assert "hush" not in repr(parse(body.encode(), url=URL))


def test_the_first_entries_of_a_huge_feed_are_read() -> None:
    parsed = parse(rss(*(f"<guid>{n}</guid>" for n in range(MAX_ENTRIES + 10))), url=URL)
    assert len(parsed.entries) == MAX_ENTRIES
    assert parsed.entries[0].guid == "0"
    assert codes(parsed) == ["too-many-entries"]


@pytest.mark.parametrize(
    "inside",
    [
        "<author>" + "a" * 200_000 + "</author>",
        "".join(f"<category>c{n}</category>" for n in range(20_000)),
        "<x " + " ".join(f'a{n}="1"' for n in range(20_000)) + "/>",
        "<x xml:base='a/'>" * 10_000 + "</x>" * 10_000,
        "<description>" + "&lt;div&gt;" * 100_000 + "</description>",
        "<x>" * 20_000 + "</x>" * 20_000,
        "&" * 2_000_000,
        "<description><![CDATA[<div>"
        + "".join(f"<b x={n}>" for n in range(400))
        + "</div>"
        + "<div>x</div>" * 50_000
        + "]]></description>",
        "<description><![CDATA[" + "<div></x>" * 100_000 + "]]></description>",
        "<x " + " ".join(f"xmlns:a{n}='u{n}'" for n in range(3_000)) + ">" + "<a2999:y/>" * 20_000 + "</x>",
    ],
    ids=[
        "author",
        "categories",
        "attributes",
        "bases",
        "nested-markup",
        "nested-elements",
        "ampersands",
        "reopened-formatting",
        "mismatched-markup",
        "namespaces",
    ],
)
# Each takes minutes or hours where time grows with the square.
def test_hostile_entries_cost_time_in_proportion_to_their_size(inside: str) -> None:
    parsed = parse(rss(f"<title>T</title>{inside}"), url=URL)
    assert only(parsed).title == "T"


@pytest.mark.parametrize("value", ["1", ">", "<"])
def test_a_tag_longer_than_any_real_one_is_read_without_its_attributes(value: str) -> None:
    attributes = " ".join(f'a{n}="{value}"' for n in range(20_000))
    parsed = parse(rss(f"<title>T</title><x {attributes}/>", "<title>U</title>"), url=URL)
    assert [entry.title for entry in parsed.entries] == ["T", "U"]
    assert codes(parsed) == ["long-tag"]


def test_a_document_of_references_is_read_as_far_as_they_are_affordable() -> None:
    parsed = parse(
        rss("<title>T</title>", "<title>U</title><description>" + "&a" * 600_000 + "</description>"), url=URL
    )
    assert only(parsed).title == "T"
    assert codes(parsed)[0] == "too-many-entries"


# feedparser alone takes hours.
@pytest.mark.parametrize(
    "start",
    [b"<?xml " + b"encoding='" * 2_000, b"<?xml " + b"encoding='" * 2_000 + b"?>", b"<?x " + b"encoding='\"?" * 2_000],
)
def test_a_declaration_that_names_its_encoding_many_times_takes_no_time(start: bytes) -> None:
    assert only(parse(start + rss("<title>T</title>").split(b"?>", 1)[1], url=URL)).title == "T"


@pytest.mark.parametrize("html", ["<" * 3_000, "<p " * 900_000, "<b>x</b>" * 1_000])
def test_markup_in_json_is_read_as_far_as_it_is_affordable(html: str) -> None:
    items = [{"id": str(n), "content_html": html} for n in range(10_000_000 // len(html))]
    parsed = parse(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode(), url=URL)
    assert 1 <= len(parsed.entries) < len(items)
    assert codes(parsed) == ["too-many-entries"]


@pytest.mark.parametrize(
    ("entry", "entries"),
    [
        ("<item><guid>{n}</guid><title>Title {n}</title><link>https://e.org/{n}</link></item>", MAX_ENTRIES),
        ("<item><guid>{n}</guid><title>Title <b>{n}</b></title></item>", MAX_ENTRIES),
        ("<item><guid>{n}</guid><x><y><z><a><b><c>", 0),
    ],
    ids=["plain", "with markup", "never closed"],
)
def test_of_a_hundred_thousand_entries_no_more_than_the_first_cost_time(entry: str, entries: int) -> None:
    body = rss().replace(b"</channel>", "".join(entry.format(n=n) for n in range(100_000)).encode() + b"</channel>")
    began = time.process_time()
    parsed = parse(body, url=URL)
    assert time.process_time() - began < 15  # one second here; all of them would take minutes
    assert len(parsed.entries) == entries
    assert "too-many-entries" in codes(parsed)


_FRAGMENTS = """
    <rss> </rss> <channel> </channel> <item> </item> <feed> <entry> </entry> </feed> <title>
    </title> <link> <link href=' '/> <guid> </guid> <pubDate> </pubDate> & &#0; &#x110000;
    <![CDATA[ ]]> <!-- --> <!DOCTYPE <?xml encoding=' ?> http:// [ { ]} 2024 xml:base='
    type='xhtml'> <content \ud800 é \0 <rdf:RDF> {"items":[ "
"""


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(_FRAGMENTS.split(" ")), max_size=40).map(
            lambda f: "".join(f).encode("utf-8", "surrogatepass")
        ),
    )
)
def test_never_raises_and_gives_clean_values(body: bytes) -> None:
    parsed = parse(body, url=URL)
    assert "unparsable" not in codes(parsed)
    for entry in parsed.entries:
        assert entry.link is None or entry.link.startswith(("http://", "https://"))
        assert "\n" not in entry.title
        for moment in (entry.published, entry.updated):
            assert moment is None or moment.utcoffset() == timedelta(0)


def test_reads_every_real_snapshot_as_others_do(shared: Path) -> None:
    """96 snapshots and 75 polls of real outlets against what feedparser alone counts in them.

    We differ on purpose in half entries of cut documents, which are left out.
    """
    known_to_differ = {"real/foxnews-3.xml": 1, "real/foxnews-4.xml": 3}
    lines = (shared / "feeds/index.jsonl").read_text("utf-8").splitlines()
    checked = 0
    for record in map(json.loads, lines):
        path = record["path"]
        if not path.startswith("real/"):
            continue
        parsed = parse((shared / "feeds" / path).read_bytes(), url=URL)
        if record["kind"] == "poll-sequence" and parsed.truncated:
            assert len(parsed.entries) == record["n_entries"] - 1, path
        else:
            assert len(parsed.entries) == known_to_differ.get(path, record["n_entries"]), path
        assert "unparsable" not in codes(parsed), path
        if record["n_entries"] == 0:
            assert parsed.failure is not None, path
        else:
            assert parsed.failure is None, path
            assert all(entry.title or entry.text for entry in parsed.entries if not entry.blank), path
        checked += 1
    assert checked == 171
