"""What orchestrators are told, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from web_service import NOW, add_feed, tick

from feeds.feed import Feed
from store import tables
from store.database import Database
from web.health import check_stages
from worker.liveness import PATIENCE

LONG_AGO = NOW - timedelta(seconds=max(PATIENCE.values()) + 60)


def checks(serving) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in serving.get("/readyz").json()["checks"]}


def test_a_service_at_work_is_ready(serving, database):
    tick(database)
    answer = serving.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(checks(serving)) == {"database", "broker", "tick", "poll", "classify", "deliver"}


def test_a_broker_that_does_not_answer_is_told(serving, database):
    tick(database)
    serving.broker_up = False
    answer = serving.get("/readyz")
    assert answer.status_code == 503
    assert checks(serving)["broker"] is False


def test_a_database_without_tables_is_told_and_the_process_still_lives(server, context, tmp_path):
    (tmp_path / "data" / "seedwire.db").unlink()
    serving = server.serve(context)
    assert serving.get("/healthz").status_code == 200
    assert serving.get("/readyz").status_code == 503
    assert checks(serving) == {"database": False, "broker": True}
    page = serving.get("/")
    assert page.status_code == 503
    assert page.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("seconds_ago", [None, PATIENCE["tick"] + 30])
def test_without_a_tick_nothing_gets_done_so_the_service_is_not_ready(serving, database, seconds_ago):
    if seconds_ago is not None:
        tick(database, seconds_ago=seconds_ago)
    assert checks(serving)["tick"] is False


def due_feed(lease_until):
    return tables.feeds, {
        "id": "f", "url": "https://feeds.example/a.xml", "host": "feeds.example", "tags": [], "fulltext": False,
        "allow_private": False, "first_poll": "baseline", "active": True, "added": NOW, "next_poll": LONG_AGO,
        "lease_owner": "w", "lease_until": lease_until,
    }  # fmt: skip


def pending_item(lease_until):
    return tables.items, {
        "id": "i", "feed_id": "f", "title": "t", "text": "", "first_seen": LONG_AGO, "baseline": False,
        "pending": True, "lease_owner": "w", "lease_until": lease_until,
    }  # fmt: skip


def due_delivery(lease_until):
    del lease_until  # the webhook has it
    return tables.deliveries, {
        "id": "d", "alert_id": "a", "webhook": "desk", "state": "pending", "tries": 0, "created": LONG_AGO,
        "due": LONG_AGO,
    }  # fmt: skip


@pytest.mark.parametrize(("stage", "work"), [("poll", due_feed), ("classify", pending_item), ("deliver", due_delivery)])
@pytest.mark.parametrize(("lease_until", "ok"), [(None, False), (LONG_AGO, False), (NOW + timedelta(hours=1), True)])
def test_work_that_is_long_due_is_a_stall_unless_somebody_is_at_it(serving, database, stage, work, lease_until, ok):
    tick(database)
    table, row = work(lease_until)
    with database.write() as transaction:
        transaction.connection.execute(table.insert().values(row))
        transaction.connection.execute(
            tables.webhooks.insert().values(
                name="desk", url="https://desk.example/", active=True, lease_until=lease_until
            )
        )
    answer = serving.get("/readyz")
    assert checks(serving)[stage] is ok
    assert answer.status_code == (200 if ok else 503)


def test_a_feed_that_has_just_become_due_is_no_stall(serving, database):
    tick(database)
    with database.write() as transaction:
        add_feed(transaction.connection, Feed("https://feeds.example/a.xml"), next_poll=datetime.now(UTC))
    assert checks(serving)["poll"] is True


def test_readiness_tells_strangers_no_address_and_no_credential(server):
    database = Database("postgresql://desk:hunter2@127.0.0.1:1/news")
    body = server.serve(database).get("/readyz").text
    database.close()
    assert "hunter2" not in body
    assert "127.0.0.1" not in body


def test_a_wait_is_told_with_how_long_is_normal():
    details = {check.name: check.detail for check in check_stages({"tick": 2, "poll": 39.2, "classify": 61.0})}
    assert details == {
        "tick": "came 2 s ago, normal up to 30 s",
        "poll": "what is due waits 39 s, normal up to 60 s",
        "classify": "what is due waits 61 s and nobody is at it, normal up to 60 s",
        "deliver": "nothing is due, or somebody is at it",
    }


def test_every_stage_is_judged_whatever_waits():
    assert [check.name for check in check_stages({})] == list(PATIENCE)
    assert [check.ok for check in check_stages(dict.fromkeys(PATIENCE, 10_000.0))] == [False] * len(PATIENCE)
