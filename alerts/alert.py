"""An alert: what webhooks are sent, as CloudEvents 1.0 in structured JSON (docs/webhooks.md shows every field).

Its kinds are built in ``story_alerts``, ``digest`` and ``service_alerts``; here is what they have in common.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENED = "seedwire.alert.opened"
UPDATED = "seedwire.alert.updated"
DIGEST = "seedwire.alert.digest"
FEED_FAILING = "seedwire.feed.failing"
FEED_RECOVERED = "seedwire.feed.recovered"
WEBHOOK_DISABLED = "seedwire.webhook.disabled"
WEBHOOK_TEST = "seedwire.webhook.test"
SERVICE_DEGRADED = "seedwire.service.degraded"
SERVICE_RECOVERED = "seedwire.service.recovered"

#: Told of stories; they count towards ``max_per_hour``.
ABOUT_STORIES = frozenset({OPENED, UPDATED, DIGEST})
#: Told of the service itself, in the order of the documentation.
ABOUT_SERVICE = (FEED_FAILING, FEED_RECOVERED, WEBHOOK_DISABLED, SERVICE_DEGRADED, SERVICE_RECOVERED, WEBHOOK_TEST)

CONTENT_TYPE = "application/cloudevents+json"

#: A body is never longer, in bytes (Standard Webhooks advises receivers to expect less than 20 KB).
LARGEST_BODY = 20_000
#: Characters of a title and of any other text.
LONGEST_TITLE, LONGEST_TEXT, LONGEST_URL = 300, 200, 1_000


@dataclass(frozen=True, slots=True)
class Alert:
    """A message to webhooks. ``id`` is also the ``webhook-id``: equal for an equal cause, on every retry and machine.

    ``story_id`` is empty when it is about the service, or about several stories.
    """

    id: str
    type: str
    story_id: str
    time: datetime
    body: bytes = field(repr=False)


def make(
    alert_id: str,
    alert_type: str,
    subject: str,
    data: Mapping[str, object],
    now: datetime,
    source: str,
    *,
    story_id: str = "",
) -> Alert:
    """The alert with this ``data`` in its envelope."""
    envelope = {
        "specversion": "1.0",
        "id": alert_id,
        "source": source,
        "type": alert_type,
        "time": rfc3339(now),
        "subject": subject,
        "datacontenttype": "application/json",
        "data": data,
    }
    return Alert(alert_id, alert_type, story_id, now, json_bytes(envelope))


def json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def derive_id(*cause: str) -> str:
    """The id of the alert with this cause."""
    return "msg_" + hashlib.sha256("\x1f".join(cause).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def feed_data(feed_id: str, title: str, url: str) -> dict[str, object]:
    return {"id": feed_id, "title": cut(title, LONGEST_TITLE), "url": url[:LONGEST_URL]}


@overload
def cut(text: str, most: int = ...) -> str: ...
@overload
def cut(text: None, most: int = ...) -> None: ...
@overload
def cut(text: str | None, most: int = ...) -> str | None: ...
def cut(text: str | None, most: int = LONGEST_TEXT) -> str | None:
    """The text in at most so many characters, the last an ellipsis where some are left out."""
    return text if text is None or len(text) <= most else text[: most - 1] + "…"


def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC, as CloudEvents wants it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
