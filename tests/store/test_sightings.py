"""Who is who in the store: sightings add up, corrections stay, both on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from classifiers.event import Sighting
from classifiers.who import OfficeCorrection
from store import retention, who

if TYPE_CHECKING:
    from classifiers.who import KnownPerson
    from store.database import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
VARGA = Sighting("Elin Varga", "prime minister", "NO")


def see(database: Database, sighting: Sighting, feed: str, *times: datetime) -> None:
    """A sentence of its own each time."""
    tell(database, feed, *((replace(sighting, words=f"{sighting.name} spoke at {time}."), time) for time in times))


def tell(database: Database, feed: str, *said: tuple[Sighting, datetime]) -> None:
    tally = who.Tally(NOW)
    for sighting, time in said:
        tally.add([sighting], feed, time)
    with database.write() as transaction:
        who.save(transaction.connection, tally)


def known(database: Database, name: str) -> list[KnownPerson]:
    with database.read() as connection:
        return [person for person in who.people(connection, NOW) if person.name == name]


def test_sightings_add_up_by_feed_and_keep_first_and_last(database: Database) -> None:
    see(database, VARGA, "a", NOW - timedelta(days=2), NOW - timedelta(days=5))
    see(database, VARGA, "a", NOW - timedelta(days=9))
    assert [p.standing for p in known(database, "Elin Varga")] == ["unsure"]
    see(database, VARGA, "b", NOW + timedelta(days=3))
    (person,) = known(database, "Elin Varga")
    assert (person.role, person.country, person.standing, person.source) == ("prime minister", "NO", "known", "stream")
    assert (person.sightings, person.feeds) == (4, 2)
    assert person.first_seen == NOW - timedelta(days=9)
    assert person.last_seen == NOW, "what claims to come from the future comes from now"


def test_copies_of_a_sentence_in_one_feed_count_once(database: Database) -> None:
    said = replace(VARGA, words="Norwegian Prime Minister Elin Varga met reporters in Oslo.")
    copy = replace(VARGA, words="NORWEGIAN Prime Minister  Elin Varga met reporters, in Oslo")
    tell(database, "a", (said, NOW - timedelta(days=2)), (copy, NOW - timedelta(days=1)))
    tell(database, "a", *((copy, NOW - timedelta(hours=hours)) for hours in range(10)))
    (person,) = known(database, "Elin Varga")
    assert (person.sightings, person.last_seen) == (1, NOW - timedelta(days=2))
    tell(database, "b", (said, NOW))
    tell(database, "a", (replace(said, role="president"), NOW), (replace(said, words="Varga was there."), NOW))
    (person,) = known(database, "Elin Varga")
    assert (person.sightings, person.feeds) == (4, 2)


def test_a_sentence_is_remembered_for_a_month(database: Database) -> None:
    said = replace(VARGA, words="Norwegian Prime Minister Elin Varga met reporters in Oslo.")
    for days, count in ((29, 1), (31, 2)):
        tell(database, "a", (said, NOW))
        with database.write() as transaction:
            retention.sweep(transaction.connection, NOW + timedelta(days=days), timedelta(days=90))
        tell(database, "a", (said, NOW))
        assert known(database, "Elin Varga")[0].sightings == count


def test_a_correction_is_kept_changed_and_undone(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        who.correct(connection, OfficeCorrection("Elin Varga", "president", "FI", NOW))
        who.correct(connection, OfficeCorrection("ELIN VARGA", "prime minister", "NO", NOW))
    (person,) = known(database, "ELIN VARGA")
    assert (person.role, person.country, person.source) == ("prime minister", "NO", "correction")
    with database.write() as transaction:
        assert who.undo(transaction.connection, "elin varga")
        assert not who.undo(transaction.connection, "elin varga")
    assert known(database, "ELIN VARGA") == []


def test_who_is_not_seen_for_two_years_is_forgotten(database: Database) -> None:
    see(database, VARGA, "a", NOW - timedelta(days=800))
    see(database, Sighting("Ola Nordby", "foreign minister", "NO"), "a", NOW - timedelta(days=700))
    with database.write() as transaction:
        retention.sweep(transaction.connection, NOW, timedelta(days=90))
    assert known(database, "Elin Varga") == []
    assert len(known(database, "Ola Nordby")) == 1


@pytest.mark.parametrize("name", ["x" * 60, "Zoë O’Brien-Æ"])
def test_any_name_that_reading_hands_over_can_be_kept(database: Database, name: str) -> None:
    see(database, Sighting(name, "former deputy secretary of state", "NO"), "a", NOW)
    assert len(known(database, name)) == 1
