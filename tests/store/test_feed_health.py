"""Feeds with their health and rhythm, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from feeds.advice import ADVICE
from feeds.feed import Feed
from store import feeds as store_feeds
from store.errors import NotFound
from store.feed_health import CHART_DAYS, FeedFilters, all_tags, count_by_health, feed_rows
from store.feeds import poll_now, sync
from store.tables import feeds, items
from store.views.feeds import items_of, stories_of

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def add(database):
    """Put a feed of this name into the config, with what is remembered of it."""
    known = []

    def store(name: str, tags=(), **remembered) -> str:
        feed = Feed(f"https://{name.lower()}.example/rss", name=name, tags=tuple(tags))
        known.append(feed)
        with database.write() as transaction:
            sync(transaction.connection, known, NOW - timedelta(days=60))
            if remembered:
                transaction.connection.execute(update(feeds).where(feeds.c.id == feed.id).values(**remembered))
        return feed.id

    return store


@pytest.fixture
def bring(database):
    def store(feed_id: str, seen: datetime, count: int = 1, *, baseline: bool = False) -> None:
        rows = [
            {
                "id": f"{feed_id}{seen.isoformat()}{number}", "feed_id": feed_id, "title": f"Item {number}",
                "text": "x", "first_seen": seen, "baseline": baseline, "pending": False, "outcome": "below-threshold",
            }
            for number in range(count)
        ]  # fmt: skip
        with database.write() as transaction:
            transaction.connection.execute(items.insert(), rows)

    return store


def rows(database, **asked):
    with database.read() as connection:
        return feed_rows(connection, NOW, **asked)


def names(found):
    return [row.health.name for row in found]


WELL = {"polled": NOW - timedelta(minutes=5), "succeeded": NOW - timedelta(minutes=5), "wait_seconds": 600.0}


@pytest.fixture
def several(add):
    add("Calm", ["gulf"], **WELL)
    add("Bad", **WELL, failures=3, problem="timeout", problem_detail="slow")
    add("Worse", **WELL, failures=9, problem="dns", problem_detail="nowhere")
    add("Gone", ["gulf"], **WELL, failures=3, problem="gone", problem_detail="410")
    add("Odd", ["öl \"x\" 'y' %"], **WELL, problem="malformed", problem_detail="not well-formed")
    add("Fresh")
    add("Once", **WELL, failures=1, problem="closed", problem_detail="hung up")
    add("Pusher", pushed=True, active=False)


WORST_FIRST = ["Worse", "Bad", "Gone", "Once", "Odd", "Fresh", "Calm", "Pusher"]


def test_the_worst_come_first(database, several):
    found = rows(database)
    assert names(found) == WORST_FIRST
    assert [row.health.health for row in found] == [
        "failing", "failing", "resting", "retrying", "warning", "new", "ok", "pushed",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_walk_through_all_once(database, several, size):
    walked, after = [], None
    while page := rows(database, limit=size, after=after):
        walked += names(page)
        after = page[-1].place
    assert walked == WORST_FIRST


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (FeedFilters(health="failing"), ["Worse", "Bad"]),
        (FeedFilters(tag="gulf"), ["Gone", "Calm"]),
        (FeedFilters(tag="öl \"x\" 'y' %"), ["Odd"]),
        (FeedFilters(tag="gul"), []),
        (FeedFilters(text="WORSE.example"), ["Worse"]),
        (FeedFilters(text="%"), []),
        (FeedFilters(text="_"), []),
        (FeedFilters(health="ok", tag="gulf", text="calm"), ["Calm"]),
    ],
)
def test_filters_are_told_apart_from_patterns(database, several, filters, expected):
    assert names(rows(database, filters=filters)) == expected


def test_counts_and_tags_are_over_all(database, several):
    with database.read() as connection:
        counts = count_by_health(connection)
        tags = all_tags(connection, limit=10)
    assert counts == {
        "failing": 2, "resting": 1, "retrying": 1, "offline": 0, "warning": 1, "new": 1, "ok": 1, "pushed": 1,
    }  # fmt: skip
    assert tags == ["gulf", "öl \"x\" 'y' %"]


def test_items_are_counted_by_day_without_the_back_catalogue(database, add, bring):
    feed = add("Calm", **WELL)
    bring(feed, NOW.replace(hour=0, minute=0), 2)
    bring(feed, NOW.replace(hour=0) - timedelta(microseconds=1), 3)
    bring(feed, NOW - timedelta(days=CHART_DAYS - 1), 4)
    bring(feed, NOW - timedelta(days=CHART_DAYS), 5)
    bring(feed, NOW, 6, baseline=True)
    (row,) = rows(database)
    assert tuple(count for _, count in row.by_day) == (4, *[0] * (CHART_DAYS - 3), 3, 2)
    assert row.health.items_per_day == round(5 / 6.5, 2)


def test_days_before_a_feed_was_added_are_not_told_as_quiet(database, add):
    add("Calm", **WELL, added=NOW - timedelta(days=2))
    (row,) = rows(database)
    assert tuple(count for _, count in row.by_day) == (*[None] * (CHART_DAYS - 3), 0, 0, 0)


@pytest.mark.parametrize(
    ("remembered", "why", "seconds"),
    [
        ({}, "first", None),
        (WELL | {"next_poll": NOW + timedelta(minutes=5)}, "rhythm", 600.0),
        (WELL | {"next_poll": NOW + timedelta(minutes=5), "wait_seconds": None}, "default", 600.0),
        (WELL | {"next_poll": NOW + timedelta(minutes=5), "interval_seconds": 600.0}, "config", 600.0),
        (WELL | {"next_poll": NOW + timedelta(minutes=55), "push_until": NOW + timedelta(days=1)}, "push", 3600.0),
        (WELL | {"next_poll": NOW + timedelta(minutes=15), "floor_seconds": 1200.0}, "slowed", 1200.0),
        (WELL | {"next_poll": NOW + timedelta(minutes=15), "failures": 2, "problem": "dns"}, "backoff", 1200.0),
        (WELL | {"next_poll": NOW + timedelta(minutes=15), "failures": 3, "problem": "gone"}, "resting", 1200.0),
        (WELL | {"next_poll": NOW + timedelta(minutes=15), "problem": "offline"}, "offline", 1200.0),
    ],
)
def test_the_interval_in_force_is_told_with_its_reason(database, add, remembered, why, seconds):
    add("Calm", **remembered)
    (row,) = rows(database)
    assert (row.health.why, row.health.interval) == (why, seconds)


def test_a_problem_comes_with_what_to_do(database, several):
    told = {row.health.name: row.health.advice for row in rows(database)}
    assert told["Worse"] == ADVICE["dns"]
    assert told["Calm"] is None


def ask(database, feed_id, now=NOW):
    with database.write() as transaction:
        return poll_now(transaction.connection, feed_id, now)


def due(database, feed_id):
    return next(row.health.next_poll for row in rows(database) if row.health.id == feed_id)


def test_poll_now_makes_a_feed_due_and_a_repeat_changes_nothing(database, add):
    feed = add("Calm", **WELL | {"next_poll": NOW + timedelta(hours=5)})
    assert ask(database, feed).next_poll == NOW
    assert ask(database, feed, NOW + timedelta(seconds=3)) == ask(database, feed, NOW + timedelta(seconds=9))
    assert due(database, feed) == NOW


def test_poll_now_waits_for_a_moment_after_the_last_poll(database, add):
    polled = NOW - timedelta(seconds=10)
    feed = add("Calm", polled=polled, next_poll=NOW + timedelta(hours=5))
    told = ask(database, feed)
    assert told.outcome == "due"
    assert told.next_poll == due(database, feed) == polled + store_feeds._AGAIN


def test_poll_now_leaves_alone_what_is_polled_and_whoever_asked_for_it(database, add):
    later = NOW + timedelta(hours=5)
    busy = add("Busy", **WELL | {"next_poll": NOW, "lease_owner": "w", "lease_until": NOW + timedelta(seconds=40)})
    shy = add("Shy", **WELL | {"next_poll": later, "failures": 1, "problem": "too-many-requests"})
    assert ask(database, busy).outcome == "polling"
    assert ask(database, shy).outcome == "asked-to-wait"
    assert due(database, shy) == later


def test_poll_now_knows_the_config_alone(database, add):
    with pytest.raises(NotFound, match="no feed 'nothing'"):
        ask(database, "nothing")
    pushed = add("Pusher", pushed=True, active=False)
    with pytest.raises(NotFound):
        ask(database, pushed)


def test_the_newest_items_of_a_feed_come_with_their_outcomes(database, add, bring):
    feed, other = add("Calm"), add("Other")
    bring(feed, NOW - timedelta(hours=2))
    bring(feed, NOW - timedelta(hours=1), 2)
    bring(other, NOW)
    with database.read() as connection:
        found = items_of(connection, feed, limit=2)
        assert stories_of(connection, feed, limit=5) == []
    assert [item.first_seen for item in found] == [NOW - timedelta(hours=1)] * 2
    assert found[0].outcome == "below-threshold"
