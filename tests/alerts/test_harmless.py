from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.harmless import harmless, safe_url, shorten

HOSTILE = [
    "@everyone @here @channel <!channel> <!here|x> <@U123> <@&99> <#C1> <:a:1> @**all**",
    "[your bank](https://evil.example) ![x](http://evil.example/x.png) <https://evil.example|bank>",
    "**bold** _it_ __u__ ~~s~~ `code` ```pre``` || spoiler || # head > quote \\* &lt;b&gt; <script>alert(1)</script>",
    "pay at evil.example/login or www.evil.example, mail a@b.example, tel://1",
    "\u202eevil\u2066 \u200bzero\ufeff \U000e0041tag \x00\x1b[31m\u2028line\ud800",
    "وزیر‌اعظم شہباز شریف 👩‍👩‍👧 習近平",
]
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=30), max_size=4).map(" ".join)


@given(TEXTS)
def test_what_feeds_say_pings_nobody_draws_no_link_and_is_no_markup(text: str) -> None:
    told = harmless(text)
    assert not re.search(r"@\w|@\*", told)
    assert not re.search(r"[<>*`~|\[\]\\]|://|\w\.[a-z]{2}|&\w+;", told)
    assert not re.search(r"(?<!\w)_|_(?!\w)", told)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\U000e0000-\U000e007f\x00-\x1f\x7f-\x9f]", told)
    assert "\n" not in told
    told.encode()  # raises for half a character


@given(TEXTS)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    once = harmless(text)
    assert harmless(once).replace("\u200b", "") == once.replace("\u200b", "")


def test_ordinary_text_is_left_alone() -> None:
    for text in (
        'U.S., Pakistan sign $1.5 billion deal at 3 p.m. – "historic", says PM\'s office (AT&T, S&P 500)',
        "set allow_private = true",
        "وزیر‌اعظم شہباز شریف",
        "नरेन्द्र मोदी",
        "👩‍👩‍👧",
    ):
        assert harmless(text) == text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?a=1&b=%20#y", "https://a.example/x?a=1&b=%20#y"),
        ("https://a.example/x_(y)[z]*|~'\"<b>`@c", "https://a.example/x_%28y%29%5Bz%5D%2A%7C~%27%22%3Cb%3E%60%40c"),
        ("https://a.example/ماسکو", "https://a.example/%D9%85%D8%A7%D8%B3%DA%A9%D9%88"),
        ("javascript:alert(1)", None),
        ("https://bank.example@evil.example/", None),
        ("https://a.example\\@evil.example/", None),
        ("https://a.example/\u202ex", None),
        ("https://a.example/ x", "https://a.example/%20x"),
        ("https://[::1", None),
        ("//a.example", None),
        ("https://a.example/" + "x" * 1000, None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_leads_where_it_seems_to_or_is_left_out(url: str | None, expected: str | None) -> None:
    assert safe_url(url) == expected


@given(st.text())
def test_an_address_that_is_given_is_one_any_markup_takes(text: str) -> None:
    url = safe_url(f"https://a.example/{text}")
    if url is not None:
        assert re.fullmatch(r"[A-Za-z0-9!#$%&+,\-./:;=?_~]+", url)
        assert urlsplit(url).hostname == "a.example"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 60))
def test_shortened_text_is_the_texts_beginning_and_fits(text: str, most: int) -> None:
    short = shorten(text, most)
    assert len(short.encode()) <= most
    assert short == text or short == "" or (short[-1] == "…" and text.startswith(short[:-1]))
    assert all(unicodedata.category(c) != "Cs" for c in short)
