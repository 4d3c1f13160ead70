"""Stories and the events they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from alerts.filters import Reporters, primary_tag
from alerts.story import Report, Story, outlet_of
from classifiers.event_json import event_from_dict, event_with_evidence
from store.database import insert, serialize
from store.tables import events, feeds, items, stories, story_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from classifiers.event import Event

_MATCH_LOCK = 0x5EED_0002
#: A report is compared with at most this many stories, the most recent first, so that its cost stays flat.
MOST_CANDIDATES = 50


def begin_matching(connection: Connection) -> None:
    """One report at a time looks for its story: two reports of one event must not both open one."""
    serialize(connection, _MATCH_LOCK)


def candidates(connection: Connection, keys: Iterable[str], since: datetime) -> list[Story]:
    """Stories that share a key and had a report since then, the most recent first."""
    wanted = sorted(set(keys))
    if not wanted:
        return []
    ids = connection.execute(
        select(story_keys.c.story_id)
        .where(story_keys.c.key.in_(wanted), story_keys.c.last >= since)
        .group_by(story_keys.c.story_id)
        .order_by(func.count().desc(), func.max(story_keys.c.last).desc(), story_keys.c.story_id)
        .limit(MOST_CANDIDATES)
    ).scalars()
    return _load(connection, list(ids))


def by_id(connection: Connection, story_ids: Sequence[str]) -> dict[str, Story]:
    """Those of these stories that there are."""
    return {story.id: story for story in _load(connection, story_ids)}


def save(connection: Connection, story: Story, keys: Iterable[str], now: datetime) -> None:
    """Write a story as it is now, and the keys by which further reports will find it."""
    values = {
        "id": story.id,
        "type": story.event.type,
        "status": story.event.status,
        "event": event_with_evidence(story.event),
        "opened": story.opened,
        "first": story.first,
        "last": story.last,
        "outlets": sorted(story.outlets),
        "prints": [list(p) for p in story.prints],
        "item_count": story.items,
        "changed": now,
    }
    statement = insert(connection, stories).values(values)
    changed = {name: statement.excluded[name] for name in values if name not in {"id", "opened"}}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
    connection.execute(update(story_keys).where(story_keys.c.story_id == story.id).values(last=story.last))
    rows = [{"key": key[:160], "story_id": story.id, "last": story.last} for key in sorted(set(keys))]
    if rows:
        keys_statement = insert(connection, story_keys)
        connection.execute(
            keys_statement.on_conflict_do_update(
                index_elements=["key", "story_id"], set_={"last": keys_statement.excluded.last}
            ),
            rows,
        )


def save_event(
    connection: Connection,
    item_id: str,
    number: int,
    event: Event,
    *,
    story_id: str | None,
    reasons: Sequence[str],
    now: datetime,
) -> None:
    """Write one event of one item, and which story it belongs to and why."""
    values = {
        "item_id": item_id,
        "number": number,
        "type": event.type,
        "score": event.score,
        "event": event_with_evidence(event),
        "story_id": story_id,
        "reasons": list(reasons),
        "at": now,
    }
    statement = insert(connection, events).values(values)
    changed = {name: statement.excluded[name] for name in values if name not in {"item_id", "number"}}
    connection.execute(statement.on_conflict_do_update(index_elements=["item_id", "number"], set_=changed))


def reporters_of(connection: Connection, story_id: str) -> Reporters:
    """Every feed that reported the story, as filters ask for them."""
    told = (
        select(items.c.feed_id, items.c.language)
        .join(events, events.c.item_id == items.c.id)
        .where(events.c.story_id == story_id)
        .distinct()
        .subquery()
    )
    rows = connection.execute(
        select(told.c.language, feeds.c.name, feeds.c.url, feeds.c.tags).join(feeds, feeds.c.id == told.c.feed_id)
    ).all()
    return Reporters(
        tags=frozenset(tag for row in rows for tag in row.tags),
        feeds=frozenset(name for row in rows for name in (row.name, row.url) if name),
        languages=frozenset(primary_tag(row.language) for row in rows if row.language),
    )


def reports_of(connection: Connection, story_id: str) -> list[tuple[Report, tuple[str, ...]]]:
    """The story's reports in the order they arrived, each with the reasons why it belongs to it."""
    rows = connection.execute(
        select(
            events, items, feeds.c.name, feeds.c.title.label("feed_title"), feeds.c.url.label("feed_url"), feeds.c.tags
        )
        .join(items, items.c.id == events.c.item_id)
        .join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
        .where(events.c.story_id == story_id)
        .order_by(events.c.at, events.c.item_id, events.c.number)
    )
    return [
        (
            Report(
                item_id=row.item_id,
                index=row.number,
                feed_id=row.feed_id,
                feed_title=row.name or row.feed_title or row.feed_url or "",
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
            ),
            tuple(row.reasons or ()),
        )
        for row in rows
    ]


def _load(connection: Connection, ids: Sequence[str]) -> list[Story]:
    if not ids:
        return []
    rows = {row.id: row for row in connection.execute(select(stories).where(stories.c.id.in_(ids)))}
    reports: dict[str, list[tuple[str, int]]] = {}
    for event in connection.execute(
        select(events.c.story_id, events.c.item_id, events.c.number)
        .where(events.c.story_id.in_(ids))
        .order_by(events.c.at, events.c.item_id, events.c.number)
    ):
        reports.setdefault(event.story_id, []).append((event.item_id, event.number))
    return [
        Story(
            id=row.id,
            event=event_from_dict(row.event),
            opened=row.opened,
            first=row.first,
            last=row.last,
            outlets=frozenset(row.outlets),
            reports=tuple(reports.get(row.id, ())),
            prints=tuple(tuple(p) for p in row.prints),
        )
        for row in (rows[i] for i in ids if i in rows)
    ]
