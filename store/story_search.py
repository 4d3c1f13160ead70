"""What stories are found by when a person filters them: a narrow row each, so that looking through all is quick.

A story's own row is kilobytes wide; this one says in a few hundred bytes what filters ask for. ``facets`` holds a mark
for its type, its status, each side and each feed that reports it; ``words`` what it is called in, folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, or_, select

from store.database import upsert
from store.tables import feeds, items, story_search

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

#: Reports whose headlines and feeds a story is found by; more say the same again.
MOST_REPORTS = 300
#: The longest row of words kept for a story, in characters.
MOST_WORDS = 8_000
#: Feeds that one filter may mean: names need not be unique.
MOST_FEEDS = 100

_WORD = re.compile(r"[^\W_]+")
#: Letters that are not taken apart into a base letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


@dataclass(frozen=True, slots=True)
class StoryFilters:
    """What is asked of stories; of each tuple any one is enough, and an empty one asks nothing.

    ``countries`` are sides. ``feeds`` that report a story are given by id, name or address, or by their ``tags``.
    Each word of ``text`` must begin a word of a headline, or of the name of a person, a place, an organization, an
    outlet or the occasion; case and accents do not matter.
    """

    types: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    min_score: float = 0.0

    def __bool__(self) -> bool:
        return self != ALL_STORIES


#: What admits every story.
ALL_STORIES = StoryFilters()


def folded_words(text: str) -> list[str]:
    """The distinct words of a text, case and accents folded, in order."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return list(dict.fromkeys(_WORD.findall(plain)))


def index(connection: Connection, story: Mapping[str, Any], item_ids: Sequence[str]) -> None:
    """Write what a story is found by: ``story`` is its row in ``stories``, as it is now."""
    ids = list(item_ids[:MOST_REPORTS])
    told: Sequence[Any] = connection.execute(_TOLD, {"ids": ids}).all() if ids else ()
    values = _search_row(story, told)
    connection.execute(upsert(connection, story_search, ("story_id",), keep=("opened",)), values)


def _search_row(story: Mapping[str, Any], told: Sequence[Any]) -> dict[str, object]:
    """The row of a story; of each item that reports it ``told`` has ``title``, ``feed_id`` and its feed's ``tags``."""
    event = story["event"]
    feed_ids = sorted({row.feed_id for row in told})
    tags = sorted({tag for row in told for tag in row.tags or ()})
    marks = [_mark("type", event["type"]), _mark("status", event["status"] or "")]
    for kind, values in (("country", event["countries"]), ("feed", feed_ids), ("tag", tags)):
        marks += [_mark(kind, value) for value in values]
    named = [*event["people"], *event["organizations"], *filter(None, [event["place"]])]
    said = [*story["outlets"], *(row.title for row in told), *(one["name"] for one in named), event["occasion"] or ""]
    return {
        "story_id": story["id"],
        "opened": story["opened"],
        "score": event["score"],
        "facets": "".join(marks),
        "words": (" " + " ".join(folded_words(" ".join(said))))[:MOST_WORDS],
    }


def forget(connection: Connection, story_id: str) -> None:
    """A story that went into another is found as that other alone."""
    connection.execute(delete(story_search).where(story_search.c.story_id == story_id))


def admitted(connection: Connection, filters: StoryFilters) -> ColumnElement[bool]:
    """The condition on ``story_search`` that says what the filters admit."""
    asked = [
        ("type", filters.types), ("status", filters.statuses), ("country", filters.countries), ("tag", filters.tags),
    ]  # fmt: skip
    if filters.feeds:
        called = or_(*(column.in_(filters.feeds) for column in (feeds.c.id, feeds.c.name, feeds.c.url)))
        found = connection.execute(select(feeds.c.id).where(called).limit(MOST_FEEDS)).scalars().all()
        asked.append(("feed", tuple(found) or filters.feeds))
    return and_(
        story_search.c.score >= filters.min_score,
        *(or_(*(_has(_mark(kind, value)) for value in values)) for kind, values in asked if values),
        *(story_search.c.words.contains(" " + word, autoescape=True) for word in folded_words(filters.text)),
    )


def in_use(connection: Connection, newest: int = 2_000) -> dict[str, list[str]]:
    """The values of each facet that the newest stories have, the commonest first: what a person may choose from."""
    counted: dict[str, Counter[str]] = {"type": Counter(), "status": Counter(), "country": Counter(), "feed": Counter()}
    order = story_search.c.opened.desc(), story_search.c.story_id.desc()
    for facets in connection.scalars(select(story_search.c.facets).order_by(*order).limit(newest)):
        for mark in filter(None, facets.split("\n")):
            kind, _, value = mark.partition(":")
            if kind in counted and value:
                counted[kind][value] += 1
    return {kind: [value for value, _ in values.most_common()] for kind, values in counted.items()}


def _has(mark: str) -> ColumnElement[bool]:
    return story_search.c.facets.contains(mark, autoescape=True)


def _mark(kind: str, value: str) -> str:
    return f"\n{kind}:{value}\n"


_TOLD = (
    select(items.c.title, items.c.feed_id, feeds.c.tags)
    .join(feeds, feeds.c.id == items.c.feed_id, isouter=True)
    .where(items.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(items.c.first_seen, items.c.id)
)
