"""One feed, watched as the service watches it: polls it and remembers what the service would remember."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feeds.feed import Feed, FeedState, PollingLimits
from feeds.fetch import Fetched, fetch
from feeds.poll import Poll, decide, read

if TYPE_CHECKING:
    from feeds.door import Door

NOW = datetime(2026, 8, 13, 12, 0, tzinfo=UTC)
LIMITS = PollingLimits(timeout=timedelta(seconds=5), max_bytes=1_000_000)


def document(*numbers: int, **changes: str) -> bytes:
    items = "".join(
        f"<item><guid>g{n}</guid><link>https://e.org/2026/{n:04}</link><title>Report {n}</title>"
        f"<description>{changes.get('text', 'Text')} {n}</description>"
        f"<pubDate>{(NOW - timedelta(hours=n)).strftime('%a, %d %b %Y %H:%M:%S GMT')}</pubDate></item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


@dataclass
class Watch:
    """``items`` are the titles of what was new, by id; an id that comes twice fails the test."""

    door: Door
    feed: Feed
    state: FeedState = field(default_factory=FeedState)
    known: dict[str, str] = field(default_factory=dict)
    now: datetime = NOW
    items: dict[str, str] = field(default_factory=dict)

    def poll(self, body: bytes | None = None, *, offline: bool = False) -> Poll:
        """Poll over HTTP, or as if ``body`` had come."""
        if body is None:
            outcome = fetch(self.door, self.feed, self.state, LIMITS)
        else:
            outcome = Fetched(body, hashlib.sha256(body).hexdigest(), self.feed.url)
        reading = read(self.feed, outcome)
        known = {key: self.known[key] for key in reading.keys if key in self.known}
        poll = decide(self.feed, self.state, reading, known, self.now, LIMITS, random.Random(7), offline=offline)
        self.state = poll.state
        self.known |= poll.seen
        for new in poll.new:
            assert new.item.id not in self.items
            self.items[new.item.id] = new.item.title
        return poll


def titles(poll: Poll) -> list[str]:
    return [new.item.title for new in poll.new]
