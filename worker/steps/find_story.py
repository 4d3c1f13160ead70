"""Find a report's story, or open one, and write both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts import matching
from store import stories

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.matching import Decision
    from alerts.story import Report, Story


def find_story(connection: Connection, report: Report, now: datetime) -> Decision:
    """Decide which story a report belongs to and write it, in the caller's transaction after ``begin_matching``."""
    decision = matching.decide(report, _candidates(connection, report))
    stories.save(connection, decision.story, matching.story_keys(decision.story), now)
    for went, reasons in decision.united:
        found = f"story {went.id} was found to be this one"
        stories.save_union(connection, went, decision.story, [found, *reasons], now)
    stories.save_event(
        connection, report.item_id, report.index, report.event,
        story_id=decision.story.id, reasons=decision.reasons, now=now,
    )  # fmt: skip
    return decision


def join_known_story(connection: Connection, report: Report, now: datetime) -> bool:
    """Write that a report too faint to be news by itself is one of a known story; False where none agrees with it."""
    decision = matching.echo(report, _candidates(connection, report))
    if decision is None:
        return False
    stories.save(connection, decision.story, (), now)
    stories.save_event(
        connection, report.item_id, report.index, report.event,
        story_id=decision.story.id, reasons=decision.reasons, now=now,
    )  # fmt: skip
    return True


def _candidates(connection: Connection, report: Report) -> list[Story]:
    keys, since = matching.lookup_keys(report), matching.look_back(report)
    return stories.candidates(connection, report.item_id, keys, since, matching.about_when(report))
