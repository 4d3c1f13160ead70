"""``/healthz``: this process answers. ``/readyz``: the database and the broker do too, and work is being done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from store.database import Database
from store.errors import StoreError
from store.stalls import stalls
from web.site import AtHand
from worker.liveness import PATIENCE

router = APIRouter(tags=["service"])

#: Anybody may ask these.
_OPEN: dict[str, Any] = {"security": []}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be well. ``detail`` names neither hosts nor credentials: anybody may read it."""

    name: str
    ok: bool
    detail: str


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether the service works, and each thing that was looked at."""

    status: Literal["ok", "failing"]
    checks: list[Check]


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
def readyz(site: AtHand) -> Response:
    checks = check_all(site.database, site.ping_broker)
    ok = all(check.ok for check in checks)
    body = {"status": "ok" if ok else "failing", "checks": [asdict(check) for check in checks]}
    return JSONResponse(body, status_code=200 if ok else 503)


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
