"""What may be forgotten: old items that no story refers to, old attempts, identities and people not seen for long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from store.tables import (
    attempts,
    corrected_items,
    deliveries,
    entry_keys,
    events,
    items,
    sighted_sentences,
    sightings,
    stories,
    story_keys,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

#: Identities outlive items by this much: a feed may show an old entry again after months of silence.
KEYS_OUTLIVE_ITEMS = timedelta(days=365)
#: A story can be found this long after its last report at least (alerts.matching looks back 45 days).
KEYS_OUTLIVE_STORIES = timedelta(days=60)
#: Whom nobody has introduced for so long is out of office, and out of the news.
KEEP_SIGHTINGS = timedelta(days=730)
#: Copies of a report come within days of it.
KEEP_SENTENCES = timedelta(days=30)


def sweep(connection: Connection, now: datetime, keep: timedelta, *, limit: int = 5000) -> int:
    """Delete up to ``limit`` items first seen longer ago than ``keep``; returns how many went.

    An item that a story counts among its reports stays, and so do stories, alerts and deliveries: an alert can
    always be shown with what proved it. What a person has labelled stays too, to be learned from.
    """
    horizon = now - keep
    told = exists().where(events.c.item_id == items.c.id, events.c.story_id.is_not(None))
    old = list(
        connection.execute(
            select(items.c.id)
            .where(items.c.first_seen < horizon, ~items.c.pending, items.c.label.is_(None), ~told)
            .limit(limit)
        ).scalars()
    )
    for start in range(0, len(old), 500):
        part = old[start : start + 500]
        connection.execute(delete(events).where(events.c.item_id.in_(part)))
        connection.execute(delete(corrected_items).where(corrected_items.c.item_id.in_(part)))
        connection.execute(delete(items).where(items.c.id.in_(part)))
    # A poll that brings a changed document refreshes the keys of what it shows. Only those go that the feed has long
    # dropped: a feed that has merely not changed for a year still shows its old entries.
    newer = entry_keys.alias("newer")
    shown_since = exists().where(newer.c.feed_id == entry_keys.c.feed_id, newer.c.seen >= horizon)
    connection.execute(delete(entry_keys).where(entry_keys.c.seen < horizon - KEYS_OUTLIVE_ITEMS, shown_since))
    # A story's keys carry the time of what it reports, which may be years before it was read: what counts here is
    # when it was last added to.
    # Only those that still have some are looked at: stories and deliveries are kept, and become ever more.
    with_keys = stories.c.id.in_(select(story_keys.c.story_id))
    at_rest = select(stories.c.id).where(with_keys, stories.c.changed < min(horizon, now - KEYS_OUTLIVE_STORIES))
    connection.execute(delete(story_keys).where(story_keys.c.story_id.in_(at_rest)))
    finished = exists().where(
        deliveries.c.id == attempts.c.delivery_id, deliveries.c.state == "delivered", deliveries.c.finished < horizon
    )
    connection.execute(delete(attempts).where(finished))
    connection.execute(delete(sighted_sentences).where(sighted_sentences.c.at < now - KEEP_SENTENCES))
    connection.execute(delete(sightings).where(sightings.c.last_seen < now - KEEP_SIGHTINGS))
    return len(old)
