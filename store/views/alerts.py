"""Alerts as they were sent, the newest first, with how their deliveries stand; and one with everything behind it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, union_all

from alerts.alert import ABOUT_SERVICE, ABOUT_STORIES, Alert
from classifiers.event_json import event_to_dict
from store import stories as stored_stories
from store.alerts import from_row, ids_about, stories_told
from store.tables import alerts, deliveries, stories
from store.views.deliveries import ListedDelivery, newest_deliveries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.story import Report

#: Every type that is ever stored.
TYPES = (*sorted(ABOUT_STORIES), *ABOUT_SERVICE)


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """``items`` counts its story's by now, ``deliveries`` how many are in each state."""

    alert: Alert
    items: int
    deliveries: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert with every report of what it tells, why each joined its story, and every delivery."""

    alert: Alert
    reports: Sequence[tuple[Report, tuple[str, ...]]]
    deliveries: Sequence[ListedDelivery]

    def to_dict(self) -> dict[str, object]:
        """For programs; ``alert`` is the body as it was sent."""
        return {
            "alert": json.loads(self.alert.body),
            "reports": [
                {
                    "item": report.item_id, "title": report.title, "url": report.url, "feed": report.feed_title,
                    "published": report.published, "seen": report.seen, "why": list(why),
                    "event": event_to_dict(report.event),
                }
                for report, why in self.reports
            ],
            "deliveries": [asdict(delivery) for delivery in self.deliveries],
        }  # fmt: skip


def newest_alerts(
    connection: Connection,
    *,
    limit: int | None,
    types: Collection[str] = (),
    story: str | None = None,
    since: datetime | None = None,
    before: tuple[datetime, str] | None = None,
) -> list[ListedAlert]:
    """Alerts newest first; ``before`` is the (time, id) of the last one already shown, ``story`` one that they are
    about, alone or in a digest. However many are stored, no more than ``limit`` of each type are read."""
    query = select(alerts.c.id, alerts.c.time)
    if since:
        query = query.where(alerts.c.time >= since)
    if before:
        time, last = before
        query = query.where(alerts.c.time <= time, or_(alerts.c.time < time, alerts.c.id < last))
    if story:
        query = query.where(alerts.c.id.in_(ids_about(connection, [story])))
        parts = [query.where(alerts.c.type.in_(types)) if types else query]
    else:
        parts = [query.where(alerts.c.type == one) for one in sorted(set(types))] or [query]
    cut = [part.order_by(alerts.c.time.desc(), alerts.c.id.desc()).limit(limit).subquery() for part in parts]
    newest = union_all(*(select(part.c.id, part.c.time) for part in cut)).subquery()
    order = newest.c.time.desc(), newest.c.id.desc()
    ids = list(connection.scalars(select(newest.c.id).order_by(*order).limit(limit)))
    found = {one.alert.id: one for part in range(0, len(ids), 500) for one in _read(connection, ids[part : part + 500])}
    return [found[one] for one in ids]


def show_alert(connection: Connection, alert: Alert) -> ShownAlert:
    """Everything behind an alert."""
    reports = [
        report
        for story_id in stories_told(connection, alert)
        for report in stored_stories.reports_of(connection, story_id)
    ]
    return ShownAlert(alert, reports, newest_deliveries(connection, limit=None, alert=alert.id))


def by_ids(connection: Connection, ids: Collection[str]) -> dict[str, Alert]:
    """These alerts, by id."""
    return {row.id: from_row(row) for row in connection.execute(select(alerts).where(alerts.c.id.in_(ids)))}


def _read(connection: Connection, ids: Sequence[str]) -> list[ListedAlert]:
    rows = connection.execute(
        select(alerts, stories.c.item_count)
        .outerjoin(stories, stories.c.id == alerts.c.story_id)
        .where(alerts.c.id.in_(ids))
    ).all()
    states: dict[str, dict[str, int]] = {}
    for row in connection.execute(
        select(deliveries.c.alert_id, deliveries.c.state, func.count().label("n"))
        .where(deliveries.c.alert_id.in_(ids))
        .group_by(deliveries.c.alert_id, deliveries.c.state)
    ):
        states.setdefault(row.alert_id, {})[row.state] = row.n
    return [ListedAlert(from_row(row), row.item_count or 0, states.get(row.id, {})) for row in rows]
