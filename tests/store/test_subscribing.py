"""Subscriptions at hubs: who is asked when, by how many at once, and what is left of those that are over."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from feeds.feed import Feed
from store import feeds, subscribing, websub
from store.tables import feeds as feed_rows
from store.tables import subscriptions

if TYPE_CHECKING:
    from store.database import Database
    from store.subscribing import ClaimedSubscription

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
CALLBACK = "https://seedwire.example.org"


def offer(database: Database, hubs: list[str]) -> None:
    """One feed for each of these hubs."""
    watched = [Feed(f"https://paper.example/{number}") for number in range(len(hubs))]
    with database.write() as transaction:
        feeds.sync(transaction.connection, watched, NOW)
        for feed, hub in zip(watched, hubs, strict=True):
            transaction.connection.execute(
                update(feed_rows).where(feed_rows.c.id == feed.id).values(hubs=hub, topic=feed.url)
            )


def keep_equal(database: Database, callback: str = CALLBACK, now: datetime = NOW) -> tuple[int, int]:
    with database.write() as transaction:
        return subscribing.keep_equal(transaction.connection, callback, now)


def claim(database: Database, owner: str = "one", now: datetime = NOW, limit: int = 8) -> list[ClaimedSubscription]:
    with database.write() as transaction:
        return subscribing.claim_due(
            transaction.connection, now, limit=limit, per_hub=2, owner=owner, lease=LEASE, rng=random.Random(0)
        )


@pytest.fixture
def one(database: Database) -> ClaimedSubscription:
    """The only subscription, claimed and not yet answered."""
    offer(database, ["https://hub.example/"])
    assert keep_equal(database) == (1, 0)
    (claimed,) = claim(database)
    return claimed


def test_a_feed_has_one_subscription_with_secrets_of_its_own(database: Database) -> None:
    offer(database, ["https://hub.example/"] * 20)
    with database.read() as connection:
        assert subscribing.is_due(connection, NOW, offered=True)
        assert not subscribing.is_due(connection, NOW, offered=False)
        assert subscribing.differs(connection, CALLBACK)
    assert keep_equal(database) == (20, 0)
    assert keep_equal(database) == (0, 0)
    with database.read() as connection:
        assert not subscribing.differs(connection, CALLBACK)
        rows = connection.execute(select(subscriptions)).all()
    assert len({row.feed_id for row in rows}) == 20
    assert len({secret for row in rows for secret in (row.token, row.secret)}) == 40


def test_hubs_take_turns_and_none_is_asked_more_than_twice_at_once(database: Database) -> None:
    offer(database, ["https://large.example/"] * 10 + ["https://small.example/", "https://tiny.example/"])
    keep_equal(database)
    first = [c.subscription.hub for c in claim(database, limit=3)]
    assert sorted(first) == ["https://large.example/", "https://small.example/", "https://tiny.example/"]
    assert [c.subscription.hub for c in claim(database, "two")] == ["https://large.example/"]
    assert claim(database, "three") == []


def test_who_lost_the_lease_writes_nothing(database: Database, one: ClaimedSubscription) -> None:
    with database.write() as transaction:
        websub.save_confirmed(transaction.connection, one.subscription, "600", NOW, random.Random(0))
        subscribing.save_refused(
            transaction.connection, one.subscription, "another", NOW, problem="timeout", detail="", retry=NOW
        )
        subscribing.save_accepted(transaction.connection, one.subscription, "another", NOW)
    with database.read() as connection:
        row = connection.execute(select(subscriptions)).one()
    assert (row.failures, row.lease_owner) == (0, "one")


def test_a_hub_that_asks_back_and_then_answers_with_an_error_is_believed_the_first(
    database: Database, one: ClaimedSubscription
) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        websub.save_confirmed(connection, one.subscription, "600", NOW, random.Random(0))
        subscribing.save_refused(
            connection, one.subscription, "one", NOW, problem="timeout", detail="", retry=NOW + timedelta(days=1)
        )
    with database.read() as connection:
        assert next(iter(websub.states(connection, NOW).values())) == ("active", NOW + timedelta(seconds=600))


def test_a_killed_worker_s_request_counts_as_unconfirmed(database: Database, one: ClaimedSubscription) -> None:
    assert one.subscription.failures == 0
    later = NOW + LEASE + timedelta(seconds=1)
    assert claim(database, "two", later) == []
    with database.read() as connection:
        assert connection.scalar(select(subscriptions.c.problem)) == "unconfirmed"
    (again,) = claim(database, "two", later + timedelta(minutes=1))
    assert again.subscription.token == one.subscription.token


def test_another_public_address_is_another_subscription(database: Database, one: ClaimedSubscription) -> None:
    with database.write() as transaction:
        websub.save_confirmed(transaction.connection, one.subscription, "600", NOW, random.Random(0))
    assert keep_equal(database, "https://moved.example.org") == (1, 1)
    claimed = claim(database, "two", NOW + LEASE + timedelta(seconds=1))
    assert {(c.subscription.wanted, c.subscription.callback) for c in claimed} == {
        (False, CALLBACK),
        (True, "https://moved.example.org"),
    }
    assert keep_equal(database, "") == (0, 1)


def test_what_no_hub_ever_confirmed_is_dropped_without_a_word(database: Database, one: ClaimedSubscription) -> None:
    assert one.subscription.wanted
    assert keep_equal(database, "") == (0, 1)
    with database.read() as connection:
        assert connection.execute(select(subscriptions)).all() == []
        assert websub.find(connection, one.subscription.feed_id, one.subscription.token) is None
