"""Deliveries in the store: one run a webhook, every attempt kept, rest and retry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.alert import Alert
from store import alerts, deliveries, endpoints
from store.deliveries import Attempt, Attempted, WaitingDelivery
from store.errors import NotFound
from store.views.deliveries import newest_deliveries

if TYPE_CHECKING:
    from alerts.delivery import DeliveryState
    from store.database import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def webhooks(database: Database) -> None:
    with database.write() as transaction:
        deliveries.sync_webhooks(transaction.connection, [("desk", "https://d/"), ("log", "https://l/")])


def save(database: Database, alert_id: str, *names: str) -> bool:
    with database.write() as transaction:
        alert = Alert(alert_id, "seedwire.alert.opened", "", NOW, b"{}")
        return alerts.save(transaction.connection, alert, names, now=NOW)


def claim(database: Database, webhook: str, owner: str = "a", now: datetime = NOW) -> list[WaitingDelivery]:
    """What a worker would attempt: nothing while another one has the webhook."""
    with database.write() as transaction:
        claimed = endpoints.claim(transaction.connection, [webhook], now, owner=owner, lease=LEASE)
        return deliveries.due(transaction.connection, webhook, now, limit=10) if claimed else []


def record(
    database: Database,
    delivery: WaitingDelivery,
    state: DeliveryState,
    *,
    owner: str = "a",
    due: datetime | None = None,
    code: int = 500,
) -> None:
    attempted = Attempted(delivery, Attempt(NOW, code, 1.5, None, "no"), delivery.tries + 1, state, due, "n")
    with database.write() as transaction:
        deliveries.record(transaction.connection, [attempted])
        endpoints.release(transaction.connection, [delivery.webhook], owner)


def states(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {d.webhook: d.state for d in newest_deliveries(connection, limit=None)}


def due(database: Database, now: datetime = NOW) -> list[str]:
    with database.read() as connection:
        return endpoints.waiting(connection, now)


def test_an_alert_is_written_once_with_a_delivery_for_every_webhook(database: Database) -> None:
    assert save(database, "a1", "desk", "log")
    assert not save(database, "a1", "desk", "log")
    assert states(database) == {"desk": "pending", "log": "pending"}
    assert due(database) == ["desk", "log"]


def test_one_worker_at_a_time_delivers_to_one_webhook_and_no_other_webhook_waits(database: Database) -> None:
    save(database, "a1", "desk", "log")
    assert len(claim(database, "desk")) == 1
    save(database, "a2", "desk")
    assert claim(database, "desk", "b") == []
    assert due(database) == ["log"]
    assert len(claim(database, "log", "b")) == 1
    later = NOW + LEASE + timedelta(seconds=1)
    assert len(claim(database, "desk", "b", later)) == 2


def test_a_wait_lives_in_the_row(database: Database) -> None:
    save(database, "a1", "desk")
    (claimed,) = claim(database, "desk")
    record(database, claimed, "pending", due=NOW + timedelta(minutes=5))
    assert due(database, NOW + timedelta(minutes=4)) == []
    assert due(database, NOW + timedelta(minutes=5)) == ["desk"]
    (again,) = claim(database, "desk", now=NOW + timedelta(minutes=5))
    assert again.tries == 1


def test_every_attempt_is_kept(database: Database) -> None:
    save(database, "a1", "desk")
    for code, state in ((0, "pending"), (500, "pending"), (200, "delivered")):
        (claimed,) = claim(database, "desk")
        record(database, claimed, state, due=NOW, code=code)  # type: ignore[arg-type]
    with database.read() as connection:
        (row,) = newest_deliveries(connection, limit=None)
    assert row.state == "delivered"
    assert [a.code for a in row.attempts] == [0, 500, 200]


def test_a_success_counts_even_when_the_lease_was_lost_and_a_failure_does_not(database: Database) -> None:
    save(database, "a1", "desk")
    (late,) = claim(database, "desk", "slow")
    later = NOW + LEASE + timedelta(seconds=1)
    (again,) = claim(database, "desk", "b", later)
    record(database, again, "pending", owner="b", due=later)
    record(database, late, "dead", owner="slow")
    assert states(database) == {"desk": "pending"}
    record(database, late, "delivered", owner="slow", code=200)
    assert states(database) == {"desk": "delivered"}


def test_a_disabled_webhook_rests_and_a_person_wakes_it(database: Database) -> None:
    save(database, "a1", "desk", "log")
    (claimed,) = claim(database, "desk")
    record(database, claimed, "disabled", code=410)
    with database.write() as transaction:
        deliveries.disable_webhook(transaction.connection, "desk", "410", NOW)
    with database.read() as connection:
        assert deliveries.disabled_webhooks(connection) == {"desk"}
    with database.write() as transaction:
        connection = transaction.connection
        deliveries.retry(connection, deliveries.ids_in_state(connection, "disabled", "desk"), NOW)
    with database.read() as connection:
        assert deliveries.disabled_webhooks(connection) == set()
    assert due(database) == ["desk", "log"]


def test_what_waits_for_a_webhook_taken_out_of_the_config_is_due_again_when_it_is_back(database: Database) -> None:
    save(database, "a1", "desk", "log")
    with database.write() as transaction:
        deliveries.sync_webhooks(transaction.connection, [("log", "https://l/")])
    assert due(database) == ["log"]
    assert claim(database, "desk") == []
    with database.write() as transaction:
        deliveries.sync_webhooks(transaction.connection, [("desk", "https://d/"), ("log", "https://l/")])
    assert due(database) == ["desk", "log"]


def test_workers_at_once_never_attempt_the_same_delivery(database: Database) -> None:
    for number in range(40):
        save(database, f"a{number}", "desk")
        with ThreadPoolExecutor(4) as pool:
            claimed = list(pool.map(lambda n: claim(database, "desk", f"w{n}"), range(4)))
        assert sorted(len(c) for c in claimed) == [0, 0, 0, 1]
        owner = next(f"w{n}" for n, c in enumerate(claimed) if c)
        record(database, next(c for c in claimed if c)[0], "delivered", owner=owner, code=200)


def test_a_retry_during_an_attempt_is_not_undone_by_its_end(database: Database) -> None:
    save(database, "a1", "desk")
    (flying,) = claim(database, "desk")
    with database.write() as transaction:
        deliveries.retry(transaction.connection, [flying.id], NOW + timedelta(seconds=1))
    record(database, flying, "dead")
    assert states(database) == {"desk": "pending"}


def test_a_replay_starts_the_schedule_anew_under_the_same_id(database: Database) -> None:
    save(database, "a1", "desk")
    (claimed,) = claim(database, "desk")
    record(database, claimed, "dead")
    with database.write() as transaction:
        alerts.enqueue(transaction.connection, "a1", ["desk", "log"], NOW)
    (again,) = claim(database, "desk")
    assert (again.id, again.alert.id, again.tries) == (claimed.id, "a1", 0)
    with database.write() as transaction, pytest.raises(NotFound, match="no delivery 'x'"):
        deliveries.retry(transaction.connection, ["x"], NOW)


def test_a_retry_leaves_alone_what_arrived(database: Database) -> None:
    save(database, "a1", "desk")
    (claimed,) = claim(database, "desk")
    record(database, claimed, "delivered", code=200)
    with database.write() as transaction:
        assert deliveries.retry(transaction.connection, [claimed.id], NOW) == deliveries.Retried(0, ())
    assert states(database) == {"desk": "delivered"}


def test_dead_ones_are_found_by_webhook_and_range(database: Database) -> None:
    for day in (1, 2, 3):
        made = NOW + timedelta(days=day)
        with database.write() as transaction:
            alert = Alert(f"a{day}", "seedwire.alert.opened", "", made, b"{}")
            alerts.save(transaction.connection, alert, ["desk", "log"], now=made)
        for webhook in ("desk", "log"):
            (one,) = claim(database, webhook, now=made)
            record(database, one, "dead")
    with database.read() as connection:
        of_two_days = deliveries.ids_in_state(
            connection, "dead", "desk", since=NOW + timedelta(days=2), until=NOW + timedelta(days=3)
        )
        assert len(deliveries.ids_in_state(connection, "dead")) == 6
        assert len(deliveries.ids_in_state(connection, "dead", since=NOW + timedelta(days=2))) == 4
        (found,) = [d for d in newest_deliveries(connection, limit=None) if d.id in of_two_days]
    assert (found.alert, found.webhook) == ("a2", "desk")
