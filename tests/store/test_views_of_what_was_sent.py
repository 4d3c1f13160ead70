"""Webhooks, deliveries and alerts as they are shown, on both databases, also when there are very many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.event import listen

from store import tables
from store.views.alerts import newest_alerts
from store.views.deliveries import newest_deliveries, one_delivery
from store.views.webhooks import HeldBack, Traffic, view_webhooks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
OPENED, FAILING = "seedwire.alert.opened", "seedwire.feed.failing"


def add(connection: Connection, table: str, *rows: dict[str, object]) -> None:
    connection.execute(getattr(tables, table).insert(), list(rows))


def webhook(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "url": "https://x.example/", "active": True, "failures": 0, "silent": 0} | more


def alert(
    number: int, *, kind: str = OPENED, story: str | None = None, at: datetime | None = None
) -> dict[str, object]:
    made = at or NOW - timedelta(minutes=number)
    return {"id": f"a{number:06}", "type": kind, "story_id": story, "time": made, "body": "{}"}


def delivery(number: int, to: str, state: str = "delivered", *, of: int | None = None) -> dict[str, object]:
    made = NOW - timedelta(minutes=number)
    return {
        "id": f"d{number:06}", "alert_id": f"a{number if of is None else of:06}", "webhook": to, "state": state,
        "tries": 1, "created": made, "due": made, "finished": None if state == "pending" else made,
    }  # fmt: skip


def attempt(number: int, to: str, code: int, ms: float, *, hours_ago: float = 1, of: int = 0) -> dict[str, object]:
    return {
        "delivery_id": f"d{of:06}", "number": number, "webhook": to, "at": NOW - timedelta(hours=hours_ago),
        "code": code, "latency_ms": ms,
    }  # fmt: skip


def test_how_a_webhook_does_is_told_of_a_day_a_week_and_its_answers(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        add(connection, "webhooks", webhook("desk"), webhook("log"))
        add(connection, "attempts", *(attempt(n, "desk", 204, 10.0 * n) for n in range(1, 21)))
        add(
            connection, "attempts",
            attempt(21, "desk", 500, 999.0, hours_ago=30), attempt(22, "desk", 0, 15_000.0, hours_ago=40),
            attempt(23, "desk", 200, 7.0, hours_ago=200), attempt(1, "other", 200, 1.0, of=9),
        )  # fmt: skip
        add(connection, "deliveries", delivery(77, "log") | {"finished": NOW - timedelta(days=99)})
        add(
            connection, "held",
            *({"webhook": "desk", "story_id": f"s{n}", "opens": True, "changes": [], "why": why, "since": NOW,
               "due": NOW + timedelta(minutes=n)} for n, why in ((5, "quiet"), (7, "cap"), (6, "cap"))),
        )  # fmt: skip
    with database.read() as connection:
        desk, log, new = view_webhooks(connection, ["desk", "log", "new"], NOW)
    assert (desk.state, log.state, new.state) == ("ok", "ok", "new")
    assert (desk.day, desk.week) == (Traffic(20, 20), Traffic(22, 20))
    assert desk.day.rate == 1.0
    assert (desk.median_ms, desk.p95_ms) == (110.0, 200.0)
    assert desk.succeeded == NOW - timedelta(hours=1)
    assert [beat.code for beat in desk.beats][:3] == [200, 0, 500]
    assert desk.held == (
        HeldBack("cap", 2, NOW + timedelta(minutes=6)),
        HeldBack("quiet", 1, NOW + timedelta(minutes=5)),
    )
    assert (log.day.rate, log.median_ms, log.beats) == (None, None, ())
    # Its attempts are forgotten, that it arrived is not.
    assert log.succeeded == NOW - timedelta(days=99)


def test_deliveries_are_found_by_what_they_are_and_page_by_page(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        add(connection, "webhooks", webhook("desk"), webhook("gone", active=False))
        add(connection, "stories", *(story(one, into) for one, into in (("s", None), ("t", "s"), ("u", None))))
        add(connection, "alerts", alert(1, story="s"), alert(2, story="t"), alert(3, story="u"), alert(4))
        add(connection, "digest_stories", {"alert_id": "a000004", "story_id": "s"})
        add(
            connection, "deliveries",
            delivery(1, "desk"), delivery(2, "gone", "dead"), delivery(3, "desk", "dead"),
            delivery(4, "desk", "pending"),
        )  # fmt: skip
        add(connection, "attempts", attempt(2, "desk", 500, 2.0, of=3), attempt(1, "desk", 0, 1.0, of=3))
    with database.read() as connection:
        every = newest_deliveries(connection, limit=None)
        assert [one.id for one in every] == ["d000001", "d000002", "d000003", "d000004"]
        assert [a.code for a in every[2].attempts] == [0, 500]
        assert every[3].due is not None
        assert (every[0].type, every[0].story) == (OPENED, "s")
        for asked, found in (
            ({"state": "dead"}, "23"), ({"webhook": "desk"}, "134"), ({"webhook": "desk", "state": "dead"}, "3"),
            ({"alert": "a000002"}, "2"), ({"story": "s"}, "124"), ({"story": "s", "webhook": "desk"}, "14"),
            ({"since": NOW - timedelta(minutes=2)}, "12"), ({"before": (every[1].created, every[1].id)}, "34"),
        ):  # fmt: skip
            assert [one.id[-1] for one in newest_deliveries(connection, limit=9, **asked)] == list(found), asked
        assert one_delivery(connection, "d000003") == every[2]
        assert one_delivery(connection, "d") is None


def test_alerts_are_found_by_type_story_and_time(database: Database) -> None:
    with database.write() as transaction:
        connection = transaction.connection
        add(connection, "stories", story("s", None), story("t", "s"))
        add(connection, "alerts", alert(1, story="s"), alert(2, story="t"), alert(3, kind=FAILING), alert(4))
        add(connection, "digest_stories", {"alert_id": "a000004", "story_id": "s"})
        add(connection, "deliveries", delivery(1, "desk"), delivery(2, "log", "dead", of=1))
    with database.read() as connection:
        every = newest_alerts(connection, limit=None)
        assert [one.alert.id[-1] for one in every] == list("1234")
        assert (every[0].items, every[0].deliveries) == (3, {"delivered": 1, "dead": 1})
        last = every[1].alert
        for asked, found in (
            ({"types": [FAILING]}, "3"), ({"types": [FAILING, OPENED]}, "1234"), ({"story": "s"}, "124"),
            ({"story": "s", "types": [FAILING]}, ""), ({"since": NOW - timedelta(minutes=2)}, "12"),
            ({"before": (last.time, last.id)}, "34"), ({"types": [OPENED], "before": (last.time, last.id)}, "4"),
        ):  # fmt: skip
            assert [one.alert.id[-1] for one in newest_alerts(connection, limit=9, **asked)] == list(found), asked


# Of the two, SQLite says for sure how it goes about a statement, however few rows there are.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_look_reads_all_that_is_stored(database: Database) -> None:
    """Whatever is asked for, the rows are found by an index."""
    asked: list[tuple[str, object]] = []
    with database.read() as connection:
        listen(
            connection, "before_cursor_execute", lambda _c, _s, statement, values, *_: asked.append((statement, values))
        )
        view_webhooks(connection, ["desk"], NOW)
        for state in (None, "dead", "delivered"):
            for to in (None, "desk"):
                newest_deliveries(connection, limit=9, state=state, webhook=to, before=(NOW, "d"))
        newest_deliveries(connection, limit=9, story="s")
        for types in ([], [OPENED, FAILING]):
            newest_alerts(connection, limit=9, types=types)
            newest_alerts(connection, limit=9, types=types, story="s")
        seen = [statement for statement in asked if "EXPLAIN" not in statement[0]]
        plans = [
            str(row[-1])
            for statement, values in seen
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert len(plans) > 40
    scans = [plan for plan in plans if plan.startswith(("SCAN deliveries", "SCAN attempts", "SCAN alerts"))]
    assert [plan for plan in scans if "ix_alerts_time_id" not in plan] == []


def story(story_id: str, into: str | None) -> dict[str, object]:
    number = sum(story_id.encode())
    row = {
        "id": story_id, "type": "bilateral_meeting", "event": {}, "opened": NOW, "first": NOW, "last": NOW,
        "outlets": [], "prints": [], "item_count": 3, "changed": NOW, "merged_into": into,
        "revision": number, "first_revision": number,
    }  # fmt: skip
    return {name: value for name, value in row.items() if name in tables.stories.c}
