"""Lists come in pages: ``limit`` and ``cursor`` in, ``next`` out."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator

LARGEST_PAGE = 200
DEFAULT_PAGE = 50

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most")]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no time that there ever was or will be") from None


#: A time in a query or a body; UTC where it does not say.
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Since = Annotated[Moment | None, Query(description="Only what was made since then; UTC where no zone is given")]
Cursor = Annotated[str, Query(description="`next` of the page before; empty for the first", max_length=500)]


def write_cursor(time: datetime, identity: str) -> str:
    """An opaque place in a list that is ordered by a time and an id, right behind the row that has these."""
    return base64.urlsafe_b64encode(json.dumps([time.isoformat(), identity]).encode()).decode().rstrip("=")


def parse_cursor(text: str) -> tuple[datetime, str] | None:
    """What :func:`write_cursor` wrote; None for the start. Raises RequestValidationError for anything else."""
    if not text:
        return None
    try:
        moment, identity = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        time = datetime.fromisoformat(moment)
        if time.tzinfo is None or not isinstance(identity, str):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        wrong = {"loc": ("query", "cursor"), "msg": "not one this service gave out: leave it away to start anew"}
        raise RequestValidationError([wrong]) from None
    return time, identity
