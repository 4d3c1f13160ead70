"""Two stories that turn out to be one: what webhooks hear of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from alerts.story import Report
from classifiers.event import Event, Person, Place
from store import alerts, stories, story_edits
from store.tables import deliveries, items
from worker.steps.find_story import find_story
from worker.steps.tell_story import tell
from worker.steps.tick import apply_config

if TYPE_CHECKING:
    from conftest import Service

SIDES = {"PK": Person("Shehbaz Sharif", "prime minister", "PK"), "RU": Person("Vladimir Putin", "president", "RU")}


class Wire:
    """Reports of one meeting put before the service as if they had just been classified."""

    def __init__(self, service: Service) -> None:
        self.service = service
        service.webhook("http://127.0.0.1:9/desk", "updates = true", name="desk")
        service.webhook("http://127.0.0.1:9/moscow", 'updates = true\ncountries = ["RU"]', name="moscow")
        service.write()
        service.context.watcher.refresh()
        apply_config(service.context)

    def report(self, name: str, *sides: str, days: int = 0) -> str:
        self.service.clock.pass_(seconds=1)
        now = self.service.clock.now
        when = now + timedelta(days=days) - timedelta(minutes=1)
        event = Event(
            "bilateral_meeting", 0.9, "held", sides, tuple(SIDES[side] for side in sides), date=when.date(),
            place=Place("Astana", "KZ"),
        )  # fmt: skip
        said = Report(
            name, 0, "f", "Paper", "https://paper.example/rss", f"{name}.example", f"https://{name}.example/1",
            f"Report {name}", "", "en", when, now, event,
        )  # fmt: skip
        with self.service.context.database.write() as transaction:
            row: dict[str, object] = {
                "id": name,
                "feed_id": "f",
                "url": said.url,
                "title": said.title,
                "text": "",
                "published": when,
            }
            row |= {"language": "en", "first_seen": now, "baseline": False, "pending": False}
            transaction.connection.execute(items.insert().values(row))
            stories.begin_matching(transaction.connection)
            decision = find_story(transaction.connection, said, now)
            tell(self.service.context, transaction, decision, said)
        return decision.story.id

    def heard(self, webhook: str) -> list[tuple[str, dict[str, Any]]]:
        with self.service.context.database.read() as connection:
            ids = connection.execute(select(deliveries.c.alert_id).where(deliveries.c.webhook == webhook)).scalars()
            made = sorted((alerts.get(connection, one) for one in ids), key=lambda alert: alert.time)
        return [(alert.type.rsplit(".", 1)[1], json.loads(alert.body)["data"]) for alert in made]


@pytest.fixture
def wire(service: Service) -> Wire:
    return Wire(service)


def test_nothing_is_told_twice_and_an_update_names_the_other_story(wire: Wire) -> None:
    first, second = wire.report("a", "PK"), wire.report("b", "RU")
    assert first != second
    assert [kind for kind, _ in wire.heard("desk")] == ["opened", "opened"]
    assert wire.report("c", "PK", "RU") == first
    *_, (kind, data) = wire.heard("desk")
    assert (kind, len(wire.heard("desk"))) == ("updated", 3)
    assert f"story {second}" in data["changes"]
    assert (data["story"]["id"], data["story"]["items"], data["story"]["merged"]) == (first, 3, [second])
    # Who was told of the second story alone is told of the whole as of something known.
    assert [kind for kind, _ in wire.heard("moscow")] == ["opened", "updated"]


def test_what_a_person_says_is_told_to_nobody_and_both_parts_count_as_told(wire: Wire) -> None:
    first, second = wire.report("a", "PK", "RU"), wire.report("b", "PK", "RU", days=-20)
    assert first != second
    before = len(wire.heard("desk"))
    context = wire.service.context
    with context.database.write() as transaction:
        story_edits.merge(transaction.connection, second, first, context.now())
    assert len(wire.heard("desk")) == before
    assert wire.report("c", "PK", "RU", days=-20) == first  # agrees with the merged one
    assert [kind for kind, _ in wire.heard("desk")[before:]] == ["updated"]
    with context.database.write() as transaction:
        story_edits.split(transaction.connection, first, ["a"], context.now())
    assert [kind for kind, _ in wire.heard("desk")[before:]] == ["updated"]
    assert wire.report("d", "PK", "RU") != first
    assert [kind for kind, _ in wire.heard("desk")[before:]] == ["updated", "updated"]
