"""Which stories filters admit, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import select

from alerts.matching import FAINT, unite
from alerts.story import Story
from classifiers.event import Event, Organization, Person, Place
from store import migrate, stories, tables
from store.story_search import StoryFilters, folded_words
from store.views.stories import newest_marks, newest_stories

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MEETING = Event(
    "bilateral_meeting", 0.97, "held", ("NO", "KE"),
    people=(Person("Ada Bjørnsdóttir", "prime minister", "NO"),), place=Place("Mombasa", "KE"),
    occasion="Blue Economy Forum",
)  # fmt: skip
DEAL = Event("energy_deal", 0.6, "signed", ("NO", "DE"), organizations=(Organization("Nordlicht Gas", "NO"),))


def add(connection: Connection, story_id: str, event: Event, told: dict[str, str], minutes: int) -> Story:
    """A story with an item for each feed and headline of ``told``."""
    seen = NOW - timedelta(minutes=minutes)
    reports = tuple((f"{story_id}-{feed}", 0) for feed in told)
    for feed, title in told.items():
        if not connection.scalar(select(tables.feeds.c.id).where(tables.feeds.c.id == feed)):
            row = {
                "id": feed, "url": f"https://{feed}.example/", "host": feed, "name": f"The {feed}",
                "tags": [f"t-{feed}"], "fulltext": False, "allow_private": False, "first_poll": "baseline",
                "active": True, "added": NOW, "next_poll": NOW,
            }  # fmt: skip
            connection.execute(tables.feeds.insert().values(row))
        connection.execute(
            tables.items.insert().values(
                id=f"{story_id}-{feed}", feed_id=feed, title=title, text="", first_seen=seen, baseline=False,
                pending=False,
            )
        )  # fmt: skip
    story = Story(story_id, event, seen, seen, seen, frozenset({"coast.example"}), reports)
    stories.save(connection, story, [], seen)
    for item_id, number in reports:
        stories.save_event(connection, item_id, number, event, story_id=story_id, reasons=["first"], now=seen)
    return story


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as transaction:
        connection = transaction.connection
        add(connection, "met", MEETING, {"coast": "Bjørnsdóttir visits Kenya", "evening": "Norway's ÉLAN 100% up"}, 30)
        add(connection, "deal", DEAL, {"coast": "Gas for Germany"}, 20)
        add(connection, "off", replace(MEETING, status="cancelled", score=0.5), {"morning": "Visit called off"}, 10)
    return database


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (StoryFilters(), ["off", "deal", "met"]),
        (StoryFilters(types=("bilateral_meeting",)), ["off", "met"]),
        (StoryFilters(types=("bilateral_meeting", "energy_deal")), ["off", "deal", "met"]),
        # No wildcard of LIKE is one here, and a part of a name is no name.
        (StoryFilters(types=("bilateral%",)), []),
        (StoryFilters(types=("bilateralxmeeting",)), []),
        (StoryFilters(types=("bilateral",)), []),
        (StoryFilters(types=("bilateral_meeting",), statuses=("held",)), ["met"]),
        (StoryFilters(countries=("DE",)), ["deal"]),
        (StoryFilters(countries=("DE", "KE")), ["off", "deal", "met"]),
        (StoryFilters(feeds=("coast",)), ["deal", "met"]),
        (StoryFilters(feeds=("The evening",)), ["met"]),
        (StoryFilters(feeds=("https://morning.example/",)), ["off"]),
        (StoryFilters(feeds=("nobody",)), []),
        (StoryFilters(tags=("t-coast",)), ["deal", "met"]),
        (StoryFilters(min_score=0.6), ["deal", "met"]),
        (StoryFilters(text="bjornsdottir"), ["off", "met"]),
        (StoryFilters(text="élan"), ["met"]),
        (StoryFilters(text="NORWAY elan 100"), ["met"]),
        (StoryFilters(text="mombasa blue"), ["off", "met"]),
        (StoryFilters(text="Nordlicht"), ["deal"]),
        (StoryFilters(text="coast.example gas"), ["deal"]),
        (StoryFilters(text="germ"), ["deal"]),
        (StoryFilters(text="many"), []),
        (StoryFilters(text="gas visits"), []),
        (StoryFilters(text="1%0"), []),
        (StoryFilters(text="%%%"), ["off", "deal", "met"]),
        (StoryFilters(text="' OR 1=1 --"), []),
    ],
)
def test_filters_admit(filled: Database, filters: StoryFilters, found: list[str]) -> None:
    with filled.read() as connection:
        assert [story.id for story in newest_stories(connection, limit=9, filters=filters)] == found


def test_pages_and_chosen_stories_keep_to_the_filters(filled: Database) -> None:
    meetings = StoryFilters(types=("bilateral_meeting",))
    with filled.read() as connection:
        [first] = newest_marks(connection, limit=1, filters=meetings)
        [second] = newest_marks(connection, limit=9, filters=meetings, before=(first.opened, first.id))
        assert (first.id, second.id) == ("off", "met")
        for filters in (meetings, StoryFilters()):
            assert [m.id for m in newest_marks(connection, limit=9, filters=filters, ids=["met", "gone"])] == ["met"]
        assert newest_marks(connection, limit=9, filters=meetings, ids=["deal"]) == []
        assert newest_marks(connection, limit=9, filters=meetings, ids=[]) == []


def test_a_story_is_found_by_what_it_is_by_now(filled: Database) -> None:
    with filled.write() as transaction:
        connection = transaction.connection
        found = stories.by_id(connection, ["met", "off"])
        whole, went = unite(found["met"], found["off"])
        stories.save(connection, whole, [], NOW)
        stories.save_union(connection, went, whole, ["said so"], NOW)
        assert [m.id for m in newest_marks(connection, limit=9, filters=StoryFilters(text="called off"))] == ["met"]
        assert [m.id for m in newest_marks(connection, limit=9, filters=StoryFilters(feeds=("morning",)))] == ["met"]
        left = connection.scalars(select(tables.story_search.c.story_id)).all()
    assert sorted(left) == ["deal", "met"]


def test_what_an_echo_said_is_found_no_more_when_it_is_taken_out(filled: Database) -> None:
    with filled.write() as transaction:
        connection = transaction.connection
        echo = (tables.events.c.item_id == "met-evening",)
        connection.execute(tables.events.update().where(*echo).values(reasons=[f"{FAINT} to be news alone"]))
        for asked in (StoryFilters(text="élan"), StoryFilters(feeds=("evening",)), StoryFilters(tags=("t-evening",))):
            assert [m.id for m in newest_marks(connection, limit=9, filters=asked)] == ["met"]
        stories.withdraw_echo(connection, "met-evening")
        for asked in (StoryFilters(text="élan"), StoryFilters(feeds=("evening",)), StoryFilters(tags=("t-evening",))):
            assert newest_marks(connection, limit=9, filters=asked) == []
        assert [m.id for m in newest_marks(connection, limit=9, filters=StoryFilters(text="visits kenya"))] == ["met"]


def test_stories_of_before_there_was_a_search_are_found_by_it(filled: Database) -> None:
    config = migrate.alembic_config()
    with filled.write() as transaction:
        connection = config.attributes["connection"] = transaction.connection
        command.downgrade(config, "0010")
        command.upgrade(config, "head")
        [row] = connection.execute(select(tables.story_search).where(tables.story_search.c.story_id == "met"))
        assert (row.opened, row.score) == (NOW - timedelta(minutes=30), 0.97)
        assert row.facets.split("\n\n") == [
            "\ntype:bilateral_meeting", "status:held", "country:NO", "country:KE", "feed:coast", "feed:evening",
            "tag:t-coast", "tag:t-evening\n",
        ]  # fmt: skip
        assert row.words == (
            " coast example bjornsdottir visits kenya norway s elan 100 up ada mombasa blue economy forum"
        )
        assert [mark.id for mark in newest_marks(connection, limit=9)] == ["off", "deal", "met"]


def test_words_are_folded() -> None:
    assert folded_words("Łódź, STRASSE straße – Ünlü's x_y") == ["lodz", "strasse", "unlu", "s", "x", "y"]
