from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.harmless import harmless
from alerts.markup import Html, Markdown, Plain, fit, render
from alerts.message import Message, Part

WORDS = st.text(max_size=40).map(harmless)
URLS = st.none() | st.sampled_from(["https://a.example/x?a=1&b=2", "https://a.example/" + "x" * 200])
PARTS = st.builds(Part, st.just("fact"), WORDS.filter(bool), st.sampled_from(["", "Who"])) | st.builds(
    Part, st.sampled_from(["quote", "link"]), WORDS.filter(bool), st.just(""), URLS
)
MESSAGES = st.builds(
    Message,
    WORDS.filter(bool),
    st.lists(PARTS, max_size=9).map(tuple),
    st.sampled_from(["news", "trouble"]),
    st.integers(0, 3),
)
MARKUPS = st.sampled_from([Plain(), Markdown(), Markdown(paragraphs=True), Html()])

ONE = Message(
    "Sharif meets Putin",
    (
        Part("fact", "Bilateral meeting · held"),
        Part("fact", "Shehbaz Sharif", "Who"),
        Part("quote", "The two leaders met & spoke."),
        Part("quote", "They spoke of oil."),
        Part("link", "Paper", url="https://paper.example/1?a&b"),
        Part("link", "Dawn", url="https://dawn.example/2"),
        Part("link", "Post"),
    ),
)


def test_a_message_in_each_markup() -> None:
    assert render(ONE, Plain(), titled=False) == (
        "Sharif meets Putin\n\nBilateral meeting · held\nWho: Shehbaz Sharif\n\n"
        "“The two leaders met & spoke.”\n\n“They spoke of oil.”\n\n"
        "Paper\nhttps://paper.example/1?a&b\nDawn\nhttps://dawn.example/2\nPost"
    )
    assert render(ONE, Markdown(), titled=True) == (
        "Bilateral meeting · held\n**Who:** Shehbaz Sharif\n\n"
        "> The two leaders met & spoke.\n\n> They spoke of oil.\n\n"
        "[Paper](https://paper.example/1?a&b)\n[Dawn](https://dawn.example/2)\nPost"
    )
    assert render(ONE, Html(), titled=True) == (
        "Bilateral meeting · held<br><b>Who:</b> Shehbaz Sharif<br><br>"
        "<blockquote>The two leaders met &amp; spoke.</blockquote><br><br>"
        "<blockquote>They spoke of oil.</blockquote><br><br>"
        '<a href="https://paper.example/1?a&amp;b">Paper</a><br><a href="https://dawn.example/2">Dawn</a><br>Post'
    )


STARTS = ["Sharif meets Putin", "Bilateral", "Who", "“The two", "“They", "https://paper", "https://dawn", "Post"]
STARTS += ["and 2 more"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (250, "Sharif meets Putin|Bilateral|Who|“The two|“They|https://paper|https://dawn|Post"),
        (190, "Sharif meets Putin|Bilateral|Who|“The two|https://paper|https://dawn|Post"),
        (150, "Sharif meets Putin|Bilateral|Who|https://paper|https://dawn|Post"),
        (122, "Sharif meets Putin|Bilateral|Who|https://paper|and 2 more"),
        (105, "Sharif meets Putin|Bilateral|https://paper|and 2 more"),
        (75, "Sharif meets Putin|https://paper|and 2 more"),
        (50, "Sharif meets Putin"),
        (12, "Sharif…"),
    ],
)
def test_the_proof_goes_first_then_further_links_then_facts_and_the_first_link_last(most: int, expected: str) -> None:
    _, body = fit(ONE, Plain(), most=most, most_title=0)
    assert len(body.encode()) <= most
    kept = "|".join(start for start in STARTS if start in body)
    assert kept == expected or (body == expected)


@given(MESSAGES, MARKUPS, st.integers(20, 400), st.sampled_from([0, 15, 100]))
def test_what_is_sent_fits_and_no_link_or_entity_is_cut(
    message: Message, markup: Plain, most: int, most_title: int
) -> None:
    def finish(body: str) -> str:
        return body.replace("&", "&amp;")  # as Slack's dialect grows

    title, body = fit(message, markup, most=most, most_title=most_title, finish=finish)
    assert len(finish(body).encode()) <= most
    assert len(title.encode()) <= most_title
    assert body
    allowed = {part.url for part in message.parts if part.url}
    assert {found.replace("&amp;", "&") for found in re.findall(r"https://[^\s\"<)]+", body)} <= allowed
    if isinstance(markup, Html):
        _Checked().check(body)


class _Checked(HTMLParser):
    """Fails for a tag left open and for an entity cut."""

    def check(self, body: str) -> None:
        self.open: list[str] = []
        assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", body)
        self.feed(body)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
