"""Send one test event to a webhook, now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.service_alerts import build_webhook_test
from worker.steps.alerting import SOURCE
from worker.steps.sending import send

if TYPE_CHECKING:
    from alerts.alert import Alert
    from alerts.webhook import Webhook
    from store.deliveries import Attempt
    from worker.context import Context


@dataclass(frozen=True, slots=True)
class Tried:
    """A test and its answer; ``hint`` is what to do about one that was not taken, empty where the error says it."""

    alert: Alert
    attempt: Attempt
    hint: str

    @property
    def taken(self) -> bool:
        return 200 <= self.attempt.code <= 299

    @property
    def answer(self) -> str:
        """In words, without how long it took."""
        return f"answer {self.attempt.code}" if self.attempt.code else self.attempt.error or "no answer"


def try_webhook(context: Context, webhook: Webhook, *, key: str = "") -> Tried:
    """Sent as every alert is, once, and kept nowhere: neither as an alert nor as a delivery. Blocks for as long as the
    webhook's ``timeout``. With a ``key``, a repeat has the id it had before, by which its receiver knows it."""
    now = context.now()
    alert = build_webhook_test(webhook.name, now, SOURCE, key=key)
    attempt = send(context.door, webhook, alert, now)
    return Tried(alert, attempt, "" if 200 <= attempt.code <= 299 else _hint(webhook, attempt))


def _hint(webhook: Webhook, attempt: Attempt) -> str:
    if webhook.for_people or not attempt.code:
        return ""  # the error, or the medium, says it
    if attempt.code in {401, 403}:
        return (
            "the receiver refuses it: has it this webhook's secret? Check one message with `seedwire webhooks verify`"
        )
    if 300 <= attempt.code < 400:
        return "redirects are not followed: write the final address into the config"
    if attempt.code in {404, 405, 410}:
        return "the receiver takes nothing at this address: compare `url` in the config with what it listens on"
    if attempt.code in {408, 429} or attempt.code >= 500:
        return "the receiver has trouble of its own: its log says more; alerts are tried again on the schedule"
    return "the receiver wants something else: its answer or its log says what"
