"""``/api/v1/deliveries``: every alert on its way to a webhook, with its attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from store.views.deliveries import ListedDelivery, newest_deliveries, one_delivery
from web.access import may_write
from web.api.moments import Since, iso
from web.api.paging import DEFAULT_PAGE, Cursor, Identity, Limit, parse_cursor, write_cursor
from web.problem import answers
from web.site import AtHand, Reading
from worker.steps.retry import retry

router = APIRouter(prefix="/deliveries", tags=["deliveries"])

State = Literal["pending", "delivered", "dead", "disabled"]
#: Ids and names in a query: a pattern keeps out what no database takes.
AskedId = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
AskedName = Annotated[str | None, Query(pattern=r"^[^\x00]{1,64}$")]


class Attempt(BaseModel):
    """One try."""

    at: datetime
    code: int = Field(description="The answer's status; 0 where none came")
    latency_ms: float
    error: str | None = Field(description="Why no answer came")
    excerpt: str | None = Field(description="The beginning of the answer")


class Delivery(BaseModel):
    """One alert on its way to one webhook."""

    id: str
    alert: str = Field(description="Its alert's id, which is also the `webhook-id`")
    type: str = Field(description="Its alert's type")
    story: str | None = Field(description="The story it is about; null of several and of the service itself")
    webhook: str
    state: State
    note: str | None
    created: datetime
    due: datetime | None = Field(description="The next attempt, while there is to be one")
    finished: datetime | None
    attempts: list[Attempt] = Field(description="The first one first")


class DeliveryPage(BaseModel):
    """A page of deliveries."""

    deliveries: list[Delivery]
    next: str | None = Field(description="The cursor of the next page; null on the last one")


@router.get(
    "", response_model=DeliveryPage, responses=answers(401, 403, 422, 503), summary="Deliveries, the newest first"
)
def deliveries(
    connection: Reading,
    limit: Limit = DEFAULT_PAGE,
    cursor: Cursor = "",
    webhook: AskedName = None,
    state: State | None = None,
    alert: AskedId = None,
    story: AskedId = None,
    since: Since = None,
) -> Response:
    # One more than asked for tells whether there is a next page.
    found = newest_deliveries(
        connection,
        limit=limit + 1,
        webhook=webhook,
        state=state,
        alert=alert,
        story=story,
        since=since,
        before=parse_cursor(cursor),
    )
    following = write_cursor(found[limit - 1].created, found[limit - 1].id) if len(found) > limit else None
    return JSONResponse({"deliveries": [delivery_to_dict(one) for one in found[:limit]], "next": following})


@router.get(
    "/{delivery_id}",
    response_model=Delivery,
    responses=answers(401, 403, 404, 422, 503),
    summary="One delivery, every attempt",
)
def delivery(delivery_id: Identity, connection: Reading) -> Response:
    found = one_delivery(connection, delivery_id)
    if found is None:
        raise HTTPException(404, "There is no delivery with this id; GET /api/v1/deliveries lists them.")
    return JSONResponse(delivery_to_dict(found))


@router.post(
    "/{delivery_id}/retry",
    response_model=Delivery,
    responses=answers(401, 403, 404, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Start the schedule of a delivery anew",
    description="Same alert, same `webhook-id`; its webhook is enabled if it was disabled. The answer is the delivery "
    "as it is then. One that arrived stays delivered, so a repeat sends nothing twice (replay the alert for that).",
)
def retry_delivery(delivery_id: Identity, site: AtHand) -> Response:
    with site.database.write() as transaction:
        retry(site.context, transaction, [delivery_id])
        found = one_delivery(transaction.connection, delivery_id)
    assert found is not None
    return JSONResponse(delivery_to_dict(found))


def delivery_to_dict(one: ListedDelivery) -> dict[str, Any]:
    """What :class:`Delivery` describes, made without it, which is many times as fast."""
    return {
        "id": one.id,
        "alert": one.alert,
        "type": one.type,
        "story": one.story,
        "webhook": one.webhook,
        "state": one.state,
        "note": one.note,
        "created": one.created.isoformat(),
        "due": iso(one.due),
        "finished": iso(one.finished),
        "attempts": [
            {
                "at": a.at.isoformat(), "code": a.code, "latency_ms": a.latency_ms, "error": a.error,
                "excerpt": a.excerpt,
            }
            for a in one.attempts
        ],
    }  # fmt: skip
