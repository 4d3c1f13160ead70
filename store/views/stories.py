"""Stories with all that reports them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from store.feed_names import FEED_NAME
from store.story_search import ALL_STORIES, StoryFilters, admitted
from store.tables import events, feeds, items, stories, story_search
from store.views.corrections import of_stories

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from store.views.corrections import Said

#: Stories asked for in one statement.
AT_ONCE = 500

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
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class StoryMark:
    """Which story, and as of which of its changes: enough to tell whether what was made of it before still holds."""

    id: str
    opened: datetime
    revision: int


def newest_stories(
    connection: Connection,
    *,
    limit: int | None,
    before: tuple[datetime, str] | None = None,
    filters: StoryFilters = ALL_STORIES,
    ids: Collection[str] | None = None,
) -> list[StoryView]:
    """Stories that the filters admit, the newest first.

    ``before`` is the (opened, id) of the last one already shown; ``ids`` names all that are asked about.
    """
    marks = newest_marks(connection, limit=limit, before=before, filters=filters, ids=ids)
    return views_of(connection, [mark.id for mark in marks])


def newest_marks(
    connection: Connection,
    *,
    limit: int | None,
    before: tuple[datetime, str] | None = None,
    filters: StoryFilters = ALL_STORIES,
    ids: Collection[str] | None = None,
) -> list[StoryMark]:
    """The stories that ``newest_stories`` gives, without what is known of them."""
    # From the narrow rows, which are those of living stories: the order is one of their indexes.
    opened, story_id = story_search.c.opened, story_search.c.story_id
    query = select(story_id, opened, stories.c.revision).join(stories, stories.c.id == story_id)
    if filters:
        query = query.where(admitted(connection, filters))
    if before:
        query = query.where(or_(opened < before[0], and_(opened == before[0], story_id < before[1])))
    if ids is not None:
        query = query.where(story_id.in_(ids))
    rows = connection.execute(query.order_by(opened.desc(), story_id.desc()).limit(limit))
    return [StoryMark(row.story_id, row.opened, row.revision) for row in rows]


def views_of(connection: Connection, story_ids: Sequence[str]) -> list[StoryView]:
    """These stories with all that reports them, in this order; none for an id that there is not."""
    views: list[StoryView] = []
    for start in range(0, len(story_ids), AT_ONCE):
        part = story_ids[start : start + AT_ONCE]
        rows = {row.id: row for row in connection.execute(select(stories).where(stories.c.id.in_(part)))}
        reported = _items_of(connection, part)
        said = of_stories(connection, part)
        views += [_view_of(rows[one], reported.get(one, ()), said.get(one)) for one in part if one in rows]
    return views


def _view_of(row: Row[Any], reported: Sequence[StoryItem], said: Said | None) -> StoryView:
    return StoryView(
        id=row.id,
        type=row.type,
        status=row.status,
        opened=row.opened,
        changed=row.changed,
        revision=row.revision,
        event=row.event,
        outlets=tuple(sorted(row.outlets or ())),
        items=tuple(reported),
        said=said,
    )


def _items_of(connection: Connection, story_ids: Sequence[str]) -> dict[str, list[StoryItem]]:
    rows = connection.execute(
        select(
            events.c.story_id, items.c.id, items.c.title, items.c.url, items.c.published, items.c.first_seen,
            items.c.language, items.c.feed_id, FEED_NAME, feeds.c.url.label("feed_url"),
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
                feed=row.feed or row.feed_id,
                feed_url=row.feed_url,
            )
        )
    return found
