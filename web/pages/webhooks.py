"""``/webhooks``: how each webhook does; ``/webhooks/{name}``: its deliveries; what may be done about them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from alerts.message import message_of
from classifiers.gazetteer import country_name
from store.ids import derive
from store.views.alerts import by_ids
from store.views.deliveries import newest_deliveries, one_delivery
from store.views.webhooks import view_webhooks
from web.access import may_write
from web.api.alerts import stored_alert
from web.api.deliveries import State
from web.api.paging import Cursor, Identity, parse_cursor, write_cursor
from web.api.webhooks import Name, configured_webhook, last_test, run_test
from web.pages.chart import Bar, Chart
from web.pages.rendering import page, see
from web.site import AtHand, Reading
from worker.steps.replay import replay
from worker.steps.retry import retry, retry_resting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from alerts.alert import Alert
    from alerts.webhook import Webhook
    from store.views.deliveries import ListedDelivery
    from store.views.webhooks import Beat, WebhookView

DELIVERIES_SHOWN = 20
STATES: tuple[State, ...] = ("pending", "delivered", "dead", "disabled")
#: A drawn attempt is so many pixels wide; the tallest took ten seconds or more, the smallest ten milliseconds or less.
_WIDE, _TALL, _SLOWEST, _FASTEST = 5, 32, 10_000.0, 10.0

Number = Annotated[int | None, Query(ge=0, le=10**9)]
AskedState = Annotated[State | None, Query()]
AskedDelivery = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]

router = APIRouter()
writing = APIRouter(dependencies=[Depends(may_write)])


@router.get("/webhooks")
def webhooks(request: Request, site: AtHand, connection: Reading) -> HTMLResponse:
    configured = site.context.config.webhooks
    return page(request, connection, "webhooks.html", cards=_cards(connection, configured))


@router.get("/webhooks/{name}")
def webhook(
    request: Request,
    name: Name,
    site: AtHand,
    connection: Reading,
    state: AskedState = None,
    delivery: AskedDelivery = None,
    cursor: Cursor = "",
    retried: Number = None,
) -> HTMLResponse:
    """``delivery`` shows that one alone; ``retried`` is how many were just made due again."""
    one = configured_webhook(site, name)
    if delivery:
        found = [item for item in [one_delivery(connection, delivery)] if item and item.webhook == name]
        if not found:
            raise HTTPException(404, "This webhook has no delivery with this id.")
    else:
        found = newest_deliveries(
            connection, limit=DELIVERIES_SHOWN + 1, webhook=name, state=state, before=parse_cursor(cursor)
        )
    older = None
    if len(found) > DELIVERIES_SHOWN:
        last = found[DELIVERIES_SHOWN - 1]
        place = {"cursor": write_cursor(last.created, last.id)}
        older = urlencode(place | {"state": state} if state else place)
        found = found[:DELIVERIES_SHOWN]
    sent = by_ids(connection, {item.alert for item in found})
    return page(
        request,
        connection,
        "webhook.html",
        card=_cards(connection, [one])[0],
        deliveries=[_row(one, item, sent.get(item.alert)) for item in found],
        states=STATES,
        state=state,
        single=delivery,
        first=not cursor,
        older=older,
        retried=retried,
    )


@writing.post("/webhooks/{name}/test")
def send_test(request: Request, name: Name, site: AtHand) -> RedirectResponse:
    run_test(site, configured_webhook(site, name))
    return see(request, _path(name))


@writing.post("/webhooks/{name}/retry")
def retry_all(request: Request, name: Name, site: AtHand) -> RedirectResponse:
    configured_webhook(site, name)
    with site.database.write() as transaction:
        done = retry_resting(site.context, transaction, {"dead", "disabled"}, webhook=name)
    return see(request, f"{_path(name)}?retried={done.deliveries}")


@writing.post("/deliveries/{delivery_id}/retry")
def retry_one(request: Request, delivery_id: Identity, site: AtHand) -> RedirectResponse:
    with site.database.write() as transaction:
        retry(site.context, transaction, [delivery_id])
        one = one_delivery(transaction.connection, delivery_id)
    assert one is not None
    return see(request, f"{_path(one.webhook)}?delivery={quote(delivery_id)}")


@writing.post("/alerts/{alert_id}/replay")
def replay_one(
    request: Request, alert_id: Identity, webhook: Annotated[str, Form(max_length=64)], site: AtHand
) -> RedirectResponse:
    """To the webhook of whose deliveries it is one."""
    configured_webhook(site, webhook)
    with site.database.write() as transaction:
        replay(site.context, transaction, [stored_alert(transaction.connection, alert_id)], webhook=webhook)
    return see(request, f"{_path(webhook)}?delivery={derive(alert_id, webhook)}")


router.include_router(writing)


def _path(name: str) -> str:
    return f"/webhooks/{quote(name)}"


def _cards(connection: Connection, configured: Sequence[Webhook]) -> list[dict[str, Any]]:
    views = view_webhooks(connection, [one.name for one in configured], datetime.now(UTC))
    return [_card(connection, one, view) for one, view in zip(configured, views, strict=True)]


def _card(connection: Connection, webhook: Webhook, view: WebhookView) -> dict[str, Any]:
    return {
        "webhook": webhook,
        "path": _path(webhook.name),
        "id": f"webhook-{derive(webhook.name)[:8]}",
        "view": view,
        "chart": _drawn(view.beats),
        "test": last_test(connection, webhook.name),
    }


def _drawn(beats: Sequence[Beat]) -> Chart:
    """A bar an attempt, the taller the longer it took; what was not taken in another colour."""
    span = math.log(_SLOWEST / _FASTEST)
    bars = []
    for place, beat in enumerate(beats):
        share = math.log(min(max(beat.latency_ms, _FASTEST), _SLOWEST) / _FASTEST) / span
        tall = round(4 + share * (_TALL - 4), 1)
        said = f"answer {beat.code}" if beat.code else "no answer"
        tip = f"{beat.at:%Y-%m-%d %H:%M} UTC: {said} in {beat.latency_ms:.0f} ms"
        kind = "s1" if beat.taken else "bad"
        bars.append(Bar(place * _WIDE, _TALL - tall, _WIDE - 1, tall, kind, tip))
    return Chart(max(len(beats), 1) * _WIDE, _TALL, tuple(bars), 0, len(beats), 0, ())


def _row(webhook: Webhook, delivery: ListedDelivery, alert: Alert | None) -> dict[str, Any]:
    """A delivery as it is shown. ``headers`` are those of its attempts without what signs them."""
    headers = {
        "content-type": "application/cloudevents+json",
        "webhook-id": delivery.alert,
        "webhook-timestamp": "seconds since 1970, of each attempt",
        "webhook-signature": " ".join(["v1,…"] * len(webhook.secrets)),
    }
    return {
        "delivery": delivery,
        "title": message_of(alert, country_name).title if alert else delivery.alert,
        "body": json.dumps(json.loads(alert.body), indent=1, ensure_ascii=False) if alert else "",
        "headers": {} if webhook.for_people else headers,
    }
