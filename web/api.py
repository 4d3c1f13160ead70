"""``/api/v1``: what the page shows, for programs."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from store.overview import StoryView

LARGEST_PAGE = 200
DEFAULT_PAGE = 50


def parse_limit(text: str | None) -> int:
    """The ``limit`` parameter. Raises HTTPException 400."""
    if text is None:
        return DEFAULT_PAGE
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE:
        return int(text)
    raise HTTPException(400, f"limit must be a whole number from 1 to {LARGEST_PAGE}")


def write_cursor(last: StoryView) -> str:
    """An opaque place in the list, right behind ``last``."""
    return base64.urlsafe_b64encode(json.dumps([last.opened.isoformat(), last.id]).encode()).decode().rstrip("=")


def parse_cursor(text: str | None) -> tuple[datetime, str] | None:
    """What :func:`write_cursor` wrote. Raises HTTPException 400."""
    if not text:
        return None
    try:
        opened, story_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        time = datetime.fromisoformat(opened)
        if time.tzinfo is None or not isinstance(story_id, str):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise HTTPException(400, "cursor is not one this service gave out: leave it away to start anew") from None
    return time, story_id


def story_to_dict(view: StoryView) -> dict[str, object]:
    """A story in the words of the webhook body's ``data`` (docs/webhooks.md)."""
    event: Mapping[str, object] = {k: v for k, v in view.event.items() if k != "evidence"}
    return {
        "story": {
            "id": view.id,
            "opened": view.opened.isoformat(),
            "changed": view.changed.isoformat(),
            "items": len(view.items),
            "outlets": len(view.outlets),
        },
        "event": event,
        "evidence": view.event.get("evidence", []),
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.title,
                "published": item.published.isoformat() if item.published else None,
                "language": item.language,
                "feed": {"id": item.feed_id, "title": item.feed, "url": item.feed_url},
            }
            for item in view.items
        ],
    }
