"""Stories with all that reports them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from store.tables import events, feeds, items, stories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

#: One that went into another is that other.
LIVING = stories.c.merged_into.is_(None)


@dataclass(frozen=True, slots=True)
class StoryItem:
    """One item that reports a story. ``feed`` is the feed's name as shown to a person."""

    id: str
    title: str
    url: str | None
    published: datetime | None
    first_seen: datetime
    language: str | None
    feed_id: str
    feed: str
    feed_url: str | None


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story with all that reports it, the first report first. ``event`` is the merged event as stored, ``revision``
    the number of the last change to what is shown."""

    id: str
    type: str
    status: str | None
    opened: datetime
    changed: datetime
    revision: int
    event: Mapping[str, Any]
    outlets: tuple[str, ...]
    items: tuple[StoryItem, ...]


def newest_stories(
    connection: Connection, *, limit: int | None, before: tuple[datetime, str] | None = None
) -> list[StoryView]:
    """Stories newest first; ``before`` is the (opened, id) of the last one already shown."""
    query = select(stories).where(LIVING).order_by(stories.c.opened.desc(), stories.c.id.desc()).limit(limit)
    if before:
        opened, story_id = before
        query = query.where(or_(stories.c.opened < opened, and_(stories.c.opened == opened, stories.c.id < story_id)))
    rows = connection.execute(query).all()
    reported = _items_of(connection, [row.id for row in rows])
    return [
        StoryView(
            id=row.id,
            type=row.type,
            status=row.status,
            opened=row.opened,
            changed=row.changed,
            revision=row.revision,
            event=row.event,
            outlets=tuple(sorted(row.outlets or ())),
            items=tuple(reported.get(row.id, ())),
        )
        for row in rows
    ]


def _items_of(connection: Connection, story_ids: Sequence[str]) -> dict[str, list[StoryItem]]:
    rows = connection.execute(
        select(
            events.c.story_id, items.c.id, items.c.title, items.c.url, items.c.published, items.c.first_seen,
            items.c.language, items.c.feed_id, feeds.c.name, feeds.c.title.label("feed_title"),
            feeds.c.url.label("feed_url"),
        )
        .join(items, items.c.id == events.c.item_id)
        .join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
        .where(events.c.story_id.in_(story_ids))
        .distinct()
        .order_by(items.c.first_seen, items.c.id)
    )  # fmt: skip
    found: dict[str, list[StoryItem]] = defaultdict(list)
    for row in rows:
        found[row.story_id].append(
            StoryItem(
                id=row.id,
                title=row.title,
                url=row.url,
                published=row.published,
                first_seen=row.first_seen,
                language=row.language,
                feed_id=row.feed_id,
                feed=row.name or row.feed_title or row.feed_url or row.feed_id,
                feed_url=row.feed_url,
            )
        )
    return found
