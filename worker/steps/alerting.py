"""Write an alert with a pending delivery for everyone who is to have it, in the step's transaction; and those about the
service itself."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from alerts.alert import WEBHOOK_DISABLED
from alerts.filters import refusal
from alerts.service_alerts import build_feed_failing, build_feed_recovered, build_webhook_disabled
from alerts.story_alerts import told_items
from store import alerts, deliveries
from store.ids import derive
from worker import logs, tracing
from worker.hints import Hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.alert import Alert
    from feeds.feed import Feed
    from feeds.poll import Poll
    from store.database import Transaction
    from worker.context import Context

log = logs.get(__name__)

#: CloudEvents ``source``: the same from every process of an installation, or a retry would not be the same event.
SOURCE = "urn:seedwire"


def send(
    context: Context,
    transaction: Transaction,
    alert: Alert,
    names: Sequence[str],
    *,
    stories_told: Sequence[str] = (),
) -> None:
    """Write an alert that these webhooks are to have, and the ``stories_told`` of in a digest. Once, however often."""
    connection, began = transaction.connection, time.time()
    resting = deliveries.disabled_webhooks(connection)
    if not alerts.save(connection, alert, names, resting=resting, stories_told=stories_told, now=context.now()):
        return
    context.counts.add("seedwire_alerts_total", type=alert.type)
    transaction.after_commit(partial(_say, alert, sorted(names), sorted(stories_told), began))
    if set(names) - resting:
        context.hint_after(transaction, Hint("deliver"))


def _say(alert: Alert, names: Sequence[str], stories_told: Sequence[str], began: float) -> None:
    told = [item_id for item_id, _ in told_items(alert)]
    log.info(
        "alert made",
        alert=alert.id, type=alert.type, story=alert.story_id or None, stories=list(stories_told) or None, items=told,
        deliveries={name: derive(alert.id, name) for name in names},
    )  # fmt: skip
    if tracing.is_on():
        tracing.record(
            "alert", trace_of(alert, told), began=began, about=alert.id, under="classify" if told else "",
            links=[(item_id, "classify") for item_id in told[:-1]],
            attributes={
                "seedwire.alert": alert.id, "seedwire.type": alert.type, "seedwire.story": alert.story_id or None,
                "seedwire.webhooks": list(names),
            },
        )  # fmt: skip


def trace_of(alert: Alert, told: Sequence[str]) -> str:
    """Where an alert's spans belong: to the newest of the items it tells of, else to itself."""
    return told[-1] if told else alert.id


def tell_of_feed(context: Context, transaction: Transaction, feed: Feed, poll: Poll) -> None:
    """Tell the webhooks that ask for everything, or for this by name, that a feed began to fail or is back."""
    now, title = context.now(), feed.name or poll.state.title or feed.url
    if poll.recovered:
        alert = build_feed_recovered(feed.id, title, feed.url, now, SOURCE)
    else:
        alert = build_feed_failing(
            feed.id,
            title,
            feed.url,
            problem=poll.state.problem or "unknown",
            detail=poll.state.problem_detail or "",
            failures=poll.state.failures,
            since=now,
            source=SOURCE,
        )
    send(context, transaction, alert, interested(context, alert.type))


def tell_of_disabled_webhook(context: Context, transaction: Transaction, name: str, reason: str) -> None:
    """Tell the other webhooks that this one is not called any more; ``reason`` is what its row says."""
    alert = build_webhook_disabled(name, reason, context.now(), SOURCE)
    send(context, transaction, alert, [other for other in interested(context, WEBHOOK_DISABLED) if other != name])


def interested(context: Context, alert_type: str) -> list[str]:
    """The webhooks that take messages of this type about the service."""
    return [w.name for w in context.config.webhooks if refusal(w, alert_type, None) is None]
