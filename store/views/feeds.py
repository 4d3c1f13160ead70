"""What one feed brought: its newest items with what became of them, and the stories these are part of.

The list of feeds is in ``store.feed_health``, which the command line shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store.tables import events, items, stories
from store.views.stories import LIVING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

#: A feed's stories are looked for among so many of its newest items.
_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item as its feed's page shows it. ``outcome`` is None while it waits to be read."""

    id: str
    title: str
    url: str | None
    published: datetime | None
    first_seen: datetime
    outcome: str | None
    near_miss: bool


@dataclass(frozen=True, slots=True)
class FeedStory:
    """A story that a feed reported: how many items it has in all, and when this feed first told of it."""

    id: str
    title: str
    type: str
    status: str | None
    items: int
    told: datetime


def items_of(connection: Connection, feed_id: str, *, limit: int) -> list[FeedItem]:
    """Items of a feed, the newest first."""
    rows = connection.execute(
        select(*(items.c[name] for name in FeedItem.__dataclass_fields__))
        .where(items.c.feed_id == feed_id)
        .order_by(items.c.first_seen.desc(), items.c.id.desc())
        .limit(limit)
    )
    return [FeedItem(*row) for row in rows]


def stories_of(connection: Connection, feed_id: str, *, limit: int) -> list[FeedStory]:
    """Stories that a feed's newest items are part of, those it told of last first."""
    newest = (
        select(items.c.id, items.c.title, items.c.first_seen)
        .where(items.c.feed_id == feed_id)
        .order_by(items.c.first_seen.desc())
        .limit(_LOOKED_AT)
        .subquery("newest")
    )
    told = func.min(newest.c.first_seen)
    rows = connection.execute(
        select(
            stories.c.id, func.min(newest.c.title).label("title"), stories.c.type, stories.c.status,
            stories.c.item_count, told.label("told"),
        )
        .select_from(newest.join(events, events.c.item_id == newest.c.id))
        .join(stories, stories.c.id == events.c.story_id)
        .where(LIVING)
        .group_by(stories.c.id, stories.c.type, stories.c.status, stories.c.item_count)
        .order_by(told.desc(), stories.c.id)
        .limit(limit)
    )  # fmt: skip
    return [FeedStory(*row) for row in rows]
