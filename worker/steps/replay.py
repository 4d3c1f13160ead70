"""Who is to have an alert again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from alerts.alert import DIGEST
from alerts.filters import NOBODY, refusal
from classifiers.event_json import event_from_dict
from store import stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from alerts.alert import Alert
    from alerts.webhook import Webhook


def receivers(connection: Connection, alert: Alert, configured: Sequence[Webhook]) -> list[str]:
    """Names of the configured webhooks whose filters admit the alert as they are now; the one a digest is for."""
    if alert.type == DIGEST:
        return [w.name for w in configured if w.name == json.loads(alert.body)["subject"]]
    data = json.loads(alert.body).get("data") or {}
    event = event_from_dict(data["event"]) if data.get("event") else None
    reporters = stories.reporters_of(connection, alert.story_id) if alert.story_id else NOBODY
    return [w.name for w in configured if refusal(w, alert.type, event, reporters) is None]
