"""Reports told once more: openings, late admissions, what is gathered, and when it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sample_reports import ASTANA, NOON, report

from alerts.alert import DIGEST, OPENED, UPDATED
from alerts.filters import Reporters
from alerts.rehearsal import Arrival, Rehearsal
from alerts.webhook import Webhook


def hook(**filters: Any) -> Rehearsal:
    return Rehearsal(Webhook(name="desk", url="https://desk.example", secrets=(b"k" * 24,), **filters))


def arrival(story: str, item: str, minutes: float, *, feed: str = "A", **event: Any) -> Arrival:
    at = NOON + timedelta(minutes=minutes)
    given = {"countries": ("PK", "RU"), "status": "held", "title": f"The {item}paper has words of its own"} | event
    reporters = Reporters(frozenset(), frozenset({feed}), frozenset({"en"}))
    return Arrival(at, story, report(item, outlet=f"{item}.example", seen=at, published=at, **given), reporters)


def test_a_story_is_opened_once_and_updated_where_that_is_asked_for() -> None:
    told, silent = hook(updates=True), hook()
    came = [
        arrival("s", "one", 0, status="planned"),
        arrival("s", "two", 5, place=ASTANA, status="held"),
        arrival("s", "two", 6, place=ASTANA, status="held"),
    ]
    assert [told.take(one) for one in came] == ["alerted", "updated", "same-story"]
    assert [silent.take(one) for one in came] == ["alerted", "updates-off", "same-story"]
    assert [(m.type, m.stories[0].items) for m in told.messages] == [(OPENED, ("one",)), (UPDATED, ("two",))]
    assert "status planned->held" in told.messages[1].stories[0].changes
    assert [m.type for m in silent.messages] == [OPENED]


def test_each_report_names_the_filter_until_one_is_admitted() -> None:
    told = hook(min_score=0.8, feeds=("B",))
    came = [
        arrival("s", "one", 0, score=0.5),
        arrival("s", "two", 5, score=0.9),
        arrival("s", "three", 6, score=0.9, feed="B"),
    ]
    assert [told.take(one) for one in came] == ["filtered-by-score", "filtered-by-feed", "alerted"]
    assert told.messages[0].stories[0].items == ("three",)


def test_what_a_quiet_period_gathers_is_told_at_its_end() -> None:
    told = hook(updates=True, quiet_period=timedelta(minutes=30))
    told.take(arrival("s", "one", 0))
    assert told.take(arrival("s", "two", 5)) == "gathered"
    assert told.take(arrival("s", "three", 10, place=ASTANA)) == "gathered"
    assert (len(told.messages), told.held) == (1, 1)
    told.pass_to(NOON + timedelta(minutes=29))
    assert len(told.messages) == 1
    told.pass_to(NOON + timedelta(hours=2))
    update = told.messages[1]
    assert (update.type, update.at, told.held) == (UPDATED, NOON + timedelta(minutes=30), 0)
    assert update.stories[0].items == ("two", "three")
    assert {"place", "outlet two.example", "outlet three.example"} <= set(update.stories[0].changes)


def test_what_is_beyond_an_hourly_cap_is_told_in_a_digest() -> None:
    told = hook(max_per_hour=1)
    outcomes = [told.take(arrival(f"s{n}", f"i{n}", n)) for n in range(4)]
    assert outcomes == ["alerted", "gathered", "gathered", "gathered"]
    told.take(arrival("later", "later", 200))
    assert [m.type for m in told.messages] == [OPENED, DIGEST, OPENED]
    assert {t.story_id for t in told.messages[1].stories} == {"s1", "s2", "s3"}
    assert told.messages[1].at == NOON + timedelta(hours=1)


def test_an_opening_that_is_held_and_gains_something_is_one_message() -> None:
    told = hook(max_per_hour=1, updates=True)
    told.take(arrival("first", "first", 0))
    assert told.take(arrival("s", "one", 1)) == "gathered"
    assert told.take(arrival("s", "two", 2, place=ASTANA)) == "gathered"
    told.pass_to(NOON + timedelta(hours=3))
    (message,) = told.messages[1:]
    assert (message.type, message.stories[0].opens, message.stories[0].items) == (OPENED, True, ("one", "two"))
