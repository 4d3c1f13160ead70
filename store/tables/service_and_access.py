"""The service itself: facts about it, its counters, who may come in."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table

from store.tables.columns import Json, UtcTime, metadata

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
