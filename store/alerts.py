"""Alerts: written once, with a delivery for every webhook that is to have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, union, union_all, update

from alerts.alert import ABOUT_STORIES, DIGEST, Alert
from alerts.pacing import Sent
from store import endpoints
from store.database import insert
from store.errors import NotFound
from store.ids import derive
from store.tables import alerts, deliveries, digest_stories, stories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row


def save(
    connection: Connection,
    alert: Alert,
    webhooks: Iterable[str],
    *,
    resting: Collection[str] = (),
    feed_id: str | None = None,
    stories_told: Collection[str] = (),
    now: datetime,
) -> bool:
    """Write an alert and a pending delivery for each webhook, in the caller's transaction.

    Webhooks named in ``resting`` are disabled: their delivery is kept and waits for a person. ``stories_told`` are
    those that a digest is about. Returns False, and writes nothing, when the alert was there before.
    """
    written = connection.execute(
        insert(connection, alerts)
        .values(
            id=alert.id,
            type=alert.type,
            story_id=alert.story_id or None,
            feed_id=feed_id,
            time=alert.time,
            body=alert.body.decode(),
        )
        .on_conflict_do_nothing()
        .returning(alerts.c.id)
    ).one_or_none()
    if written is None:
        return False
    if stories_told:
        told = [{"alert_id": alert.id, "story_id": story_id} for story_id in sorted(set(stories_told))]
        connection.execute(insert(connection, digest_stories), told)
    names = set(webhooks)
    enqueue(connection, alert.id, names, now)
    if names & set(resting):
        connection.execute(
            update(deliveries)
            .where(deliveries.c.alert_id == alert.id, deliveries.c.webhook.in_(sorted(names & set(resting))))
            .values(state="disabled", note="the webhook is disabled", finished=now)
        )
    return True


#: What a delivery that is made anew forgets of its past.
_ANEW = ("state", "note", "tries", "due", "finished")


def enqueue(connection: Connection, alert_id: str, webhooks: Iterable[str], now: datetime) -> None:
    """A pending delivery for each webhook; one that is there already starts its schedule anew."""
    names = sorted(set(webhooks))
    rows = [
        {
            "id": derive(alert_id, webhook), "alert_id": alert_id, "webhook": webhook, "state": "pending",
            "note": None, "tries": 0, "created": now, "due": now, "finished": None,
        }
        for webhook in names
    ]  # fmt: skip
    if not rows:
        return
    statement = insert(connection, deliveries)
    anew = {name: statement.excluded[name] for name in _ANEW}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=anew), rows)
    endpoints.probe_soon(connection, names, now)


def get(connection: Connection, alert_id: str) -> Alert:
    """One alert by its id, or the newest alert of a story by the story's: a digest, if it has none of its own.

    Raises NotFound.
    """
    digests = select(digest_stories.c.alert_id).where(digest_stories.c.story_id == alert_id)
    for those in (alerts.c.id == alert_id, alerts.c.story_id == alert_id, alerts.c.id.in_(digests)):
        rows = connection.execute(select(alerts).where(those)).all()
        if rows:
            return from_row(max(rows, key=lambda row: row.time))
    raise NotFound(f"no alert {alert_id!r}; `seedwire alerts list` shows the ids")


def since(connection: Connection, start: datetime) -> list[str]:
    """Ids of the alerts made since then, the oldest first."""
    return list(connection.execute(select(alerts.c.id).where(alerts.c.time >= start).order_by(alerts.c.time)).scalars())


def about(connection: Connection, story_ids: Sequence[str]) -> list[Alert]:
    """The alerts about any of these stories alone, the oldest first."""
    query = select(alerts).where(alerts.c.story_id.in_(story_ids)).order_by(alerts.c.time, alerts.c.id)
    return [from_row(row) for row in connection.execute(query)]


def ids_about(connection: Connection, story_ids: Sequence[str]) -> list[str]:
    """Ids of the alerts about any of these stories, alone or in a digest, and about those that went into them."""
    same = {*story_ids, *connection.scalars(select(stories.c.id).where(stories.c.merged_into.in_(story_ids)))}
    own = select(alerts.c.id).where(alerts.c.story_id.in_(same))
    digests = select(digest_stories.c.alert_id).where(digest_stories.c.story_id.in_(same))
    return list(connection.scalars(union(own, digests)))


def from_row(row: Row[Any]) -> Alert:
    """The alert in a row of the table (or of a join that has its columns)."""
    return Alert(row.id, row.type, row.story_id or "", row.time, row.body.encode())


def told_of(connection: Connection, story_ids: Sequence[str]) -> dict[str, datetime]:
    """The webhooks that an alert about any of these stories was ever meant for, and when the last such one was made."""
    own = select(alerts.c.id, alerts.c.time).where(alerts.c.story_id.in_(story_ids))
    digests = (
        select(alerts.c.id, alerts.c.time)
        .join(digest_stories, digest_stories.c.alert_id == alerts.c.id)
        .where(digest_stories.c.story_id.in_(story_ids))
    )
    # Two steps, since a planner that thinks of both at once reads all deliveries; most reports end with the first.
    made = {row.id: row.time for row in connection.execute(union_all(own, digests))}
    told: dict[str, datetime] = {}
    if made:
        wanted = select(deliveries.c.alert_id, deliveries.c.webhook).where(deliveries.c.alert_id.in_(list(made)))
        for row in connection.execute(wanted):
            told[row.webhook] = max(made[row.alert_id], told.get(row.webhook, made[row.alert_id]))
    return told


def sent_since(connection: Connection, webhook: str, start: datetime) -> list[Sent]:
    """The messages about stories that were made for a webhook after ``start``; none that a person had sent again."""
    rows = connection.execute(
        select(alerts.c.time, alerts.c.type)
        .join(deliveries, deliveries.c.alert_id == alerts.c.id)
        .where(
            deliveries.c.webhook == webhook,
            deliveries.c.created > start,
            alerts.c.time > start,
            alerts.c.type.in_(ABOUT_STORIES),
        )
    )
    return [Sent(row.time, row.type == DIGEST) for row in rows]


def stories_told(connection: Connection, alert: Alert) -> list[str]:
    """Ids of the stories an alert is about: several of a digest, none of a message about the service."""
    if alert.type != DIGEST:
        return [alert.story_id] if alert.story_id else []
    told = select(digest_stories.c.story_id).where(digest_stories.c.alert_id == alert.id)
    return list(connection.execute(told.order_by(digest_stories.c.story_id)).scalars())
