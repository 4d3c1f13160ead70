"""Stories and the events they are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, select, update

from alerts.filters import Reporters, primary_tag
from alerts.matching import FAINT
from alerts.story import Story
from classifiers.event_json import event_from_dict, event_with_evidence
from store import held, story_search
from store.database import serialize, upsert
from store.prints import packed, unpacked
from store.reports import report_of, select_reports
from store.tables import events, feeds, items, stories, story_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection, Row

    from alerts.story import Report
    from classifiers.event import Event

_MATCH_LOCK = 0x5EED_0002
#: A report is compared with at most this many stories, so that its cost stays flat.
MOST_CANDIDATES = 20
#: Of stories that share as much with a report, those come first that were last reported on before it, or so soon after.
SOON_AFTER = timedelta(days=8)


def begin_matching(connection: Connection) -> None:
    """One report at a time looks for its story: two reports of one event must not both open one.

    Taken before any row of an item is written, in every transaction that does both, or two might wait for each other.
    """
    serialize(connection, _MATCH_LOCK)


def candidates(
    connection: Connection, item_id: str, keys: Iterable[str], since: datetime, near: datetime
) -> list[Story]:
    """The stories that hold a report of this item already, and those that share a key and had a report since then:
    the more keys the sooner, then the later, but for those reported on only well after ``near``. The stories that any
    of them went into are among them.
    """
    known = connection.execute(_OF_ITEM, {"item_id": item_id}).scalars()
    given = {"keys": sorted(set(keys)), "since": since, "near": near + SOON_AFTER}
    found = connection.execute(_SHARING, given).scalars() if given["keys"] else ()
    return _load(connection, list(dict.fromkeys([*filter(None, known), *found])))


def by_id(connection: Connection, story_ids: Sequence[str]) -> dict[str, Story]:
    """Those of these stories that there are."""
    return {story.id: story for story in _load(connection, story_ids)}


def touch(connection: Connection, story_ids: Iterable[str]) -> None:
    """Give stories the next numbers, because what is shown of them has changed: open pages and API clients are told.

    In the caller's transaction after ``begin_matching``, by which numbers are handed out in the order of commits.
    """
    following = _next_revision(connection)
    rows = [{"touched": story_id, "number": number} for number, story_id in enumerate(story_ids, following)]
    if rows:
        connection.execute(_TOUCH, rows)


def _next_revision(connection: Connection) -> int:
    return (connection.scalar(_LAST_REVISION) or 0) + 1


def show_edits(connection: Connection, item_ids: Sequence[str]) -> list[str]:
    """Let the stories that these items report be shown and found by what the items say now; returns their ids.

    In the caller's transaction after ``begin_matching``.
    """
    if not item_ids:
        return []
    reported = select(events.c.story_id).where(events.c.item_id.in_(item_ids), events.c.story_id.is_not(None))
    ids = sorted(set(connection.scalars(reported)))
    _show_anew(connection, ids)
    return ids


def _show_anew(connection: Connection, story_ids: Sequence[str]) -> None:
    """Let stories be found by what their rows and the items that report them say now, and have that told."""
    reports: dict[str, dict[str, None]] = {}
    for event in connection.execute(_REPORTS, {"ids": list(story_ids)}) if story_ids else ():
        reports.setdefault(event.story_id, {})[event.item_id] = None
    for story_id, row in _rows(connection, story_ids).items():
        story_search.index(connection, row._asdict(), list(reports.get(story_id, ())))
    touch(connection, story_ids)


def save(connection: Connection, story: Story, keys: Iterable[str], now: datetime) -> None:
    """Write a story as it is now, and the keys by which further reports will find it.

    In the caller's transaction after ``begin_matching``, as everything here that changes what is shown of a story.
    """
    revision = _next_revision(connection)
    values = {
        "id": story.id,
        "type": story.event.type,
        "status": story.event.status,
        "event": event_with_evidence(story.event),
        "opened": story.opened,
        "first": story.first,
        "last": story.last,
        "outlets": sorted(story.outlets),
        "prints": packed(story.prints),
        "item_count": story.items,
        "changed": now,
        "merged_into": story.into,
        "apart": sorted(story.apart),
        "split_from": story.split_from,
        "revision": revision,
        "first_revision": revision,
    }
    connection.execute(upsert(connection, stories, ("id",), keep=("opened", "first_revision")), values)
    story_search.index(connection, values, list(dict.fromkeys(item_id for item_id, _ in story.reports)))
    every = (story.id, *story.merged)
    connection.execute(update(story_keys).where(story_keys.c.story_id.in_(every)).values(last=story.last))
    rows = [{"key": key[:160], "story_id": story.id, "last": story.last} for key in sorted(set(keys))]
    if rows:
        connection.execute(upsert(connection, story_keys, ("key", "story_id")), rows)


def save_union(connection: Connection, went: Story, into: Story, reasons: Sequence[str], now: datetime) -> None:
    """Write that one story went into another, which is saved by itself: its reports and what is still to be told of
    it are the other's from now on. Alerts keep the story they told of.
    """
    gone = [went.id, *connection.scalars(select(stories.c.id).where(stories.c.merged_into == went.id))]
    connection.execute(update(stories).where(stories.c.id.in_(gone)).values(merged_into=into.id, changed=now))
    touch(connection, gone)
    for row in connection.execute(select(events).where(events.c.story_id == went.id)).all():
        connection.execute(
            update(events)
            .where(events.c.item_id == row.item_id, events.c.number == row.number)
            .values(story_id=into.id, reasons=[*(row.reasons or ()), *reasons])
        )
    story_search.forget(connection, went.id)
    held.move(connection, went.id, into.id)


def withdraw_echo(connection: Connection, item_id: str) -> None:
    """Take an item out of the stories it was too faint to do more for than echo: it is read again, maybe clearly now.

    What a person said of it stays.
    """
    rows = connection.execute(
        select(events.c.number, events.c.story_id, events.c.reasons).where(events.c.item_id == item_id)
    ).all()
    echoes = [row for row in rows if row.story_id and row.reasons and row.reasons[0].startswith(FAINT)]
    if not echoes:
        return
    numbers = [row.number for row in echoes]
    connection.execute(delete(events).where(events.c.item_id == item_id, events.c.number.in_(numbers)))
    left = select(func.count(events.c.item_id.distinct())).where(events.c.story_id == stories.c.id)
    of = sorted({row.story_id for row in echoes})
    connection.execute(update(stories).where(stories.c.id.in_(of)).values(item_count=left.scalar_subquery()))
    _show_anew(connection, of)


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
    """Write one event of one item, and which story it belongs to and why; with no reasons, those given before stay."""
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
    keep = () if reasons else ("reasons",)
    connection.execute(upsert(connection, events, ("item_id", "number"), keep=keep), values)


def reporters_of(connection: Connection, story_id: str) -> Reporters:
    """Every feed that reported the story, or the one it went into, as filters ask for them."""
    went = select(stories.c.merged_into).where(stories.c.id == story_id).scalar_subquery()
    told = (
        select(items.c.feed_id, items.c.language)
        .join(events, events.c.item_id == items.c.id)
        .where(events.c.story_id == func.coalesce(went, story_id))
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
    """The story's reports in the order they arrived, each with the reasons why it belongs to it; of a story that went
    into another, that one's."""
    went = connection.scalar(select(stories.c.merged_into).where(stories.c.id == story_id))
    rows = connection.execute(select_reports().where(events.c.story_id == (went or story_id)))
    return [(report_of(row), tuple(row.reasons or ())) for row in rows]


