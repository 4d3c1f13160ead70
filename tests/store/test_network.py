"""Whether we are offline, judged over all feeds and processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feeds.feed import Feed, FeedState
from feeds.poll import Poll
from store import feeds, network, polls

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOSTS = ("a.example", "b.example", "c.example", "d.example")
ALL = tuple(Feed(f"https://{host}/rss") for host in HOSTS)


def remember(database: Database, problems: dict[str, str | None], *, at: datetime) -> None:
    """As if the feeds of these hosts had been polled, one second after the other."""
    with database.write() as transaction:
        feeds.sync(transaction.connection, ALL, NOW - timedelta(days=1))
        for second, (host, problem) in enumerate(problems.items()):
            (claimed,) = (
                c
                for c in feeds.claim_due(
                    transaction.connection, at, limit=10, per_host=5, owner=host, lease=timedelta(minutes=1)
                )
                if c.feed.url == f"https://{host}/rss"
            )
            polled = at + timedelta(seconds=second)
            state = replace(claimed.state, problem=problem, polled=polled, failures=int(problem is not None))
            poll = Poll(state, at + timedelta(hours=1))
            polls.save_polls(transaction.connection, [(claimed.feed, poll)], owner=host, now=polled)
            given_back = "UPDATE feeds SET lease_until = NULL, lease_owner = NULL, claims = 0"
            transaction.connection.exec_driver_sql(given_back)


def judge(database: Database, **answered: bool) -> bool:
    with database.write() as transaction:
        named = {f"{letter}.example": answer for letter, answer in answered.items()}
        return network.judge(transaction.connection, named, NOW)


def since(database: Database) -> datetime | None:
    with database.read() as connection:
        return network.offline_since(connection)


def test_one_silent_host_among_answering_ones_is_to_blame_itself(database: Database) -> None:
    remember(database, {"a.example": None, "b.example": None, "c.example": None}, at=NOW)
    assert not judge(database, d=False)
    assert since(database) is None


def test_when_the_hosts_polled_last_are_all_silent_we_are_offline(database: Database) -> None:
    remember(database, {"a.example": None, "b.example": "dns", "c.example": "timeout"}, at=NOW)
    assert judge(database, d=False)
    assert since(database) == NOW


def test_a_host_that_answers_with_an_error_shows_that_the_network_works(database: Database) -> None:
    remember(database, {"a.example": "dns", "b.example": "dns", "c.example": "not-found"}, at=NOW)
    assert not judge(database, d=False)


def test_hosts_that_fail_together_need_no_history(database: Database) -> None:
    with database.write() as transaction:
        feeds.sync(transaction.connection, ALL, NOW)
    assert judge(database, a=False, b=False, c=False)


def test_the_first_answer_makes_everything_due_that_waited(database: Database) -> None:
    remember(database, {"a.example": "offline", "b.example": "offline", "c.example": "not-found"}, at=NOW)
    assert judge(database, a=False, b=False, d=False)
    assert not judge(database, d=True)
    assert since(database) is None
    with database.write() as transaction:
        due = feeds.claim_due(transaction.connection, NOW, limit=10, per_host=5, owner="x", lease=timedelta(minutes=1))
    assert {c.feed.url for c in due} >= {"https://a.example/rss", "https://b.example/rss"}
    assert "https://c.example/rss" not in {c.feed.url for c in due}


def test_nothing_polled_says_nothing(database: Database) -> None:
    assert not judge(database)
    assert FeedState().problem is None
