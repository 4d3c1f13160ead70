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
    if isinstance(read.get("id"), int):
        read["id"] = str(read["id"])
    for key in ("id", "title", "text", "url", "language", "published"):
        if not isinstance(read.get(key), str | None):
            raise ValueError(f"{key} should be text")
    return Item(
        id=read.get("id") or "",
        title=read.get("title") or "",
        text=read.get("text") or "",
        url=read.get("url"),
        published=_time(read.get("published")),
        language=read.get("language"),
    )


def _time(said: str | None) -> datetime | None:
    """A time in ISO 8601 or as mail writes it. Raises ValueError for what is neither (no date is made up)."""
    if not said or not said.strip():
        return None
    try:
        try:
            time = datetime.fromisoformat(said.strip())
        except ValueError:
            from email.utils import parsedate_to_datetime

            time = parsedate_to_datetime(said)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("published should be a time such as 2024-07-03T09:30:00Z") from None
