"""Times as requests give them and answers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no time that there ever was or will be") from None


def _written_out(value: object) -> object:
    """Numbers would be taken for seconds since 1970, which the description of the API does not say."""
    if not isinstance(value, str) or value.lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError("write it as 2026-03-04T12:00:00Z")
    return value


#: A time in a query or a body; UTC where it does not say.
Moment = Annotated[datetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
Since = Annotated[Moment | None, Query(description="Only what was made since then; UTC where no zone is given")]


def iso(moment: datetime | None) -> str | None:
    """As answers write a time, null for none."""
    return moment.isoformat() if moment else None
