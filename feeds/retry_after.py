"""The ``Retry-After`` header (RFC 9110, 10.2.3), for whoever was asked to wait: polls, hubs, pages and deliveries."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> timedelta | None:
    """The wait that is asked for: seconds, or a date on the server's own clock (``Date``; ``now`` where it tells none).

    Zero is a wait. ``None`` when there is no header or nothing to read in it. Names of headers are in lower case.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", value):
        return timedelta(seconds=float(value))
    until = http_date(value)
    if until is None:
        return None
    return max(until - (http_date(headers.get("date", "")) or now or datetime.now(UTC)), timedelta(0))


def http_date(value: str) -> datetime | None:
    """A date as HTTP headers write it, in UTC; ``None`` where it is none."""
    try:
        date = parsedate_to_datetime(value[:64])
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
