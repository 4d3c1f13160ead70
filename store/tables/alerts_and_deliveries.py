"""Alerts, and how each gets to the webhooks that are to have it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from store.tables.columns import Id, Json, UtcTime, metadata

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
