"""Lists come in pages: ``limit`` and ``cursor`` in, ``next`` out."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.exceptions import RequestValidationError

LARGEST_PAGE = 200
DEFAULT_PAGE = 50

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most")]
#: The id of an item, a story, an alert, a delivery or a feed in an address.
Identity = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,64}$", description="Its id")]
Cursor = Annotated[str, Query(description="`next` of the page before; empty for the first", max_length=500)]


def write_place(*parts: str | int) -> str:
    """An opaque place in a list that is ordered by these, right behind the row that has them."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def parse_place(text: str, *kinds: type) -> tuple[Any, ...] | None:
    """What :func:`write_place` wrote of parts of these types; None for the start. Raises RequestValidationError for
    anything else."""
    if not text:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        is_ours = isinstance(parts, list) and [type(part) for part in parts] == list(kinds)
        if not is_ours or not all(map(_is_storable, parts)):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise _not_ours() from None
    return tuple(parts)


def _is_storable(part: str | int) -> bool:
    """Whether every database takes it: no NUL, 32 bits. Raises UnicodeEncodeError for half a character."""
    return b"\0" not in part.encode() if isinstance(part, str) else abs(part) < 2**31


def write_cursor(time: datetime, identity: str) -> str:
    """An opaque place in a list that is ordered by a time and an id, right behind the row that has these."""
    return write_place(time.isoformat(), identity)


def parse_cursor(text: str) -> tuple[datetime, str] | None:
    """What :func:`write_cursor` wrote; None for the start. Raises RequestValidationError for anything else."""
    place = parse_place(text, str, str)
    if place is None:
        return None
    moment, identity = place
    try:
        time = datetime.fromisoformat(moment)
        if time.tzinfo is None:
            raise ValueError
        return time.astimezone(UTC), identity
    except (ValueError, OverflowError):  # the latter of a time that is before the first year in UTC, or behind the last
        raise _not_ours() from None


def _not_ours() -> RequestValidationError:
    wrong = {"loc": ("query", "cursor"), "msg": "not one this service gave out: leave it away to start anew"}
    return RequestValidationError([wrong])
