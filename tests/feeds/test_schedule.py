"""When a feed is polled next."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import schedule
from feeds.feed import Feed, PollingLimits

NOW = datetime(2026, 8, 13, 12, 0, tzinfo=UTC)
FEED = Feed("https://e.org/feed")
LIMITS = PollingLimits()
MINUTE = timedelta(minutes=1)


def every(gap: timedelta, *, until: datetime = NOW) -> list[datetime]:
    return [until - gap * n for n in range(20)]


@pytest.mark.parametrize(
    ("published", "asked", "wait"),
    [
        ([], None, 10 * MINUTE),
        ([NOW], None, 10 * MINUTE),
        (every(MINUTE), None, MINUTE),
        (every(50 * MINUTE), None, 5 * MINUTE),
        (every(timedelta(days=1)), None, 144 * MINUTE),
        (every(timedelta(days=30)), None, timedelta(hours=6)),
        (every(MINUTE, until=NOW - timedelta(days=400)), None, timedelta(hours=6)),
        (every(MINUTE), timedelta(minutes=5), 5 * MINUTE),
        (every(MINUTE), timedelta(hours=12), 10 * MINUTE),
        (every(timedelta(days=1)), timedelta(seconds=30), 144 * MINUTE),
    ],
)
def test_the_interval_follows_how_often_a_feed_publishes(
    published: list[datetime], asked: timedelta | None, wait: timedelta
) -> None:
    assert schedule.interval(FEED, LIMITS, NOW, published, asked) == wait


def test_a_feeds_own_interval_rules_within_the_minimum() -> None:
    feed = Feed("https://e.org/feed", interval=timedelta(hours=12))
    assert schedule.interval(feed, LIMITS, NOW, every(MINUTE)) == timedelta(hours=12)
    assert schedule.interval_unchanged(feed, LIMITS, MINUTE) == timedelta(hours=12)
    hasty = Feed("https://e.org/feed", interval=timedelta(seconds=1))
    assert schedule.interval(hasty, LIMITS, NOW, []) == LIMITS.min_interval


def test_waits_after_unchanged_polls_grow_to_the_configured_interval_and_keep_longer_ones() -> None:
    waits = [MINUTE]
    for _ in range(20):
        waits.append(schedule.interval_unchanged(FEED, LIMITS, waits[-1]))
    assert waits == sorted(waits)
    assert waits[-1] == LIMITS.interval
    assert schedule.interval_unchanged(FEED, LIMITS, timedelta(hours=2)) == timedelta(hours=2)
    assert schedule.interval_unchanged(FEED, LIMITS, timedelta(days=3)) == LIMITS.max_interval
    assert schedule.interval_unchanged(FEED, LIMITS, None) == LIMITS.interval


def test_without_times_the_gap_between_arrivals_stands_for_the_rhythm() -> None:
    def wait(arrived: timedelta) -> timedelta:
        return schedule.interval(FEED, LIMITS, NOW, [], None, arrived)

    assert wait(50 * MINUTE) == 5 * MINUTE
    assert wait(timedelta(seconds=5)) == LIMITS.min_interval
    assert wait(timedelta(days=30)) == LIMITS.interval  # one gap makes no feed slow
    assert schedule.interval(FEED, LIMITS, NOW, every(50 * MINUTE), None, MINUTE) == 5 * MINUTE


def test_silence_lengthens_the_wait_up_to_the_maximum() -> None:
    def wait(silence: timedelta) -> timedelta:
        return schedule.interval_unchanged(FEED, LIMITS, 10 * MINUTE, None, silence)

    assert wait(timedelta(hours=1)) == 10 * MINUTE
    assert wait(timedelta(days=5)) == 72 * MINUTE
    assert wait(timedelta(days=400)) == LIMITS.max_interval


def test_the_floor_doubles_with_each_refusal_and_sinks_with_success() -> None:
    floor = schedule.floor_after_refusal(LIMITS, 5 * MINUTE, timedelta(0))
    assert floor == 10 * MINUTE
    assert schedule.floor_after_refusal(LIMITS, 12 * MINUTE, floor) == 24 * MINUTE
    assert schedule.floor_after_refusal(LIMITS, None, timedelta(days=3)) == LIMITS.max_interval
    sinking = [floor]
    while sinking[-1]:
        sinking.append(schedule.floor_after_success(LIMITS, sinking[-1]))
    assert sinking == sorted(sinking, reverse=True)
    assert len(sinking) > 10


@given(
    st.lists(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2040, 1, 1)), max_size=30),  # noqa: DTZ001
    st.one_of(st.none(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000))),
    st.integers(1, 10**6),
    st.one_of(st.none(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000))),
    st.integers(),
)
def test_waits_stay_within_bounds(
    moments: list[datetime], asked: timedelta | None, failures: int, retry: timedelta | None, seed: int
) -> None:
    rng = random.Random(seed)
    wait = schedule.interval(FEED, LIMITS, NOW, [m.replace(tzinfo=UTC) for m in moments], asked)
    assert LIMITS.min_interval <= wait <= LIMITS.max_interval
    assert wait <= schedule.after_success(NOW, wait, rng) - NOW <= wait * 1.1
    due = schedule.after_failure(NOW, wait, failures, rng, retry)
    assert wait <= due - NOW <= timedelta(days=1.1)
    if retry is not None and retry <= timedelta(days=1):
        assert due - NOW >= retry
