"""Alerts: written once, with a delivery for every webhook that is to have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store.database import insert
from store.errors import NotFound
from store.ids import derive
from store.tables import alerts, deliveries, stories

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as kept: ``body`` is the exact text every webhook is sent."""

    id: str
    type: str
    story_id: str | None
    time: datetime
    body: str


def save(
    connection: Connection,
    alert: StoredAlert,
    webhooks: Iterable[str],
    *,
    feed_id: str | None = None,
    now: datetime,
) -> bool:
    """Write an alert and a pending delivery for each webhook, in the caller's transaction.

    Returns False, and writes nothing, when the alert was there before.
    """
    written = connection.execute(
        insert(connection, alerts)
        .values(
            id=alert.id, type=alert.type, story_id=alert.story_id, feed_id=feed_id, time=alert.time, body=alert.body
        )
        .on_conflict_do_nothing()
        .returning(alerts.c.id)
    ).one_or_none()
    if written is None:
        return False
    enqueue(connection, alert.id, webhooks, now)
    return True


def enqueue(connection: Connection, alert_id: str, webhooks: Iterable[str], now: datetime) -> None:
    """A pending delivery for each webhook; one that is there already starts its schedule anew."""
    rows = [
        {
            "id": derive(alert_id, webhook), "alert_id": alert_id, "webhook": webhook, "state": "pending",
            "note": None, "tries": 0, "created": now, "due": now, "finished": None,
        }
        for webhook in sorted(set(webhooks))
    ]  # fmt: skip
    if not rows:
        return
    statement = insert(connection, deliveries)
    anew = {name: statement.excluded[name] for name in ("state", "note", "tries", "due", "finished")}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=anew), rows)


def get(connection: Connection, alert_id: str) -> StoredAlert:
    """One alert by its id, or the newest alert of a story by the story's. Raises NotFound."""
    row = connection.execute(
        select(alerts)
        .where((alerts.c.id == alert_id) | (alerts.c.story_id == alert_id))
        .order_by(alerts.c.time.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no alert {alert_id!r}; `seedwire alerts list` shows the ids")
    return StoredAlert(row.id, row.type, row.story_id, row.time, row.body)


def newest(connection: Connection, limit: int | None) -> list[dict[str, object]]:
    """Alerts newest first, each with its story's summary and how its deliveries stand."""
    query = (
        select(alerts.c.id, alerts.c.type, alerts.c.story_id, alerts.c.time, alerts.c.body)
        .order_by(alerts.c.time.desc(), alerts.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    states: dict[str, dict[str, int]] = {}
    counted = connection.execute(
        select(deliveries.c.alert_id, deliveries.c.state, func.count().label("n"))
        .where(deliveries.c.alert_id.in_(ids))
        .group_by(deliveries.c.alert_id, deliveries.c.state)
    )
    for count in counted:
        states.setdefault(count.alert_id, {})[count.state] = count.n
    sizes: dict[str, int] = {}
    told = {row.story_id for row in rows if row.story_id}
    for story in connection.execute(select(stories.c.id, stories.c.item_count).where(stories.c.id.in_(told))):
        sizes[story.id] = story.item_count
    return [
        {
            "id": row.id, "type": row.type, "story": row.story_id, "time": row.time, "body": row.body,
            "items": sizes.get(row.story_id), "deliveries": states.get(row.id, {}),
        }
        for row in rows
    ]  # fmt: skip


def since(connection: Connection, start: datetime) -> list[str]:
    """Ids of the alerts made since then, the oldest first."""
    return list(connection.execute(select(alerts.c.id).where(alerts.c.time >= start).order_by(alerts.c.time)).scalars())
