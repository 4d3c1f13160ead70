"""Reports as they are stored: each event of an item, with its item and feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from alerts.story import Report, outlet_of
from classifiers.event_json import event_from_dict
from store.feed_names import FEED_NAME
from store.tables import events, feeds, items

if TYPE_CHECKING:
    from sqlalchemy import Row, Select


def select_reports() -> Select[Any]:
    """Every report there is, as they arrived, each with its item and feed: ``report_of`` makes one of a row."""
    return (
        select(events, items, FEED_NAME, feeds.c.name, feeds.c.url.label("feed_url"), feeds.c.tags)
        .join(items, items.c.id == events.c.item_id)
        .join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
        .order_by(events.c.at, events.c.item_id, events.c.number)
    )


def report_of(row: Row[Any]) -> Report:
    """The report in a row of ``select_reports``."""
    return Report(
        item_id=row.item_id,
        index=row.number,
        feed_id=row.feed_id,
        feed_title=row.feed or "",
        feed_url=row.feed_url or "",
        outlet=outlet_of(row.url, row.feed_url or ""),
        url=row.url,
        title=row.title,
        text=row.text,
        language=row.language,
        published=row.published,
        seen=row.first_seen,
        event=event_from_dict(row.event),
        tags=tuple(row.tags or ()),
    )
