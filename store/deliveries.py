"""Deliveries: one alert on its way to one webhook, every attempt kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, or_, select, update

from alerts.endpoint import Endpoint
from store.alerts import from_row
from store.database import insert
from store.errors import NotFound
from store.tables import alerts, attempts, deliveries, webhooks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.alert import Alert
    from alerts.delivery import DeliveryState


@dataclass(frozen=True, slots=True)
class WaitingDelivery:
    """A delivery to attempt: ``tries`` of its schedule are used up, ``attempts`` were made of it altogether."""

    id: str
    alert: Alert
    webhook: str
    tries: int
    attempts: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. ``code`` is the HTTP status, 0 when there was no answer; ``excerpt`` a safe piece of what came back."""

    at: datetime
    code: int
    latency_ms: float
    error: str | None
    excerpt: str | None


@dataclass(frozen=True, slots=True)
class Attempted:
    """A delivery with its latest attempt and what follows from it; ``due`` is the next one of a pending delivery."""

    delivery: WaitingDelivery
    attempt: Attempt
    tries: int
    state: DeliveryState
    due: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Retried:
    """What a person had tried again: so many deliveries are due, to these webhooks."""

    deliveries: int
    webhooks: tuple[str, ...]


#: What is forgotten of a webhook's past when a person says that it is to be called again.
_ENABLED = {"disabled": None, "disabled_reason": None, **asdict(Endpoint())}


def sync_webhooks(connection: Connection, configured: Sequence[tuple[str, str]]) -> None:
    """Make the table say what the config says. A webhook whose address changes is enabled again.

    What waits for a webhook taken out of the config goes on waiting, and is due again when it is put back.
    """
    statement = insert(connection, webhooks)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        # Whoever is at it is at the old address: what comes of that says nothing of the new one.
        set_={"url": statement.excluded.url, "active": True, "lease_owner": None, "lease_until": None, **_ENABLED},
        where=or_(webhooks.c.url != statement.excluded.url, ~webhooks.c.active),
    )
    if configured:
        connection.execute(statement, [{"name": name, "url": url, "active": True} for name, url in configured])
    names = [name for name, _ in configured]
    connection.execute(update(webhooks).where(webhooks.c.name.not_in(names)).values(active=False))


def disabled_webhooks(connection: Connection) -> set[str]:
    """Names of the webhooks that were disabled, until a person retries."""
    return set(connection.execute(select(webhooks.c.name).where(webhooks.c.disabled.is_not(None))).scalars())


def disable_webhook(connection: Connection, name: str, reason: str, now: datetime) -> None:
    """Stop using a webhook: what waits for it rests as ``disabled`` until a person retries it."""
    connection.execute(update(webhooks).where(webhooks.c.name == name).values(disabled=now, disabled_reason=reason))
    connection.execute(
        update(deliveries)
        .where(deliveries.c.webhook == name, deliveries.c.state == "pending")
        .values(state="disabled", note=reason, finished=now)
    )


def count_due(connection: Connection, names: Collection[str], now: datetime) -> dict[str, int]:
    """How many deliveries are due to each of these webhooks."""
    rows = connection.execute(
        select(deliveries.c.webhook, func.count().label("due"))
        .where(deliveries.c.state == "pending", deliveries.c.webhook.in_(names), deliveries.c.due <= now)
        .group_by(deliveries.c.webhook)
    )
    return {row.webhook: row.due for row in rows}


def due(
    connection: Connection, webhook: str, now: datetime, *, limit: int, probe: bool = False
) -> list[WaitingDelivery]:
    """Up to ``limit`` due deliveries to one webhook, those first that are due longest.

    ``probe``: what waits for a further attempt, too, to see whether the endpoint is back; before it what was never
    tried, for it may be one odd message that the endpoint fails at.
    """
    made = select(func.max(attempts.c.number)).where(attempts.c.delivery_id == deliveries.c.id).scalar_subquery()
    query = (
        select(
            alerts,
            deliveries.c.id.label("delivery_id"),
            deliveries.c.webhook,
            deliveries.c.tries,
            deliveries.c.due,
            func.coalesce(made, 0).label("attempts"),
        )
        .join(deliveries, deliveries.c.alert_id == alerts.c.id)
        .where(deliveries.c.state == "pending", deliveries.c.webhook == webhook)
        .order_by(*((deliveries.c.tries > 0,) if probe else ()), deliveries.c.due, deliveries.c.id)
        .limit(limit)
    )
    query = query.where(or_(deliveries.c.due <= now, deliveries.c.tries > 0) if probe else deliveries.c.due <= now)
    return [
        WaitingDelivery(row.delivery_id, from_row(row), row.webhook, row.tries, row.attempts, row.due)
        for row in connection.execute(query)
    ]


