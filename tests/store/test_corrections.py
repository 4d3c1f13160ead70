"""The journal of corrections: taking one back leaves everything as if it had never been made."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from store import corrections, retention, tables
from store.errors import NotFound
from store.views import corrections as views

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LABELS = ("bilateral_meeting", "energy_deal", "none")


def store_items(connection: Connection, *names: str, label: str | None = None) -> None:
    connection.execute(
        tables.items.insert(),
        [
            {"id": name, "feed_id": "f", "title": name, "text": "", "first_seen": NOW, "baseline": False,
             "pending": False, "outcome": "below-threshold", "label": label}
            for name in names
        ],
    )  # fmt: skip


def labels(connection: Connection) -> dict[str, str | None]:
    return {row.id: row.label for row in connection.execute(select(tables.items.c.id, tables.items.c.label))}


def say(connection: Connection, names: list[str], label: str, story: str | None = None) -> int:
    return corrections.record(connection, names, label, by="ada", now=NOW, story_id=story).id


def take_back(connection: Connection, number: int) -> None:
    corrections.undo(connection, number, by="ben", now=NOW)


@pytest.mark.parametrize("seed", range(12))
def test_labels_are_always_as_if_what_was_taken_back_had_never_been_said(database: Database, seed: int) -> None:
    rng = random.Random(seed)
    names = ["a", "b", "c", "d"]
    before = {name: rng.choice((None, "none")) for name in names}
    said: dict[int, tuple[list[str], str]] = {}
    with database.write() as transaction:
        connection = transaction.connection
        for name in names:
            store_items(connection, name, label=before[name])
        for _ in range(30):
            if said and rng.random() < 0.4:
                number = rng.choice(list(said))
                take_back(connection, number)
                del said[number]
            else:
                story = rng.choice((None, "s"))
                of = sorted(rng.sample(names, rng.randint(1, 4))) if story else [rng.choice(names)]
                label = rng.choice(LABELS)
                said[say(connection, of, label, story)] = (of, label)
            expected = dict(before)
            for of, label in said.values():
                expected |= dict.fromkeys(of, label)
            assert labels(connection) == expected
        for number in sorted(said, reverse=True):
            take_back(connection, number)
        assert labels(connection) == before


def test_a_repeat_changes_nothing_and_is_answered_alike(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        store_items(connection, "a", "b")
        first = corrections.record(connection, ["a", "b"], "none", by="ada", now=NOW, story_id="s")
        again = corrections.record(connection, ["b", "a"], "none", by="ben", now=NOW, story_id="s")
        assert again == first
        gone = corrections.undo(connection, first.id, by="ada", now=NOW)
        assert corrections.undo(connection, first.id, by="ben", now=NOW + timedelta(hours=1)) == gone
        assert (gone.undone, gone.undone_by) == (NOW, "ada")
        assert say(connection, ["a", "b"], "none", "s") == first.id + 1  # said anew


def test_what_was_said_otherwise_since_is_said_anew_and_not_lost(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        store_items(connection, "a", "b")
        whole = say(connection, ["a", "b"], "none", "s")
        one = say(connection, ["a"], "energy_deal")
        anew = say(connection, ["a", "b"], "none", "s")
        assert len({whole, one, anew}) == 3
        take_back(connection, anew)
        assert labels(connection) == {"a": "energy_deal", "b": "none"}
        take_back(connection, whole)
        assert labels(connection) == {"a": "energy_deal", "b": None}


def test_of_what_is_not_stored_nothing_can_be_said(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        store_items(connection, "a")
        with pytest.raises(NotFound, match="no item 'z'"):
            say(connection, ["a", "z"], "none")
        with pytest.raises(NotFound, match="no correction 7"):
            take_back(connection, 7)
        assert labels(connection) == {"a": None}


def test_views_show_what_is_in_force(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        store_items(connection, "a", "b")
        say(connection, ["a", "b"], "none", "s")
        mine = say(connection, ["a"], "energy_deal")
        assert {of: said.label for of, said in views.of_items(connection, ["a", "b"]).items()} == {
            "a": "energy_deal",
            "b": "none",
        }
        assert views.of_stories(connection, ["s", "t"])["s"].label == "none"
        take_back(connection, mine)
        assert views.of_items(connection, ["a"])["a"].story_id == "s"
        assert [one.id for one in corrections.newest(connection, limit=9, in_force=True)] == [1]
        assert [one.id for one in corrections.newest(connection, limit=9, before=2)] == [1]


def test_what_waits_to_be_learned_is_what_differs_since(database: Database) -> None:
    def hours(count: float) -> datetime:
        return NOW + timedelta(hours=count)

    with database.write() as transaction:
        connection = transaction.connection
        store_items(connection, "a", "b", "c")
        one = corrections.record(connection, ["a"], "none", by="ada", now=hours(0))
        corrections.record(connection, ["b"], "none", by="ada", now=hours(0))
        assert corrections.waiting(connection) == 2
        corrections.save_learned(connection, hours(1))
        assert corrections.waiting(connection) == 0
        corrections.undo(connection, one.id, by="ada", now=hours(2))
        corrections.record(connection, ["c"], "energy_deal", by="ada", now=hours(2))
        assert corrections.waiting(connection) == 2
        corrections.record(connection, ["a"], "none", by="ada", now=hours(3))  # as it was learned
        assert corrections.waiting(connection) == 1


def test_retention_keeps_no_journal_of_items_it_forgets(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        store_items(connection, "a", "b")
        take_back(connection, say(connection, ["a"], "none"))
        say(connection, ["b"], "none")
        assert retention.sweep(connection, NOW + timedelta(days=100), timedelta(days=90)) == 1
        assert connection.scalars(select(tables.corrected_items.c.item_id)).all() == ["b"]
