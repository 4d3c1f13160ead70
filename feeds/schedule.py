"""When a feed is polled next. Pure: takes the time, gives a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from feeds.feed import Feed, PollingLimits

#: However often a feed fails, it is tried again after a day.
LONGEST_WAIT = timedelta(days=1)

#: Polls per expected new entry where a feed's own rhythm decides: an entry waits a twentieth of the usual gap.
_POLLS_PER_ENTRY = 10
_GROWTH = 1.25
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_JITTER = 0.1


def interval(
    feed: Feed, limits: PollingLimits, now: datetime, published: Sequence[datetime], asked: timedelta | None = None
) -> timedelta:
    """How long to leave a feed alone after a poll that brought a new document.

    The feed's own ``interval`` rules. Else a tenth of the usual gap between its latest entries (``published``), or of a
    tenth of the silence since, whichever is longer, within the limits; a feed that tells no times gets
    ``limits.interval``. ``asked`` is what feed or server ask for (``ttl``, ``max-age``). It can make polls rarer, but
    not rarer than ``limits.interval``: an hour is the default of too many newsrooms' software.
    """
    if feed.interval is not None:
        return max(feed.interval, limits.min_interval)
    gap = _usual_gap(now, published)
    wait = limits.interval if gap is None else gap / _POLLS_PER_ENTRY
    if asked is not None:
        wait = max(wait, min(asked, limits.interval))
    return min(max(wait, limits.min_interval), limits.max_interval)


def interval_unchanged(
    feed: Feed, limits: PollingLimits, last: timedelta | None, asked: timedelta | None = None
) -> timedelta:
    """How long after a poll that brought nothing. ``last`` is the wait before it, ``None`` where it says nothing
    (the first poll, one after a failure). Short waits grow up to ``limits.interval``, long ones stay."""
    if feed.interval is not None or last is None:
        return interval(feed, limits, _ANY_TIME, (), asked)
    wait = last if last >= limits.interval else min(last * _GROWTH, limits.interval)
    if asked is not None:
        wait = max(wait, min(asked, limits.interval))
    return min(max(wait, limits.min_interval), limits.max_interval)


def after_success(now: datetime, wait: timedelta, rng: random.Random) -> datetime:
    return now + _spread(wait, rng)


def after_failure(
    now: datetime,
    wait: timedelta,
    failures: int,
    rng: random.Random,
    retry_after: timedelta | None = None,
) -> datetime:
    """``wait`` doubled with each further failure in a row, a day at most. ``retry_after`` is kept to, up to a day; one
    shorter than ``wait`` (zero is common) means the usual wait, not a doubled one."""
    if retry_after is not None:
        return now + _spread(min(max(retry_after, wait), LONGEST_WAIT), rng)
    return now + _spread(min(wait * 2 ** min(max(failures - 1, 0), 20), LONGEST_WAIT), rng)


def _spread(wait: timedelta, rng: random.Random) -> timedelta:
    """Up to a tenth longer, so that feeds polled together drift apart; never shorter than asked for."""
    return wait * (1 + _JITTER * rng.random())


def _usual_gap(now: datetime, published: Sequence[datetime]) -> timedelta | None:
    latest = sorted(set(published), reverse=True)[:20]
    gaps = sorted(later - earlier for later, earlier in pairwise(latest))
    if len(gaps) < 2:
        return None
    return max(gaps[len(gaps) // 2], (now - latest[0]) / _POLLS_PER_ENTRY)
