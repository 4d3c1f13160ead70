"""The digest's body: what it tells of each story, in what order, and how long it may get."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sample_reports import ASTANA, PUTIN, SHARIF, report

from alerts.alert import LARGEST_BODY
from alerts.digest import MOST_IDS, Entry, build_digest, most_telling_first
from alerts.matching import decide
from alerts.pacing import News

NOW = datetime(2026, 11, 20, 12, 0, 5, 250_000, UTC)


def entry(number: int, *changes: str, **said: Any) -> Entry:
    one = report(f"item{number}", countries=("PK", "RU"), place=ASTANA, people=(SHARIF, PUTIN), **said)
    story = decide(one, ()).story
    return Entry(News(story.id, not changes, changes, NOW - timedelta(minutes=number)), story, one)


def data(entries: list[Entry], further: tuple[str, ...] = ()) -> dict[str, Any]:
    body = build_digest("desk", entries, further, NOW, "urn:seedwire").body
    assert len(body) <= LARGEST_BODY
    read = json.loads(body)
    assert (read["type"], read["subject"]) == ("seedwire.alert.digest", "desk")
    told = read["data"]
    assert isinstance(told, dict)
    return told


def test_a_story_is_told_with_what_is_new_what_it_is_about_and_where_to_read_it() -> None:
    told = data([entry(1, title="Sharif meets Putin"), entry(2, "place", "outlet dawn.com")])
    assert told["alerts"] == 2
    opened, updated = told["stories"]
    assert opened["opened"] is True
    assert "changes" not in opened
    assert updated["changes"] == ["place", "outlet dawn.com"]
    assert opened["event"]["countries"] == ["PK", "RU"]
    assert opened["event"]["people"][0]["name"] == "Shehbaz Sharif"
    assert opened["item"]["title"] == "Sharif meets Putin"
    assert opened["item"]["url"] == "https://paper.example/item1"
    assert "omitted" not in told


def test_what_changes_the_picture_comes_first() -> None:
    entries = [entry(1), entry(2, "place"), entry(3, "status planned->cancelled"), entry(4)]
    ordered = most_telling_first(e.news for e in entries)
    assert [n.changes or n.since for n in ordered] == [
        ("status planned->cancelled",), entries[3].news.since, entries[0].news.since, ("place",),
    ]  # fmt: skip


def test_the_id_is_that_of_what_is_told() -> None:
    one, other = entry(1), entry(2)
    ids = {
        build_digest("desk", told, (), NOW + timedelta(hours=n), "s").id for n, told in enumerate([[one, other]] * 2)
    }
    assert len(ids) == 1
    assert build_digest("desk", [one], (), NOW, "s").id not in ids
    assert build_digest("else", [one, other], (), NOW, "s").id not in ids


texts = st.text(max_size=3) | st.text(min_size=1, max_size=20).map(lambda s: s * 200)


@settings(max_examples=30, deadline=None)
@given(texts, texts, st.integers(1, 60), st.integers(0, 400))
def test_no_digest_is_too_long_and_every_story_is_listed_or_counted(
    title: str, change: str, many: int, further: int
) -> None:
    entries = [entry(n, *([change] * 30 if n % 2 else ()), title=title, occasion=title) for n in range(many)]
    told = data(entries, tuple(f"{n:016x}" for n in range(further)))
    omitted = told.get("omitted", {"stories": 0, "ids": []})
    assert told["alerts"] == many + further == len(told["stories"]) + omitted["stories"]
    assert len(omitted["ids"]) == min(omitted["stories"], MOST_IDS)
