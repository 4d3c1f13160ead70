"""Deliver what is due to one webhook: claim, sign, send, record, one after the other.

One webhook has one run at a time and one run one thread, so an endpoint that hangs holds that thread and delays no
other webhook.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts import delivery as delivering
from feeds.door import Request
from feeds.errors import DoorError
from store import deliveries
from store.deliveries import Attempt
from worker import logs

if TYPE_CHECKING:
    from alerts.delivery import Next
    from alerts.webhook import Webhook
    from store.deliveries import ClaimedDelivery
    from worker.context import Context

log = logs.get(__name__)

#: Deliveries claimed at once; between two of them the leases of the rest are held on to.
BATCH = 10
#: How long one run goes on claiming, in seconds.
BUDGET = 60.0
#: How much longer than an attempt may take a delivery stays leased.
LEASE_MARGIN = timedelta(seconds=15)
#: As much of an answer as is read; what is kept of it is far less.
MOST_ANSWER_BYTES = 16_384


def deliver_due(context: Context, webhook_name: str, *, budget: float = BUDGET) -> int:
    """Attempt this webhook's due deliveries; returns how many attempts were made.

    Stops early when an attempt brought no answer at all: what would follow would hang as well, and the next tick
    comes soon.
    """
    webhook = next((w for w in context.config.webhooks if w.name == webhook_name), None)
    if webhook is None:
        return 0  # taken out of the config; the tick lets its deliveries rest
    owner, attempts, until = context.new_owner(), 0, time.monotonic() + budget
    lease = webhook.timeout + LEASE_MARGIN
    while time.monotonic() < until:
        with context.database.write() as transaction:
            claimed = deliveries.claim_due(
                transaction.connection, webhook_name, context.now(), limit=BATCH, owner=owner, lease=lease
            )
        if not claimed:
            break
        for position, delivery in enumerate(claimed):
            waiting = [other.id for other in claimed[position + 1 :]]
            go_on = _attempt(context, webhook, delivery, owner, waiting, lease)
            attempts += 1
            if not go_on:
                return attempts
    return attempts


def _attempt(
    context: Context,
    webhook: Webhook,
    delivery: ClaimedDelivery,
    owner: str,
    waiting: list[str],
    lease: timedelta,
) -> bool:
    """One try and its record; False when the run should end, with what waits let go."""
    at = context.now()
    signed = delivering.request(webhook, delivery.alert, at)
    start = time.perf_counter()
    body = b""
    try:
        answer = context.door.send(
            Request(
                url=signed.url,
                method="POST",
                headers=signed.headers,
                body=signed.body,
                timeout=signed.timeout.total_seconds(),
                max_bytes=MOST_ANSWER_BYTES,
                allow_private=signed.allow_private,
                redirects=0,
                overflow="cut",
            )
        )
    except DoorError as error:
        outcome = delivering.Outcome(code=0, error=f"{error.reason}: {error.told}")
    else:
        body = answer.body
        outcome = delivering.Outcome(
            code=answer.status,
            retry_after=answer.headers.get("retry-after"),
            date=answer.headers.get("date"),
        )
    latency = (time.perf_counter() - start) * 1000
    now = context.now()
    then = delivering.after_attempt(webhook, outcome, delivery.tries + 1, now, random.Random())  # noqa: S311
    go_on = outcome.code != 0 and not then.disable_webhook
    with context.database.write() as transaction:
        connection = transaction.connection
        deliveries.record_attempt(
            connection,
            delivery,
            Attempt(at, outcome.code, latency, outcome.error, delivering.excerpt(body) if body else None),
            owner=owner,
            state=then.state,
            due=then.due,
            note=then.note,
        )
        if then.disable_webhook:
            deliveries.disable_webhook(connection, webhook.name, then.note, now)
        elif waiting and go_on:
            deliveries.extend(connection, waiting, owner, now + lease)
        elif waiting:
            deliveries.release(connection, waiting, owner)
    context.counts.add("seedwire_attempts_total", outcome=then.state if then.state != "pending" else "failed")
    _tell(webhook, delivery, outcome.code, latency, then)
    return go_on


def _tell(webhook: Webhook, delivery: ClaimedDelivery, code: int, latency_ms: float, then: Next) -> None:
    """One line in the log, whose event says what became of the delivery."""
    told: dict[str, object] = {
        "webhook": webhook.name, "alert": delivery.alert.id, "attempt": delivery.tries + 1,
        "latency_ms": round(latency_ms),
    }  # fmt: skip
    if code:
        told["code"] = code
    if then.state == "delivered":
        log.info("delivered", **told)
        return
    told["reason"] = then.note
    if then.due is not None:
        log.warning("delivery failed, to be tried again", next=then.due.isoformat(timespec="seconds"), **told)
    elif then.disable_webhook:
        log.error("webhook disabled by its receiver", **told)
    else:
        log.error("delivery given up", **told)
