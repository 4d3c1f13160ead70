"""Facts about the service itself: heartbeats, the config in force, and counts that only grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.database import insert
from store.tables import counters, service_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Fact:
    """What a key holds and since when."""

    value: dict[str, object]
    at: datetime


def put(connection: Connection, key: str, value: Mapping[str, object], now: datetime) -> None:
    statement = insert(connection, service_state).values(key=key, value=dict(value), at=now)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["key"], set_={"value": statement.excluded.value, "at": statement.excluded.at}
        )
    )


def get(connection: Connection, key: str) -> Fact | None:
    row = connection.execute(select(service_state).where(service_state.c.key == key)).one_or_none()
    return Fact(row.value, row.at) if row else None


def add(connection: Connection, counts: Mapping[tuple[str, str], float]) -> None:
    """Add to counters; a key is (metric name, labels as Prometheus writes them without the braces)."""
    if not counts:
        return
    statement = insert(connection, counters)
    statement = statement.on_conflict_do_update(
        index_elements=["name", "labels"], set_={"value": counters.c.value + statement.excluded.value}
    )
    # In one order everywhere, so that two processes cannot wait for each other's rows.
    rows = [{"name": name, "labels": labels, "value": value} for (name, labels), value in sorted(counts.items())]
    connection.execute(statement, rows)
