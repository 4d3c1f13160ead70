"""``/api/v1/alerts``: what was told, as it was sent, and telling it again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from alerts.alert import Alert as StoredAlert
from store.views.alerts import TYPES, ListedAlert, by_ids, newest_alerts, show_alert
from web.access import may_write
from web.api.deliveries import AskedId, Delivery
from web.api.moments import Since
from web.api.paging import DEFAULT_PAGE, Cursor, Identity, Limit, parse_cursor, write_cursor
from web.api.webhooks import configured_webhook
from web.problem import answers
from web.site import AtHand, Reading
from worker.steps.replay import replay

router = APIRouter(prefix="/alerts", tags=["alerts"])

Type = Literal[TYPES]  # type: ignore[valid-type]  # made of the table of types, so that there is one


class Alert(BaseModel):
    """An alert and how its deliveries stand."""

    id: str
    items: int = Field(description="How many items its story has by now")
    deliveries: dict[str, int] = Field(description="How many of its deliveries are in each state")
    alert: dict[str, Any] = Field(description="The body as it was sent (docs/webhooks.md)")


class AlertPage(BaseModel):
    """A page of alerts."""

    alerts: list[Alert]
    next: str | None = Field(description="The cursor of the next page; null on the last one")


class Report(BaseModel):
    """One item that reports what an alert tells."""

    item: str
    title: str
    url: str | None
    feed: str
    published: datetime | None
    seen: datetime
    why: list[str] = Field(description="Why it belongs to the story")
    event: dict[str, Any]


class WholeAlert(BaseModel):
    """An alert with everything behind it."""

    id: str
    alert: dict[str, Any] = Field(description="The body as it was sent")
    reports: list[Report]
    deliveries: list[Delivery]


class ReplayOrder(BaseModel):
    """To whom."""

    model_config = ConfigDict(extra="forbid")

    webhook: str | None = Field(
        default=None, max_length=64, description="This webhook alone; else every one whose filters admit the alert"
    )


class Replayed(BaseModel):
    """To whom it goes again."""

    alert: str
    webhooks: list[str]


@router.get("", response_model=AlertPage, responses=answers(401, 403, 422, 503), summary="Alerts, the newest first")
def alerts(
    connection: Reading,
    types: Annotated[list[Type], Query(alias="type", default_factory=list, max_length=len(TYPES))],
    limit: Limit = DEFAULT_PAGE,
    cursor: Cursor = "",
    story: AskedId = None,
    since: Since = None,
) -> Response:
    # One more than asked for tells whether there is a next page.
    found = newest_alerts(
        connection, limit=limit + 1, types=types, story=story, since=since, before=parse_cursor(cursor)
    )
    last = found[limit - 1].alert if len(found) > limit else None
    following = write_cursor(last.time, last.id) if last else None
    return JSONResponse({"alerts": [_listed(one) for one in found[:limit]], "next": following})


@router.get(
    "/{alert_id}",
    response_model=WholeAlert,
    responses=answers(401, 403, 404, 422, 503),
    summary="One alert: its body, every report and why it joined, every delivery",
)
def alert(alert_id: Identity, connection: Reading) -> Response:
    whole = show_alert(connection, stored_alert(connection, alert_id))
    return JSONResponse({"id": alert_id} | jsonable_encoder(whole.to_dict()))


@router.post(
    "/{alert_id}/replay",
    responses=answers(401, 403, 404, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Send an alert again",
    description="The same body under the same `webhook-id`, by which a receiver that has it knows it. Webhooks that "
    "were disabled are enabled. A repeat while it is on its way changes nothing.",
)
def replay_alert(alert_id: Identity, site: AtHand, order: ReplayOrder | None = None) -> Replayed:
    webhook = (order and order.webhook) or ""
    if webhook:
        configured_webhook(site, webhook)
    with site.database.write() as transaction:
        one = stored_alert(transaction.connection, alert_id)
        names = replay(site.context, transaction, [one], webhook=webhook)
    return Replayed(alert=alert_id, webhooks=names)


def stored_alert(connection: Connection, alert_id: str) -> StoredAlert:
    """The alert with this id. Raises HTTPException 404."""
    found = by_ids(connection, [alert_id])
    if alert_id not in found:
        raise HTTPException(404, "There is no alert with this id; GET /api/v1/alerts lists them.")
    return found[alert_id]


def _listed(listed: ListedAlert) -> dict[str, Any]:
    return {
        "id": listed.alert.id,
        "items": listed.items,
        "deliveries": listed.deliveries,
        "alert": json.loads(listed.alert.body),
    }
