"""Every table. Times are aware UTC datetimes; ids are derived (``store.ids``), so a repeat writes the same row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. SQLite keeps no zone, so it is taken off on the way in and put back on the way out:
    in one step each, since tens of thousands of times go by in a pass over feeds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object]:
        return _write_text if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        del coltype
        return _read_text if dialect.name == "sqlite" else _read_aware


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _write_text(value: datetime | None) -> str | None:
    moment = _in_utc(value)
    return None if moment is None else moment.isoformat(" ", "microseconds").removesuffix("+00:00")


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _read_aware(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON, on PostgreSQL JSONB, whose dialect is loaded where it is used: that takes a while."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())


Id = String(64)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# A lease: whoever holds it works on the row; a row whose lease has run out may be claimed again.
feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    # What the config says (kept equal to it by store.feeds.sync; a feed taken out of the config is inactive).
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("name", Text, nullable=False, default=""),
    Column("tags", Json, nullable=False),
    Column("interval_seconds", Float),
    Column("fulltext", Boolean, nullable=False),
    Column("allow_private", Boolean, nullable=False),
    Column("first_poll", String(32), nullable=False),
    Column("active", Boolean, nullable=False),
    # A source that pushes articles to us (store.pushed): in no config, never polled, never active.
    Column("pushed", Boolean, nullable=False, default=False, server_default=false()),
    Column("added", UtcTime, nullable=False),
    # What is remembered between polls (feeds.feed.FeedState).
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("failures", Integer, nullable=False, default=0),
    Column("problem", String(64)),
    Column("problem_detail", Text),
    Column("polled", UtcTime),
    Column("succeeded", UtcTime),
    Column("baseline_done", Boolean, nullable=False, default=False),
    Column("title", Text),
    Column("language", String(64)),
    Column("changed", UtcTime),
    Column("wait_seconds", Float),
    Column("moved_to", Text),
    Column("moved_seen", Integer, nullable=False, default=0),
    Column("floor_seconds", Float, nullable=False, default=0.0),
    Column("hubs", Text),
    Column("topic", Text),
    # Until when pushes are to be relied on; written by who takes them, not by polls (store.websub).
    Column("push_until", UtcTime),
    # When it is due, and who is at it.
    Column("next_poll", UtcTime, nullable=False),
    Column("lease_owner", String(128)),
    Column("lease_until", UtcTime),
    # Claims since the last poll that came to an end: one that kills its worker would otherwise be tried for ever.
    Column("claims", Integer, nullable=False, default=0),
    Index(None, "active", "next_poll"),
)

# What was asked of hubs (WebSub). A row is one callback address: a feed that leaves has one that is not wanted any more
# until its hub has been told, and may have another if it came back meanwhile.
subscriptions = Table(
    "subscriptions",
    metadata,
    # The part of the callback's address that nobody can guess.
    Column("token", String(64), primary_key=True),
    Column("feed_id", Id, nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("secret", String(128), nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("created", UtcTime, nullable=False),
    # The last request that the hub may still ask us to confirm, and the last one that it did.
    Column("asked", UtcTime),
    Column("confirmed", UtcTime),
    Column("expires", UtcTime),
    Column("pushed", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("problem", String(64)),
    Column("problem_detail", Text),
    # When the hub is to be asked next (or given up for this time), and who is at it.
    Column("due", UtcTime, nullable=False),
    Column("lease_owner", String(128)),
    Column("lease_until", UtcTime),
    Index(None, "due"),
    Index(None, "feed_id"),
)

# Every identity an entry was ever seen under. Kept longer than items: a feed may still carry what retention removed.
entry_keys = Table(
    "entry_keys",
    metadata,
    Column("feed_id", Id, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Index(None, "seen"),
)

items = Table(
    "items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, nullable=False),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("published", UtcTime),
    Column("language", String(64)),
    Column("first_seen", UtcTime, nullable=False),
    Column("baseline", Boolean, nullable=False),
    # pending until classified; then outcome is the one named reason why it led to an alert or did not.
    Column("pending", Boolean, nullable=False),
    Column("outcome", String(64)),
    Column("scores", Json),
    Column("near_miss", Boolean, nullable=False, default=False),
    Column("lease_owner", String(128)),
    Column("lease_until", UtcTime),
    Column("claims", Integer, nullable=False, default=0),
    Column("label", String(128)),
    # The page that was asked for on its behalf; it is asked for once, whatever comes of it.
    Column("page_id", Id),
    Index(None, "page_id"),
    Index("ix_items_pending", "pending", "first_seen"),
    Index("ix_items_outcome", "pending", "outcome", "first_seen"),
    Index(None, "first_seen", "id"),
    Index(None, "feed_id", "first_seen", "baseline"),
)
# The few that people look for among the many.
for _name, _few in (("near_miss", items.c.near_miss), ("label", items.c.label.is_not(None))):
    Index(f"ix_items_{_name}", items.c.first_seen, items.c.id, sqlite_where=_few, postgresql_where=_few)

# Pages of articles whose feed gave promising but short text. state: waiting, read (with its text) or refused (with the
# reason; for a waiting one it is that of the last try).
pages = Table(
    "pages",
    metadata,
    Column("id", Id, primary_key=True),
    # Where it is asked for next: after a redirect no more what the feed says.
    Column("url", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("allow_private", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64)),
    Column("text", Text),
    Column("added", UtcTime, nullable=False),
    Column("due", UtcTime, nullable=False),
    # tries counts how often it did not come, hops how often it sent us on, claims how often it was begun and not ended.
    Column("tries", Integer, nullable=False),
    Column("hops", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    Index(None, "state", "due"),
    Index(None, "added"),
)

# What pages are read from, one page at a time over all workers: whoever reads holds the host's lease.
page_hosts = Table(
    "page_hosts",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("robots", Text),
    Column("robots_until", UtcTime),
    # How often in a row it did not want us or did not answer.
    Column("refusals", Integer, nullable=False),
    Column("next_page", UtcTime, nullable=False),
    Column("lease_owner", String(128)),
    Column("lease_until", UtcTime),
)

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

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("type", String(64), nullable=False),
    Column("story_id", Id),
    Column("feed_id", Id),
    Column("time", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "time", "id"),
    Index(None, "type", "time", "id"),
    Index(None, "story_id"),
)

# The configured webhooks by name. Secrets stay in the config: a copy of the database signs nothing.
webhooks = Table(
    "webhooks",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("url", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("disabled", UtcTime),
    Column("disabled_reason", Text),
    # How its endpoint is doing (alerts.endpoint.Endpoint).
    Column("failures", Integer, nullable=False, default=0),
    Column("silent", Integer, nullable=False, default=0),
    Column("failing_since", UtcTime),
    Column("paused_until", UtcTime),
    # Whoever holds it attempts its deliveries, as many of them at once as the endpoint bears.
    Column("lease_owner", String(128)),
    Column("lease_until", UtcTime),
)

# tries counts attempts since it was made, replayed or retried; the attempts table numbers them all.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, nullable=False),
    Column("webhook", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("note", Text),
    Column("tries", Integer, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("finished", UtcTime),
    Index(None, "alert_id"),
    Index("ix_deliveries_due", "state", "webhook", "due", "tries"),
    Index(None, "webhook", "state", "created"),
    Index(None, "webhook", "created"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("code", Integer, nullable=False),
    Column("latency_ms", Float, nullable=False),
    Column("error", Text),
    Column("excerpt", Text),
    # The delivery's, so that how a webhook does is told from an index alone.
    Column("webhook", String(128), nullable=False),
    Index("ix_attempts_webhook", "webhook", "at", "code", "latency_ms"),
)

# What a webhook is to be told of a story later (alerts.pacing.News): that it opened, or what it gained. why is quiet
# (until then the story rests) or cap (until then there is no room within the hour).
held = Table(
    "held",
    metadata,
    Column("webhook", String(128), primary_key=True),
    Column("story_id", Id, primary_key=True),
    Column("opens", Boolean, nullable=False),
    Column("changes", Json, nullable=False),
    Column("why", String(16), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("told", UtcTime),
    Column("due", UtcTime, nullable=False),
    Index(None, "webhook", "due"),
)

# The stories that a digest told of; another alert is about the one it names itself.
digest_stories = Table(
    "digest_stories",
    metadata,
    Column("story_id", Id, primary_key=True),
    Column("alert_id", Id, primary_key=True),
    Index(None, "alert_id"),
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

# Facts about the service itself: heartbeats, the config in force and what is wrong with a broken one.
service_state = Table(
    "service_state",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# Counts that only grow, added to by every process, read by /metrics.
counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("labels", String(255), primary_key=True),
    Column("value", Float, nullable=False),
)

# Who may come in (store.access). Of a token and of a session only what SHA-256 makes of them is kept.
tokens = Table(
    "tokens",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scope", String(16), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime),
    Column("used", UtcTime),
    # Kept once it is revoked, until it is forgotten: while any token is known, one is asked for.
    Column("revoked", UtcTime),
)

# People who logged in to the page. proof ties a session to the token it was opened with.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("proof", String(64), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=False),
)
