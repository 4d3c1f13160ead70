"""The configured feeds as OPML, their tags as folders: what command line and API hand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.opml import Outline, write
from worker.config.kinds import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feeds.feed import Feed


def to_opml(feeds: Iterable[Feed], now: datetime) -> bytes:
    """An OPML 2.0 document that `seedwire feeds import` and other readers take."""
    outlines = (
        Outline(
            line=0,
            address=feed.url,
            name=feed.name,
            folders=feed.tags,
            interval=format_duration(feed.interval) if feed.interval else "",
            fulltext=feed.fulltext,
        )
        for feed in feeds
    )
    return write(outlines, now).encode()
