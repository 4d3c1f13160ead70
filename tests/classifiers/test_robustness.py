"""Whatever an item holds: a score or a reason, never an exception, and evidence that quotes exactly."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classifiers.explain import explain
from classifiers.model import Model
from feeds.item import Item

MODEL = Model.load()
#: News-like fragments, so that arbitrary joins reach the code behind the gate of plain words.
FRAGMENTS = st.sampled_from(
    [
        "Russian President Vladimir Putin",
        "met",
        "Pakistan's",
        "prime minister",
        "PM",
        "Xi",
        ", ",
        " - ",
        "and",
        "'s",
        "in Astana",
        "ASTANA:",
        "the Kazakh capital",
        "\nwill hold talks with",
        "signed a deal to buy",
        "$1.5 billion",
        "of",
        "100,000 tonnes",
        "30%",
        "LNG",
        "Shell",
        "on Wednesday",
        "31 February 2024",
        "(SCO)",
        "\nsidelines of the",
        "\n\n",
        "Updated 03 July 2024",
        ". ",
        "“",
        "”",
        "’",
        "counterpart",
        "foreign ministers of",
        "former",
        "Al-",
        "\x00",
        "é",
        "中",
        "cancelled",
        "denied",
        "…",
        "\n•",
        "U.S.",
        "N.Korea",
        "PRESIDENT MEETS PREMIER OF JAPAN",
        "Energy Corp",
        "-",
        "al",
    ]
)
NEWS = st.lists(FRAGMENTS, max_size=60).map(" ".join) | st.lists(FRAGMENTS, max_size=60).map("".join)


@settings(deadline=None, max_examples=150)
@given(title=NEWS | st.text(max_size=80), text=NEWS | st.text(max_size=400))
@example(title="", text="")
@example(title="Xi", text="")
@example(title="", text="\n" * 500)
@example(title="President", text="President " * 300)
@example(title="MEETING OF " * 40, text="a" * 5000)
def test_any_text_gets_a_score_or_a_reason_and_exact_evidence(title: str, text: str) -> None:
    item = Item(id="x", title=title, text=text)
    verdict = MODEL.classify(item)
    assert set(verdict.scores) == set(MODEL.types)
    assert all(0.0 <= score <= 1.0 for score in verdict.scores.values())
    if verdict.reason:
        assert verdict.events == ()
    for event in verdict.events:
        assert event.score >= verdict.thresholds[event.type]
        assert event.evidence
        for evidence in event.evidence:
            whole = title if evidence.source == "title" else text
            assert whole[evidence.start : evidence.end] == evidence.text
            assert evidence.text.strip()
    assert explain(MODEL, item)


def test_a_published_date_at_the_ends_of_the_calendar_does_no_harm() -> None:
    from datetime import UTC, datetime

    text = "Chinese President Xi Jinping will meet Russian President Vladimir Putin in Beijing next Monday, 3 March."
    for when in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        MODEL.classify(Item(id="x", title="Xi to meet Putin tomorrow", text=text, published=when))


@pytest.mark.parametrize(
    "piece",
    [
        "word ",
        "President ",
        "Xi met Putin. ",
        "a.b.c. ",
        "\n",
        "(",
        "ASTANA: x\n",
        "Updated 3 July 2024\n\nHead line\n",
    ],
)
def test_five_megabytes_take_no_longer_than_a_long_article(piece: str) -> None:
    text = piece * (5_000_000 // len(piece))
    began = time.process_time()
    MODEL.classify(Item(id="x", title="Xi meets Putin", text=text))
    assert time.process_time() - began < 10.0


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Путин провёл переговоры с Си", "Президент России встретился в Пекине с председателем КНР.", "ru"),
        ("Sánchez recibe al primer ministro", "El presidente del Gobierno se reunió con él en la Moncloa.", "es"),
        ("Le président reçoit son homologue", "Les deux chefs d'État ont discuté de la coopération", "fr"),
        ("وزير الخارجية يلتقي نظيره الروسي", "بحث الوزيران العلاقات الثنائية بين البلدين", "ar"),
    ],
)
def test_other_languages_are_marked_and_never_scored(title: str, text: str, language: str) -> None:
    verdict = MODEL.classify(Item(id="x", title=title, text=text))
    assert verdict.language == language
    assert verdict.reason == "unsupported-language"
    assert set(verdict.scores.values()) == {0.0}


def test_no_words_is_a_reason_of_its_own() -> None:
    assert MODEL.classify(Item(id="x", title="", text="  12:30 — ")).reason == "no-text"


def test_a_headline_of_names_alone_is_english() -> None:
    verdict = MODEL.classify(Item(id="x", title="Xi, Putin meet", text=""))
    assert verdict.language == "en"
    assert verdict.events
