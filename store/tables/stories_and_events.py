"""Events, the stories they make and what these are found by; who is who; what people corrected."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text

from store.tables.columns import Id, Json, UtcTime, metadata

events = Table(
    "events",
    metadata,
    Column("item_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("type", String(128), nullable=False),
    Column("score", Float, nullable=False),
    Column("event", Json, nullable=False),
    Column("story_id", Id),
    Column("reasons", Json),
    Column("at", UtcTime, nullable=False),
    Index(None, "story_id"),
    Index(None, "type", "at"),
    Index(None, "at", "type"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("type", String(128), nullable=False),
    Column("status", String(32)),
    Column("event", Json, nullable=False),
    Column("opened", UtcTime, nullable=False),
    Column("first", UtcTime, nullable=False),
    Column("last", UtcTime, nullable=False),
    Column("outlets", Json, nullable=False),
    Column("prints", Json, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("changed", UtcTime, nullable=False),
    # A story that turned out to be another one is kept as it was, without reports, so that what agrees with it is
    # still found to belong there.
    Column("merged_into", Id),
    # What a person said: ids of stories never to be joined with it, and the story it was split from.
    Column("apart", Json),
    Column("split_from", Id),
    # The number of the last change to what is shown of it, over all stories in the order of their commits, and that of
    # its opening: whoever has seen all up to one number misses nothing by asking for what is beyond it.
    Column("revision", BigInteger, nullable=False),
    Column("first_revision", BigInteger, nullable=False),
    Index(None, "opened", "id"),
    Index(None, "type"),
    Index(None, "merged_into"),
    Index(None, "revision", unique=True),
)

# What people find stories by (store.story_search): a narrow row for each that is not part of another.
story_search = Table(
    "story_search",
    metadata,
    Column("story_id", Id, primary_key=True),
    Column("opened", UtcTime, nullable=False),
    Column("score", Float, nullable=False),
    Column("facets", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "opened", "story_id"),
)

# The strings by which a report finds the stories it may belong to; looked up by key, bounded by time.
story_keys = Table(
    "story_keys",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("story_id", Id, primary_key=True),
    Column("last", UtcTime, nullable=False),
    Index(None, "story_id"),
    Index(None, "key", "last", "story_id"),
)

# Who was introduced with which office, by which feed; weight is what store.who adds up (classifiers.known_people).
sightings = Table(
    "sightings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(64), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("feed_id", Id, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Index(None, "last_seen"),
)

# The sentences that were counted as sightings; id is derived from feed, person and words.
sighted_sentences = Table(
    "sighted_sentences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index(None, "at"),
)

# What a person said of somebody's office; with role and country null the name is not to be known.
office_corrections = Table(
    "office_corrections",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("role", String(64)),
    Column("country", String(2)),
    Column("at", UtcTime, nullable=False),
)

# What people said of items and stories (store.corrections). Numbered as they were made.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(128), nullable=False),
    Column("label", String(128), nullable=False),
    Column("story_id", Id),
    Column("undone", UtcTime),
    Column("undone_by", String(128)),
    Index(None, "story_id"),
)

# The items that a correction was made of, each with the label that it had before.
corrected_items = Table(
    "corrected_items",
    metadata,
    Column("correction_id", Integer, primary_key=True, autoincrement=False),
    Column("item_id", Id, primary_key=True),
    Column("before", String(128)),
    Index(None, "item_id"),
)
