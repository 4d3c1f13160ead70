"""Every table. Times are aware UTC datetimes; ids are derived (``store.ids``), so a repeat writes the same row."""

from __future__ import annotations

from store.tables.alerts_and_deliveries import alerts, attempts, deliveries, digest_stories, held, webhooks
from store.tables.columns import Json, UtcTime, metadata
from store.tables.feeds_and_items import entry_keys, feeds, items, page_hosts, pages, subscriptions
from store.tables.service_and_access import counters, service_state, sessions, tokens
from store.tables.stories_and_events import (
    corrected_items,
    corrections,
    events,
    office_corrections,
    sighted_sentences,
    sightings,
    stories,
    story_keys,
    story_search,
)

__all__ = [
    "Json",
    "UtcTime",
    "alerts",
    "attempts",
    "corrected_items",
    "corrections",
    "counters",
    "deliveries",
    "digest_stories",
    "entry_keys",
    "events",
    "feeds",
    "held",
    "items",
    "metadata",
    "office_corrections",
    "page_hosts",
    "pages",
    "service_state",
    "sessions",
    "sighted_sentences",
    "sightings",
    "stories",
    "story_keys",
    "story_search",
    "subscriptions",
    "tokens",
    "webhooks",
]
