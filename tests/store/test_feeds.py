"""Feeds in the store: equal to the config, claimed fairly, saved whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from feeds.feed import Feed, FeedState
from feeds.identity import NewEntry
from feeds.item import Item
from feeds.poll import Poll
from store import feeds, polls
from store.views.items import list_items

if TYPE_CHECKING:
    from store.database import Database
    from store.feeds import ClaimedFeed

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def sync(database: Database, *configured: Feed, now: datetime = NOW) -> tuple[int, int]:
    with database.write() as transaction:
        return feeds.sync(transaction.connection, configured, now)


def claim(
    database: Database,
    *,
    owner: str = "a",
    limit: int = 100,
    per_host: int = 2,
    now: datetime = NOW,
    room: dict[str, int] | None = None,
) -> list[ClaimedFeed]:
    with database.write() as transaction:
        return feeds.claim_due(
            transaction.connection, now, limit=limit, per_host=per_host, owner=owner, lease=LEASE, room=room
        )


def save(
    database: Database,
    feed: Feed,
    *,
    owner: str = "a",
    state: FeedState | None = None,
    new: tuple[NewEntry, ...] = (),
    now: datetime = NOW,
) -> bool:
    with database.write() as transaction:
        poll = Poll(state or FeedState(), now + timedelta(minutes=5), new)
        return polls.save_polls(transaction.connection, [(feed, poll)], owner=owner, now=now) == {feed.id}


def entry(name: str, feed: Feed) -> NewEntry:
    return NewEntry(Item(id=name, title=f"Title {name}", text="Text.", feed_id=feed.id), (f"key-{name}",), False)


def test_what_the_config_says_comes_back_as_it_was_said(database: Database) -> None:
    feed = Feed("https://a.example/rss", "A", ("x", "y"), timedelta(minutes=5), True, True, timedelta(hours=24))
    assert sync(database, feed) == (1, 0)
    assert sync(database, feed) == (0, 0)
    assert [c.feed for c in claim(database)] == [feed]


def test_a_feed_taken_out_rests_and_one_put_back_remembers(database: Database) -> None:
    feed = Feed("https://a.example/rss")
    sync(database, feed)
    claim(database)
    save(database, feed, state=FeedState(etag='"1"', baseline_done=True))
    assert sync(database) == (0, 1)
    later = NOW + timedelta(days=1)
    assert claim(database, now=later) == []
    assert sync(database, feed, now=later) == (1, 0)
    (claimed,) = claim(database, now=later)
    assert claimed.state == FeedState(etag='"1"', baseline_done=True)


def test_no_host_starves_another(database: Database) -> None:
    crowd = [Feed(f"https://crowd.example/{n}") for n in range(50)]
    sync(database, *crowd)
    sync(database, *crowd, *[Feed(f"https://small-{n}.example/") for n in range(5)], now=NOW + timedelta(minutes=1))
    claimed = claim(database, limit=6, now=NOW + timedelta(minutes=2))
    hosts = [c.feed.url.split("/")[2] for c in claimed]
    assert sorted(hosts) == ["crowd.example", *[f"small-{n}.example" for n in range(5)]]


def test_a_host_is_in_the_hands_of_one_worker_at_a_time(database: Database) -> None:
    sync(database, *[Feed(f"https://one.example/{n}") for n in range(10)], Feed("https://two.example/"))
    first = claim(database, per_host=3, limit=2)
    assert sorted(c.host for c in first) == ["one.example", "two.example"]
    assert claim(database, per_host=3, owner="b") == []
    assert len(claim(database, per_host=3, room={"one.example": 2})) == 2
    assert claim(database, per_host=3, room={"one.example": 0}) == []
    save(database, first[0].feed)
    save(database, first[1].feed)
    with database.write() as transaction:
        feeds.release(transaction.connection, [Feed(f"https://one.example/{n}").id for n in range(10)], "a")
    assert len(claim(database, per_host=3, owner="b")) == 3


def test_a_host_rests_after_a_poll_unless_it_may_be_our_own(database: Database) -> None:
    ours = [Feed(f"http://10.0.0.1/{n}", allow_private=True) for n in range(2)]
    theirs = [Feed(f"https://one.example/{n}") for n in range(2)]
    sync(database, *ours, *theirs)
    for claimed in claim(database, per_host=1):
        with database.write() as transaction:
            poll = Poll(FeedState(), NOW + timedelta(minutes=5))
            polls.save_polls(
                transaction.connection, [(claimed.feed, poll)], owner="a", now=NOW, rest=timedelta(seconds=1)
            )
    assert [c.host for c in claim(database, owner="b")] == ["10.0.0.1"]
    assert [c.host for c in claim(database, owner="b", now=NOW + timedelta(seconds=2))] == ["one.example"]


def test_a_crowd_of_due_feeds_of_one_host_hides_no_other(database: Database) -> None:
    crowd = [Feed(f"https://crowd.example/{n}") for n in range(1_000)]
    sync(database, *crowd)
    sync(database, *crowd, Feed("https://small.example/"), now=NOW + timedelta(minutes=1))
    claimed = claim(database, limit=20, per_host=5, now=NOW + timedelta(minutes=2))
    assert sorted(c.host for c in claimed) == ["crowd.example"] * 5 + ["small.example"]


def test_what_may_have_ended_its_workers_is_claimed_alone(database: Database) -> None:
    every = [Feed(f"https://h{n}.example/") for n in range(3)]
    sync(database, *every[:2])
    for times in range(2):
        claim(database, owner=f"dead {times}", now=NOW + LEASE * 2 * times)
    sync(database, *every)
    later = NOW + LEASE * 4
    assert [c.claims for c in claim(database, now=later)] == [1]
    for number in range(2):
        with database.write() as transaction:
            one = feeds.claim_suspect(transaction.connection, later, owner=f"s{number}", lease=LEASE)
        assert one is not None
        assert one.claims == 3
    with database.write() as transaction:
        assert feeds.claim_suspect(transaction.connection, later, owner="s2", lease=LEASE) is None


def test_feeds_given_back_were_never_claimed(database: Database) -> None:
    feed = Feed("https://a.example/")
    sync(database, feed)
    claim(database)
    with database.write() as transaction:
        feeds.release(transaction.connection, [feed.id], "another")
    assert claim(database, owner="b") == []
    with database.write() as transaction:
        feeds.release(transaction.connection, [feed.id], "a")
    assert [c.claims for c in claim(database, owner="b")] == [1]


def test_workers_at_once_never_claim_the_same_feed(database: Database) -> None:
    sync(database, *[Feed(f"https://h{n % 40}.example/{n}") for n in range(120)])
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda n: claim(database, owner=f"w{n}", limit=10, per_host=3), range(16)))
    urls = [c.feed.url for batch in batches for c in batch]
    assert len(urls) == len(set(urls)) == 40
    assert len({host for batch in batches for host in {c.host for c in batch}}) == 40


def test_a_lease_that_ran_out_is_claimed_again_and_the_late_worker_writes_nothing(database: Database) -> None:
    feed = Feed("https://a.example/rss")
    sync(database, feed)
    claim(database, owner="dead")
    assert claim(database, owner="b", now=NOW + LEASE - timedelta(seconds=1)) == []
    later = NOW + LEASE + timedelta(seconds=1)
    assert len(claim(database, owner="b", now=later)) == 1
    assert not save(database, feed, owner="dead", state=FeedState(etag="late"), new=(entry("1", feed),), now=later)
    with database.read() as connection:
        assert list_items(connection, limit=10) == []
    assert save(database, feed, owner="b", state=FeedState(etag="b"), new=(entry("1", feed),), now=later)


def test_validators_and_items_are_written_together_or_not_at_all(database: Database) -> None:
    feed = Feed("https://a.example/rss")
    sync(database, feed)
    claim(database)
    with pytest.raises(RuntimeError), database.write() as transaction:
        poll = Poll(FeedState(etag="new"), NOW, (entry("1", feed),))
        polls.save_polls(transaction.connection, [(feed, poll)], owner="a", now=NOW)
        raise RuntimeError("the worker dies here")
    (claimed,) = claim(database, owner="b", now=NOW + LEASE * 2)
    assert claimed.state.etag is None
    with database.read() as connection:
        assert polls.known_keys(connection, {feed.id: ["key-1"]}, NOW).items == {}


def test_saving_the_same_poll_twice_stores_every_item_once(database: Database) -> None:
    feed = Feed("https://a.example/rss")
    sync(database, feed)
    for hours in (0, 1):
        now = NOW + timedelta(hours=hours)
        claim(database, now=now)
        save(database, feed, new=(entry("1", feed), entry("2", feed)), now=now)
    with database.read() as connection:
        assert {i.id for i in list_items(connection, limit=10)} == {"1", "2"}
        wanted = {feed.id: [f"key-{n}" for n in range(2000)], "another": ["key-1"]}
        assert polls.known_keys(connection, wanted, NOW).items == {"key-1": "1", "key-2": "2"}


def test_what_runs_after_the_commit_does_not_run_when_the_step_is_rolled_back(database: Database) -> None:
    sent: list[str] = []
    with database.write() as transaction:
        transaction.after_commit(lambda: sent.append("committed"))
        assert sent == []
    with pytest.raises(RuntimeError), database.write() as transaction:
        transaction.after_commit(lambda: sent.append("rolled back"))
        raise RuntimeError
    assert sent == ["committed"]
