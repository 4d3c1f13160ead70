"""Every feed of the config with how it is doing, also where the service has not run since it was added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.feed_health import FeedHealth
    from worker.config.config import Config


def feed_rows(config: Config) -> list[FeedHealth]:
    """Failing ones first, those never seen by the service last. Raises StoreError, but not for an empty database."""
    from store import migrate
    from store.database import Database
    from store.errors import NothingYet
    from store.feed_health import FeedHealth, list_feeds

    now = datetime.now(UTC)
    database = Database(config.service.database_url)
    try:
        migrate.check(database)
        with database.read() as connection:
            stored = {feed.id: feed for feed in list_feeds(connection, now)}
    except NothingYet:
        stored = {}
    finally:
        database.close()
    configured = {feed.id: feed for feed in config.feeds}
    return [row for row in stored.values() if row.id in configured] + [
        FeedHealth(
            id=feed.id,
            url=feed.url,
            name=feed.name,
            tags=feed.tags,
            polled=None,
            succeeded=None,
            next_poll=now,
            failures=0,
            problem=None,
            problem_detail=None,
            moved_to=None,
            moved_seen=0,
            items_per_day=0.0,
            health="new",
        )
        for feed in configured.values()
        if feed.id not in stored
    ]
