"""Lists of items: their statements must mean the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from alerts.alert import DIGEST, Alert
from alerts.story import Report
from classifiers.event import Event
from store import alerts, stories, story_edits, tables
from store.errors import NotFound
from store.views import items as views
from store.views.items import ItemFilters
from worker.steps.find_story import find_story

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
CLOSE = {"meeting": 0.25, "deal": 0.25}


def store_day(database: Database) -> None:
    """Newest first: waits, told, near, dull."""
    rows = {
        "waits": {"pending": True, "outcome": None, "scores": None},
        "told": {"outcome": "alerted", "scores": {"meeting": 0.9, "deal": 0.3}, "near_miss": True, "label": "none"},
        "near": {"outcome": "below-threshold", "scores": {"meeting": 0.3, "deal": 0.0}, "near_miss": True},
        "dull": {"outcome": "below-threshold", "scores": {"meeting": 0.0}, "title": "100% rain"},
    }
    with database.write() as transaction:
        connection = transaction.connection
        for number, (name, values) in enumerate(rows.items()):
            connection.execute(
                tables.items.insert().values(
                    {
                        "id": name, "feed_id": "f", "title": f"Talks of {name}", "text": "Body.", "baseline": False,
                        "first_seen": NOW - timedelta(hours=number), "pending": False, "near_miss": False,
                    }
                    | values
                )
            )  # fmt: skip
        stories.begin_matching(connection)
        event = Event("meeting", 0.9)
        stories.save_event(connection, "told", 0, event, story_id=None, reasons=["why"], now=NOW)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (ItemFilters(), ["waits", "told", "near", "dull"]),
        (ItemFilters(outcomes=("waiting",)), ["waits"]),
        (ItemFilters(outcomes=("waiting", "alerted")), ["waits", "told"]),
        (ItemFilters(near_misses=True), ["told", "near"]),
        (ItemFilters(near_misses=True, types=("meeting",)), ["near"]),
        (ItemFilters(near_misses=True, types=("deal",)), ["told"]),
        (ItemFilters(types=("meeting",)), ["told", "near"]),
        (ItemFilters(types=("deal", "unheard")), ["told"]),
        (ItemFilters(text="TALKS near"), ["near"]),
        (ItemFilters(text="100%"), ["dull"]),
        (ItemFilters(text="_ain"), []),
        (ItemFilters(label="any"), ["told"]),
        (ItemFilters(label="none"), ["told"]),
        (ItemFilters(label="deal"), []),
        (ItemFilters(since=NOW - timedelta(hours=1)), ["waits", "told"]),
        (ItemFilters(feed="f"), []),  # no such feed is stored
    ],
)
def test_filters_choose(database: Database, filters: ItemFilters, found: list[str]) -> None:
    store_day(database)
    with database.read() as connection:
        listed = views.list_items(connection, limit=9, filters=filters, close=CLOSE)
        assert [one.id for one in listed] == found
        if len(listed) > 1:
            rest = views.list_items(
                connection, limit=9, filters=filters, close=CLOSE, before=(listed[0].first_seen, listed[0].id)
            )
            assert rest == listed[1:]


def test_words_are_looked_for_in_the_newest_items_or_in_all_that_something_else_leaves(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_day(database)
    monkeypatch.setattr(views, "LOOKED_THROUGH", 2)

    def found(**asked: Any) -> list[str]:
        with database.read() as connection:
            listed = views.list_items(connection, limit=9, filters=ItemFilters(text="talks", **asked), close=CLOSE)
        return [one.id for one in listed]

    assert found() == ["waits", "told"]
    assert found(near_misses=True) == found(types=("meeting",)) == ["told", "near"]


# Of the two, SQLite says for sure how it goes about a statement, however few rows there are.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_items_of_a_type_are_found_without_reading_every_item(database: Database) -> None:
    filters = ItemFilters(types=("meeting", "deal"))
    with database.read() as connection:
        asked = select(tables.items.c.id).where(*views._asked(connection, filters, CLOSE))
        statement = str(asked.compile(connection.engine, compile_kwargs={"literal_binds": True}))
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    assert not [step for step in plan if step.startswith("SCAN items")], plan
    assert not [step for step in plan if step == "SCAN near"], plan


def test_one_item_is_shown_with_all_that_is_known(database: Database) -> None:
    store_day(database)
    with database.read() as connection:
        shown = views.show_item(connection, "told")
        assert (shown.item.text, shown.listed.types, shown.events[0].reasons) == ("Body.", ("meeting",), ("why",))
        assert views.texts(connection, ["near", "nothing"])["near"].title == "Talks of near"
        with pytest.raises(NotFound):
            views.show_item(connection, "nothing")


def test_an_item_names_the_digest_that_told_of_a_story_which_its_own_took_in(database: Database) -> None:
    store_day(database)
    found = Report(
        item_id="told", index=0, feed_id="f", feed_title="Paper", feed_url="", outlet="paper.example", url=None,
        title="Talks", text="Talks.", language="en", published=NOW, seen=NOW, event=Event("meeting", 0.9),
    )  # fmt: skip
    with database.write() as transaction:
        connection = transaction.connection
        stories.begin_matching(connection)
        whole, taken_in = (
            find_story(connection, replace(found, index=number, event=Event("meeting", 0.9, countries=pair)), NOW)
            for number, pair in enumerate([("FR", "KE"), ("BR", "IN")])
        )
        digest = Alert("alert", DIGEST, "", NOW, b"{}")
        alerts.save(connection, digest, [], stories_told=[taken_in.story.id], now=NOW)
        story_edits.merge(connection, taken_in.story.id, whole.story.id, NOW)
        shown = views.show_item(connection, "told")
    assert [(one.id, one.type) for one in shown.alerts] == [("alert", DIGEST)]
