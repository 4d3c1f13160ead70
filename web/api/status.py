"""``/api/v1/status``: what stands at the top of every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from store import condition
from store.views import glance
from web.problem import answers
from web.site import Reading, config_problem

router = APIRouter(prefix="/status", tags=["service"])


class Trouble(BaseModel):
    """Work that the service does not get done."""

    reason: str
    detail: str
    since: datetime


class Status(BaseModel):
    """The service at a glance."""

    feeds: int
    failing_feeds: int
    items: int = Field(description="Of the last 24 hours, like `stories` and `alerts`")
    stories: int
    alerts: int
    waiting_deliveries: int
    dead_deliveries: int
    config_problem: str | None = Field(description="Why the config file is refused while the one before is in force")
    troubles: list[Trouble]


@router.get("", response_model=Status, responses=answers(401, 403, 503), summary="The service at a glance")
def status(connection: Reading) -> Response:
    now = datetime.now(UTC)
    seen = glance.summary(connection, now - timedelta(days=1))
    told = {
        "feeds": seen.feeds, "failing_feeds": seen.failing_feeds, "items": seen.items, "stories": seen.stories,
        "alerts": seen.alerts, "waiting_deliveries": seen.waiting_deliveries, "dead_deliveries": seen.dead_deliveries,
        "config_problem": config_problem(connection),
        "troubles": [
            {"reason": trouble.reason, "detail": trouble.detail, "since": trouble.since.isoformat()}
            for trouble in condition.told(connection)
        ],
    }  # fmt: skip
    return JSONResponse(told)
