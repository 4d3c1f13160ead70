"""Deliveries: one alert on its way to one webhook, every attempt kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select, update

from store.alerts import from_row
from store.database import insert, serialize
from store.errors import NotFound
from store.tables import alerts, attempts, deliveries, webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Connection

    from alerts.alert import Alert
    from alerts.delivery import DeliveryState


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery this worker may attempt until its lease runs out."""

    id: str
    alert: Alert
    webhook: str
    tries: int


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A row of ``deliveries list``. ``due`` is the next attempt, while there is to be one."""

    id: str
    alert: str
    webhook: str
    state: DeliveryState
    note: str | None
    created: datetime
    due: datetime | None
    finished: datetime | None
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. ``code`` is the HTTP status, 0 when there was no answer; ``excerpt`` a safe piece of what came back."""

    at: datetime
    code: int
    latency_ms: float
    error: str | None
    excerpt: str | None


def sync_webhooks(connection: Connection, configured: Sequence[tuple[str, str]]) -> None:
    """Make the table say what the config says. A webhook whose address changes is enabled again.

    What waits for a webhook taken out of the config goes on waiting, and is due again when it is put back.
    """
    statement = insert(connection, webhooks)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"url": statement.excluded.url, "active": True, "disabled": None, "disabled_reason": None},
        where=or_(webhooks.c.url != statement.excluded.url, ~webhooks.c.active),
    )
    if configured:
        connection.execute(statement, [{"name": name, "url": url, "active": True} for name, url in configured])
    names = [name for name, _ in configured]
    connection.execute(update(webhooks).where(webhooks.c.name.not_in(names)).values(active=False))


def disabled_webhooks(connection: Connection) -> set[str]:
    """Names of the webhooks that were disabled: by their receiver's 410, until a person retries."""
    return set(connection.execute(select(webhooks.c.name).where(webhooks.c.disabled.is_not(None))).scalars())


def disable_webhook(connection: Connection, name: str, reason: str, now: datetime) -> None:
    """Stop using a webhook: what waits for it rests as ``disabled`` until a person retries it."""
    connection.execute(update(webhooks).where(webhooks.c.name == name).values(disabled=now, disabled_reason=reason))
    connection.execute(
        update(deliveries)
        .where(deliveries.c.webhook == name, deliveries.c.state == "pending")
        .values(state="disabled", note=reason, finished=now, lease_owner=None, lease_until=None)
    )


def due_webhooks(connection: Connection, now: datetime) -> list[str]:
    """Webhooks that something waits for and nobody is delivering to."""
    busy = select(deliveries.c.webhook).where(deliveries.c.state == "pending", deliveries.c.lease_until > now)
    return list(
        connection.execute(
            select(deliveries.c.webhook)
            .where(*waiting(now), deliveries.c.webhook.not_in(busy))
            .distinct()
            .order_by(deliveries.c.webhook)
        ).scalars()
    )


