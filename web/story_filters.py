"""Which stories are asked for: the one set of query parameters that page, API and streams read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import StringConstraints

from store.story_search import StoryFilters

#: Values that one filter may have; each is one more thing to look for.
MOST_VALUES = 20

# Empty is what a form sends for a field that was left alone.
_Word = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
_Country = Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2})?$")]


def _query(name: str, description: str) -> Any:
    return Query(alias=name, max_length=MOST_VALUES, description=description)


def _asked(
    types: Annotated[list[_Word], _query("type", "Of one of these types of event")] = [],  # noqa: B006
    countries: Annotated[list[_Country], _query("country", "With a side that is one of these (ISO 3166-1)")] = [],  # noqa: B006
    feeds: Annotated[list[_Word], _query("feed", "That one of these feeds reported: id, name or address")] = [],  # noqa: B006
    statuses: Annotated[list[_Word], _query("status", "With one of these statuses")] = [],  # noqa: B006
    tags: Annotated[list[_Word], _query("tag", "That a feed with one of these tags reported")] = [],  # noqa: B006
    text: Annotated[
        _Word,
        Query(
            alias="q",
            description="Each word begins a word of a headline, or of the name of a person, a place, an organization, "
            "an outlet or the occasion; case and accents do not matter",
        ),
    ] = "",
    min_score: Annotated[
        str, Query(pattern=r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)?$", description="At least this certain, 0 to 1")
    ] = "",
) -> StoryFilters:
    return StoryFilters(
        types=_given(types),
        countries=_given(code.upper() for code in countries),
        feeds=_given(feeds),
        statuses=_given(statuses),
        tags=_given(tags),
        text=" ".join(text.split()),
        min_score=float(min_score or 0),
    )


def _given(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))


#: The filters of the address.
Asked = Annotated[StoryFilters, Depends(_asked)]


def to_query(filters: StoryFilters) -> list[tuple[str, str]]:
    """The parameters that ask for these filters, in the order a form has them."""
    several = [
        ("type", filters.types), ("status", filters.statuses), ("country", filters.countries), ("feed", filters.feeds),
        ("tag", filters.tags),
    ]  # fmt: skip
    asked = [(name, value) for name, values in several for value in values]
    if filters.text:
        asked.append(("q", filters.text))
    if filters.min_score:
        asked.append(("min_score", f"{filters.min_score:g}"))
    return asked
