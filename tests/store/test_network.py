"""Whether we are offline, judged over all feeds and processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from feeds.feed import Feed, FeedState
from feeds.poll import Poll
from store import feeds, network, polls, tables

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOSTS = ("a.example", "b.example", "c.example", "d.example")
ALL = tuple(Feed(f"https://{host}/rss") for host in HOSTS)


def remember(database: Database, problems: dict[str, str | None], *, at: datetime, failures: int = 1) -> None:
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
            state = replace(claimed.state, problem=problem, polled=polled, failures=failures * (problem is not None))
            poll = Poll(state, at + timedelta(hours=1))
            polls.save_polls(transaction.connection, [(claimed.feed, poll)], owner=host, now=polled)
            given_back = "UPDATE feeds SET lease_until = NULL, lease_owner = NULL, claims = 0"
            transaction.connection.exec_driver_sql(given_back)


def judge(database: Database, **answered: bool) -> bool:
    """After polls of the feeds of these hosts, each as it is remembered."""
    with database.write() as transaction:
        if not transaction.connection.execute(select(tables.feeds.c.id)).first():
            feeds.sync(transaction.connection, ALL, NOW - timedelta(days=1))
        rows = transaction.connection.execute(select(tables.feeds).order_by(tables.feeds.c.url)).all()
        polled = [
            network.Polled(row.host, answered[row.host[0]], feeds.read_state(row))
            for row in rows
            if row.host[0] in answered
        ]
        return network.judge(transaction.connection, polled, NOW)


def answer_at_home(database: Database) -> None:
    """As if a feed of our own network had just answered."""
    home = Feed("http://192.168.1.2/rss", allow_private=True)
    with database.write() as transaction:
        feeds.sync(transaction.connection, (*ALL, home), NOW)
        values = {"polled": NOW + timedelta(minutes=1), "succeeded": NOW + timedelta(minutes=1)}
        transaction.connection.execute(update(tables.feeds).where(tables.feeds.c.id == home.id).values(values))
        answer = [network.Polled("192.168.1.2", True, FeedState())]
        assert not network.judge(transaction.connection, answer, NOW, private=True)


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
    remember(database, {"c.example": "not-found", "a.example": "offline", "b.example": "offline"}, at=NOW)
    assert judge(database, a=False, b=False, d=False)
    assert not judge(database, d=True)
    assert since(database) is None
    with database.write() as transaction:
        due = feeds.claim_due(transaction.connection, NOW, limit=10, per_host=5, owner="x", lease=timedelta(minutes=1))
    assert {c.feed.url for c in due} >= {"https://a.example/rss", "https://b.example/rss"}
    assert "https://c.example/rss" not in {c.feed.url for c in due}


def test_nothing_polled_says_nothing(database: Database) -> None:
    assert not judge(database)


def test_hosts_that_stayed_silent_while_another_answered_are_to_blame_themselves(database: Database) -> None:
    """Dead hosts that are polled together would be offline for ever otherwise, as often as another one answers."""
    remember(database, {"a.example": "offline", "b.example": "dns", "c.example": "offline", "d.example": None}, at=NOW)
    assert not judge(database, a=False, b=False, c=False)


def test_hosts_that_stayed_silent_and_nobody_answered_since_are_not_to_blame(database: Database) -> None:
    remember(database, {"d.example": None, "a.example": "offline", "b.example": "dns", "c.example": "offline"}, at=NOW)
    assert judge(database, a=False, b=False, c=False)


def test_a_feed_that_hangs_beside_one_of_its_host_that_answers_is_to_blame_itself(database: Database) -> None:
    pair = (Feed("https://a.example/hangs"), Feed("https://a.example/rss"), Feed("https://b.example/rss"))
    with database.write() as transaction:
        feeds.sync(transaction.connection, pair, NOW)
        connection = transaction.connection
        for feed, problem, second in zip(pair, ("offline", None, "dns"), (0, 10, 5), strict=True):
            polled = {"problem": problem, "polled": NOW + timedelta(seconds=second)}
            connection.execute(update(tables.feeds).where(tables.feeds.c.id == feed.id).values(polled))
        row = connection.execute(select(tables.feeds).where(tables.feeds.c.id == pair[0].id)).one()
        polls_now = [network.Polled("a.example", False, feeds.read_state(row))]
        assert not network.judge(connection, polls_now, NOW + timedelta(seconds=20))


def test_what_has_failed_for_long_says_nothing_of_the_network(database: Database) -> None:
    remember(database, {"a.example": None, "b.example": None}, at=NOW)
    remember(database, {"c.example": "timeout", "d.example": "dns"}, at=NOW, failures=4)
    assert not judge(database, a=False)
    assert not judge(database, c=False, d=False)


def test_where_next_to_all_have_failed_for_long_they_say_something_all_the_same(database: Database) -> None:
    """Those that are polled often have failed often before the last one is polled."""
    remember(database, {"d.example": None}, at=NOW - timedelta(hours=3))
    remember(database, {"a.example": "dns", "b.example": "dns", "c.example": "timeout"}, at=NOW, failures=2)
    assert judge(database, d=False)
    assert judge(database, a=False), "nobody has answered since"


def test_what_answers_in_the_house_says_nothing_of_the_world_outside(database: Database) -> None:
    remember(database, {"a.example": "offline", "b.example": "offline", "c.example": "offline"}, at=NOW)
    with database.write() as transaction:
        transaction.connection.execute(update(tables.feeds).values(succeeded=NOW - timedelta(days=1)))
    answer_at_home(database)
    assert judge(database, a=False, b=False, c=False)
    assert since(database) == NOW


def test_an_outage_that_nobody_waits_for_the_end_of_is_over(database: Database) -> None:
    """As when the feeds have left the config."""
    remember(database, {"a.example": "offline", "b.example": "offline", "c.example": "offline"}, at=NOW)
    assert judge(database, d=False)
    assert judge(database), "what is polled of another kind does not end it"
    with database.write() as transaction:
        feeds.sync(transaction.connection, (), NOW)
    assert since(database) is None
    assert not judge(database)


def test_where_nobody_outside_ever_answered_those_are_to_blame_themselves(database: Database) -> None:
    remember(database, {"a.example": "dns", "b.example": "dns", "c.example": "dns"}, at=NOW)
    assert judge(database, a=False, b=False, c=False)
    answer_at_home(database)
    assert not judge(database, a=False, b=False, c=False)
    assert since(database) is None


def test_what_has_failed_for_long_is_not_counted_on_while_we_are_offline(database: Database) -> None:
    remember(database, {"a.example": None, "b.example": "dns", "c.example": "timeout"}, at=NOW)
    assert judge(database, d=False)
    with database.write() as transaction:
        failing = tables.feeds.c.host == "b.example"
        transaction.connection.execute(update(tables.feeds).where(failing).values(failures=4))
    assert judge(database, b=False), "nobody has answered since"
