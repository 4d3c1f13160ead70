"""``/healthz``: this process answers. ``/readyz``: the database and the broker do too, and work is being done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from store.database import Database
from store.errors import StoreError
from store.stalls import stalls
from store.views.figures import Backlog, backlog
from web.probing import Probe
from worker.liveness import PATIENCE

router = APIRouter(tags=["service"])

#: Anybody may ask these.
_OPEN: dict[str, Any] = {"security": []}
#: The database and the broker, asked side by side, have this long to answer, in seconds.
ANSWER_WITHIN = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be well. ``detail`` names neither hosts nor credentials: anybody may read it.

    ``age_seconds`` is how long the longest due work of a stage has waited (0.0 where nothing waits), or how long ago
    the last tick came (null: never); ``limit_seconds`` is how much of that is normal where nobody is at it.
    """

    name: str
    ok: bool
    detail: str
    age_seconds: float | None = None
    limit_seconds: float | None = None


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether the service works, and each thing that was looked at."""

    status: Literal["ok", "failing"]
    checks: list[Check]


class Health:
    """What ``/readyz`` asks; one a process. Answers are shared for a second: anybody may ask, often."""

    def __init__(self, database: Callable[[], Database], ping_broker: Callable[[], bool]) -> None:
        self._database = Probe(lambda: _stages(database()))
        self._broker = Probe(ping_broker)

    def check_all(self) -> list[Check]:
        """Look at everything ``/readyz`` vouches for; raises nothing."""
        until = time.monotonic() + ANSWER_WITHIN
        database, stages = self._database.begin(), []
        self._broker.begin()
        try:
            stages = database.result(ANSWER_WITHIN)
            first = Check("database", True, "answers")
        except TimeoutError:
            first = Check("database", False, f"does not answer within {ANSWER_WITHIN:g} s")
        except (StoreError, SQLAlchemyError):
            first = Check("database", False, "does not answer, or its tables are missing (seedwire migrate)")
        return [first, _check_broker(self.broker_answers(until)), *stages]

    def broker_answers(self, until: float | None = None) -> bool:
        """Whether it answers by then (monotonic time)."""
        patience = ANSWER_WITHIN if until is None else max(until - time.monotonic(), 0.0)
        try:
            return self._broker.begin().result(patience)
        except TimeoutError:
            return False


@router.get("/healthz", response_model=Alive, openapi_extra=_OPEN, summary="The web process answers")
def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "At least one check fails"}},
    openapi_extra=_OPEN,
    summary="Database and broker answer, and due work is being done",
)
def readyz(request: Request) -> Response:
    health: Health = request.app.state.health
    checks = health.check_all()
    ok = all(check.ok for check in checks)
    body = {"status": "ok" if ok else "failing", "checks": [asdict(check) for check in checks]}
    return JSONResponse(body, status_code=200 if ok else 503)


def _stages(database: Database) -> list[Check]:
    now = datetime.now(UTC)
    with database.read() as connection:
        return check_stages(stalls(connection, now), backlog(connection, now))


def _check_broker(answers: bool) -> Check:
    return Check("broker", answers, "answers" if answers else "does not answer")


def check_stages(unattended: Mapping[str, float], waiting: Backlog) -> list[Check]:
    """Judge each stage as the supervisor does (worker.liveness): by what is due and nobody is at (store.stalls)."""
    tick = _check_tick(waiting.since_tick)
    return [tick, *(_check_stage(stage, age, unattended.get(stage)) for stage, age in waiting.stages.items())]


def _check_tick(since: float | None) -> Check:
    limit = PATIENCE["tick"]
    if since is None:
        return Check("tick", False, "has never come: is a worker running, and a beat?", None, limit)
    detail = f"came {since:.0f} s ago, normal up to {limit:.0f} s"
    return Check("tick", since <= limit, detail, round(since, 1), limit)


def _check_stage(stage: str, age: float, unattended: float | None) -> Check:
    limit, waits = PATIENCE[stage], f"what is due waits {age:.0f} s"
    ok = unattended is None or unattended <= limit
    if not age:
        detail = "nothing is due"
    elif unattended is None:
        detail = f"{waits}, somebody is at it"
    else:
        detail = f"{waits}{'' if ok else ' and nobody is at it'}, normal up to {limit:.0f} s"
    return Check(stage, ok, detail, round(age, 1), limit)
