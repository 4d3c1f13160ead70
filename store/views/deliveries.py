"""Deliveries with their attempts, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, union_all

from store.alerts import ids_about
from store.deliveries import Attempt
from store.tables import alerts, attempts, deliveries, webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from alerts.delivery import DeliveryState


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A delivery and its attempts, the first one first. ``due`` is the next attempt, while there is to be one;
    ``story`` is None where the alert is about several or about the service."""

    id: str
    alert: str
    type: str
    story: str | None
    webhook: str
    state: DeliveryState
    note: str | None
    created: datetime
    due: datetime | None
    finished: datetime | None
    attempts: tuple[Attempt, ...]


def newest_deliveries(
    connection: Connection,
    *,
    limit: int | None,
    webhook: str | None = None,
    state: DeliveryState | None = None,
    alert: str | None = None,
    story: str | None = None,
    since: datetime | None = None,
    before: tuple[datetime, str] | None = None,
) -> list[ListedDelivery]:
    """Deliveries newest first; ``before`` is the (created, id) of the last one already shown, ``story`` one that the
    alert is about, alone or in a digest. However many are stored, no more than ``limit`` of each webhook are read."""
    query = select(deliveries.c.id, deliveries.c.created)
    if state:
        query = query.where(deliveries.c.state == state)
    if since:
        query = query.where(deliveries.c.created >= since)
    if before:
        created, last = before
        query = query.where(
            deliveries.c.created <= created, or_(deliveries.c.created < created, deliveries.c.id < last)
        )
    if alert or story:
        # Few: those of one alert or of one story's.
        query = query.where(deliveries.c.alert_id.in_(ids_about(connection, [story]) if story else [alert]))
        if alert and story:
            query = query.where(deliveries.c.alert_id == alert)
        parts = [query.where(deliveries.c.webhook == webhook) if webhook else query]
    else:
        names = [webhook] if webhook else list(connection.scalars(select(webhooks.c.name)))
        parts = [query.where(deliveries.c.webhook == name) for name in names]
    if not parts:
        return []
    newest = union_all(*(_cut(part, limit) for part in parts)).subquery()
    order = newest.c.created.desc(), newest.c.id.desc()
    ids = list(connection.scalars(select(newest.c.id).order_by(*order).limit(limit)))
    found = {one.id: one for start in range(0, len(ids), 500) for one in _read(connection, ids[start : start + 500])}
    return [found[one] for one in ids if one in found]


def one_delivery(connection: Connection, delivery_id: str) -> ListedDelivery | None:
    """The delivery with this id."""
    return next(iter(_read(connection, [delivery_id])), None)


def _cut(query: Select[str, datetime], limit: int | None) -> Select[str, datetime]:
    """The newest of one webhook: the end of an index."""
    part = query.order_by(deliveries.c.created.desc(), deliveries.c.id.desc()).limit(limit).subquery()
    return select(part.c.id, part.c.created)


def _read(connection: Connection, ids: Sequence[str]) -> list[ListedDelivery]:
    tried: dict[str, list[Attempt]] = {}
    for a in connection.execute(
        select(attempts).where(attempts.c.delivery_id.in_(ids)).order_by(attempts.c.delivery_id, attempts.c.number)
    ):
        tried.setdefault(a.delivery_id, []).append(Attempt(a.at, a.code, a.latency_ms, a.error, a.excerpt))
    rows = connection.execute(
        select(deliveries, alerts.c.type, alerts.c.story_id)
        .outerjoin(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(deliveries.c.id.in_(ids))
    )
    return [
        ListedDelivery(
            id=row.id,
            alert=row.alert_id,
            type=row.type or "",
            story=row.story_id,
            webhook=row.webhook,
            state=row.state,
            note=row.note,
            created=row.created,
            due=row.due if row.state == "pending" else None,
            finished=row.finished,
            attempts=tuple(tried.get(row.id, ())),
        )
        for row in rows
    ]
