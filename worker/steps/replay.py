"""Tell alerts again: the same body under the same ``webhook-id``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from alerts.alert import DIGEST
from alerts.filters import NOBODY, refusal
from classifiers.event_json import event_from_dict
from store import alerts as stored
from store import deliveries, stories
from worker.hints import Hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from alerts.alert import Alert
    from alerts.webhook import Webhook
    from store.database import Transaction
    from worker.context import Context


def replay(context: Context, transaction: Transaction, alerts: Iterable[Alert], *, webhook: str = "") -> list[str]:
    """Send these again to one webhook, or to every one that is to have them; returns the webhook of each delivery.

    It is a person's word: a webhook that had been disabled is enabled by it. What is on its way already stays so.
    """
    connection, made = transaction.connection, list[str]()
    for alert in alerts:
        names = [webhook] if webhook else receivers(connection, alert, context.config.webhooks)
        deliveries.enable_webhooks(connection, names)
        stored.enqueue(connection, alert.id, names, context.now())
        made += names
    if made:
        context.hint_after(transaction, Hint("deliver"))
    return made


def receivers(connection: Connection, alert: Alert, configured: Sequence[Webhook]) -> list[str]:
    """Names of the configured webhooks whose filters admit the alert as they are now; the one a digest is for."""
    if alert.type == DIGEST:
        return [w.name for w in configured if w.name == json.loads(alert.body)["subject"]]
    data = json.loads(alert.body).get("data") or {}
    event = event_from_dict(data["event"]) if data.get("event") else None
    reporters = stories.reporters_of(connection, alert.story_id) if alert.story_id else NOBODY
    return [w.name for w in configured if refusal(w, alert.type, event, reporters) is None]
