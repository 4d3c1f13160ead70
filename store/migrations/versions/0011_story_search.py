"""story_search: what people find stories by, made for those that there are.

How a row is made is said here as it was at this step, whatever ``store.story_search`` makes of it by now.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from store.tables import Json, UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SEARCH = sa.table(
    "story_search", sa.column("story_id"), sa.column("opened", UtcTime()), sa.column("score"), sa.column("facets"),
    sa.column("words"),
)  # fmt: skip
_STORIES = sa.table(
    "stories", sa.column("id"), sa.column("opened", UtcTime()), sa.column("event", Json), sa.column("outlets", Json),
    sa.column("merged_into"),
)  # fmt: skip
_EVENTS = sa.table("events", sa.column("item_id"), sa.column("story_id"), sa.column("at"))
_ITEMS = sa.table("items", sa.column("id"), sa.column("title"), sa.column("feed_id"), sa.column("first_seen"))
_FEEDS = sa.table("feeds", sa.column("id"), sa.column("tags", Json))

_MOST_REPORTS = 300
_MOST_WORDS = 8_000
_WORD = re.compile(r"[^\W_]+")
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


def upgrade() -> None:
    op.create_table(
        "story_search",
        sa.Column("story_id", sa.String(length=64), nullable=False),
        sa.Column("opened", UtcTime(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("facets", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_story_search")),
    )
    op.create_index(op.f("ix_story_search_opened_story_id"), "story_search", ["opened", "story_id"], unique=False)
    connection = op.get_bind()
    for story in connection.execute(sa.select(_STORIES).where(_STORIES.c.merged_into.is_(None))).mappings().all():
        told = connection.execute(
            sa.select(_ITEMS.c.title, _ITEMS.c.feed_id, _FEEDS.c.tags)
            .join(_EVENTS, _EVENTS.c.item_id == _ITEMS.c.id)
            .join(_FEEDS, _FEEDS.c.id == _ITEMS.c.feed_id, isouter=True)
            .where(_EVENTS.c.story_id == story["id"])
            .order_by(_ITEMS.c.first_seen, _ITEMS.c.id)
            .limit(_MOST_REPORTS)
        ).all()
        connection.execute(_SEARCH.insert().values(_search_row(dict(story), told)))


def downgrade() -> None:
    op.drop_index(op.f("ix_story_search_opened_story_id"), table_name="story_search")
    op.drop_table("story_search")


def _search_row(story: Mapping[str, Any], told: Sequence[Any]) -> dict[str, object]:
    event = story["event"]
    marks = [_mark("type", event["type"]), _mark("status", event["status"] or "")]
    marks += [_mark("country", side) for side in event["countries"]]
    marks += [_mark("feed", feed_id) for feed_id in sorted({row.feed_id for row in told})]
    marks += [_mark("tag", tag) for tag in sorted({tag for row in told for tag in row.tags or ()})]
    named = [*event["people"], *event["organizations"], *filter(None, [event["place"]])]
    said = [*story["outlets"], *(row.title for row in told), *(one["name"] for one in named), event["occasion"] or ""]
    plain = unicodedata.normalize("NFKD", " ".join(said)).casefold().translate(_PLAIN)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return {
        "story_id": story["id"],
        "opened": story["opened"],
        "score": event["score"],
        "facets": "".join(marks),
        "words": (" " + " ".join(dict.fromkeys(_WORD.findall(plain))))[:_MOST_WORDS],
    }


def _mark(kind: str, value: str) -> str:
    return f"\n{kind}:{value}\n"
