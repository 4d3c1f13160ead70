"""What counts as late: work that nobody is at, and not what waits for an endpoint."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from store import tables
from store.stalls import stalls

if TYPE_CHECKING:
    from store.database import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        ({}, 10_800),
        ({"lease_until": NOW - timedelta(seconds=1)}, 10_800),
        ({"lease_until": NOW + timedelta(seconds=1)}, None),
        ({"disabled": NOW}, None),
        ({"active": False}, None),
        ({"paused_until": NOW + timedelta(minutes=5)}, None),
        ({"paused_until": NOW - timedelta(seconds=2)}, 2),
    ],
)
def test_what_waits_for_a_webhook_is_late_when_it_could_be_sent_and_nobody_is_at_it(
    database: Database, how: dict[str, object], seconds: float | None
) -> None:
    made = NOW - timedelta(hours=3)
    with database.write() as transaction:
        connection = transaction.connection
        row = {"name": "desk", "url": "https://desk.example/", "active": True} | how
        connection.execute(tables.webhooks.insert().values(row))
        delivery = {"id": "d", "alert_id": "a", "webhook": "desk", "state": "pending", "tries": 0}
        connection.execute(tables.deliveries.insert().values(delivery | {"created": made, "due": made}))
    with database.read() as connection:
        assert stalls(connection, NOW).get("deliver") == seconds
