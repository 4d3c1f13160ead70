"""How each webhook does: its health, what it has taken lately and how fast, what is held back for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import case, func, select

from store.tables import attempts, deliveries, held
from store.webhook_health import WebhookHealth, list_webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from alerts.pacing import Why
    from store.webhook_health import WebhookState

#: Latencies are those of so many answers at most, and so many attempts are drawn.
ANSWERS_TIMED, ATTEMPTS_DRAWN = 1_000, 60


@dataclass(frozen=True, slots=True)
class Traffic:
    """Attempts in a span of time, and how many of them were taken (answered 2xx)."""

    attempts: int
    taken: int

    @property
    def rate(self) -> float | None:
        """The share that was taken, 0 to 1; None where there was no attempt."""
        return self.taken / self.attempts if self.attempts else None


NO_TRAFFIC = Traffic(0, 0)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """So many stories wait for a quiet period or for room within the hour; the next is told at ``until``."""

    why: Why
    stories: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """One attempt, as it is drawn: when, how it was answered (0: not at all), and how long that took."""

    at: datetime
    code: int
    latency_ms: float

    @property
    def taken(self) -> bool:
        return 200 <= self.code <= 299


@dataclass(frozen=True, slots=True)
class WebhookView:
    """``seen`` says whether the service knows it from the config by now. ``median_ms`` and ``p95_ms`` are of the last
    thousand answers within a week, None where there was none. ``beats`` are the last attempts, the oldest first."""

    health: WebhookHealth
    seen: bool = False
    succeeded: datetime | None = None
    day: Traffic = NO_TRAFFIC
    week: Traffic = NO_TRAFFIC
    median_ms: float | None = None
    p95_ms: float | None = None
    held: tuple[HeldBack, ...] = ()
    beats: tuple[Beat, ...] = ()

    @property
    def name(self) -> str:
        return self.health.name

    @property
    def state(self) -> WebhookState | Literal["new"]:
        return self.health.state if self.seen else "new"


def view_webhooks(connection: Connection, names: Sequence[str], now: datetime) -> list[WebhookView]:
    """These webhooks, in this order. The cost grows with the attempts of a week, a range of an index each."""
    known = {health.name: health for health in list_webhooks(connection)}
    held_back: dict[str, list[HeldBack]] = {}
    for row in connection.execute(
        select(held.c.webhook, held.c.why, func.count().label("stories"), func.min(held.c.due).label("until"))
        .where(held.c.webhook.in_(names))
        .group_by(held.c.webhook, held.c.why)
        .order_by(held.c.webhook, held.c.why)
    ):
        held_back.setdefault(row.webhook, []).append(HeldBack(row.why, row.stories, row.until))
    views = []
    for name in names:
        latencies = _latencies(connection, name, now)
        views.append(
            WebhookView(
                health=known.get(name) or WebhookHealth(name),
                seen=name in known,
                succeeded=last_success(connection, name),
                day=_traffic(connection, name, now - timedelta(days=1)),
                week=_traffic(connection, name, now - timedelta(days=7)),
                median_ms=_quantile(latencies, 0.5),
                p95_ms=_quantile(latencies, 0.95),
                held=tuple(held_back.get(name, ())),
                beats=_beats(connection, name),
            )
        )
    return views


def last_success(connection: Connection, name: str) -> datetime | None:
    """When a webhook was last delivered to; attempts of what arrived long ago are not kept, the delivery is."""
    attempted = (
        select(attempts.c.at)
        .where(attempts.c.webhook == name, _TAKEN)
        .order_by(attempts.c.at.desc())
        .limit(1)
    )  # fmt: skip
    delivered = (
        select(deliveries.c.finished)
        .where(deliveries.c.webhook == name, deliveries.c.state == "delivered")
        .order_by(deliveries.c.created.desc())
        .limit(1)
    )
    return connection.scalar(attempted) or connection.scalar(delivered)


_TAKEN: ColumnElement[bool] = attempts.c.code.between(200, 299)


def _traffic(connection: Connection, name: str, since: datetime) -> Traffic:
    counted = connection.execute(
        select(func.count(), func.count(case((_TAKEN, 1)))).where(attempts.c.webhook == name, attempts.c.at >= since)
    ).one()
    return Traffic(*counted)


def _latencies(connection: Connection, name: str, now: datetime) -> list[float]:
    answered = (
        select(attempts.c.latency_ms)
        .where(attempts.c.webhook == name, attempts.c.at >= now - timedelta(days=7), attempts.c.code > 0)
        .order_by(attempts.c.at.desc())
        .limit(ANSWERS_TIMED)
    )
    return sorted(connection.scalars(answered))


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that no less than this share of them does not exceed."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else None


def _beats(connection: Connection, name: str) -> tuple[Beat, ...]:
    rows = connection.execute(
        select(attempts.c.at, attempts.c.code, attempts.c.latency_ms)
        .where(attempts.c.webhook == name)
        .order_by(attempts.c.at.desc())
        .limit(ATTEMPTS_DRAWN)
    )
    return tuple(Beat(*row) for row in rows)[::-1]
