"""Tell alerts again: the same body under the same ``webhook-id``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.alert import DIGEST
from alerts.filters import NOBODY, refusal
from alerts.merging import gained
from alerts.pacing import Later
from alerts.story_alerts import story_data
from classifiers.event_json import event_from_dict
from store import alerts as stored
from store import deliveries, held, stories
from worker.hints import Hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.alert import Alert
    from alerts.webhook import Webhook
    from store.database import Transaction
    from worker.context import Context


def replay(context: Context, transaction: Transaction, alerts: Iterable[Alert], *, webhook: str = "") -> list[str]:
    """Send these again to one webhook, or to every one that is to have them; returns the webhook of each delivery.

    It is a person's word: a webhook that had been disabled is enabled by it. What is on its way already stays so. What
    was held to be told later is told by it, but for what a story has gained since.
    """
    connection, made = transaction.connection, list[str]()
    stories.begin_matching(connection)  # what is held must not be told meanwhile
    for alert in alerts:
        names = [webhook] if webhook else receivers(connection, alert, context.config.webhooks)
        deliveries.enable_webhooks(connection, names)
        stored.enqueue(connection, alert.id, names, context.now())
        _settle(connection, alert, names, context.now())
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


def _settle(connection: Connection, alert: Alert, webhooks: Sequence[str], now: datetime) -> None:
    """Hold for these webhooks no longer what the alert tells them: that a story opened, or all that was gathered."""
    data = json.loads(alert.body).get("data") or {}
    for story in stories.by_id(connection, stored.stories_told(connection, alert)).values():
        gains = gained(event_from_dict(data["event"]), story.event) if "event" in data else ()
        for name, news in held.of_story(connection, story.id, webhooks).items():
            if news.opens and gains:
                # Due at once: whether it has to wait, and whether anybody asks for it, is decided with the rest.
                update = replace(news, opens=False, changes=gains, told=alert.time)
                held.keep(connection, name, [Later(update, now, "cap")])
            elif news.opens or (not gains and data.get("story") == story_data(story)):
                held.drop(connection, name, [story.id])
