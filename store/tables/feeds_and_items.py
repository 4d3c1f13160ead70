"""Feeds and what they bring: items and the pages of their articles, subscriptions at hubs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, false

from store.tables.columns import Id, Json, UtcTime, metadata

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
