"""``/healthz``: this process answers. ``/readyz``: the database and the broker do too, and work is being done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from store.errors import StoreError
from store.stalls import stalls
from worker.liveness import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from store.database import Database


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
            waits = stalls(connection, datetime.now(UTC))
    except (StoreError, SQLAlchemyError):
        return [Check("database", False, "does not answer, or its tables are missing (seedwire migrate)"), broker]
    return [Check("database", True, "answers"), broker, *check_stages(waits)]


def check_stages(waits: Mapping[str, float]) -> list[Check]:
    """Judge each stage as the supervisor does (worker.liveness), from what store.stalls tells."""
    return [_check_tick(waits.get("tick"))] + [
        _check_stage(stage, waits.get(stage)) for stage in PATIENCE if stage != "tick"
    ]


def _check_tick(since: float | None) -> Check:
    if since is None:
        return Check("tick", False, "has never come: is a worker running, and a beat?")
    return Check("tick", since <= PATIENCE["tick"], f"came {since:.0f} s ago, normal up to {PATIENCE['tick']:.0f} s")


def _check_stage(stage: str, waiting: float | None) -> Check:
    if waiting is None:
        return Check(stage, True, "nothing is due, or somebody is at it")
    ok = waiting <= PATIENCE[stage]
    alone = "" if ok else " and nobody is at it"
    return Check(stage, ok, f"what is due waits {waiting:.0f} s{alone}, normal up to {PATIENCE[stage]:.0f} s")
