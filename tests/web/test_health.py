"""What orchestrators are told, and when."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from web_service import NOW, add_feed, tick

from feeds.feed import Feed
from store import tables
from store.database import Database
from store.views.figures import Backlog
from web.health import Health, check_stages
from worker.liveness import PATIENCE

LONG_AGO = NOW - timedelta(seconds=max(PATIENCE.values()) + 60)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    monkeypatch.setattr("web.health.ANSWER_WITHIN", 30.0)


def checks(serving) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in serving.get("/readyz").json()["checks"]}


def test_a_service_at_work_is_ready(serving, database):
    tick(database)
    answer = serving.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(checks(serving)) == {"database", "broker", "tick", "poll", "classify", "deliver"}
    ages = {check["name"]: check["age_seconds"] for check in answer.json()["checks"]}
    assert ages == {"database": None, "broker": None, "tick": ages["tick"], "poll": 0, "classify": 0, "deliver": 0}
    assert 0 <= ages["tick"] < 30


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
    (told,) = (check for check in answer.json()["checks"] if check["name"] == stage)
    assert told["age_seconds"] >= PATIENCE[stage] + 60  # also where somebody is at it
    assert told["limit_seconds"] == PATIENCE[stage]


def test_a_feed_that_has_just_become_due_is_no_stall(serving, database):
    tick(database)
    with database.write() as transaction:
        add_feed(transaction.connection, Feed("https://feeds.example/a.xml"), next_poll=datetime.now(UTC))
    assert checks(serving)["poll"] is True


def test_readiness_tells_strangers_no_address_and_no_credential(server):
    database = Database("postgresql://desk:hunter2@127.0.0.1:1/news")
    answer = server.serve(SimpleNamespace(database=database)).get("/readyz")
    database.close()
    assert answer.json()["checks"][0] == {
        "name": "database", "ok": False, "age_seconds": None, "limit_seconds": None,
        "detail": "does not answer, or its tables are missing (seedwire migrate)",
    }  # fmt: skip
    assert "hunter2" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_what_hangs_is_told_within_a_second_and_costs_two_threads(monkeypatch):
    """A database and a broker that take the connection and say nothing."""
    monkeypatch.setattr("web.health.ANSWER_WITHIN", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        hangs, over = Database(f"postgresql://desk@{host}:{port}/news"), threading.Event()
        health, threads = Health(lambda: hangs, lambda: over.wait(20)), threading.active_count()
        for _ in range(2):
            start = time.monotonic()
            checks = health.check_all()
            assert time.monotonic() - start < 4, "it waited for what hangs"
            assert [(check.name, check.ok) for check in checks] == [("database", False), ("broker", False)]
            assert "within 1 s" in checks[0].detail
        assert threading.active_count() <= threads + 2
        over.set()
    hangs.close()


def test_a_wait_is_told_with_how_long_is_normal():
    waiting = Backlog(poll=39.2, classify=61.0, deliver=500.0, since_tick=2)
    details = {check.name: check.detail for check in check_stages({"poll": 39.2, "classify": 61.0}, waiting)}
    assert details == {
        "tick": "came 2 s ago, normal up to 30 s",
        "poll": "what is due waits 39 s, normal up to 60 s",
        "classify": "what is due waits 61 s and nobody is at it, normal up to 60 s",
        "deliver": "what is due waits 500 s, somebody is at it",
    }


def test_every_stage_is_judged_whatever_waits():
    idle, late = Backlog(0, 0, 0, None), Backlog(10_000, 10_000, 10_000, 10_000)
    assert [check.name for check in check_stages({}, idle)] == list(PATIENCE)
    assert [check.ok for check in check_stages(late.stages, late)] == [False] * len(PATIENCE)
