"""What is sent to a webhook, and what its answer means: the retry rules, decided from values alone.

Only 2xx is success. 410 disables the webhook. Everything else, redirects too, is tried again after the next wait of
the webhook's schedule, and rests as dead when the schedule is used up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from alerts.alert import CONTENT_TYPE
from alerts.signing import signed_headers
from feeds.retry_after import retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from random import Random

    from alerts.alert import Alert
    from alerts.webhook import Webhook

USER_AGENT = "Seedwire/0.1"
#: A server's Retry-After never puts an attempt off by more than this.
LONGEST_WAIT = timedelta(hours=24)
#: A wait of the schedule is lengthened or shortened by up to this share, so that retries do not come in step.
JITTER = 0.1
#: Characters kept of an answer.
EXCERPT = 200

DeliveryState = Literal["pending", "delivered", "dead", "disabled"]


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """One POST. ``timeout`` is for the whole exchange; ``allow_private`` admits addresses on private networks."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    timeout: timedelta
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. ``code`` is the HTTP status, 0 when no answer came; then ``error`` says why.

    ``retry_after`` and ``date`` are the answer's headers as they came.
    """

    code: int
    retry_after: str | None = None
    date: str | None = None
    error: str | None = None

    @property
    def delivered(self) -> bool:
        return 200 <= self.code <= 299

    def asked_wait(self, now: datetime) -> timedelta | None:
        """The wait that an overloaded receiver (429, 503) asks for, at most ``LONGEST_WAIT``."""
        if self.code not in {429, 503}:
            return None
        wait = retry_after({"retry-after": self.retry_after or "", "date": self.date or ""}, now)
        return None if wait is None else min(wait, LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of the delivery. ``due`` is the next attempt of one that is pending; ``note`` is for a person
    and stays true while it is kept, so it tells no remaining time."""

    state: DeliveryState
    due: datetime | None = None
    disable_webhook: bool = False
    note: str = ""


def request(webhook: Webhook, alert: Alert, now: datetime) -> SignedRequest:
    """The attempt to make now: same id and body every time, timestamp and signatures of this attempt."""
    headers = {
        "content-type": CONTENT_TYPE,
        "user-agent": USER_AGENT,
        **signed_headers(webhook.secrets, alert.id, now, alert.body),
    }
    return SignedRequest(webhook.url, headers, alert.body, webhook.timeout, webhook.allow_private)


def after_attempt(
    webhook: Webhook,
    outcome: Outcome,
    attempts_so_far: int,
    now: datetime,
    rng: Random,
    *,
    early: datetime | None = None,
) -> Next:
    """What follows from an attempt. ``attempts_so_far`` counts this one too, so it is at least 1.

    ``early``: it was made before its time, which that is, to see whether the endpoint is back (``alerts.endpoint``).
    Failing takes nothing from its schedule then.
    """
    if outcome.delivered:
        return Next("delivered", note=f"delivered ({outcome.code})")
    failure = _failure(outcome)
    if outcome.code == 410:
        return Next("disabled", disable_webhook=True, note=f"{failure}: the receiver wants no more, webhook disabled")
    asked = outcome.asked_wait(now)
    if early is None and attempts_so_far > len(webhook.retry_schedule):
        return Next(
            "dead",
            note=f"{failure}; given up after {attempts_so_far} attempts",
        )
    if early is None:
        wait = webhook.retry_schedule[attempts_so_far - 1] * rng.uniform(1 - JITTER, 1 + JITTER)
    else:
        wait = early - now
    if asked is not None and asked > wait:
        # Never before the time asked for; jitter only lengthens it, for everybody else was told the same.
        wait = asked * rng.uniform(1, 1 + JITTER)
        return Next("pending", due=now + wait, note=f"{failure}; the receiver asked for more time")
    return Next("pending", due=now + wait, note=failure)


def excerpt(answer: bytes) -> str:
    """The start of an answer as one short line that is safe to store, log and show on a terminal."""
    text = answer[: EXCERPT * 4].decode("utf-8", "replace")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def _failure(outcome: Outcome) -> str:
    if outcome.code == 0:
        return excerpt((outcome.error or "no answer").encode())
    if 300 <= outcome.code <= 399:
        return f"{outcome.code}, a redirect: give the webhook's final address in the config"
    return f"answer {outcome.code}" + (f" ({excerpt(outcome.error.encode())})" if outcome.error else "")
