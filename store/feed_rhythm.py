"""How many items feeds bring. What stood in a feed before its first poll does not count."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import String, cast, func, select

from store.tables import items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


def items_by_day(
    connection: Connection, start: datetime, feed_ids: Sequence[str] | None
) -> Mapping[str, Mapping[str, int]]:
    """How many items each feed brought on each day since then, by feed and ISO date (UTC): one statement, a range of
    the index on (feed_id, first_seen, baseline) each. ``feed_ids`` are those that are asked about, None for all."""
    day = (
        func.substr(cast(items.c.first_seen, String), 1, 10)
        if connection.dialect.name == "sqlite"
        else func.to_char(func.timezone("UTC", items.c.first_seen), "YYYY-MM-DD")
    )
    query = (
        select(items.c.feed_id, day, func.count())
        .where(items.c.first_seen >= start, ~items.c.baseline)
        .group_by(items.c.feed_id, day)
    )
    if feed_ids is not None:
        query = query.where(items.c.feed_id.in_(feed_ids))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for feed_id, date, count in connection.execute(query):
        found[feed_id][date] = count
    return found


def sum_since(daily: Mapping[str, Mapping[str, int]], start: datetime) -> dict[str, int]:
    """Of what ``items_by_day`` counted, how many each feed brought since then, a full day (UTC)."""
    first = start.date().isoformat()
    return {feed_id: sum(count for day, count in of.items() if day >= first) for feed_id, of in daily.items()}


def items_since(connection: Connection, start: datetime) -> dict[str, int]:
    """How many items each feed brought since then."""
    rows = connection.execute(
        select(items.c.feed_id, func.count())
        .where(items.c.first_seen >= start, ~items.c.baseline)
        .group_by(items.c.feed_id)
    )
    return {row[0]: row[1] for row in rows}
