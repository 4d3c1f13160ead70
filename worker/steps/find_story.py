"""Find a report's story, or open one, and write both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts import matching
from store import stories

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.matching import Decision
    from alerts.story import Report


def find_story(connection: Connection, report: Report, now: datetime) -> Decision:
    """Decide which story a report belongs to and write it, in the caller's transaction after ``begin_matching``."""
    candidates = stories.candidates(
        connection,
        report.item_id,
        matching.lookup_keys(report),
        matching.look_back(report),
        matching.about_when(report),
    )
    decision = matching.decide(report, candidates)
    stories.save(connection, decision.story, matching.story_keys(decision.story), now)
    for went, reasons in decision.united:
        found = f"story {went.id} was found to be this one"
        stories.save_union(connection, went, decision.story, [found, *reasons], now)
    stories.save_event(
        connection, report.item_id, report.index, report.event,
        story_id=decision.story.id, reasons=decision.reasons, now=now,
    )  # fmt: skip
    return decision
