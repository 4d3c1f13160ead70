"""The read-only views, on both databases: their statements must mean the same on each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alerts.story import Story
from classifiers.event import Event, Evidence
from store import state, stories, tables
from store.views import figures, glance
from store.views import stories as story_views

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
EVENT = Event("energy_deal", 0.9, "signed", ("NO", "KE"), evidence=(Evidence("They signed.", 0, 12, 0.9),))


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def add_feed(connection: Connection, name: str, **remembered: object) -> str:
    row = {
        "id": name, "url": f"https://{name}.example/", "host": f"{name}.example", "name": name, "tags": [],
        "fulltext": False, "allow_private": False, "first_poll": "baseline", "active": True, "added": NOW,
        "next_poll": NOW + timedelta(hours=1), "polled": NOW,
    }  # fmt: skip
    connection.execute(tables.feeds.insert().values(row | remembered))
    return name


def add_report(connection: Connection, item: str, feed: str, story: str, *, minutes: float, number: int = 0) -> None:
    seen = minutes_ago(minutes)
    if number == 0:
        connection.execute(
            tables.items.insert().values(
                id=item, feed_id=feed, title=f"Title of {item}", text="", first_seen=seen, baseline=False,
                pending=False, outcome="alerted",
            )
        )  # fmt: skip
    stories.save(connection, Story(story, EVENT, seen, seen, seen, frozenset({f"{feed}.example"})), [], seen)
    stories.save_event(connection, item, number, EVENT, story_id=story, reasons=[], now=seen)


def test_stories_come_newest_first_each_with_its_items_once_in_order(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        for feed in ("coast", "evening"):
            add_feed(connection, feed)
        add_report(connection, "b", "coast", "old", minutes=50)
        add_report(connection, "a", "evening", "old", minutes=40)
        add_report(connection, "a", "evening", "old", minutes=40, number=1)  # two reports of one story on one page
        add_report(connection, "c", "coast", "new", minutes=5)
    with database.read() as connection:
        new, old = story_views.newest_stories(connection, limit=9)
        [only] = story_views.newest_stories(connection, limit=9, before=(new.opened, new.id))
    assert (new.id, old.id) == ("new", "old")
    assert [item.id for item in old.items] == ["b", "a"]
    assert old.items[0].feed == "coast"
    assert old.event["evidence"][0]["text"] == "They signed."
    assert only == old


def test_a_summary_counts_what_is_new_and_what_waits(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        add_feed(connection, "coast")
        add_feed(connection, "broken", failures=3, problem="timeout")
        add_feed(connection, "shaky", failures=2, problem="timeout")
        add_feed(connection, "gone", failures=9, active=False)
        add_report(connection, "a", "coast", "s", minutes=5)
        add_report(connection, "b", "coast", "t", minutes=500)
        for number, waiting in enumerate(("pending", "pending", "dead", "delivered")):
            connection.execute(
                tables.deliveries.insert().values(
                    id=f"d{number}", alert_id="x", webhook="desk", state=waiting, tries=0, created=NOW, due=NOW
                )
            )
    with database.read() as connection:
        summary = glance.summary(connection, minutes_ago(60))
    assert summary == glance.Summary(
        feeds=3, failing_feeds=1, items=1, stories=1, alerts=0, waiting_deliveries=2, dead_deliveries=1
    )


def test_problems_tell_of_active_feeds_the_worst_first(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        add_feed(connection, "well")
        add_feed(connection, "warned", problem="bozo", problem_detail="a stray ampersand")
        add_feed(connection, "failed", problem="timeout", failures=4)
        add_feed(connection, "gone", problem="timeout", failures=9, active=False)
    with database.read() as connection:
        names = [problem.name for problem in glance.feed_problems(connection, limit=9)]
        [worst] = glance.feed_problems(connection, limit=1)
    assert names == ["failed", "warned"]
    assert worst.failures == 4


def test_the_backlog_is_the_age_of_the_longest_due_work(database: Database) -> None:
    with database.read() as connection:
        assert figures.backlog(connection, NOW) == figures.Backlog(0.0, 0.0, 0.0, None)
    with database.write() as transaction:
        connection = transaction.connection
        add_feed(connection, "late", next_poll=minutes_ago(3))
        add_feed(connection, "later", next_poll=minutes_ago(1))
        add_feed(connection, "gone", next_poll=minutes_ago(99), active=False)
        state.put(connection, "tick", {}, minutes_ago(1))
    with database.read() as connection:
        assert figures.backlog(connection, NOW) == figures.Backlog(180.0, 0.0, 0.0, 60.0)


def test_figures_count_everything_by_what_it_is(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        add_feed(connection, "coast")
        add_feed(connection, "new", polled=None)
        add_feed(connection, "warned", problem="bozo")
        add_feed(connection, "shaky", problem="timeout", failures=2)
        add_feed(connection, "failed", problem="timeout", failures=3)
        add_report(connection, "a", "coast", "s", minutes=5)
        connection.execute(
            tables.items.insert().values(
                id="p", feed_id="coast", title="t", text="", first_seen=NOW, baseline=False, pending=True
            )
        )
        state.add(connection, {("seedwire_polls_total", 'outcome="ok"'): 2.0})
    with database.read() as connection:
        counted = figures.figures(connection, NOW)
    assert counted.feeds == {"ok": 1, "new": 1, "warning": 1, "retrying": 1, "failing": 1}
    assert counted.due == {"poll": 0, "classify": 1, "deliver": 0}
    assert counted.counters == {("seedwire_polls_total", 'outcome="ok"'): 2.0}
    assert counted == replace(counted, pushes={}, deliveries={}, held={}, webhooks=(), disabled_webhooks=0)
