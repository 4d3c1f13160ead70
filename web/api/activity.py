"""``/api/v1/activity``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from store.views.activity import Activity, Bucket, activity
from web.api.moments import iso
from web.problem import answers
from web.site import AtHand

if TYPE_CHECKING:
    from web.site import Site

router = APIRouter(prefix="/activity", tags=["activity"])


class ActivityCount(BaseModel):
    """What came from a time on, for an hour or a day. Null where nothing is known."""

    start: datetime
    items: int | None
    events: dict[str, int] | None = Field(description="By type; types of which none came are left out")
    alerts: int | None


class ActivityAnswer(BaseModel):
    """Items, events and alerts over time."""

    bucket: Literal["hour", "day"]
    since: datetime | None = Field(
        description="From when on there are figures of items and events: the first item, or what retention has left"
    )
    kept: bool = Field(description="Whether `since` is what retention (`service.keep_items`) has left")
    types: list[str] = Field(description="The types of event that came")
    counts: list[ActivityCount] = Field(description="The last 48 hours or 30 days (UTC); the last one is going on")


@router.get(
    "",
    response_model=ActivityAnswer,
    responses=answers(401, 403, 422, 503),
    summary="Items, events and alerts by hour or day",
)
def over_time(
    site: AtHand, bucket: Annotated[Bucket, Query(description="The last 48 hours, or the last 30 days")] = "hour"
) -> Response:
    found = activity_of(site, bucket)
    return JSONResponse(
        {
            "bucket": found.bucket,
            "since": iso(found.since),
            "kept": found.kept,
            "types": list(found.types),
            "counts": [
                {
                    "start": count.start.isoformat(),
                    "items": count.items,
                    "events": count.events,
                    "alerts": count.alerts,
                }
                for count in found.counts
            ],
        }
    )


def activity_of(site: Site, bucket: Bucket) -> Activity:
    """Counting what came in a month takes a moment where much comes: it is remembered for some seconds."""

    def count() -> Activity:
        with site.database.read() as connection:
            keep = site.context.config.service.keep_items
            return activity(connection, bucket, datetime.now(UTC), keep=keep)

    return site.activity.get(bucket, count)
