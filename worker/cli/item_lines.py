"""Items as JSON Lines: one object a line with id, title and text, and optional published, url and language."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from feeds.item import Item


class BadLines(Exception):
    """Lines of a file that are no items; one line of text each."""


def read_item(line: str) -> Item:
    """The item a line holds. Raises ValueError that says what is wrong with it."""
    try:
        read = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON ({error})") from None
    if not isinstance(read, dict):
        raise ValueError("expected a JSON object with id, title and text")
    for key in ("id", "title", "text", "url", "language", "published"):
        if not isinstance(read.get(key), str | int | None):
            raise ValueError(f"{key} should be text")
    return Item(
        id=str(read.get("id") or ""),
        title=str(read.get("title") or ""),
        text=str(read.get("text") or ""),
        url=read.get("url"),
        published=_time(read.get("published")),
        language=read.get("language"),
    )


def _time(said: object) -> datetime | None:
    """A time in ISO 8601 or as mail writes it; what cannot be read is as good as none (no date is made up)."""
    if not isinstance(said, str) or not said.strip():
        return None
    try:
        time = datetime.fromisoformat(said.strip())
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            time = parsedate_to_datetime(said)
        except ValueError:
            return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
