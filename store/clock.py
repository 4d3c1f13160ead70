"""A clock that was set back: what was written by the time before lies in the future now, and would wait for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from store.tables import attempts, deliveries, feeds, held, metadata, webhooks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Connection, Table

#: Clocks of several machines may differ by so much without one of them having been set back.
TOLERANCE = timedelta(minutes=1)
#: No lease is longer; one that seems to be was written by the clock as it was.
_LONGEST_LEASE = timedelta(minutes=10)


def was_set_back(connection: Connection, now: datetime) -> None:
    """Let what waits wait as long as it was meant to, from now: no longer, and not all of it at once."""
    last = select(func.max(attempts.c.at)).where(attempts.c.delivery_id == deliveries.c.id).scalar_subquery()
    # A delivery that was not tried is due when it is made, or a person says so.
    untried = (deliveries.c.state == "pending", deliveries.c.tries == 0, deliveries.c.due > now)
    connection.execute(update(deliveries).where(*untried).values(due=now))
    _shift(connection, deliveries, deliveries.c.due, last, now, deliveries.c.state == "pending")
    _shift(connection, feeds, feeds.c.next_poll, feeds.c.polled, now, feeds.c.active)
    _shift(connection, held, held.c.due, held.c.since, now)
    connection.execute(update(webhooks).where(webhooks.c.paused_until > now).values(paused_until=now))
    connection.execute(update(webhooks).where(webhooks.c.failing_since > now).values(failing_since=now))
    for table in metadata.sorted_tables:
        if "lease_until" in table.c:
            too_long = table.c.lease_until > now + _LONGEST_LEASE
            connection.execute(update(table).where(too_long).values(lease_until=now + TOLERANCE))


def _shift(
    connection: Connection,
    table: Table,
    due: Column[Any],
    since: ColumnElement[datetime],
    now: datetime,
    *among: ColumnElement[bool],
) -> None:
    """Count waits that seem to begin in the future from now."""
    keys = list(table.primary_key.columns)
    rows = connection.execute(
        select(*keys, due.label("due"), since.label("since")).where(due > now, since > now, *among)
    ).all()
    if rows:
        this = [key == bindparam(f"of_{key.name}") for key in keys]
        connection.execute(
            update(table).where(*this),
            [
                {f"of_{key.name}": getattr(row, key.name) for key in keys} | {due.name: now + (row.due - row.since)}
                for row in rows
            ],
        )
