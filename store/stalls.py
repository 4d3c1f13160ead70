"""Liveness means work done: which stage has work that is due and nobody is at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from store import state
from store.endpoints import free, usable
from store.tables import deliveries, feeds, items, webhooks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Wait:
    """How long the oldest due work of a stage has waited, and whether a worker holds a lease in that stage."""

    seconds: float
    attended: bool


def stalls(connection: Connection, now: datetime) -> dict[str, float]:
    """Seconds that the oldest due work of a stage has waited while no worker holds a lease in that stage.

    Keys are ``poll``, ``classify``, ``deliver`` and ``tick`` (time since the last one); a stage where nothing waits,
    or where somebody is working, however far behind, has no key. A ping could not tell: workers have been seen alive
    and deaf after their broker came back.
    """
    found = {stage: wait.seconds for stage, wait in waits(connection, now).items() if not wait.attended}
    tick = state.get(connection, "tick")
    if tick is not None:
        found["tick"] = (now - tick.at).total_seconds()
    return found


def waits(connection: Connection, now: datetime) -> dict[str, Wait]:
    """What waits in the stages ``poll``, ``classify`` and ``deliver``; one where nothing waits has no key."""
    found: dict[str, Wait] = {}
    stages = {
        "poll": ((feeds.c.active, feeds.c.next_poll <= now), feeds.c.next_poll, feeds.c.lease_until),
        # One that is read again because it was edited has not waited since it was first seen.
        "classify": ((items.c.pending, items.c.outcome.is_(None)), items.c.first_seen, items.c.lease_until),
        # A paused endpoint is nobody's work until its pause is over, and what waited for it is late from then on. What
        # waits for a webhook that somebody is at waits for its endpoint, not for us.
        "deliver": (
            (
                webhooks.c.active,
                usable(now),
                free(now),
                deliveries.c.webhook == webhooks.c.name,
                deliveries.c.state == "pending",
                deliveries.c.due <= now,
            ),
            case((webhooks.c.paused_until > deliveries.c.due, webhooks.c.paused_until), else_=deliveries.c.due),
            webhooks.c.lease_until,
        ),
    }
    for stage, (due, oldest, leased) in stages.items():
        since = connection.scalar(select(func.min(oldest)).where(*due))
        if since is not None:
            working = connection.scalar(select(func.count()).where(leased > now, *due[:1]))
            found[stage] = Wait((now - since).total_seconds(), bool(working))
    return found
