"""Pages, articles and robots.txt: what an answer means, without a network."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from feeds import robots
from feeds.article import MAX_TEXT, is_about, main_text
from feeds.door import parse_url
from feeds.exchange import Answer
from feeds.page import Article, Elsewhere, Refused, Teaser, consequence, fits, identity, understand

HEADLINE = "Kenya and Ethiopia: trade along the border"
SENTENCES = (
    "President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday, his office said.",
    "The two leaders discussed trade along their common border, where drought has driven herders across it for years.",
    "Both governments want to open a second crossing for lorries, so that maize need not take the road by the coast.",
)
BODY = "".join(f"<p>{s}</p>" for s in SENTENCES)
TEASER = Teaser("item", HEADLINE, 20)


def answer(body: bytes, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"content-type": "text/html"} | named, body, "https://paper.example/a")


def page(article: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body><article><h1>{HEADLINE}</h1>{article}</article></body></html>".encode()


def read(body: bytes, *teasers: Teaser, **headers: str) -> Article:
    outcome = understand(answer(body, **headers), teasers or (TEASER,))
    assert isinstance(outcome, Article), outcome
    return outcome


def test_an_article_is_its_paragraphs_without_the_headline_of_the_item() -> None:
    assert read(page(BODY)) == Article("\n".join(SENTENCES))


def test_a_text_fits_the_items_whose_headline_it_tells_and_that_have_less() -> None:
    others = (Teaser("other", "Cup final ends in a draw", 20), Teaser("longer", HEADLINE, 5_000))
    assert [fits(read(page(BODY), TEASER, *others).text, one) for one in (TEASER, *others)] == [True, False, False]
    assert understand(answer(page(BODY)), others) == Refused("nothing-more")
    assert understand(answer(page(BODY)), others[:1]) == Refused("another-article")
    assert understand(answer(page(BODY)), ()) == Refused("another-article")


@pytest.mark.parametrize(
    ("encoding", "head", "headers"),
    [
        ("utf-8", "", {}),
        ("utf-8", '<meta charset="iso-8859-1">', {}),
        ("iso-8859-1", '<meta charset="iso-8859-1">', {}),
        ("iso-8859-1", "", {"content_type": "text/html; charset=ISO-8859-1"}),
        ("windows-1252", "", {"content_type": "text/html"}),
        ("utf-16", "", {}),
        ("iso-8859-1", '<meta charset="no such thing">', {"content_type": "text/html; charset=neither"}),
    ],
)
def test_letters_arrive_whatever_server_and_page_say_of_them(encoding: str, head: str, headers: dict[str, str]) -> None:
    body = page(BODY.replace("Nairobi", "São Tomé"), head).decode().encode(encoding)
    assert "in São Tomé on Monday" in read(body, **headers).text


def test_a_declaration_of_xml_is_no_hindrance() -> None:
    body = b'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>' + page(BODY)
    assert read(body, content_type="application/xhtml+xml").text.endswith(SENTENCES[-1])
    assert read(b"<!DOCTYPE html>" + page(BODY), content_type="").text.endswith(SENTENCES[-1])


def test_the_text_is_plain_and_capped() -> None:
    nasty = "<p>5 &lt; 6 &amp;amp; \u202eKenya\u202c <script>alert(1)</script> Ethiopia trade border.</p>"
    text = read(page(nasty + BODY)).text
    assert text.startswith("5 < 6 &")
    assert "\u202e" not in text
    assert "alert" not in text
    long = "".join(f"<p>{n}. {SENTENCES[1]}</p>" for n in range(1_000))
    assert MAX_TEXT - 100 < len(read(page(long)).text) <= MAX_TEXT


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (301, {"location": "/b"}, Elsewhere("https://paper.example/b")),
        (302, {"location": "https://other.example/c#top"}, Elsewhere("https://other.example/c")),
        (302, {"location": "ftp://other.example/"}, Refused("bad-url")),
        (302, {}, Refused("http-error")),
        (401, {}, Refused("unauthorized")),
        (402, {}, Refused("payment-required")),
        (404, {}, Refused("not-found")),
        (451, {}, Refused("http-error")),
        (500, {}, Refused("server-error")),
        (429, {"retry_after": "7200"}, Refused("too-many-requests", timedelta(hours=2))),
        (200, {"content_type": "application/json"}, Refused("not-html")),
        (200, {"content_type": ""}, Refused("not-html")),
    ],
)
def test_what_is_no_page_is_named(status: int, headers: dict[str, str], outcome: object) -> None:
    assert understand(answer(b"{}", status, **headers), (TEASER,)) == outcome


def test_who_does_not_want_us_is_left_alone_ever_longer_and_who_does_not_answer_is_tried_again() -> None:
    hour = timedelta(hours=1)
    rests = [consequence(Refused("forbidden"), tries=1, refusals=n) for n in (0, 1, 3, 40)]
    assert [r.host_rest for r in rests] == [hour, 2 * hour, 8 * hour, 24 * hour]
    assert all(r.page_again is None for r in rests)
    late = consequence(Refused("timeout"), tries=1, refusals=0)
    assert late.page_again == late.host_rest == timedelta(minutes=10)
    assert consequence(Refused("timeout"), tries=3, refusals=2).page_again is None
    asked = consequence(Refused("unavailable", 5 * hour), tries=1, refusals=0)
    assert asked.page_again == asked.host_rest == 5 * hour
    assert consequence(Refused("unavailable", 500 * hour), tries=1, refusals=0).host_rest == 24 * hour
    assert consequence(Refused("not-found"), tries=1, refusals=0).host_rest is None


def test_addresses_that_differ_in_what_counts_readers_are_one_page() -> None:
    plain = identity(parse_url("https://paper.example/a?id=1"))
    for other in ("?id=1&utm_source=rss&utm_medium=feed", "?utm_source=rss&id=1#top", "?id=1&fbclid=x"):
        assert identity(parse_url(f"https://paper.example/a{other}")) == plain
    for other in ("?id=2", "?id=1&page=2", "?id=1&not_utm_source=2", ""):
        assert identity(parse_url(f"https://paper.example/a{other}")) != plain


def test_a_headline_of_no_words_vouches_for_nothing() -> None:
    assert not is_about("Kenya met Ethiopia", "")
    assert not is_about("", HEADLINE)
    assert is_about("KENYAN and ETHIOPIAN officials", HEADLINE)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 200_000 + BODY,
        "<b>" * 100_000 + BODY,
        "<p><b>x" * 100_000,
        "<div>x</div>" * 200_000,
        "x<br>" * 500_000,
        "<div " + " ".join(f"a{n}=1" for n in range(300_000)) + ">" + BODY,
        ("<p " + " ".join(f"a{n}=1" for n in range(1_000)) + ">x") * 600,
        "<p>" + " " * 4_000_000 + BODY,
        " " * 4_000_000 + "<?xml",
        "<" * 2_000_000,
        "<" + "a" * 4_000_000,
        "<!--" * 500_000,
        "<svg><template>\n" + BODY,
        "\0" * 1_000_000 + BODY,
        "<a><div>" * 50_000 + BODY,
    ],
    ids=lambda markup: repr(markup[:24]),
)
def test_hostile_markup_ends_in_seconds(markup: str) -> None:
    begun = time.process_time()
    assert len(main_text(markup)) <= MAX_TEXT
    assert time.process_time() - begun < 15


def test_robots_txt_counts_for_us_by_name_and_says_how_fast() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: seedwire\nDisallow: /*.pdf$\nDisallow: /x/\nAllow: /x/y\n"
    text += "Crawl-delay: 7\n"
    for path, allowed in (("/a", True), ("/a.pdf", False), ("/x/z", False), ("/x/y", True)):
        assert robots.allows(text, f"https://paper.example{path}") is allowed
    assert robots.spacing(text) == timedelta(seconds=7)
    assert robots.spacing("") == robots.spacing("User-agent: *\nCrawl-delay: soon\n") == robots.SPACING
    assert robots.spacing("User-agent: *\nCrawl-delay: 86400\n") == timedelta(minutes=1)
    assert robots.spacing("User-agent: *\nRequest-rate: 1/20\n") == timedelta(seconds=20)
    assert robots.allows("<html><body>Not found</body></html>", "https://paper.example/a")


@pytest.mark.parametrize(
    ("status", "body", "cut", "rules"),
    [
        (200, b"\xef\xbb\xbfUser-agent: *\0\n", False, "User-agent: *\n"),
        (404, b"", False, ""),
        (403, b"", False, ""),
        (429, b"", False, None),
        (500, b"", False, None),
        (200, b"User-agent: *\nDisal", True, None),
        (200, b"#" * robots.MAX_BYTES, True, "#" * robots.MAX_BYTES),
    ],
)
def test_what_an_answer_in_place_of_robots_txt_means(status: int, body: bytes, cut: bool, rules: str | None) -> None:
    assert robots.rules(Answer(status, {}, body, "https://paper.example/robots.txt", cut=cut)) == rules


def test_a_hostile_robots_txt_ends_in_seconds() -> None:
    begun = time.process_time()
    text = "User-agent: *\n" + "Disallow: /*a*b*c*d*e*f*g$\n" * 18_000
    assert robots.allows(text, "https://paper.example/" + "abcdef" * 1_000)
    assert time.process_time() - begun < 10
