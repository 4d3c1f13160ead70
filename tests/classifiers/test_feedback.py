"""Corrections as seeds: which are learned, and what they do to the seeds they stand beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from classifiers.errors import FeedbackError
from classifiers.feedback import Correction, Tally, as_seeds, compare
from classifiers.learn import LeftOut, TypeReport
from classifiers.seed import Seed
from feeds.item import Item

SEEDS = (
    Seed("Bank of England holds rates", "The bank left its rate unchanged.", ("rate_decision",), path=Path("a.md")),
    Seed("Dockers walk out", "Workers at the port began a strike.", ("strike",), path=Path("b.md")),
    Seed("Rain expected", "Showers are expected in the north.", (), path=Path("c.md")),
)


def correction(
    name: str, label: str, *stories: str, title: str = "", text: str = "It was said on Monday."
) -> Correction:
    published = datetime(2026, 3, 1, 23, tzinfo=UTC)
    return Correction(Item(id=name, title=title or f"Title {name}", text=text, published=published), label, stories)


def why(*corrections: Correction) -> dict[str, str]:
    return {unused.id: unused.why for unused in as_seeds(SEEDS, corrections)[1]}


def test_a_correction_is_an_example_of_its_type_and_none_a_counter_example() -> None:
    used, unused = as_seeds(SEEDS, [correction("1", "strike"), correction("2", "none")])
    assert unused == ()
    assert [(s.title, s.events, s.kind) for s in used] == [
        ("Title 1", ("strike",), "correction"),
        ("Title 2", (), "correction"),
    ]
    assert used[0].published == date(2026, 3, 1)


def test_two_answers_to_one_story_or_to_the_same_words_cancel_each_other() -> None:
    told = why(
        correction("1", "strike", "s1"),
        correction("2", "none", "s1", "s2"),
        correction("3", "none", "s2"),
        correction("4", "rate_decision", title="Same", text="The very words."),
        correction("5", "none", title="same", text="The  very words."),
    )
    assert told == {
        "1": "contradicts item 2 (none): story s1",
        "2": "contradicts item 1 (strike): story s1",
        "4": "contradicts item 5 (none): the same words",
        "5": "contradicts item 4 (rate_decision): the same words",
    }


def test_what_has_no_text_or_is_not_english_or_is_there_already_is_not_learned() -> None:
    told = why(
        Correction(Item(id="1", title="", text=" "), "none"),
        correction("2", "strike", title="Забастовка", text="Рабочие порта начали забастовку в понедельник."),
        correction("3", "strike", title="Dockers walk out", text="Workers at the port began a strike."),
        correction("4", "none", title="Dockers walk out", text="Workers at the port began a strike. "),
        correction("5", "none", title="Twice", text="It was said twice."),
        correction("6", "none", title="Twice", text="It was said twice."),
    )
    assert told["1"] == "no text"
    assert told["2"] == "only English is learned, this was taken for 'ru'"
    assert "5" not in told
    assert told["6"] == "the same words as item 5"
    # The folder contradicts one of two contradicting answers and agrees with the other.
    assert told["3"] == "already a seed: b.md:1"
    assert told["4"] == "contradicts a seed (strike): b.md:1"


def test_a_type_that_no_seed_teaches_is_named() -> None:
    with pytest.raises(FeedbackError) as error:
        as_seeds(SEEDS, [correction("1", "none"), correction("2", "wedding"), correction("3", "wedding")])
    assert str(error.value) == (
        'no seed teaches "wedding", which 2 stored correction(s) name (item 2); '
        "add seeds of it, or label them anew: seedwire items label 2 rate_decision|strike|none"
    )


REPORT = TypeReport(
    type="strike", threshold=0.5, examples=10, found=9, others=20, alarms=2, ordinary=0.001, strongest_for=(),
    strongest_against=(), confused=(), missed=(LeftOut(SEEDS[1], 0.2),), alarmed=(LeftOut(SEEDS[2], 0.6),) * 2,
    advice=(),
)  # fmt: skip
USED = (
    Seed("Pilots strike", "", ("strike",), kind="correction", path=Path("i1")),
    Seed("Strike called off", "", (), kind="correction", path=Path("i2")),
)


def test_the_folders_own_seeds_are_counted_without_the_corrections() -> None:
    missed = (LeftOut(USED[0], 0.1), LeftOut(SEEDS[1], 0.2))
    alarmed = (LeftOut(USED[1], 0.9), LeftOut(SEEDS[2], 0.6))
    after = replace(REPORT, examples=11, found=9, others=21, alarms=2, missed=missed, alarmed=alarmed)
    (change,) = compare([REPORT], [after], USED)
    assert change.before == Tally(10, 9, 20, 2, 0.001)
    assert change.after == Tally(10, 9, 20, 1, 0.001)
    assert not change.worse
    assert [row.seed.path.name for row in change.missed] == ["i1"]
    assert [row.seed.path.name for row in change.alarmed] == ["i2"]


def test_more_mistakes_than_before_are_worse() -> None:
    for found, alarms, worse in ((9, 2, False), (8, 2, True), (9, 3, True), (8, 1, False), (10, 3, False)):
        missed, alarmed = (LeftOut(SEEDS[1], 0.2),) * (10 - found), (LeftOut(SEEDS[2], 0.6),) * alarms
        after = replace(REPORT, found=found, alarms=alarms, missed=missed, alarmed=alarmed)
        (change,) = compare([REPORT], [after], ())
        assert change.worse is worse, (found, alarms)