def record(connection: Connection, attempted: Sequence[Attempted]) -> None:
    """Keep what attempts brought and what follows from them.

    Of a delivery that was changed meanwhile (retried by a person, attempted by whoever took over an expired lease) the
    attempt is kept and nothing is moved, but for one thing: a receiver that has it has it.
    """
    connection.execute(
        insert(connection, attempts).on_conflict_do_nothing(),
        [
            {
                "delivery_id": one.delivery.id,
                "number": one.delivery.attempts + 1,
                "at": one.attempt.at,
                "code": one.attempt.code,
                "latency_ms": one.attempt.latency_ms,
                "error": one.attempt.error,
                "excerpt": one.attempt.excerpt,
                "webhook": one.delivery.webhook,
            }
            for one in attempted
        ],
    )
    this = update(deliveries).where(deliveries.c.id == bindparam("of"))
    unchanged = this.where(
        deliveries.c.state == "pending",
        deliveries.c.tries == bindparam("tried"),
        deliveries.c.due == bindparam("was_due"),
    )
    delivered = [_values(one) for one in attempted if one.state == "delivered"]
    others = [
        _values(one) | {"tried": one.delivery.tries, "was_due": one.delivery.due}
        for one in attempted
        if one.state != "delivered"
    ]
    if delivered:
        connection.execute(this, delivered)
    if others:
        connection.execute(unchanged, others)


def _values(one: Attempted) -> dict[str, object]:
    return {
        "of": one.delivery.id, "state": one.state, "note": one.note, "tries": one.tries,
        "due": one.due or one.delivery.due, "finished": None if one.state == "pending" else one.attempt.at,
    }  # fmt: skip


def bring_forward(connection: Connection, webhook: str, now: datetime, *, under_way: Collection[str]) -> int:
    """Make due what waits for a further attempt at an endpoint that is back, in the order in which it was made; returns
    how many."""
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.webhook == webhook,
            deliveries.c.state == "pending",
            deliveries.c.tries > 0,
            deliveries.c.id.not_in(under_way),
        )
        .values(due=case((deliveries.c.created < now, deliveries.c.created), else_=now))
    ).rowcount


def retry(connection: Connection, delivery_ids: Sequence[str], now: datetime) -> Retried:
    """Start the schedule of these deliveries anew; those that arrived stay delivered. Raises NotFound.

    Retrying is a person's word: a webhook that had been disabled is enabled by it.
    """
    started, names = 0, set[str]()
    for start in range(0, len(delivery_ids), 500):
        part = set(delivery_ids[start : start + 500])
        known = {
            row.id: row.state
            for row in connection.execute(
                select(deliveries.c.id, deliveries.c.state).where(deliveries.c.id.in_(part))
            )
        }  # fmt: skip
        for missing in sorted(part - set(known)):
            raise NotFound(f"no delivery {missing!r}; `seedwire deliveries list` shows the ids")
        rows = connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(part), deliveries.c.state != "delivered")
            .values(state="pending", note="retried by hand", tries=0, due=now, finished=None)
            .returning(deliveries.c.webhook)
        ).all()
        started += len(rows)
        names.update(row.webhook for row in rows)
    enable_webhooks(connection, sorted(names))
    return Retried(started, tuple(sorted(names)))


def enable_webhooks(connection: Connection, names: Sequence[str]) -> None:
    """A person says that these are to be called: whatever kept us from it is forgotten."""
    connection.execute(update(webhooks).where(webhooks.c.name.in_(names)).values(_ENABLED))


def ids_in_state(
    connection: Connection,
    state: DeliveryState,
    webhook: str | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[str]:
    """Deliveries in a state, oldest first; of one webhook, made in a range of time (``until`` is outside of it)."""
    query = select(deliveries.c.id).where(deliveries.c.state == state).order_by(deliveries.c.created, deliveries.c.id)
    if webhook:
        query = query.where(deliveries.c.webhook == webhook)
    if since:
        query = query.where(deliveries.c.created >= since)
    if until:
        query = query.where(deliveries.c.created < until)
    return list(connection.execute(query).scalars())
