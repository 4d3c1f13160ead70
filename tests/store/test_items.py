"""Items in the store: claimed while they wait, decided once, forgotten when old unless a story refers to them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from alerts.story import Story
from classifiers.event import Event
from feeds.feed import Feed, FeedState
from feeds.identity import NewEntry
from feeds.item import Item
from feeds.poll import Poll
from store import corrections, feeds, items, polls, retention, stories
from store.errors import NotFound
from store.tables import attempts, deliveries
from store.views.items import ItemFilters, list_items, show_item

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FEED = Feed("https://a.example/rss", "Paper A", ("t",))
LEASE = timedelta(seconds=60)


def store_items(database: Database, *ids: str, now: datetime = NOW) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        feeds.sync(connection, [FEED], now)
        feeds.make_due(connection, now)
        feeds.claim_due(connection, now, limit=1, per_host=1, owner="a", lease=LEASE)
        new = [NewEntry(Item(id=i, title=i, text="x", feed_id=FEED.id), (f"k{i}",), False) for i in ids]
        polls.save_polls(connection, [(FEED, Poll(FeedState(), now, tuple(new)))], owner="a", now=now)


def claim(database: Database, owner: str, now: datetime = NOW) -> list[str]:
    with database.write() as transaction:
        found = items.claim_pending(transaction.connection, now, limit=10, owner=owner, lease=LEASE)
    return [p.item.id for p in found]


def decide(database: Database, item_id: str, owner: str, outcome: str = "below-threshold") -> bool:
    with database.write() as transaction:
        if not items.begin_outcome(transaction.connection, item_id, owner):
            return False
        items.save_outcome(transaction.connection, item_id, scores={"x": 0.25}, outcome=outcome, near_miss=True)
        return True


def test_an_item_is_claimed_once_and_decided_once(database: Database) -> None:
    store_items(database, "1", "2")
    assert claim(database, "a") == ["1", "2"]
    assert claim(database, "b") == []
    later = NOW + LEASE + timedelta(seconds=1)
    assert claim(database, "b", later) == ["1", "2"]
    assert not decide(database, "1", "a")
    assert decide(database, "1", "b")
    assert not decide(database, "1", "b")
    with database.read() as connection:
        listed = {i.id: i for i in list_items(connection, limit=None)}
        assert [i.id for i in list_items(connection, limit=None, filters=ItemFilters(near_misses=True))] == ["1"]
    assert listed["1"].outcome == "below-threshold"
    assert listed["1"].scores == {"x": 0.25}
    assert listed["1"].feed == "Paper A"
    assert listed["2"].outcome is None


def test_corrections_come_back_with_their_stories(database: Database) -> None:
    store_items(database, "1", "2", "3")
    event = Event("bilateral_meeting", 0.9)
    with database.write() as transaction:
        connection = transaction.connection
        for number, story in enumerate(("s1", "s2")):
            stories.save_event(connection, "1", number, event, story_id=story, reasons=(), now=NOW)
        corrections.record(connection, ["1"], "bilateral_meeting", by="ada", now=NOW)
        corrections.record(connection, ["3"], "energy_deal", by="ada", now=NOW)
        corrections.record(connection, ["3"], "none", by="ada", now=NOW)
    with database.read() as connection:
        found = items.corrections(connection)
    assert [(c.item.id, c.item.text, c.label, c.stories) for c in found] == [
        ("1", "x", "bilateral_meeting", ("s1", "s2")),
        ("3", "x", "none", ()),
    ]


def test_items_are_read_back_batch_by_batch_newest_first(database: Database) -> None:
    for age in (40, 3, 2, 1):
        store_items(database, *(f"{age}-{n}" for n in range(3)), now=NOW - timedelta(days=age))
    start = NOW - timedelta(days=30)
    found: list[str] = []
    with database.read() as connection:
        assert items.count_seen_since(connection, start) == 9
        batch = items.seen_since(connection, start, limit=2)
        while batch:
            assert len(batch) <= 2
            found += [seen.item.id for seen in batch]
            batch = items.seen_since(connection, start, limit=2, after=batch[-1])
    assert found == [f"{age}-{n}" for age in (1, 2, 3) for n in (2, 1, 0)]


def test_retention_forgets_old_items_but_neither_their_identity_nor_what_a_story_refers_to(database: Database) -> None:
    store_items(database, "old", "told", "waiting")
    claim(database, "a")
    decide(database, "old", "a")
    decide(database, "told", "a")
    event = Event("bilateral_meeting", 0.9, countries=("PK", "RU"))
    story = Story("s1", event, NOW, NOW, NOW, frozenset({"a.example"}), (("told", 0),))
    with database.write() as transaction:
        connection = transaction.connection
        stories.save(connection, story, ["k"], NOW)
        stories.save_event(connection, "told", 0, event, story_id="s1", reasons=["first"], now=NOW)
    much_later = NOW + timedelta(days=100)
    store_items(database, "new", now=much_later)
    with database.write() as transaction:
        assert retention.sweep(transaction.connection, much_later, timedelta(days=90)) == 1
    with database.read() as connection:
        assert {i.id for i in list_items(connection, limit=None)} == {"told", "waiting", "new"}
        assert polls.known_keys(connection, {FEED.id: ["kold"]}, NOW).items == {"kold": "old"}
        assert [r.item_id for r, _ in stories.reports_of(connection, "s1")] == ["told"]
        assert show_item(connection, "told").item.title == "told"
        with pytest.raises(NotFound):
            show_item(connection, "old")


def test_what_a_person_labelled_is_kept_to_learn_from(database: Database) -> None:
    store_items(database, "labelled", "old")
    claim(database, "a")
    for name in ("labelled", "old"):
        decide(database, name, "a")
    with database.write() as transaction:
        corrections.record(transaction.connection, ["labelled"], "none", by="ada", now=NOW)
        assert retention.sweep(transaction.connection, NOW + timedelta(days=100), timedelta(days=90)) == 1
    with database.read() as connection:
        assert [c.item.id for c in items.corrections(connection)] == ["labelled"]


def test_stories_are_found_by_their_keys_the_closest_first(database: Database) -> None:
    def story(name: str, days: int) -> Story:
        at = NOW + timedelta(days=days)
        event = Event("bilateral_meeting", 0.9, "held", ("PK", "RU"))
        return Story(name, event, at, at, at, frozenset({"o"}), (), ((1, 2, 3),))

    with database.write() as transaction:
        connection = transaction.connection
        stories.save(connection, story("old", -40), ["pair"], NOW)
        stories.save(connection, story("near", -1), ["pair", "place"], NOW)
        stories.save(connection, story("today", 0), ["pair"], NOW)
        stories.save(connection, story("other", 0), ["else"], NOW)
        found = stories.candidates(connection, "item", ["pair", "place"], NOW - timedelta(days=10), NOW)
        since_long = stories.candidates(
            connection, "item", ["pair"], NOW - timedelta(days=50), NOW - timedelta(days=39)
        )
    assert [s.id for s in found] == ["near", "today"]
    assert found[0] == story("near", -1)
    assert [s.id for s in since_long] == ["old", "today", "near"]


def test_identities_go_only_when_the_feed_has_long_shown_others(database: Database) -> None:
    store_items(database, "old")
    years_later = NOW + timedelta(days=800)
    with database.write() as transaction:
        retention.sweep(transaction.connection, years_later, timedelta(days=90))
        assert polls.known_keys(transaction.connection, {FEED.id: ["kold"]}, NOW).items == {"kold": "old"}
    store_items(database, "new", now=years_later)
    with database.write() as transaction:
        retention.sweep(transaction.connection, years_later, timedelta(days=90))
        assert polls.known_keys(transaction.connection, {FEED.id: ["kold", "knew"]}, NOW).items == {"knew": "new"}


def test_attempts_of_what_arrived_long_ago_are_forgotten(database: Database) -> None:
    old = NOW - timedelta(days=100)
    rows = [("old", "delivered", old), ("late", "delivered", NOW), ("dead", "dead", old)]
    attempt = {"number": 1, "at": old, "code": 200, "latency_ms": 1.0, "webhook": "w"}
    with database.write() as transaction:
        connection = transaction.connection
        for name, state, finished in rows:
            values = {"alert_id": "a", "webhook": name, "tries": 1, "created": old, "due": old}
            connection.execute(deliveries.insert().values(id=name, state=state, finished=finished, **values))
            connection.execute(attempts.insert().values(delivery_id=name, **attempt))
        retention.sweep(connection, NOW, timedelta(days=90))
        assert set(connection.scalars(select(attempts.c.delivery_id))) == {"late", "dead"}


# Of the two, SQLite says for sure how it goes about a statement, however few rows there are.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_retention_reads_no_story_and_no_delivery_of_which_nothing_is_left_to_forget(database: Database) -> None:
    plans: list[str] = []

    def explain(connection: Any, statement: str, parameters: Any) -> None:
        if statement.startswith("DELETE"):
            plans.extend(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    @event.listens_for(database.engine, "before_cursor_execute")
    def before(_: Any, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
        explain(cursor.connection, statement, parameters)

    with database.write() as transaction:
        retention.sweep(transaction.connection, NOW, timedelta(days=90))
    looked_up = [plan for plan in plans if re.search(r"(SCAN|SEARCH) (stories|deliveries)\b", plan)]
    assert len(looked_up) == 2
    assert all("(id=?)" in plan for plan in looked_up), looked_up


def test_outcomes_of_many_are_written_for_those_that_are_still_ours(database: Database) -> None:
    store_items(database, "mine", "theirs", "edited")
    assert sorted(claim(database, "a")) == ["edited", "mine", "theirs"]
    with database.write() as transaction:
        connection = transaction.connection
        items.release(connection, ["theirs"], "a")
        connection.exec_driver_sql("UPDATE items SET lease_owner = NULL WHERE id = 'edited'")
        quiet = items.Outcome({"meeting": 0.2}, "below-threshold", True)
        assert items.save_outcomes(connection, dict.fromkeys(("mine", "theirs", "edited"), quiet), "a") == {"mine"}
    with database.read() as connection:
        listed = {item.id: item for item in list_items(connection, limit=None)}
        assert (listed["mine"].scores, listed["mine"].outcome) == ({"meeting": 0.2}, "below-threshold")
        assert listed["theirs"].outcome is None
        assert [item.id for item in list_items(connection, limit=None, filters=ItemFilters(near_misses=True))] == [
            "mine"
        ]


def test_outcomes_that_are_alike_and_such_as_no_other_are_written_together(database: Database) -> None:
    store_items(database, "dull", "flat", "close", "odd")
    claim(database, "a")
    nothing = items.Outcome({"meeting": 0.0}, "below-threshold", False)
    outcomes = {
        "dull": nothing,
        "flat": nothing,
        "close": items.Outcome({"meeting": 0.4}, "below-threshold", True),
        "odd": items.Outcome({"meeting": 0.0}, "no-text", False),
    }
    with database.write() as transaction:
        assert items.save_outcomes(transaction.connection, outcomes, "a") == outcomes.keys()
    assert claim(database, "b") == []
    with database.read() as connection:
        found = {item.id: item for item in list_items(connection, limit=None)}
        near = {item.id for item in list_items(connection, limit=None, filters=ItemFilters(near_misses=True))}
    assert {name: items.Outcome(one.scores, one.outcome or "", name in near) for name, one in found.items()} == outcomes
