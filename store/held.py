"""What webhooks are to be told of stories later: a row for each webhook and story, judged anew when it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, func, or_, select, update

from alerts.pacing import SKEW, News, united
from store.alerts import told_of
from store.database import insert
from store.tables import held

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from alerts.pacing import Later


def of_story(connection: Connection, story_id: str, webhooks: Collection[str]) -> dict[str, News]:
    """What each of these webhooks is to be told of this story later."""
    rows = connection.execute(select(held).where(held.c.webhook.in_(webhooks), held.c.story_id == story_id))
    return {row.webhook: _news(row) for row in rows}


def of_webhook(connection: Connection, webhook: str) -> list[News]:
    """All that a webhook is to be told later."""
    return [_news(row) for row in connection.execute(select(held).where(held.c.webhook == webhook))]


def queued_until(connection: Connection, webhook: str) -> datetime | None:
    """When there is room again for what waits for its turn within the hour; None when nothing does."""
    first = select(func.min(held.c.due)).where(held.c.webhook == webhook, held.c.why == "cap")
    return cast("datetime | None", connection.scalar(first))


def due_webhooks(connection: Connection, webhooks: Collection[str], now: datetime) -> list[str]:
    """Those of these webhooks that something held is to be decided for. What was held after now was held before a
    clock was set back: its time would come too late."""
    return list(
        connection.execute(
            select(held.c.webhook)
            .where(held.c.webhook.in_(webhooks), or_(held.c.due <= now, held.c.since > now + SKEW))
            .distinct()
            .order_by(held.c.webhook)
        ).scalars()
    )


def keep(connection: Connection, webhook: str, later: Iterable[Later]) -> None:
    """Hold these until they are due."""
    rows = [
        {
            "webhook": webhook, "story_id": one.news.story_id, "opens": one.news.opens,
            "changes": list(one.news.changes), "why": one.why, "since": one.news.since,
            "told": one.news.told, "due": one.due,
        }
        for one in later
    ]  # fmt: skip
    if not rows:
        return
    statement = insert(connection, held)
    changed = {name: statement.excluded[name] for name in ("opens", "changes", "why", "since", "told", "due")}
    connection.execute(statement.on_conflict_do_update(index_elements=["webhook", "story_id"], set_=changed), rows)


def drop(connection: Connection, webhook: str, story_ids: Sequence[str]) -> None:
    """Hold these no longer: they are told, or nobody wants to know any more."""
    for start in range(0, len(story_ids), 500):
        part = story_ids[start : start + 500]
        connection.execute(delete(held).where(held.c.webhook == webhook, held.c.story_id.in_(part)))


def judge_anew(connection: Connection, now: datetime) -> None:
    """Make everything held due: another config may let it go sooner, or have it not at all."""
    connection.execute(update(held).where(held.c.due > now).values(due=now))


def move(connection: Connection, story_id: str, into: str) -> None:
    """Two stories are one from now on: what is held of either is held of the second."""
    told = told_of(connection, [story_id, into])
    rows = connection.execute(select(held).where(held.c.story_id.in_([story_id, into])).order_by(held.c.since)).all()
    of: dict[str, list[Row[Any]]] = {}
    for row in rows:
        of.setdefault(row.webhook, []).append(row)
    for webhook, both in of.items():
        drop(connection, webhook, [story_id, into])
        changes = united(both[0].changes, both[-1].changes)
        # Who knows one of the two knows the story they are, and is told no more than what it gained.
        if webhook in told and not changes:
            continue
        values: Mapping[str, object] = {
            "webhook": webhook,
            "story_id": into,
            "opens": webhook not in told,
            "changes": list(changes),
            "why": both[0].why,
            "since": both[0].since,
            "told": told.get(webhook),
            "due": min(row.due for row in both),
        }
        connection.execute(insert(connection, held).values(values))


def copy_openings(connection: Connection, story_id: str, to: str) -> None:
    """One story is two from now on: who waits to be told that it opened waits for the other as well."""
    rows = connection.execute(select(held).where(held.c.story_id == story_id, held.c.opens)).mappings().all()
    if rows:
        copies = [dict(row) | {"story_id": to} for row in rows]
        connection.execute(insert(connection, held).on_conflict_do_nothing(), copies)


def _news(row: Row[Any]) -> News:
    return News(row.story_id, row.opens, tuple(row.changes), row.since, row.told)