def waiting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What makes a delivery due: it is pending, its time has come, and its webhook is configured and not disabled."""
    usable = select(webhooks.c.name).where(webhooks.c.active, webhooks.c.disabled.is_(None))
    return (deliveries.c.state == "pending", deliveries.c.due <= now, deliveries.c.webhook.in_(usable))


def claim_due(
    connection: Connection, webhook: str, now: datetime, *, limit: int, owner: str, lease: timedelta
) -> list[ClaimedDelivery]:
    """Lease up to ``limit`` due deliveries to one webhook, the oldest first; none while another worker is at it.

    One run a webhook at a time: an endpoint that hangs then holds one worker thread, however much waits for it.
    """
    # Looking whether somebody is at it and claiming are two statements: one worker at a time may do them.
    serialize(connection, int.from_bytes(hashlib.sha256(webhook.encode()).digest()[:6]))
    at_it = exists().where(
        deliveries.c.webhook == webhook, deliveries.c.state == "pending", deliveries.c.lease_until > now
    )
    if connection.scalar(select(at_it)):
        return []
    chosen = (
        select(deliveries.c.id)
        .where(*waiting(now), deliveries.c.webhook == webhook)
        .order_by(deliveries.c.due, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(chosen).scalars())
    if not ids:
        return []
    connection.execute(
        update(deliveries).where(deliveries.c.id.in_(ids)).values(lease_owner=owner, lease_until=now + lease)
    )
    rows = connection.execute(
        select(
            alerts,
            deliveries.c.id.label("delivery_id"),
            deliveries.c.webhook,
            deliveries.c.tries,
        )
        .join(deliveries, deliveries.c.alert_id == alerts.c.id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.due, deliveries.c.id)
    )
    return [ClaimedDelivery(row.delivery_id, from_row(row), row.webhook, row.tries) for row in rows]


def record_attempt(
    connection: Connection,
    delivery: ClaimedDelivery,
    attempt: Attempt,
    *,
    owner: str,
    state: DeliveryState,
    due: datetime | None,
    note: str | None,
) -> None:
    """Keep what a try brought and what follows from it. A lease that was lost keeps the attempt and moves nothing."""
    number = connection.scalar(
        select(func.coalesce(func.max(attempts.c.number), 0) + 1).where(attempts.c.delivery_id == delivery.id)
    )
    connection.execute(
        insert(connection, attempts)
        .values(
            delivery_id=delivery.id, number=number, at=attempt.at, code=attempt.code, latency_ms=attempt.latency_ms,
            error=attempt.error, excerpt=attempt.excerpt,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    values: dict[str, object] = {
        "state": state, "note": note, "tries": delivery.tries + 1, "lease_owner": None, "lease_until": None,
    }  # fmt: skip
    if due is not None:
        values["due"] = due
    if state != "pending":
        values["finished"] = attempt.at
    ours = [deliveries.c.id == delivery.id, deliveries.c.state == "pending"]
    if state != "delivered":  # a receiver that has it has it, whoever's lease it was
        ours.append(deliveries.c.lease_owner == owner)
    connection.execute(update(deliveries).where(*ours).values(values))


def release(connection: Connection, delivery_ids: Sequence[str], owner: str) -> None:
    """Give leases back unused."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(delivery_ids), deliveries.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )


def extend(connection: Connection, delivery_ids: Sequence[str], owner: str, until: datetime) -> None:
    """Hold on to claimed deliveries that have not had their turn yet."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(delivery_ids), deliveries.c.lease_owner == owner)
        .values(lease_until=until)
    )


def retry(connection: Connection, delivery_ids: Sequence[str], now: datetime) -> list[str]:
    """Start the schedule of these deliveries anew; returns the webhooks concerned. Raises NotFound.

    Retrying is a person's word: a webhook that had been disabled is enabled by it.
    """
    names: set[str] = set()
    for delivery_id in delivery_ids:
        row = connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery_id)
            .values(
                state="pending",
                note="retried by hand",
                tries=0,
                due=now,
                finished=None,
                # An attempt in flight must not undo what a person says.
                lease_owner=None,
                lease_until=None,
            )
            .returning(deliveries.c.webhook)
        ).one_or_none()
        if row is None:
            raise NotFound(f"no delivery {delivery_id!r}; `seedwire deliveries list` shows the ids")
        names.add(row.webhook)
    enable_webhooks(connection, sorted(names))
    return sorted(names)


def enable_webhooks(connection: Connection, names: Sequence[str]) -> None:
    connection.execute(update(webhooks).where(webhooks.c.name.in_(names)).values(disabled=None, disabled_reason=None))


def ids_in_state(connection: Connection, state: DeliveryState, webhook: str | None = None) -> list[str]:
    query = select(deliveries.c.id).where(deliveries.c.state == state).order_by(deliveries.c.created, deliveries.c.id)
    if webhook:
        query = query.where(deliveries.c.webhook == webhook)
    return list(connection.execute(query).scalars())


def newest(
    connection: Connection,
    *,
    limit: int | None,
    state: DeliveryState | None = None,
    alert_id: str | None = None,
    webhook: str | None = None,
) -> list[ListedDelivery]:
    """Deliveries newest first, each with its attempts."""
    query = select(deliveries).order_by(deliveries.c.created.desc(), deliveries.c.id).limit(limit)
    if state:
        query = query.where(deliveries.c.state == state)
    if alert_id:
        query = query.where(deliveries.c.alert_id == alert_id)
    if webhook:
        query = query.where(deliveries.c.webhook == webhook)
    rows = connection.execute(query).all()
    tried: dict[str, list[Attempt]] = {}
    ids = [row.id for row in rows]
    for start in range(0, len(ids), 500):
        for a in connection.execute(
            select(attempts)
            .where(attempts.c.delivery_id.in_(ids[start : start + 500]))
            .order_by(attempts.c.delivery_id, attempts.c.number)
        ):
            tried.setdefault(a.delivery_id, []).append(Attempt(a.at, a.code, a.latency_ms, a.error, a.excerpt))
    return [
        ListedDelivery(
            id=row.id,
            alert=row.alert_id,
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
