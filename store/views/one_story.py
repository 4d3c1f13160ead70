"""One story with everything behind it: its reports and why each joined, what was told of it, what it may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from alerts.agreement import IMPOSSIBLE, agreement
from alerts.matching import REACH, has_opened, story_keys
from alerts.retelling import retell
from store import stories as stored
from store.errors import NotFound
from store.reports import report_of, select_reports
from store.tables import events, held, stories
from store.views.alerts import newest_alerts
from store.views.deliveries import newest_deliveries
from store.views.stories import views_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.story import Report, Story
    from store.views.alerts import ListedAlert
    from store.views.deliveries import ListedDelivery
    from store.views.stories import StoryView

#: Of more reports, alerts and deliveries than this the first are shown.
MOST_REPORTS = 300
MOST_ALERTS = 200
#: Stories offered to be merged with.
MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class StoryReport:
    """A report in its story: why it ``opened`` or joined it, and what the story gained by it."""

    report: Report
    reasons: tuple[str, ...]
    gained: tuple[str, ...]
    opened: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a webhook is to be told of the story later. ``why`` is quiet (the story rests) or cap (no room)."""

    webhook: str
    opens: bool
    changes: tuple[str, ...]
    why: str
    due: datetime


@dataclass(frozen=True, slots=True)
class OneStory:
    """``merged`` has the ids of the stories that went into it, each with the items that came with it."""

    view: StoryView
    story: Story
    reports: tuple[StoryReport, ...]
    alerts: Sequence[ListedAlert]
    deliveries: Sequence[ListedDelivery]
    waiting: tuple[Waiting, ...]
    merged: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Near:
    """A story that another could be one with; ``apart`` when a person said that it is not."""

    view: StoryView
    points: float
    reasons: tuple[str, ...]
    apart: bool


def living_id(connection: Connection, story_id: str) -> str:
    """The id of the story that this one is by now: its own, or that of the one it went into. Raises NotFound."""
    row = connection.execute(select(stories.c.id, stories.c.merged_into).where(stories.c.id == story_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no story {story_id!r}.")
    return str(row.merged_into or row.id)


def one_story(connection: Connection, story_id: str) -> OneStory:
    """Everything about a living story. Raises NotFound."""
    story = stored.by_id(connection, [story_id]).get(story_id)
    if story is None:
        raise NotFound(f"There is no story {story_id!r}.")
    [view] = views_of(connection, [story_id])
    told = _reports(connection, story_id)
    reports = tuple(
        StoryReport(report, reasons, gained, has_opened(reasons))
        for (report, reasons), gained in zip(told, retell(told), strict=True)
    )
    waiting = connection.execute(select(held).where(held.c.story_id == story_id).order_by(held.c.due, held.c.webhook))
    return OneStory(
        view=view,
        story=story,
        reports=reports,
        alerts=newest_alerts(connection, limit=MOST_ALERTS, story=story_id),
        deliveries=newest_deliveries(connection, limit=MOST_ALERTS, story=story_id),
        waiting=tuple(Waiting(row.webhook, row.opens, tuple(row.changes), row.why, row.due) for row in waiting),
        merged={went: _came_with(reports, went) for went in story.merged},
    )


def near(connection: Connection, story: Story) -> list[Near]:
    """The living stories of its type that agree with it most, those that a person keeps apart from it among them."""
    found = stored.candidates(connection, "", story_keys(story), story.first - REACH, story.last + timedelta(days=1))
    others = {one.id: one for one in found if one.into is None}
    others |= {one.id: one for one in stored.by_id(connection, sorted(story.apart)).values() if one.into is None}
    others.pop(story.id, None)
    # Whether they are kept apart is said beside; here it is what they are that counts.
    plain = replace(story, apart=frozenset())
    judged = [
        (agreement(plain, replace(other, apart=frozenset())), other)
        for other in others.values()
        if other.event.type == story.event.type
    ]
    possible = [(found, other) for found, other in judged if found.points > IMPOSSIBLE or other.id in story.apart]
    best = sorted(possible, key=lambda pair: (-pair[0].points, pair[1].id))[:MOST_NEAR]
    views = {view.id: view for view in views_of(connection, [other.id for _, other in best])}
    return [
        Near(views[other.id], found.points, tuple(found.speaks_for), other.id in story.apart) for found, other in best
    ]


def _reports(connection: Connection, story_id: str) -> list[tuple[Report, tuple[str, ...]]]:
    """In the order in which they were decided; of those of one moment, that first which opened the story."""
    rows = connection.execute(select_reports().where(events.c.story_id == story_id).limit(MOST_REPORTS)).all()
    in_order = sorted(rows, key=lambda row: (row.at, not has_opened(row.reasons or ())))
    return [(report_of(row), tuple(row.reasons or ())) for row in in_order]


def _came_with(reports: Sequence[StoryReport], went: str) -> tuple[str, ...]:
    said = f"story {went} "
    return tuple(dict.fromkeys(one.report.item_id for one in reports if any(said in reason for reason in one.reasons)))