def _load(connection: Connection, ids: Sequence[str]) -> list[Story]:
    """Stories by id in this order, then those that any of them went into."""
    rows = _rows(connection, ids)
    beyond = sorted({row.merged_into for row in rows.values() if row.merged_into} - rows.keys())
    rows |= _rows(connection, beyond)
    reports: dict[str, list[tuple[str, int]]] = {}
    merged: dict[str, list[str]] = {}
    if rows:
        for event in connection.execute(_REPORTS, {"ids": list(rows)}):
            reports.setdefault(event.story_id, []).append((event.item_id, event.number))
        for went in connection.execute(_WENT, {"ids": list(rows)}):
            merged.setdefault(went.merged_into, []).append(went.id)
    return [
        Story(
            id=row.id,
            event=event_from_dict(row.event),
            opened=row.opened,
            first=row.first,
            last=row.last,
            outlets=frozenset(row.outlets),
            reports=tuple(reports.get(row.id, ())),
            prints=unpacked(row.prints),
            merged=tuple(merged.get(row.id, ())),
            into=row.merged_into,
            apart=frozenset(row.apart or ()),
            split_from=row.split_from,
        )
        for row in (rows[i] for i in dict.fromkeys([*ids, *beyond]) if i in rows)
    ]


def _rows(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    return {row.id: row for row in connection.execute(_BY_ID, {"ids": list(ids)})} if ids else {}


# Statements that run for each report, made once: making them costs more than running them.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_BY_ID = select(stories).where(stories.c.id.in_(_IDS))
_LAST_REVISION = select(func.max(stories.c.revision))
_TOUCH = update(stories).where(stories.c.id == bindparam("touched")).values(revision=bindparam("number"))
_OF_ITEM = select(events.c.story_id).where(events.c.item_id == bindparam("item_id"))
_REPORTS = (
    select(events.c.story_id, events.c.item_id, events.c.number)
    .where(events.c.story_id.in_(_IDS))
    .order_by(events.c.at, events.c.item_id, events.c.number)
)
_WENT = (
    select(stories.c.id, stories.c.merged_into)
    .where(stories.c.merged_into.in_(_IDS))
    .order_by(stories.c.opened, stories.c.id)
)
_LAST = func.max(story_keys.c.last)
_SHARING = (
    select(story_keys.c.story_id)
    .where(story_keys.c.key.in_(bindparam("keys", expanding=True)), story_keys.c.last >= bindparam("since"))
    .group_by(story_keys.c.story_id)
    .order_by(func.count().desc(), case((bindparam("near") >= _LAST, 0), else_=1), _LAST.desc(), story_keys.c.story_id)
    .limit(MOST_CANDIDATES)
)
