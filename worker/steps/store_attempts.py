"""What attempts led to: for each delivery, and for the endpoint they were made to."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts import delivery as delivering
from alerts import endpoint as endpoints_
from alerts.story_alerts import told_items
from store import deliveries, endpoints
from store.deliveries import Attempted
from worker import logs, tracing
from worker.steps.alerting import tell_of_disabled_webhook, trace_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from alerts.endpoint import Endpoint
    from alerts.webhook import Webhook
    from store.database import Transaction
    from store.deliveries import WaitingDelivery
    from worker.context import Context
    from worker.steps.sending import Sent

log = logs.get(__name__)

#: An alert's first delivery is due when it is made; one that is due later was replayed.
AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Decided:
    """``before`` and ``endpoint`` are how it did before and after. ``disable`` is why the webhook is not to be called
    any more; ``is_back`` says that it answers after it had failed for long."""

    webhook: Webhook
    before: Endpoint
    endpoint: Endpoint
    attempted: tuple[Attempted, ...]
    disable: str
    is_back: bool


def decide(webhook: Webhook, before: Endpoint, batch: Sequence[Sent], now: datetime) -> Decided:
    """What follows from attempts to one webhook, in the order in which they ended."""
    rng, endpoint, disable, is_back = random.Random(), before, "", False  # noqa: S311
    attempted: list[Attempted] = []
    for sent in batch:
        delivery, outcome = sent.delivery, sent.outcome
        early = delivery.due if delivery.due > sent.attempt.at else None
        then = delivering.after_attempt(webhook, outcome, delivery.tries + 1, now, rng, early=early)
        is_back |= outcome.delivered and endpoint.failures >= endpoints_.OPENS_AFTER
        endpoint = endpoints_.after(endpoint, outcome, now, rng)
        if then.disable_webhook:
            disable = then.note
        elif endpoint.is_given_up(now):
            since = f"{endpoint.failing_since:%Y-%m-%d %H:%M} UTC"
            disable = f"it has done nothing but fail since {since}, webhook disabled; the last answer: {then.note}"
        tries = delivery.tries + (early is None or then.state != "pending")
        attempted.append(Attempted(delivery, sent.attempt, tries, then.state, then.due, then.note))
    return Decided(webhook, before, endpoint, tuple(attempted), disable, is_back)


def store(
    context: Context,
    transaction: Transaction,
    decided: Decided,
    owner: str,
    *,
    is_ours: bool,
    under_way: Collection[str],
) -> None:
    """Write it. ``is_ours``: this run still has the webhook. ``under_way``: deliveries whose attempts are not over."""
    connection, now, name = transaction.connection, context.now(), decided.webhook.name
    attempted = decided.attempted
    if decided.disable and not is_ours:
        # Its address was changed, it may be: the old one's last word must not rest on the new one.
        attempted = tuple(
            replace(one, state="pending", due=now) if one.state == "disabled" else one for one in attempted
        )
        decided = replace(decided, attempted=attempted, disable="")
    deliveries.record(connection, attempted)
    if decided.endpoint != decided.before:
        endpoints.save(connection, name, decided.endpoint, owner)
    if decided.disable and name not in deliveries.disabled_webhooks(connection):
        deliveries.disable_webhook(connection, name, decided.disable, now)
        tell_of_disabled_webhook(context, transaction, name, decided.disable)
        transaction.after_commit(lambda: log.error("webhook disabled", webhook=name, reason=decided.disable))
    elif decided.is_back:
        deliveries.bring_forward(connection, name, now, under_way=under_way)
    transaction.after_commit(lambda: _tell_all(context, decided))


def _tell_all(context: Context, decided: Decided) -> None:
    name, before, endpoint = decided.webhook.name, decided.before, decided.endpoint
    told = {one.delivery.id: told_items(one.delivery.alert) for one in decided.attempted}
    _count(context, name, decided.attempted, told)
    delivered = [one for one in decided.attempted if one.state == "delivered"]
    if len(delivered) > 1:
        log.info(
            "delivered",
            webhook=name,
            alerts=[one.delivery.alert.id for one in delivered],
            deliveries=[one.delivery.id for one in delivered],
            items=sorted({item_id for one in delivered for item_id, _ in told[one.delivery.id]}),
            slowest_ms=round(max(one.attempt.latency_ms for one in delivered)),
        )
    for one in decided.attempted:
        ids = [item_id for item_id, _ in told[one.delivery.id]]
        if one.state != "delivered" or len(delivered) == 1:
            _tell(name, one, ids)
        if tracing.is_on():
            _trace(name, one, ids)
    if endpoint.paused_until and endpoint.paused_until != before.paused_until:
        until = endpoint.paused_until.isoformat(timespec="seconds")
        log.warning("webhook paused", webhook=name, failures=endpoint.failures, until=until)
    elif decided.is_back:
        log.info("webhook answers again, what waited is due", webhook=name)


def _trace(webhook: str, one: Attempted, ids: Sequence[str]) -> None:
    delivery, attempt, number = one.delivery, one.attempt, one.delivery.attempts + 1
    began = attempt.at.timestamp()
    failed = "" if one.state == "delivered" else str(attempt.code) if attempt.code else "no answer"
    tracing.record(
        "deliver", trace_of(delivery.alert, ids), began=began, ended=began + attempt.latency_ms / 1_000,
        about=f"{delivery.id} {number}", under=delivery.alert.id, calls=True, error=failed,
        links=[(item_id, "classify") for item_id in ids[:-1]],
        attributes={
            "seedwire.webhook": webhook, "seedwire.alert": delivery.alert.id, "seedwire.delivery": delivery.id,
            "seedwire.story": delivery.alert.story_id or None, "seedwire.attempt": number, "seedwire.state": one.state,
            "http.request.method": "POST", "http.response.status_code": attempt.code or None,
            "error.type": failed or None,
        },
    )  # fmt: skip


def _count(
    context: Context,
    webhook: str,
    attempted: Sequence[Attempted],
    told: Mapping[str, Sequence[tuple[str, datetime | None]]],
) -> None:
    counts = context.counts
    kinds = Counter((one.state, one.attempt.code // 100) for one in attempted)
    for (state, hundreds), count in kinds.items():
        outcome = "failed" if state == "pending" else state
        code = f"{hundreds}xx" if hundreds else "none"
        counts.add("seedwire_attempts_total", count, webhook=webhook, outcome=outcome, code=code)
    counts.observe("seedwire_attempt_seconds", [one.attempt.latency_ms / 1_000 for one in attempted], webhook=webhook)
    received = [one for one in attempted if one.state == "delivered" and _is_news(one.delivery)]
    made, published = [], []
    for one in received:
        at = one.attempt.at.timestamp() + one.attempt.latency_ms / 1_000
        made.append(at - one.delivery.alert.time.timestamp())
        newest = told[one.delivery.id][-1:]
        published += [at - moment.timestamp() for _, moment in newest if moment]
    counts.observe("seedwire_alert_to_receipt_seconds", made, webhook=webhook)
    counts.observe("seedwire_publication_to_receipt_seconds", published)


def _is_news(delivery: WaitingDelivery) -> bool:
    """Not sent again because a person asked for it: how long ago that was news says nothing of us."""
    if delivery.tries == 0:
        return delivery.attempts == 0 and delivery.due - delivery.alert.time < AT_ONCE
    return True


def _tell(webhook: str, one: Attempted, ids: Sequence[str]) -> None:
    """One line in the log, whose event says what became of the delivery. (Many at once that arrived share a line.)"""
    told: dict[str, object] = {
        "webhook": webhook, "alert": one.delivery.alert.id, "attempt": one.delivery.attempts + 1,
        "latency_ms": round(one.attempt.latency_ms), "delivery": one.delivery.id, "items": list(ids),
    }  # fmt: skip
    if one.attempt.code:
        told["code"] = one.attempt.code
    if one.state == "delivered":
        log.info("delivered", **told)
        return
    told["reason"] = one.note
    if one.due is not None:
        log.warning("delivery failed, to be tried again", next=one.due.isoformat(timespec="seconds"), **told)
    elif one.state == "disabled":
        log.error("delivery rests until its webhook is enabled", **told)
    else:
        log.error("delivery given up", **told)
