"""Why an item led to an alert or did not: the closed list of reasons, each with a sentence for a person."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ItemOutcome(StrEnum):
    """One of these is stored with every item; the words are part of the command line and the API."""

    ALERTED = "alerted"
    UPDATED = "updated"
    GATHERED = "gathered"
    SAME_STORY = "same-story"
    BELOW_THRESHOLD = "below-threshold"
    FIRST_POLL_BASELINE = "first-poll-baseline"
    UNSUPPORTED_LANGUAGE = "unsupported-language"
    NO_TEXT = "no-text"
    NO_WEBHOOK = "no-webhook"
    UPDATES_OFF = "updates-off"
    FILTERED_BY_EVENT = "filtered-by-event"
    FILTERED_BY_SCORE = "filtered-by-score"
    FILTERED_BY_COUNTRY = "filtered-by-country"
    FILTERED_BY_STATUS = "filtered-by-status"
    FILTERED_BY_TAG = "filtered-by-tag"
    FILTERED_BY_FEED = "filtered-by-feed"
    FILTERED_BY_LANGUAGE = "filtered-by-language"
    CLASSIFY_FAILED = "classify-failed"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    ItemOutcome.ALERTED: "It was the first report of an event, and a webhook was called.",
    ItemOutcome.UPDATED: "It told something new about a known story, and a webhook that asks for updates was called.",
    ItemOutcome.GATHERED: "It was news while a webhook's quiet period or hourly cap held: told with what follows.",
    ItemOutcome.SAME_STORY: "It reports an event that an earlier item had already reported, and adds nothing new.",
    ItemOutcome.BELOW_THRESHOLD: "No kind of event scored high enough.",
    ItemOutcome.FIRST_POLL_BASELINE: "It was in the feed already when the feed was polled for the first time.",
    ItemOutcome.UNSUPPORTED_LANGUAGE: "It is in a language the model was not taught.",
    ItemOutcome.NO_TEXT: "It has neither a title nor a text to read.",
    ItemOutcome.NO_WEBHOOK: "It was the first report of an event, but no usable webhook is configured.",
    ItemOutcome.UPDATES_OFF: "It told something new about a known story, but no webhook asks for updates.",
    ItemOutcome.FILTERED_BY_EVENT: "No webhook asks for this kind of event.",
    ItemOutcome.FILTERED_BY_SCORE: "Every webhook that asks for this kind of event wants a higher score.",
    ItemOutcome.FILTERED_BY_COUNTRY: "None of the countries involved is one a webhook asks for.",
    ItemOutcome.FILTERED_BY_STATUS: "No webhook asks for events with this status.",
    ItemOutcome.FILTERED_BY_TAG: "The feed has none of the tags a webhook asks for.",
    ItemOutcome.FILTERED_BY_FEED: "None of the feeds that reported the event is one a webhook asks for.",
    ItemOutcome.FILTERED_BY_LANGUAGE: "No report of the event is in a language a webhook asks for.",
    ItemOutcome.CLASSIFY_FAILED: "Reading it failed; the log says why.",
}

#: An item with several events has the outcome that says most.
_NEWS_FIRST = (
    ItemOutcome.ALERTED,
    ItemOutcome.UPDATED,
    ItemOutcome.GATHERED,
    ItemOutcome.UPDATES_OFF,
    ItemOutcome.SAME_STORY,
    ItemOutcome.NO_WEBHOOK,
    ItemOutcome.FILTERED_BY_LANGUAGE,
    ItemOutcome.FILTERED_BY_FEED,
    ItemOutcome.FILTERED_BY_TAG,
    ItemOutcome.FILTERED_BY_STATUS,
    ItemOutcome.FILTERED_BY_COUNTRY,
    ItemOutcome.FILTERED_BY_SCORE,
    ItemOutcome.FILTERED_BY_EVENT,
)


def most_telling(outcomes: Iterable[ItemOutcome]) -> ItemOutcome:
    """The one outcome of an item whose events led to these."""
    return min(outcomes, key=_NEWS_FIRST.index)
