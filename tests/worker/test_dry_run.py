"""`seedwire webhooks dry-run` tells of the stored items what the service told live, for any filters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from loopback import Article
from test_whole_pass import DEAL, MEETING, WEATHER

from store.views.items import list_items
from worker.cli.main import seedwire

if TYPE_CHECKING:
    from conftest import Service
    from loopback import Newspaper, Receiver

AGAIN = Article("Ruto, Abiy hold talks in Nairobi", MEETING.text)
FURTHER = Article(
    "Kenya and Ethiopia sign trade protocol as leaders meet",
    "Kenyan President William Ruto and Ethiopian Prime Minister Abiy Ahmed met in Nairobi and agreed to raise trade to "
    "$900 million a year, officials told reporters after the meeting.",
)
SPANISH = Article("El presidente se reúne con el primer ministro", "Los dos se reunieron para hablar del comercio.")


@pytest.fixture
def told(service: Service, newspaper: Newspaper, receiver: Receiver) -> Service:
    """A service that has read reports of every kind, with one webhook that asks for all of them."""
    service.feed(newspaper.feed("/a"), 'name = "First"\ntags = ["x"]')
    service.feed(newspaper.feed("/b"), 'name = "Second"\ntags = ["africa"]')
    service.webhook(receiver.url, "updates = true")
    newspaper.publish("/a", Article("Old: " + DEAL.title, DEAL.text))
    service.run()
    newspaper.publish("/a", MEETING, WEATHER, SPANISH)
    service.run(minutes=5)
    newspaper.publish("/b", AGAIN)
    service.run(minutes=5)
    newspaper.publish("/b", FURTHER, DEAL)
    service.run(minutes=5)
    return service


def dry_run(service: Service, *args: str) -> dict[str, Any]:
    """Each item by its title."""
    config = str(service.write())
    done = CliRunner().invoke(seedwire, ["webhooks", "dry-run", "desk", "--config", config, "--json", *args])
    assert done.exit_code == 0, done.output
    return {item["title"]: item for item in map(json.loads, done.output.splitlines())}


def outcomes(service: Service, *args: str) -> dict[str, str]:
    return {title: item["outcome"] for title, item in dry_run(service, *args).items()}


def test_it_says_of_every_item_what_the_service_decided(told: Service, receiver: Receiver) -> None:
    with told.context.database.read() as connection:
        live = {item.title: item.outcome for item in list_items(connection, limit=None)}
    again = dry_run(told)
    assert {title: item["outcome"] for title, item in again.items()} == live
    assert set(live.values()) >= {"alerted", "first-poll-baseline", "below-threshold", "unsupported-language"}
    sent = {(s["type"], s["story"], *s["changes"]) for item in again.values() for s in item["sent"]}
    came = {(t.event["type"], t.event["subject"], *t.event["data"].get("changes", ())) for t in receiver.taken}
    assert sent == came
    assert all(item["why"].endswith(".") for item in again.values())


def test_other_filters_can_be_tried(told: Service) -> None:
    meeting, again = MEETING.title, AGAIN.title
    scores = {item["sent"][0]["score"] for item in dry_run(told).values() if item["sent"]}
    surest = outcomes(told, "--min-score", str(max(scores)))
    assert sorted(surest.values()) != sorted(outcomes(told).values())
    assert "filtered-by-score" in surest.values()
    assert outcomes(told, "--countries", "PK,RU")[meeting] == "filtered-by-country"
    assert outcomes(told, "--statuses", "planned")[meeting] == "filtered-by-status"
    assert outcomes(told, "--events", "energy_deal")[meeting] == "filtered-by-event"
    assert outcomes(told, "--languages", "fr")[meeting] == "filtered-by-language"
    late = outcomes(told, "--tags", "africa")
    assert (late[meeting], late[again]) == ("filtered-by-tag", "alerted")
    late = outcomes(told, "--feeds", "Second")
    assert (late[meeting], late[again]) == ("filtered-by-feed", "alerted")
    assert late[WEATHER.title] == "below-threshold"
    still = dry_run(told, "--no-updates")
    assert {item["outcome"] for item in still.values()} <= {
        "alerted", "updates-off", "same-story", "below-threshold", "first-poll-baseline", "unsupported-language",
    }  # fmt: skip


def test_what_a_cap_would_gather_is_told_as_a_digest(told: Service) -> None:
    capped = dry_run(told, "--max-per-hour", "1")
    assert capped[MEETING.title]["outcome"] == "alerted"
    assert capped[DEAL.title]["outcome"] == "gathered"


def test_a_person_reads_counts_with_reasons_and_the_alerts(told: Service) -> None:
    done = CliRunner().invoke(seedwire, ["webhooks", "dry-run", "desk", "--config", str(told.write())])
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0] == "7 items"
    assert any(line.split()[:2] == ["1", "first-poll-baseline"] for line in lines)
    assert any("would have been sent" in line for line in lines)
    assert any(MEETING.title in line and "opened" in line and "KE ET" in line for line in lines)
    bad = CliRunner().invoke(
        seedwire, ["webhooks", "dry-run", "desk", "--config", str(told.write()), "--countries", "UK"]
    )
    assert bad.exit_code == 2
    assert 'the code of the United Kingdom is "GB"' in bad.output
    old = CliRunner().invoke(seedwire, ["webhooks", "dry-run", "desk", "--config", str(told.write()), "--since", "x"])
    assert old.exit_code == 2


def test_nothing_is_written(told: Service, receiver: Receiver) -> None:
    came = len(receiver.taken)
    dry_run(told, "--tags", "africa")
    told.run(minutes=5)
    assert len(receiver.taken) == came
