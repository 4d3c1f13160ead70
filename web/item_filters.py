"""Which items are asked for: the one set of query parameters that pages and API read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Query

from alerts.outcomes import ItemOutcome
from store.views.items import WAITING, ItemFilters
from web.api.moments import Since
from worker.steps.decide import NEAR_MISS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.context import Context

Outcome = Literal[
    "", "waiting", "alerted", "updated", "gathered", "same-story", "below-threshold", "first-poll-baseline",
    "unsupported-language", "no-text", "no-webhook", "updates-off", "filtered-by-event", "filtered-by-score",
    "filtered-by-country", "filtered-by-status", "filtered-by-tag", "filtered-by-feed", "filtered-by-language",
    "classify-failed",
]  # fmt: skip
#: In the order in which people are offered them.
OUTCOMES = (WAITING, *(outcome.value for outcome in ItemOutcome))

# Empty is what a form sends for a field that was left alone.
_Word = Annotated[str, Query(max_length=500, pattern=r"^[^\x00]*$")]


def _asked(
    outcome: Annotated[list[Outcome], Query(max_length=20, description="With one of these outcomes")] = [],  # noqa: B006
    type: Annotated[  # noqa: A002 - the name of the parameter
        list[_Word],
        Query(max_length=20, description="That report one of these types, or came close to one"),
    ] = [],  # noqa: B006
    feed: Annotated[_Word, Query(description="Of this feed: its id, name or address")] = "",
    label: Annotated[_Word, Query(description="Labelled so by a person: a type, `none`, or `any`")] = "",
    text: Annotated[_Word, Query(alias="q", description="Each word occurs in the title")] = "",
    near_misses: Annotated[bool, Query(description="Only those that came close to a threshold")] = False,
    since: Since = None,
) -> ItemFilters:
    return ItemFilters(
        outcomes=tuple(sorted({one for one in outcome if one})),
        near_misses=near_misses,
        types=tuple(sorted({one for one in type if one})),
        feed=feed,
        text=" ".join(text.split()),
        label=label,
        since=since,
    )


Asked = Annotated[ItemFilters, Depends(_asked)]


def close_to(context: Context) -> Mapping[str, float]:
    """From which score on an item came close to each type."""
    return {kind: NEAR_MISS * threshold for kind, threshold in context.model.thresholds.items()}


def as_query(filters: ItemFilters, **more: Any) -> dict[str, Any]:
    """The parameters that ask for the same."""
    said = {
        "outcome": filters.outcomes, "type": filters.types, "feed": filters.feed, "label": filters.label,
        "q": filters.text, "since": filters.since.isoformat() if filters.since else "",
    } | more  # fmt: skip
    return {name: value for name, value in said.items() if value}
