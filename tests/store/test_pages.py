"""Pages to read: asked for once, a host at a time, remembered when they refuse; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from feeds.url import parse_url
from store import pages
from store.tables import items

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _stored(database: Database) -> None:
    with database.write() as transaction:
        for item_id in ("a", "b", "c"):
            transaction.connection.execute(
                insert(items).values(
                    id=item_id, feed_id="f", title=f"Title {item_id}", text="Text", first_seen=NOW, baseline=False,
                    pending=False, outcome="below-threshold", claims=0,
                )
            )  # fmt: skip


def want(database: Database, item_id: str, url: str, *, allow_private: bool = False) -> str | None:
    with database.write() as transaction:
        return pages.want(transaction.connection, item_id, parse_url(url), NOW, allow_private=allow_private)


def claim(database: Database, owner: str, now: datetime = NOW, most: int = 8) -> list[pages.ClaimedHost]:
    with database.write() as transaction:
        return pages.claim_hosts(transaction.connection, now, most=most, owner=owner, lease=LEASE)


def next_page(database: Database, host: pages.ClaimedHost, now: datetime = NOW) -> pages.PageToRead | None:
    with database.write() as transaction:
        return pages.next_page(transaction.connection, host.origin, now)


def test_a_host_is_one_workers_until_its_lease_runs_out(database: Database) -> None:
    want(database, "a", "https://one.example/1")
    want(database, "b", "https://one.example/2")
    (host,) = claim(database, "first")
    assert host == pages.ClaimedHost("https://one.example", None, None, 0)
    assert claim(database, "second") == []
    assert [h.origin for h in claim(database, "second", NOW + LEASE)] == ["https://one.example"]
    with database.write() as transaction:
        assert not pages.hold(transaction.connection, host.origin, "first", NOW + 2 * LEASE)
        assert pages.hold(transaction.connection, host.origin, "second", NOW + 2 * LEASE)
        pages.release(transaction.connection, host, "first", NOW)
    assert claim(database, "third", NOW + LEASE) == []


def test_workers_have_so_many_hosts_between_them(database: Database) -> None:
    for number, item_id in enumerate("abc"):
        want(database, item_id, f"https://host{number}.example/")
    assert len(claim(database, "first", most=2)) == 2
    assert claim(database, "second", most=2) == []
    assert len(claim(database, "second", most=3)) == 1


def test_http_and_https_of_one_host_take_turns(database: Database) -> None:
    want(database, "a", "http://one.example/1")
    want(database, "b", "https://one.example/2")
    want(database, "c", "https://one.example:8443/3")
    (host,) = claim(database, "first")
    assert claim(database, "second") == []
    with database.write() as transaction:
        pages.release(transaction.connection, host, "first", NOW + LEASE)
    assert len(claim(database, "second")) == 1


def test_one_page_serves_every_item_but_none_that_may_reach_less(database: Database) -> None:
    want(database, "a", "https://one.example/1?utm_source=rss")
    want(database, "b", "https://one.example/1")
    want(database, "c", "https://one.example/1", allow_private=True)
    (host,) = claim(database, "first")
    seen = {}
    for _ in range(2):
        page = next_page(database, host)
        assert page is not None
        seen[page.allow_private] = {teaser.item_id for teaser in page.teasers}
        with database.write() as transaction:
            pages.save_text(transaction.connection, page.id, f"Text {page.allow_private}")
    assert seen == {False: {"a", "b"}, True: {"c"}}
    assert next_page(database, host) is None
    assert want(database, "a", "https://one.example/1") == "Text False"
    assert want(database, "a", "https://one.example/1", allow_private=True) == "Text True"


def test_a_refusal_is_final_or_due_again_and_a_claim_without_an_end_is_counted(database: Database) -> None:
    want(database, "a", "https://one.example/1")
    (host,) = claim(database, "first")
    for claims in (1, 2):
        page = next_page(database, host)
        assert page is not None
        assert page.claims == claims
    later = NOW + timedelta(minutes=10)
    with database.write() as transaction:
        pages.save_refusal(transaction.connection, page, "timeout", again=later)
    assert next_page(database, host) is None
    again = next_page(database, host, later)
    assert again is not None
    assert (again.tries, again.claims) == (1, 1)
    with database.write() as transaction:
        pages.save_refusal(transaction.connection, again, "forbidden", again=None)
        assert pages.outcomes(transaction.connection, NOW) == {"forbidden": 1}
    assert want(database, "b", "https://one.example/1") is None
    assert next_page(database, host, later) is None


def test_a_page_that_moves_waits_for_its_new_hosts_turn(database: Database) -> None:
    want(database, "a", "http://one.example/1")
    (host,) = claim(database, "first")
    page = next_page(database, host)
    assert page is not None
    with database.write() as transaction:
        pages.save_move(transaction.connection, page, parse_url("https://one.example/1"), NOW)
        assert pages.count_due(transaction.connection, NOW) == 1
        pages.release(transaction.connection, host, "first", NOW + LEASE)
    (other,) = claim(database, "second")
    moved = next_page(database, other)
    assert moved is not None
    assert (moved.url, moved.hops) == ("https://one.example/1", 1)


def test_a_host_at_rest_keeps_its_pages_until_they_are_too_late(database: Database) -> None:
    want(database, "a", "https://one.example/1")
    (host,) = claim(database, "first")
    with database.write() as transaction:
        pages.release(transaction.connection, host, "first", NOW + timedelta(days=1))
        assert pages.count_due(transaction.connection, NOW + timedelta(hours=23)) == 0
        assert pages.give_up_late(transaction.connection, NOW + timedelta(hours=12)) == 0
        assert pages.give_up_late(transaction.connection, NOW + timedelta(hours=13)) == 1
        assert pages.outcomes(transaction.connection, NOW) == {"too-late": 1}
        pages.forget(transaction.connection, NOW + timedelta(days=40))
        assert pages.outcomes(transaction.connection, NOW) == {}
    assert claim(database, "second", NOW + timedelta(days=41)) == []
