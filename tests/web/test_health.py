"""What orchestrators are told, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from web_service import NOW, add_feed, tick

from feeds.feed import Feed
from store import tables
from store.database import Database
from store.overview import Backlog
from web.health import STALL_SECONDS, TICK_SECONDS, check_work

LONG = STALL_SECONDS + 60


def checks(serving) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in serving.get("/readyz").json()["checks"]}


def test_a_service_at_work_is_ready(serving, database):
    tick(database)
    answer = serving.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(checks(serving)) == {"database", "broker", "tick", "polling", "classifying", "delivering"}


def test_a_broker_that_does_not_answer_is_told(serving, database):
    tick(database)
    serving.broker_up = False
    answer = serving.get("/readyz")
    assert answer.status_code == 503
    assert checks(serving)["broker"] is False


def test_a_database_without_tables_is_told_and_the_process_still_lives(server, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    serving = server.serve(database)
    assert serving.get("/healthz").status_code == 200
    assert serving.get("/readyz").status_code == 503
    assert checks(serving) == {"database": False, "broker": True}
    page = serving.get("/")
    assert page.status_code == 503
    assert page.headers["content-type"] == "application/problem+json"
    database.close()


@pytest.mark.parametrize("seconds_ago", [None, TICK_SECONDS + 30])
def test_without_a_tick_nothing_gets_done_so_the_service_is_not_ready(serving, database, seconds_ago):
    if seconds_ago is not None:
        tick(database, seconds_ago=seconds_ago)
    assert checks(serving)["tick"] is False


def test_a_feed_nobody_polls_is_a_stall_and_one_in_a_moving_queue_is_not(serving, database):
    tick(database)
    overdue = NOW - timedelta(seconds=LONG)
    with database.write() as transaction:
        add_feed(transaction.connection, Feed("https://feeds.example/a.xml"), next_poll=overdue)
    assert checks(serving)["polling"] is False
    with database.write() as transaction:
        add_feed(transaction.connection, Feed("https://feeds.example/b.xml"), polled=NOW)
    assert checks(serving)["polling"] is True


def test_a_feed_that_is_being_polled_is_not_waiting(serving, database):
    tick(database)
    overdue = NOW - timedelta(seconds=LONG)
    with database.write() as transaction:
        add_feed(
            transaction.connection,
            Feed("https://feeds.example/a.xml"),
            next_poll=overdue,
            lease_owner="w",
            lease_until=NOW + timedelta(hours=1),
        )
    assert checks(serving)["polling"] is True


def test_an_item_nobody_classifies_is_a_stall(serving, database):
    tick(database)
    with database.write() as transaction:
        transaction.connection.execute(
            tables.items.insert().values(
                id="i", feed_id="f", title="t", text="", first_seen=NOW - timedelta(seconds=LONG), baseline=False,
                pending=True,
            )
        )  # fmt: skip
    assert checks(serving)["classifying"] is False


def test_a_delivery_nobody_attempts_is_a_stall_and_one_among_attempts_is_not(serving, database):
    tick(database)
    with database.write() as transaction:
        transaction.connection.execute(
            tables.deliveries.insert().values(
                id="d", alert_id="a", webhook="desk", state="pending", tries=0, created=NOW,
                due=NOW - timedelta(seconds=LONG),
            )
        )  # fmt: skip
    assert checks(serving)["delivering"] is False
    with database.write() as transaction:
        transaction.connection.execute(
            tables.attempts.insert().values(delivery_id="d", number=1, at=NOW, code=503, latency_ms=1.0)
        )
    assert checks(serving)["delivering"] is True


def test_readiness_tells_strangers_no_address_and_no_credential(server):
    database = Database("postgresql://desk:hunter2@127.0.0.1:1/news")
    body = server.serve(database).get("/readyz").text
    database.close()
    assert "hunter2" not in body
    assert "127.0.0.1" not in body


@pytest.mark.parametrize("waiting", [0.0, STALL_SECONDS - 1])
def test_work_that_has_just_become_due_is_no_stall(waiting):
    backlog = Backlog(waiting, waiting, waiting, since_tick=1, since_poll=None, since_attempt=None)
    assert all(check.ok for check in check_work(backlog))
