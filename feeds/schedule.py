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
#: While we are offline, look this often whether that is over.
_OFFLINE_WAIT = timedelta(minutes=2)
_FLOOR_DECAY = 0.9
_RELAXED = 6


def interval(
    feed: Feed,
    limits: PollingLimits,
    now: datetime,
    published: Sequence[datetime],
    asked: timedelta | None = None,
    arrived: timedelta | None = None,
) -> timedelta:
    """How long to leave a feed alone after a poll that brought a new document.

    The feed's own ``interval`` rules. Else a tenth of the usual gap between its latest entries (``published``), or of a
    tenth of the silence since, whichever is longer, within the limits. Where a feed tells no times, ``arrived`` stands
    for the gap: the time between this poll, if it brought something new, and the last one that did. Without any of it
    there is ``limits.interval``. ``asked`` is what feed or server ask for (``ttl``, ``max-age``). It can make polls
    rarer, but not rarer than ``limits.interval``: an hour is the default of too many newsrooms' software.
    """
    if feed.interval is not None:
        return max(feed.interval, limits.min_interval)
    gap = _usual_gap(now, published)
    if gap is None and arrived is not None:
        # One gap says little: it can make the usual wait shorter, not longer; silence does that.
        gap = min(arrived, limits.interval * _POLLS_PER_ENTRY)
    wait = limits.interval if gap is None else gap / _POLLS_PER_ENTRY
    if asked is not None:
        wait = max(wait, min(asked, limits.interval))
    return min(max(wait, limits.min_interval), limits.max_interval)


def interval_unchanged(
    feed: Feed,
    limits: PollingLimits,
    last: timedelta | None,
    asked: timedelta | None = None,
    silence: timedelta | None = None,
) -> timedelta:
    """How long after a poll that brought nothing. ``last`` is the wait that the rhythm chose before it, ``None``
    where there was none. Short waits grow up to ``limits.interval``, long ones stay; ``silence``, the
    time since anything new came, lengthens them as it does after a new document."""
    if feed.interval is not None or last is None:
        return interval(feed, limits, _ANY_TIME, (), asked)
    wait = last if last >= limits.interval else min(last * _GROWTH, limits.interval)
    if silence is not None:
        wait = max(wait, silence / _POLLS_PER_ENTRY**2)
    if asked is not None:
        wait = max(wait, min(asked, limits.interval))
    return min(max(wait, limits.min_interval), limits.max_interval)


def floor_after_refusal(limits: PollingLimits, last: timedelta | None, floor: timedelta) -> timedelta:
    """The wait below which not to go any more, after the publisher refused a poll (403 or 429 without ``Retry-After``)
    while the rhythm was ``last``: twice that, as an answer to "slow down"."""
    return min(2 * max(last or limits.interval, floor), limits.max_interval)


def floor_after_success(limits: PollingLimits, floor: timedelta) -> timedelta:
    """The floor sinks slowly: else the feed would run into the same refusal again and again."""
    lower = floor * _FLOOR_DECAY
    return lower if lower > limits.min_interval else timedelta(0)


def while_offline(now: datetime, wait: timedelta, rng: random.Random) -> datetime:
    """``wait`` is the feed's usual one."""
    return now + _spread(min(wait, _OFFLINE_WAIT), rng)


def relaxed(feed: Feed, limits: PollingLimits, wait: timedelta) -> timedelta:
    """``wait`` while a hub pushes what is new: six times as long, ``limits.max_interval`` at most. Polls are then what
    finds out that the hub has fallen silent. A feed's own ``interval`` is kept to."""
    return wait if feed.interval is not None else max(wait, min(wait * _RELAXED, limits.max_interval))


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
