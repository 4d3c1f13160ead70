"""Items, events and alerts over time, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.tables import alerts, events, items
from store.views.activity import activity

NOW = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
KEEP = timedelta(days=90)


@pytest.fixture
def came(database):
    numbers = iter(range(1000))

    def store(at: datetime, *types: str, alerted: bool = False) -> None:
        number = f"{next(numbers)}"
        with database.write() as transaction:
            connection = transaction.connection
            connection.execute(
                items.insert().values(
                    id=number, feed_id="f", title="t", text="", first_seen=at, baseline=False, pending=False
                )
            )
            for place, name in enumerate(types):
                connection.execute(
                    events.insert().values(item_id=number, number=place, type=name, score=0.9, event={}, at=at)
                )
            if alerted:
                connection.execute(alerts.insert().values(id=number, type="seedwire.alert.opened", time=at, body="{}"))

    return store


def over(database, bucket, keep=KEEP):
    with database.read() as connection:
        return activity(connection, bucket, NOW, keep=keep)


def test_hours_and_days_begin_at_the_full_one_in_utc(database, came):
    came(NOW, "deal", "deal", alerted=True)
    came(NOW.replace(minute=0))
    came(NOW.replace(minute=0) - timedelta(microseconds=1), "meeting")
    came(NOW - timedelta(hours=47, minutes=29))
    came(NOW - timedelta(days=29, hours=12))
    hours, days = over(database, "hour"), over(database, "day")
    assert (len(hours.counts), len(days.counts)) == (48, 30)
    assert [count.items for count in hours.counts[-2:]] == [1, 2]
    assert hours.counts[0].items == 1
    assert [count.events for count in hours.counts[-2:]] == [{"meeting": 1}, {"deal": 2}]
    assert hours.counts[-1].alerts == 1
    assert hours.types == ("deal", "meeting")
    assert days.counts[-1].items == 3
    assert days.counts[0].start == datetime(2026, 2, 19, tzinfo=UTC)
    assert days.counts[0].items == 1


def test_nothing_is_told_of_the_time_before_the_first_item(database, came):
    came(NOW - timedelta(hours=3))
    found = over(database, "hour")
    assert [count.items for count in found.counts[-5:]] == [None, 1, 0, 0, 0]
    assert found.counts[-5].events is None
    assert found.since == NOW - timedelta(hours=3)
    assert not found.kept


def test_what_retention_has_removed_is_not_told_as_quiet(database, came):
    came(NOW - timedelta(days=20), alerted=True)  # kept, since a story needs it
    came(NOW - timedelta(days=2))
    found = over(database, "day", keep=timedelta(days=5))
    assert [count.items for count in found.counts[-8:]] == [None, None, None, 0, 0, 1, 0, 0]
    assert found.counts[-21].alerts == 1
    assert found.counts[-22].alerts is None
    assert found.since == NOW - timedelta(days=5)
    assert found.kept


def test_an_empty_database_knows_nothing(database):
    found = over(database, "day")
    assert {count.items for count in found.counts} == {count.alerts for count in found.counts} == {None}
    assert found.since is None
