"""``/healthz``: this process answers. ``/readyz``: the database and the broker do too, and work is being done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from store import overview
from store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Database
    from store.overview import Backlog

#: Work that waits longer than this, and that nobody touched for as long, is a stall.
STALL_SECONDS = 300.0
#: The tick comes every second or so; without it nothing that is due gets done.
TICK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be well. ``detail`` names neither hosts nor credentials: anybody may read it."""

    name: str
    ok: bool
    detail: str


def check_all(database: Database, ping_broker: Callable[[], bool]) -> list[Check]:
    """Look at everything ``/readyz`` vouches for; raises nothing."""
    broker_answers = ping_broker()
    broker = Check("broker", broker_answers, "answers" if broker_answers else "does not answer")
    try:
        with database.read() as connection:
            backlog = overview.backlog(connection, datetime.now(UTC))
    except (StoreError, SQLAlchemyError):
        return [Check("database", False, "does not answer, or its tables are missing (seedwire migrate)"), broker]
    return [Check("database", True, "answers"), broker, *check_work(backlog)]


def check_work(backlog: Backlog) -> list[Check]:
    """Judge how far behind each stage is. A long queue that moves is not a stall: a restart after a day has one."""
    return [
        _tick(backlog.since_tick),
        _stage("polling", "feed", backlog.oldest_due_feed, backlog.since_poll),
        _stage("classifying", "item", backlog.oldest_pending_item, None),
        _stage("delivering", "delivery", backlog.oldest_due_delivery, backlog.since_attempt),
    ]


def _tick(since: float | None) -> Check:
    if since is None:
        return Check("tick", False, "has never come: is a worker running, and a beat?")
    return Check("tick", since <= TICK_SECONDS, f"came {since:.0f} s ago")


def _stage(name: str, what: str, waiting: float, since_done: float | None) -> Check:
    stalled = waiting > STALL_SECONDS and (since_done is None or since_done > STALL_SECONDS)
    if not waiting:
        return Check(name, True, f"no {what} is due")
    return Check(name, not stalled, f"the longest due {what} has waited {waiting:.0f} s")
