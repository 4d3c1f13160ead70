"""The value that walks on from this room: one item of news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed, reduced to what it says.

    ``id`` is derived from the feed and the entry's identity in it, so the same entry has the same id on every
    poll and on every machine. ``title`` and ``text`` are plain text (no markup, no control characters but
    newlines). ``published`` is aware and in UTC, ``None`` where the feed does not say. ``language`` is a BCP 47
    tag as the feed declares it, ``None`` where it does not.
    """

    id: str
    title: str
    text: str
    url: str | None = None
    published: datetime | None = None
    language: str | None = None
    feed_id: str = ""
