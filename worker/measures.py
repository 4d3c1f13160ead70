"""Every counter and histogram: one row each, from which come what may be counted, /metrics, and the test of the docs.

Names follow Prometheus' conventions: base units, ``_total`` for counters. Label values are few: kinds of ours and the
configured webhooks, never what comes from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.outcomes import ItemOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Counter:
    """``known`` are values of its one label that are told as 0 before they are counted: a rate needs a beginning."""

    help: str
    labels: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """``bounds`` are the upper ends of its buckets, in seconds. One ``by_webhook`` has a series for each webhook."""

    help: str
    bounds: tuple[float, ...]
    by_webhook: bool = False


_SHORT = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 600.0)
_LONG = (15.0, 60.0, 300.0, 900.0, 1_800.0, 3_600.0, 10_800.0, 21_600.0, 86_400.0)

COUNTERS: Mapping[str, Counter] = {
    "seedwire_polls_total": Counter("Polls by outcome.", ("outcome",), ("ok", "unchanged", "failed", "offline")),
    "seedwire_poll_bytes_total": Counter("Bytes of feeds that were read, after decompression."),
    "seedwire_items_total": Counter("New items, from polls and pushes."),
    "seedwire_pushes_total": Counter(
        "Deliveries by hubs, by what became of them.", ("outcome",), ("stored", "ping", "bad-signature", "other-topic")
    ),
    "seedwire_hub_requests_total": Counter("Requests to hubs by mode and outcome.", ("mode", "outcome")),
    "seedwire_pages_total": Counter("Pages of articles, by what came of them.", ("outcome",)),
    "seedwire_classified_total": Counter(
        "Items classified, by the one reason why they led to an alert or did not.",
        ("outcome",),
        tuple(outcome.value for outcome in ItemOutcome),
    ),
    "seedwire_events_total": Counter("Events that items report, by type and status.", ("type", "status")),
    "seedwire_stories_total": Counter("Stories opened, by event type.", ("type",)),
    "seedwire_alerts_total": Counter("Alerts made, by type.", ("type",)),
    "seedwire_attempts_total": Counter(
        "Delivery attempts by webhook, by what they led to, by class of answer.", ("webhook", "outcome", "code")
    ),
    "seedwire_auth_failures_total": Counter("Requests and logins refused for their credentials."),
    "seedwire_tasks_total": Counter("Tasks that workers ran, by outcome.", ("task", "outcome")),
    "seedwire_task_seconds_total": Counter("Seconds that tasks took.", ("task",)),
}

HISTOGRAMS: Mapping[str, Histogram] = {
    "seedwire_poll_lateness_seconds": Histogram("How long after they were due feeds were asked for.", _SHORT),
    "seedwire_poll_seconds": Histogram(
        "How long polls took, from the request to the whole answer.", (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
    ),
    "seedwire_publication_to_sight_seconds": Histogram(
        "From the time that a new item names as its publication to when we first saw it.", _LONG
    ),
    "seedwire_sight_to_classified_seconds": Histogram(
        "From when an item was first seen to when it was classified.", _SHORT
    ),
    "seedwire_classification_seconds": Histogram(
        "How long the model took for an item.", (0.0001, 0.00025, 0.001, 0.0025, 0.01, 0.05, 0.25, 1.0)
    ),
    "seedwire_alert_to_receipt_seconds": Histogram(
        "From when an alert was made to when a webhook accepted it.", _SHORT, by_webhook=True
    ),
    "seedwire_publication_to_receipt_seconds": Histogram(
        "From the publication of the newest report that an alert tells of to when a webhook accepted it.", _LONG
    ),
    "seedwire_attempt_seconds": Histogram(
        "How long delivery attempts took.",
        (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0),
        by_webhook=True,
    ),
}
