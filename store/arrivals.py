"""What came within the last days, for telling it once more: items with their outcome, and the reports among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from alerts.filters import Reporters, primary_tag
from alerts.rehearsal import Arrival
from store.feed_names import FEED_NAME
from store.reports import report_of, select_reports
from store.tables import alerts, events, feeds, items

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

#: Rows fetched at once; those of reports hold texts.
_ITEMS, _REPORTS = 2_000, 200


class SeenItem(NamedTuple):
    """An item, and what the service decided of it; ``outcome`` is None while it waits to be classified."""

    id: str
    url: str | None
    title: str
    published: datetime | None
    first_seen: datetime
    feed: str
    outcome: str | None


def items_since(connection: Connection, start: datetime) -> Iterator[SeenItem]:
    """The items first seen then or later, newest first."""
    kept = (items.c.id, items.c.url, items.c.title, items.c.published, items.c.first_seen, items.c.outcome)
    rows = connection.execute(
        select(*kept, items.c.feed_id, FEED_NAME)
        .join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
        .where(items.c.first_seen >= start)
        .order_by(items.c.first_seen.desc(), items.c.id.desc())
        .execution_options(yield_per=_ITEMS)
    )
    for row in rows:
        feed = row.feed or row.feed_id
        yield SeenItem(row.id, row.url, row.title, row.published, row.first_seen, feed, row.outcome)


def arrivals(connection: Connection, start: datetime) -> Iterator[Arrival]:
    """The reports of every story that an item seen then or later reports, from its first, in order of arrival."""
    concerned = (
        select(events.c.story_id)
        .join(items, items.c.id == events.c.item_id)
        .where(items.c.first_seen >= start, events.c.story_id.is_not(None))
    )
    rows = connection.execute(
        select_reports().where(events.c.story_id.in_(concerned)).execution_options(yield_per=_REPORTS)
    )
    for row in rows:
        reporters = Reporters(
            tags=frozenset(row.tags or ()),
            feeds=frozenset(name for name in (row.name, row.feed_url) if name),
            languages=frozenset({primary_tag(row.language)} if row.language else ()),
        )
        yield Arrival(row.at, row.story_id, report_of(row), reporters)


def service_alerts_since(connection: Connection, start: datetime, but: str) -> list[str]:
    """The types of the alerts about the service, not about events, since then: all but those of type ``but``."""
    about_service = (alerts.c.time >= start, alerts.c.story_id.is_(None), alerts.c.type != but)
    return list(connection.scalars(select(alerts.c.type).where(*about_service).order_by(alerts.c.time)))
