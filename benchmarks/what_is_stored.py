"""What a running service's database tells of the events that were published to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store.database import Database
from store.tables import alerts, attempts, deliveries, items
from worker.config.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path


class Stored:
    """Reads only. Close it when done."""

    def __init__(self, config: Path) -> None:
        self._database = Database(Watcher(config, {}).current.service.database_url)

    def waiting(self) -> int:
        """Items and deliveries that something is still to be done with."""
        with self._database.read() as connection:
            return sum(
                connection.scalar(select(func.count()).where(condition)) or 0
                for condition in (items.c.pending, deliveries.c.state == "pending")
            )

    def what_became_of(self, events: Collection[str]) -> dict[str, str]:
        """For each event, by the last part of its items' addresses: how far it came."""
        return {event: self._fate(event) for event in events}

    def _fate(self, event: str) -> str:
        with self._database.read() as connection:
            found = connection.execute(
                select(items.c.id, items.c.pending, items.c.outcome).where(items.c.url.like(f"%/{event}"))
            ).all()
            if not found:
                return "never stored"
            sent = connection.execute(
                select(deliveries.c.state, deliveries.c.note)
                .join(alerts, alerts.c.id == deliveries.c.alert_id)
                .where(alerts.c.body.like(f'%/{event}"%'))
            ).all()
        read = ", ".join("not classified" if row.pending else str(row.outcome) for row in found)
        return f"{read}; " + (", ".join(f"delivery {row.state} ({row.note})" for row in sent) or "no delivery")

    def stages(self) -> dict[str, tuple[datetime, datetime, datetime]]:
        """For each item's address that was told: when it was stored, its alert made, and the first attempt begun."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(items.c.url, items.c.first_seen, alerts.c.time, func.min(attempts.c.at).label("at"))
                .join(alerts, alerts.c.body.like("%" + items.c.url + '"%'))
                .join(deliveries, deliveries.c.alert_id == alerts.c.id)
                .join(attempts, attempts.c.delivery_id == deliveries.c.id)
                .group_by(items.c.url, items.c.first_seen, alerts.c.time)
            )
            return {row.url: (row.first_seen, row.time, row.at) for row in rows}

    def close(self) -> None:
        self._database.close()
