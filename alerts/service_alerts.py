"""Alerts about the service itself: feeds that fail, webhooks that were disabled, work that is not done."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from alerts.alert import (
    FEED_FAILING,
    FEED_RECOVERED,
    LONGEST_TITLE,
    SERVICE_DEGRADED,
    SERVICE_RECOVERED,
    WEBHOOK_DISABLED,
    WEBHOOK_TEST,
    cut,
    derive_id,
    feed_data,
    make,
    rfc3339,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.alert import Alert
    from alerts.condition import Standing


def build_webhook_test(webhook_name: str, now: datetime, source: str, *, key: str = "") -> Alert:
    """A message that only shows that messages arrive; each has an id of its own, those with one ``key`` the same."""
    message = f"A test for the webhook {cut(webhook_name)!r}: it arrived, and its signature can be checked."
    alert_id = derive_id("webhook-test", webhook_name, key or now.isoformat())
    return make(alert_id, WEBHOOK_TEST, webhook_name, {"message": message}, now, source)


def build_feed_failing(
    feed_id: str, title: str, url: str, *, problem: str, detail: str, failures: int, since: datetime, source: str
) -> Alert:
    """A feed has failed ``failures`` polls in a row, the last at ``since``; once per run of failures."""
    data: dict[str, object] = {"feed": feed_data(feed_id, title, url)}
    data |= {"problem": problem, "detail": cut(detail, LONGEST_TITLE), "failures": failures}
    alert_id = derive_id(FEED_FAILING, feed_id, since.isoformat())
    return make(alert_id, FEED_FAILING, feed_id, data, since, source)


def build_feed_recovered(feed_id: str, title: str, url: str, now: datetime, source: str) -> Alert:
    """A feed that was told as failing has been read again."""
    alert_id = derive_id(FEED_RECOVERED, feed_id, now.isoformat())
    return make(alert_id, FEED_RECOVERED, feed_id, {"feed": feed_data(feed_id, title, url)}, now, source)


def build_webhook_disabled(webhook_name: str, reason: str, now: datetime, source: str) -> Alert:
    """A webhook is not called any more until a person enables it. Its address stays out: it may be a secret itself."""
    data = {
        "webhook": {"name": webhook_name},
        "reason": cut(reason, LONGEST_TITLE),
        "command": f"seedwire deliveries retry --disabled --webhook {shlex.quote(webhook_name)}",
    }
    alert_id = derive_id(WEBHOOK_DISABLED, webhook_name, now.isoformat())
    return make(alert_id, WEBHOOK_DISABLED, webhook_name, data, now, source)


def build_service_degraded(troubles: Sequence[Standing], now: datetime, source: str) -> Alert:
    """The service does not do all its work: every trouble that was told by now, the first before the others."""
    return _about_troubles(SERVICE_DEGRADED, troubles, now, source)


def build_service_recovered(troubles: Sequence[Standing], now: datetime, source: str) -> Alert:
    """It does again: ``troubles`` are those that were over last."""
    return _about_troubles(SERVICE_RECOVERED, troubles, now, source)


def _about_troubles(alert_type: str, troubles: Sequence[Standing], now: datetime, source: str) -> Alert:
    reasons = [
        {"reason": t.reason, "detail": cut(t.detail, LONGEST_TITLE), "since": rfc3339(t.since)} for t in troubles
    ]
    alert_id = derive_id(alert_type, *(f"{t.reason}@{t.since.isoformat()}" for t in troubles))
    return make(alert_id, alert_type, "service", {"reasons": reasons}, now, source)
