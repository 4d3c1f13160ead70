"""Who is delivering to which webhook, and how its endpoint is doing.

One run at a time has a webhook: so much as is under way to an endpoint is decided in one place, and a run that dies
delays what waits for it until its lease is over.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select, update

from alerts.endpoint import FIRST_PAUSE, OPENS_AFTER, Endpoint
from store.tables import deliveries, webhooks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Connection, Row

_COLUMNS = (webhooks.c.failures, webhooks.c.silent, webhooks.c.failing_since, webhooks.c.paused_until)


def usable(now: datetime) -> ColumnElement[bool]:
    """Whether a webhook may be called: it is configured and not disabled, and its breaker lets something through."""
    open_ = and_(webhooks.c.paused_until.is_not(None), webhooks.c.paused_until > now)
    return and_(webhooks.c.active, webhooks.c.disabled.is_(None), ~open_)


def _to_do(now: datetime) -> ColumnElement[bool]:
    """Something is due, or waits for a further attempt at an endpoint that is to be probed."""
    return exists().where(
        deliveries.c.state == "pending",
        deliveries.c.webhook == webhooks.c.name,
        or_(deliveries.c.due <= now, and_(webhooks.c.paused_until.is_not(None), deliveries.c.tries > 0)),
    )


def free(now: datetime) -> ColumnElement[bool]:
    """Whether nobody is delivering to a webhook."""
    return or_(webhooks.c.lease_until.is_(None), webhooks.c.lease_until <= now)


def waiting(connection: Connection, now: datetime) -> list[str]:
    """Webhooks that something is to be done for and nobody is at."""
    query = select(webhooks.c.name).where(usable(now), free(now), _to_do(now)).order_by(webhooks.c.name)
    return list(connection.scalars(query))


def claim(
    connection: Connection, names: Sequence[str], now: datetime, *, owner: str, lease: timedelta
) -> dict[str, Endpoint]:
    """Lease those of these webhooks that something is to be done for and nobody is at."""
    rows = connection.execute(
        update(webhooks)
        .where(webhooks.c.name.in_(names), usable(now), free(now), _to_do(now))
        .values(lease_owner=owner, lease_until=now + lease)
        .returning(webhooks.c.name, *_COLUMNS)
    )
    return {row.name: _from_row(row) for row in rows}


def renew(connection: Connection, names: Collection[str], owner: str, until: datetime) -> set[str]:
    """Hold on to webhooks; returns those that are still ours."""
    rows = connection.execute(
        update(webhooks)
        .where(webhooks.c.name.in_(names), webhooks.c.lease_owner == owner)
        .values(lease_until=until)
        .returning(webhooks.c.name)
    )
    return set(rows.scalars())


def release(connection: Connection, names: Collection[str], owner: str) -> None:
    connection.execute(
        update(webhooks)
        .where(webhooks.c.name.in_(names), webhooks.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )


def save(connection: Connection, name: str, endpoint: Endpoint, owner: str) -> None:
    """Keep how an endpoint is doing; who lost its lease keeps nothing."""
    connection.execute(
        update(webhooks).where(webhooks.c.name == name, webhooks.c.lease_owner == owner).values(asdict(endpoint))
    )


def held(connection: Connection, names: Collection[str], owner: str) -> set[str]:
    """Those of these webhooks that this run still has."""
    return set(
        connection.scalars(select(webhooks.c.name).where(webhooks.c.name.in_(names), webhooks.c.lease_owner == owner))
    )


def probe_soon(connection: Connection, names: Collection[str], now: datetime) -> None:
    """There is news for these: it does not wait out a long pause, unless the endpoint itself asked for it."""
    soon = now + FIRST_PAUSE
    connection.execute(
        update(webhooks)
        .where(webhooks.c.name.in_(names), webhooks.c.paused_until > soon, webhooks.c.silent >= OPENS_AFTER)
        .values(paused_until=soon)
    )


def _from_row(row: Row[Any]) -> Endpoint:
    return Endpoint(row.failures, row.silent, row.failing_since, row.paused_until)
