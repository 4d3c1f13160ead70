"""How every configured webhook is doing."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import and_, case, func, select

from store.tables import deliveries, held, webhooks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row


WebhookState = Literal["ok", "retrying", "paused", "disabled", "dead letters"]


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
    def state(self) -> WebhookState:
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
    counted: dict[tuple[str, str], Row[str, str, int, int]] = {
        (row.webhook, row.state): row
        for row in connection.execute(
            select(
                deliveries.c.webhook,
                deliveries.c.state,
                func.count().label("number"),
                func.count(case((deliveries.c.tries > 0, 1))).label("tried"),
            )
            .where(deliveries.c.state.in_(("pending", "dead", "disabled")))
            .group_by(deliveries.c.webhook, deliveries.c.state)
        )
    }
    rows = connection.execute(select(webhooks).where(webhooks.c.active).order_by(webhooks.c.name)).all()
    later = {
        row.webhook: row
        for row in connection.execute(
            select(held.c.webhook, func.count().label("stories"), func.min(held.c.due).label("until"))
            .group_by(held.c.webhook)
        )
    }  # fmt: skip
    found = []
    for row in rows:
        dead, resting, waiting = (counted.get((row.name, state)) for state in ("dead", "disabled", "pending"))
        note = row.disabled_reason
        if note is None and dead:
            note = _last_note(connection, row.name, deliveries.c.state == "dead")
        elif note is None and waiting and waiting.tried:
            note = _last_note(connection, row.name, and_(deliveries.c.state == "pending", deliveries.c.tries > 0))
        found.append(
            WebhookHealth(
                name=row.name,
                disabled=row.disabled,
                disabled_reason=row.disabled_reason,
                dead=dead.number if dead else 0,
                resting=resting.number if resting else 0,
                waiting=waiting.number if waiting else 0,
                retrying=waiting.tried if waiting else 0,
                note=note,
                failures=row.failures,
                failing_since=row.failing_since,
                paused_until=row.paused_until,
                held=later[row.name].stories if row.name in later else 0,
                held_until=later[row.name].until if row.name in later else None,
            )
        )
    return found


def _last_note(connection: Connection, name: str, those: ColumnElement[bool]) -> str | None:
    """What the newest of these deliveries failed at."""
    return connection.scalar(
        select(deliveries.c.note)
        .where(deliveries.c.webhook == name, those)
        .order_by(deliveries.c.created.desc())
        .limit(1)
    )
