"""The digest: what several stories are to be told of, in one message, because a webhook's hourly cap is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.alert import DIGEST, LARGEST_BODY, cut, derive_id, make
from alerts.story_alerts import MOST_CHANGES, event_data, item_data, story_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from alerts.alert import Alert
    from alerts.pacing import News
    from alerts.story import Report, Story

#: Stories that a digest tells of; of further ones it gives the ids, up to as many.
MOST_STORIES, MOST_IDS = 50, 200
#: Bytes of a story's event, tried in this order until all stories fit.
_EVENT_SIZES = (2_000, 700, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A story of a digest: what it is now, what the webhook is to know of it, and the report to show."""

    news: News
    story: Story
    report: Report | None


def most_telling_first(news: Iterable[News]) -> list[News]:
    """The order of a digest: changes of status, then stories that opened, then what else was gained; by arrival."""
    return sorted(news, key=lambda n: (not n.changes_status, not n.opens, n.since, n.story_id))


def build_digest(
    webhook_name: str, entries: Sequence[Entry], further: Sequence[str], now: datetime, source: str
) -> Alert:
    """One message about at least one story, the first of ``entries`` shown at best; ``further`` are the ids of
    stories that are only to be counted."""
    every = [*(f"{e.story.id}@{e.news.since.isoformat()}" for e in entries), *further]
    alert_id = derive_id("digest", webhook_name, *every)

    def built(told: list[dict[str, object]]) -> Alert:
        data: dict[str, object] = {"alerts": len(entries) + len(further), "stories": told}
        omitted = [e.story.id for e in entries[len(told) :]] + list(further)
        if omitted:
            data["omitted"] = {"stories": len(omitted), "ids": omitted[:MOST_IDS]}
        return make(alert_id, DIGEST, webhook_name, data, now, source)

    shown = [_entry(entry, _EVENT_SIZES[0]) for entry in entries[:MOST_STORIES]]
    for size in _EVENT_SIZES[1:]:
        if len(built(shown).body) <= LARGEST_BODY:
            break
        shown = [_entry(entry, size) for entry in entries[:MOST_STORIES]]
    while shown and len(built(shown).body) > LARGEST_BODY:
        shown.pop()
    return built(shown)


def _entry(entry: Entry, event_size: int) -> dict[str, object]:
    news = entry.news
    told: dict[str, object] = (
        {"opened": True} if news.opens else {"changes": [cut(c) for c in news.changes[:MOST_CHANGES]]}
    )
    return {
        "story": story_data(entry.story),
        **told,
        "event": event_data(entry.story.event, event_size),
        "item": item_data(entry.report) if entry.report else None,
    }
