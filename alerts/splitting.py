"""One story parted in two by a person, each retold from the reports that it keeps."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.agreement import agreement
from alerts.errors import StoryError
from alerts.matching import join, story_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from alerts.story import Report, Story


def split(story: Story, reports: Sequence[Report], item_ids: Collection[str]) -> tuple[Story, Story]:
    """The story without these items, and the story that they make; neither will be joined with the other again.

    ``reports`` are all of the story, in the order they arrived. Items with which a story went into this one bring that
    story back, under the id it had: its ``merged`` tells which others went with it. Raises StoryError where either
    would be left without a report.
    """
    going = [report for report in reports if report.item_id in item_ids]
    staying = [report for report in reports if report.item_id not in item_ids]
    unknown = sorted(set(item_ids) - {report.item_id for report in reports})
    if unknown:
        raise StoryError(
            f"story {story.id} has no item {unknown[0]}; `seedwire stories show {story.id}` lists its items"
        )
    if not going or not staying:
        raise StoryError(f"story {story.id} has no other items than these: nothing would be left of it")
    opened = [story_of(report).id for report in going]
    back = [went for went in opened if went in story.merged]
    new_id = (back or [one for one in opened if one != story.id] or [_derived(story.id, going[0].item_id)])[0]
    parted = replace(
        _retold(going),
        id=new_id,
        merged=tuple(went for went in dict.fromkeys(back) if went != new_id),
        apart=story.apart | {story.id},
        split_from=None if back else story.id,
    )
    rest = replace(
        _retold(staying),
        id=story.id,
        opened=story.opened,
        merged=tuple(went for went in story.merged if went not in back),
        apart=story.apart | {new_id},
        split_from=story.split_from,
    )
    return rest, parted


def _retold(reports: Sequence[Report]) -> Story:
    """The story as these reports alone make it."""
    story = story_of(reports[0])
    for report in reports[1:]:
        story = join(story, report, copy=agreement(story_of(report), story).mere_copy).story
    return story


def _derived(story_id: str, item_id: str) -> str:
    return hashlib.sha256(f"{story_id}\x1f{item_id}\x1fsplit".encode()).hexdigest()[:16]
