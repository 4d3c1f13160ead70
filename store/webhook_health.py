"""How every configured webhook is doing."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select

from store.tables import deliveries, held, webhooks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """``dead`` deliveries ran out of retries, ``resting`` ones wait for a disabled webhook, ``waiting`` ones for their
    next attempt, and of these ``retrying`` ones failed at least once. ``note`` says of one of them, the worst first,
    what went wrong. It has done nothing but fail ``failures`` times since ``failing_since``; while ``paused_until``
    stands it does not answer: it is called again, for one delivery, when that time has come (alerts.endpoint).
    ``held`` stories are told later for its quiet period or hourly cap, the next of them at ``held_until``.
    """

    name: str
    disabled: datetime | None = None
    disabled_reason: str | None = None
    dead: int = 0
    resting: int = 0
    waiting: int = 0
    retrying: int = 0
    note: str | None = None
    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    held: int = 0
    held_until: datetime | None = None

    @property
    def is_well(self) -> bool:
        return not (self.disabled or self.dead or self.retrying or self.paused_until)

    @property
    def state(self) -> str:
        """What is worst about it, in a word or two."""
        if self.disabled:
            return "disabled"
        if self.paused_until:
            return "paused"
        if self.retrying:
            return "retrying"
        return "dead letters" if self.dead or self.resting else "ok"

    @property
    def command(self) -> str | None:
        """What sends again what rests, and enables the webhook; None where there is nothing of either."""
        flags = [f for f, needed in (("--disabled", self.resting or self.disabled), ("--dead", self.dead)) if needed]
        if not flags:
            return None
        return f"seedwire deliveries retry {' '.join(flags)} --webhook {shlex.quote(self.name)}"


def list_webhooks(connection: Connection) -> list[WebhookHealth]:
    """Every webhook of the config by name."""
    dead = deliveries.c.state == "dead"
    retrying = and_(deliveries.c.state == "pending", deliveries.c.tries > 0)
    rows = connection.execute(
        select(
            webhooks.c.name,
            webhooks.c.disabled,
            webhooks.c.disabled_reason,
            webhooks.c.failures,
            webhooks.c.failing_since,
            webhooks.c.paused_until,
            func.count(case((dead, 1))).label("dead"),
            func.count(case((deliveries.c.state == "disabled", 1))).label("resting"),
            func.count(case((deliveries.c.state == "pending", 1))).label("waiting"),
            func.count(case((retrying, 1))).label("retrying"),
            func.max(case((dead, deliveries.c.note))).label("dead_note"),
            func.max(case((retrying, deliveries.c.note))).label("retrying_note"),
        )
        .outerjoin(
            deliveries,
            and_(deliveries.c.webhook == webhooks.c.name, deliveries.c.state.in_(("pending", "dead", "disabled"))),
        )
        .where(webhooks.c.active)
        .group_by(
            webhooks.c.name,
            webhooks.c.disabled,
            webhooks.c.disabled_reason,
            webhooks.c.failures,
            webhooks.c.failing_since,
            webhooks.c.paused_until,
        )
        .order_by(webhooks.c.name)
    )
    later = {
        row.webhook: row
        for row in connection.execute(
            select(held.c.webhook, func.count().label("stories"), func.min(held.c.due).label("until"))
            .group_by(held.c.webhook)
        )
    }  # fmt: skip
    return [
        WebhookHealth(
            name=row.name,
            disabled=row.disabled,
            disabled_reason=row.disabled_reason,
            dead=row.dead,
            resting=row.resting,
            waiting=row.waiting,
            retrying=row.retrying,
            note=row.disabled_reason or row.dead_note or row.retrying_note,
            failures=row.failures,
            failing_since=row.failing_since,
            paused_until=row.paused_until,
            held=later[row.name].stories if row.name in later else 0,
            held_until=later[row.name].until if row.name in later else None,
        )
        for row in rows
    ]


def last_successes(connection: Connection) -> dict[str, datetime]:
    """When each webhook was last delivered to, by name; every delivery is looked at."""
    newest = (
        select(deliveries.c.webhook, func.max(deliveries.c.finished).label("at"))
        .where(deliveries.c.state == "delivered")
        .group_by(deliveries.c.webhook)
    )
    return {row.webhook: row.at for row in connection.execute(newest)}
