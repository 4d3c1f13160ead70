"""``seedwire stories``: what a person sees of stories, and what becomes of a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from store import alerts, stories
from store.tables import deliveries, events, items
from worker.steps.classify import classify_pending

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]


@pytest.fixture
def two(stored: Context) -> tuple[str, str]:
    """Two stories: the meeting that was read, and another of the same two a month before it."""
    with stored.database.write() as transaction:
        connection = transaction.connection
        row = connection.execute(select(items).join(events, events.c.item_id == items.c.id)).one()
        then = stored.now() - timedelta(days=31)
        earlier = {c.name: getattr(row, c.name) for c in items.columns} | {
            "id": "earlier", "title": "Ruto and Abiy hold talks in Addis Ababa", "pending": True, "outcome": None,
            "text": f"President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Addis Ababa on "
            f"{then:%d %B %Y}.", "published": then, "url": "https://other.example/1", "lease_until": None,
        }  # fmt: skip
        connection.execute(insert(items).values(earlier))
    assert classify_pending(stored) == 1
    with stored.database.read() as connection:
        found = {row.item_id: row.story_id for row in connection.execute(select(events))}
    assert len(set(found.values())) == 2
    return next(story for item, story in found.items() if item != "earlier"), found["earlier"]


def test_stories_are_listed_and_shown_with_why_they_are_one(run: Run, two: tuple[str, str]) -> None:
    first, second = two
    listed = run("stories", "list", "--json").lines
    assert {story["id"] for story in listed} == {first, second}
    assert "Ruto and Abiy hold talks" in run("stories", "list").out
    shown = run("stories", "show", first[:6], "--json").lines[0]
    assert (shown["id"], len(shown["reports"]), len(shown["alerts"])) == (first, 1, 1)
    said = run("stories", "show", second).out
    assert "Ethiopia" in said or "ET" in said
    assert f"not story {first}" in said


def test_a_merge_is_told_to_nobody_and_can_be_undone(run: Run, stored: Context, two: tuple[str, str]) -> None:
    first, second = two
    with stored.database.read() as connection:
        before = connection.execute(select(deliveries.c.id)).all()
    result = run("stories", "merge", second, first)
    assert (result.code, result.out) == (0, f"story {second} is part of {first}, which has 2 items now\n")
    assert run("stories", "merge", second, first).code == 0
    assert [story["id"] for story in run("stories", "list", "--json").lines] == [first]
    assert run("stories", "show", second).out.startswith(f"story {second} was merged into {first}, shown here\n")
    assert len(run("alerts", "show", second, "--json").lines[0]["reports"]) == 2
    undone = run("stories", "split", first, "earlier")
    assert (undone.code, undone.out) == (0, f"1 item went into story {second}, 1 stayed in {first}\n")
    with stored.database.read() as connection:
        assert connection.execute(select(deliveries.c.id)).all() == before
        assert stories.by_id(connection, [second])[second].apart == {first}


def test_a_split_said_twice_is_one_split_by_whatever_id_the_story_goes(
    run: Run, stored: Context, two: tuple[str, str]
) -> None:
    first, second = two
    with stored.database.write() as transaction:
        connection = transaction.connection
        row = connection.execute(select(items).where(items.c.id == "earlier")).one()
        far = {"id": "far", "title": "Macron and Merz meet in Paris", "text": "President Emmanuel Macron of France met "
               "German Chancellor Friedrich Merz in Paris on Monday.", "pending": True, "outcome": None}  # fmt: skip
        connection.execute(insert(items).values(dict(row._mapping) | far))
    assert classify_pending(stored) == 1
    with stored.database.read() as connection:
        third = connection.scalar(select(events.c.story_id).where(events.c.item_id == "far"))
    assert run("stories", "merge", second, first).code == 0
    assert run("stories", "merge", first, third).code == 0
    for _ in range(2):
        split = run("stories", "split", first, "earlier")
        assert (split.code, split.out) == (0, f"1 item went into story {second}, 2 stayed in {third}\n"), split.err


def test_a_split_calls_only_who_is_asked_for(run: Run, stored: Context, two: tuple[str, str]) -> None:
    first, second = two
    assert run("stories", "merge", first, second).code == 0
    with stored.database.read() as connection:
        (later,) = [report for report, _ in stories.reports_of(connection, second) if report.item_id != "earlier"]
    with stored.database.write() as transaction:
        connection = transaction.connection
        again = replace(later, item_id="again", seen=stored.now())
        row = connection.execute(select(items).where(items.c.id == later.item_id)).one()
        connection.execute(insert(items).values(dict(row._mapping) | {"id": "again", "pending": True, "outcome": None}))
        assert again.event == later.event
    assert classify_pending(stored) == 1
    result = run("stories", "split", "--alert", second, "again")
    assert result.code == 0, result.err
    new = result.out.split(" went into story ")[1].split(",")[0]
    with stored.database.read() as connection:
        assert [alert.type for alert in alerts.about(connection, [new])] == ["seedwire.alert.opened"]
    for wrong in (["split", second, "earlier", later.item_id], ["merge", second, second], ["show", "zz"]):
        failed = run("stories", *wrong)
        assert (failed.code, len(failed.err.splitlines())) == (1, 1), failed.err
