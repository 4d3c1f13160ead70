"""Liveness means work done: which stage has work that is due and nobody is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from store import state
from store.endpoints import usable
from store.tables import deliveries, feeds, items, webhooks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def stalls(connection: Connection, now: datetime) -> dict[str, float]:
    """Seconds that the oldest due work of a stage has waited while no worker holds a lease in that stage.

    Keys are ``poll``, ``classify``, ``deliver`` and ``tick`` (time since the last one); a stage where nothing waits,
    or where somebody is working, however far behind, has no key. A ping could not tell: workers have been seen alive
    and deaf after their broker came back.
    """
    waits: dict[str, float] = {}
    tick = state.get(connection, "tick")
    if tick is not None:
        waits["tick"] = (now - tick.at).total_seconds()
    stages = {
        "poll": ((feeds.c.active, feeds.c.next_poll <= now), feeds.c.next_poll, feeds.c.lease_until),
        "classify": ((items.c.pending,), items.c.first_seen, items.c.lease_until),
        # A paused endpoint is nobody's work until its pause is over, and what waited for it is late from then on.
        "deliver": (
            (
                webhooks.c.active,
                usable(now),
                deliveries.c.webhook == webhooks.c.name,
                deliveries.c.state == "pending",
                deliveries.c.due <= now,
            ),
            case((webhooks.c.paused_until > deliveries.c.due, webhooks.c.paused_until), else_=deliveries.c.due),
            webhooks.c.lease_until,
        ),
    }
    for stage, (due, oldest, leased) in stages.items():
        working = connection.scalar(select(func.count()).where(leased > now, *due[:1]))
        since = connection.scalar(select(func.min(oldest)).where(*due))
        if since is not None and not working:
            waits[stage] = (now - since).total_seconds()
    return waits
