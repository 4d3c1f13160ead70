"""What each report added to its story, told once more in the order of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.agreement import agreement
from alerts.matching import FAINT, join, story_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.story import Report


def retell(reports: Sequence[tuple[Report, tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """What the story gained by each of its reports (each with the reasons why it joined): as in the ``changes`` of an
    update, "status planned->held" or "outlet dawn.com". Nothing by the first, which opened it, and by faint ones."""
    if not reports:
        return []
    story = story_of(reports[0][0])
    gained: list[tuple[str, ...]] = [()]
    for report, reasons in reports[1:]:
        if reasons and reasons[0].startswith(FAINT):
            gained.append(())
            continue
        decision = join(story, report, copy=agreement(story_of(report), story).mere_copy)
        story = decision.story
        gained.append(decision.changes)
    return gained
