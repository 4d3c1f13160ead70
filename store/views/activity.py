"""Items, events and alerts over time: how many came in each hour or day.

Each figure is a range of an index (items by first_seen, events by time and type, alerts by time), all of them in one
statement a table, so the cost is that of counting what came in the time shown, whatever else is stored.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, literal, select, union_all

from store.tables import alerts, events, items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Column, Connection

Bucket = Literal["hour", "day"]

#: How far back is looked, and how long a bucket is. Buckets begin at the full hour or day, UTC.
SPANS: Mapping[Bucket, tuple[int, timedelta]] = {"hour": (48, timedelta(hours=1)), "day": (30, timedelta(days=1))}


@dataclass(frozen=True, slots=True)
class Count:
    """What came from ``start`` on, for one bucket; None where nothing is known of it.

    ``events`` are by type, those of no type left out. The last bucket is still going on.
    """

    start: datetime
    items: int | None
    events: Mapping[str, int] | None
    alerts: int | None


@dataclass(frozen=True, slots=True)
class Activity:
    """``since`` is when figures of items and events begin: with the first item, or where retention has left off.
    None while there is nothing at all. ``kept`` tells that it is retention that has removed what was before."""

    bucket: Bucket
    counts: tuple[Count, ...]
    types: tuple[str, ...]
    since: datetime | None
    kept: bool


def activity(connection: Connection, bucket: Bucket, now: datetime, *, keep: timedelta) -> Activity:
    """The last buckets, the one that is going on last. ``keep`` is how long items are kept (store.retention).

    Of items older than that only those are left that stories need, which says nothing of how many there were.
    """
    number, size = SPANS[bucket]
    latest = now.replace(minute=0, second=0, microsecond=0)
    if bucket == "day":
        latest = latest.replace(hour=0)
    starts = [latest - size * back for back in reversed(range(number))]
    first = connection.scalar(select(func.min(items.c.first_seen)))
    told = connection.scalar(select(func.min(alerts.c.time)))
    horizon = now - keep
    since = max(first, horizon) if first else None
    came = _count(connection, items.c.first_seen, starts, size)
    called = _count(connection, alerts.c.time, starts, size)
    found = _count_events(connection, starts, size)
    counts = []
    for start in starts:
        known = first is not None and first < start + size and start >= horizon
        counts.append(
            Count(
                start=start,
                items=came.get(start, 0) if known else None,
                events=found.get(start, {}) if known else None,
                alerts=called.get(start, 0) if known or (told is not None and told < start + size) else None,
            )
        )
    types = sorted({name for of in found.values() for name in of})
    return Activity(bucket, tuple(counts), tuple(types), since, kept=first is not None and first < horizon)


def _count(
    connection: Connection, time: Column[datetime], starts: Sequence[datetime], size: timedelta
) -> dict[datetime, int]:
    ranges = [select(func.count()).where(time >= start, time < start + size).scalar_subquery() for start in starts]
    return dict(zip(starts, connection.execute(select(*ranges)).one(), strict=True))


def _count_events(
    connection: Connection, starts: Sequence[datetime], size: timedelta
) -> dict[datetime, dict[str, int]]:
    ranges = [
        select(literal(number), events.c.type, func.count())
        .where(events.c.at >= start, events.c.at < start + size)
        .group_by(events.c.type)
        for number, start in enumerate(starts)
    ]
    found: dict[datetime, dict[str, int]] = defaultdict(dict)
    for number, name, count in connection.execute(union_all(*ranges)):
        found[starts[number]][name] = count
    return found
