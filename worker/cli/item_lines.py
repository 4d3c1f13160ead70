"""Items as JSON Lines: one object a line with id, title and text, and optional published, url and language."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from feeds.item import Item


class BadLines(Exception):
    """Lines of a file that are no items; one line of text each."""


def read_item(line: str, doubts: list[str] | None = None) -> Item:
    """The item a line holds. Raises ValueError that says what is wrong with it.

    Archives write times in many ways: one that cannot be read spares its item, and is told in ``doubts``.
    """
    try:
        read = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON ({error})") from None
    if not isinstance(read, dict):
        raise ValueError("expected a JSON object with id, title and text")
    if isinstance(read.get("id"), int):
        read["id"] = str(read["id"])
    for key in ("id", "title", "text", "url", "language"):
        if not isinstance(read.get(key), str | None):
            raise ValueError(f"{key} should be text")
    published = read_time(read.get("published"))
    if read.get("published") and not published and doubts is not None:
        doubts.append("published should be a time such as 2024-07-03T09:30:00Z; taken as unknown")
    return Item(
        id=read.get("id") or "",
        title=read.get("title") or "",
        text=read.get("text") or "",
        url=read.get("url"),
        published=published,
        language=read.get("language"),
    )


def read_time(said: object) -> datetime | None:
    """A time in ISO 8601 or as mail writes it; what cannot be read is as good as none (no date is made up)."""
    if not isinstance(said, str):
        return None
    try:
        try:
            time = datetime.fromisoformat(said.strip())
        except ValueError:
            from email.utils import parsedate_to_datetime

            time = parsedate_to_datetime(said)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
