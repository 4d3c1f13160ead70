"""How much is due, how far behind each stage is, and what was counted: what the metrics tell.

Nothing here grows with what is stored: each figure is a range of an index or a small table. What was ever stored, told
or sent is counted when it happens (``counters``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store import websub
from store.endpoints import usable
from store.feed_health import HEALTH
from store.tables import counters, deliveries, feeds, held, items, service_state, webhooks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select


@dataclass(frozen=True, slots=True)
class Backlog:
    """How long the longest due work of each stage has waited, in seconds, whether or not somebody is at it.

    0.0 where nothing waits. ``since_tick`` is None when no tick ever came. (Whether a stage is stuck: store.stalls.)
    """

    poll: float
    classify: float
    deliver: float
    since_tick: float | None

    @property
    def stages(self) -> Mapping[str, float]:
        return {"poll": self.poll, "classify": self.classify, "deliver": self.deliver}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of what is now; keys are the label values of the metrics they become.

    ``due`` is by stage, ``deliveries`` by webhook and state (those that are not over well), ``held`` counts stories by
    webhook. ``webhooks`` are the names of the configured ones.
    """

    feeds: Mapping[str, int]
    pushes: Mapping[str, int]
    due: Mapping[str, int]
    deliveries: Mapping[tuple[str, str], int]
    held: Mapping[str, int]
    webhooks: tuple[str, ...]
    disabled_webhooks: int
    paused_webhooks: int
    counters: Mapping[tuple[str, str], float]


def backlog(connection: Connection, now: datetime) -> Backlog:
    """How far behind each stage is."""

    def age(oldest: Select[datetime | None]) -> float | None:
        then = connection.scalar(oldest)
        return max(0.0, (now - then).total_seconds()) if then else None

    return Backlog(
        poll=age(select(func.min(feeds.c.next_poll)).where(feeds.c.active, feeds.c.next_poll <= now)) or 0.0,
        classify=age(select(func.min(items.c.first_seen)).where(items.c.pending, items.c.outcome.is_(None))) or 0.0,
        deliver=age(select(func.min(deliveries.c.due)).where(*_due_delivery(now))) or 0.0,
        since_tick=age(select(service_state.c.at).where(service_state.c.key == "tick")),
    )


def figures(connection: Connection, now: datetime) -> Figures:
    number = func.count()
    due = {
        "poll": select(number).select_from(feeds).where(feeds.c.active, feeds.c.next_poll <= now),
        "classify": select(number).select_from(items).where(items.c.pending),
        "deliver": select(number).select_from(deliveries).where(*_due_delivery(now)),
    }
    unfinished = (
        select(deliveries.c.webhook, deliveries.c.state, number)
        .where(deliveries.c.state.in_(("pending", "dead", "disabled")))
        .group_by(deliveries.c.webhook, deliveries.c.state)
    )
    configured = connection.execute(
        select(webhooks.c.name, webhooks.c.disabled, webhooks.c.paused_until)
        .where(webhooks.c.active)
        .order_by(webhooks.c.name)
    ).all()
    return Figures(
        feeds=dict(_pairs(connection, select(HEALTH, number).where(feeds.c.active).group_by(HEALTH))),
        pushes=Counter(word for word, _ in websub.states(connection, now).values()),
        due={stage: connection.scalar(query) or 0 for stage, query in due.items()},
        deliveries={(row[0], row[1]): row[2] for row in connection.execute(unfinished)},
        held=dict(_pairs(connection, select(held.c.webhook, number).group_by(held.c.webhook))),
        webhooks=tuple(row.name for row in configured),
        disabled_webhooks=sum(row.disabled is not None for row in configured),
        paused_webhooks=sum(row.disabled is None and row.paused_until is not None for row in configured),
        counters={(row.name, row.labels): row.value for row in connection.execute(select(counters))},
    )


def _due_delivery(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Due to a webhook that may be called: what waits for a person or for a pause to end is nobody's work."""
    callable_ = select(webhooks.c.name).where(usable(now))
    return (deliveries.c.state == "pending", deliveries.c.due <= now, deliveries.c.webhook.in_(callable_))


def _pairs(connection: Connection, query: Select[str, int]) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in connection.execute(query)]
