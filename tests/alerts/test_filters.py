"""Which webhooks want an alert."""

from __future__ import annotations

from typing import Any

import pytest
from sample_reports import SHARIF, report

from alerts.alert import FEED_FAILING, OPENED, UPDATED, WEBHOOK_TEST
from alerts.filters import Reporters, refusal
from alerts.outcomes import ItemOutcome
from alerts.webhook import Webhook

MEETING = report(score=0.9, status="held", countries=("PK", "RU")).event

WIRE = Reporters(frozenset({"asia", "wire"}), frozenset({"Wire", "https://wire.example/rss"}), frozenset({"en"}))


def hook(**filters: Any) -> Webhook:
    return Webhook(name="desk", url="https://desk.example", secrets=(b"k" * 24,), **filters)


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({}, None),
        ({"events": ("bilateral_meeting",)}, None),
        ({"events": ("energy_deal",)}, "filtered-by-event"),
        ({"min_score": 0.9}, None),
        ({"min_score": 0.91}, "filtered-by-score"),
        ({"countries": ("RU", "CN")}, None),
        ({"countries": ("ru",)}, None),
        ({"countries": ("CN",)}, "filtered-by-country"),
        ({"statuses": ("planned",)}, "filtered-by-status"),
        ({"statuses": ("planned", "held")}, None),
        ({"tags": ("asia",)}, None),
        ({"tags": ("europe",)}, "filtered-by-tag"),
        ({"feeds": ("https://wire.example/rss", "Paper")}, None),
        ({"feeds": ("Wire",)}, None),
        ({"feeds": ("Paper",)}, "filtered-by-feed"),
        ({"languages": ("ur", "en")}, None),
        ({"languages": ("ur",)}, "filtered-by-language"),
    ],
)
def test_each_filter_refuses_with_its_own_reason(filters: dict[str, Any], reason: str | None) -> None:
    assert refusal(hook(**filters), OPENED, MEETING, WIRE) == reason
    assert reason is None or reason in set(ItemOutcome)


def test_the_first_filter_that_refuses_is_the_reason() -> None:
    refusing = {
        "events": ("energy_deal",), "min_score": 0.95, "countries": ("CN",), "statuses": ("planned",),
        "tags": ("europe",), "feeds": ("Paper",), "languages": ("ur",),
    }  # fmt: skip
    told = []
    while refusing:
        told.append(refusal(hook(**refusing), UPDATED, MEETING, WIRE))
        del refusing[next(iter(refusing))]
    assert told == [outcome for outcome in ItemOutcome if outcome.startswith("filtered-by-")]
    assert refusal(hook(), UPDATED, MEETING, WIRE) == "updates-off"


def test_updates_go_only_to_webhooks_that_ask() -> None:
    assert refusal(hook(), UPDATED, MEETING) == "updates-off"
    assert refusal(hook(updates=True), UPDATED, MEETING) is None


def test_a_country_known_only_from_a_person_counts() -> None:
    assert refusal(hook(countries=("PK",)), OPENED, report(people=(SHARIF,)).event) is None


@pytest.mark.parametrize("about_service", [FEED_FAILING, WEBHOOK_TEST])
def test_alerts_about_the_service_go_where_no_events_are_named_or_they_are(about_service: str) -> None:
    assert refusal(hook(countries=("PK",), min_score=1.0), about_service, None) is None
    assert refusal(hook(events=("energy_deal",)), about_service, None) == "filtered-by-event"
    assert refusal(hook(events=("energy_deal", about_service)), about_service, None) is None


def test_every_outcome_has_a_sentence_for_a_person() -> None:
    for outcome in ItemOutcome:
        assert outcome.sentence.endswith(".")
