"""Dates as feeds write them, beyond what feedparser reads: month names of other languages, RFC 3339 with oddities."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time import struct_time

# The first letters that tell a month: English, German, French, Spanish, Portuguese, Italian, Dutch, Turkish,
# Polish, Indonesian, Russian.
_MONTHS = {
    1: "jan ene gen oca sty янв",
    2: "feb fev fév şub sub lut фев",
    3: "mar mär mrz maa мар",
    4: "apr avr abr nis kwi апр",
    5: "may mai mag mei maj maio мая май",
    6: "jun juin giu haz cze июн",
    7: "jul juil lug tem lip июл",
    8: "aug aoû aou ago agu ağu sie авг",
    9: "sep set eyl wrz сен",
    10: "oct okt ott out oto eki ekm paź paz окт",
    11: "nov kas lis noy ноя",
    12: "dec dez déc dic dis des ara gru дек",
}
_MONTH_NUMBER = {
    prefix: number for number, prefixes in _MONTHS.items() for prefix in sorted(prefixes.split(), key=len, reverse=True)
}
_WORDED = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:\.|º|er)?[\s/-]+(?:de\s+)?(?P<month>[^\W\d_]{3,12})\.?[\s,/-]+(?:de\s+)?(?P<year>\d{4})(?!\d)"
    r"(?:[\s,T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?!\d)"
    r"(?:[\s,T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)


def parse_date(text: str) -> datetime | None:
    """``text`` as a time in UTC (taken for UTC where it names no zone), ``None`` when no time can be read in it."""
    text = " ".join(text[:200].split())
    if not text:
        return None
    for reader in (_iso, _rfc, _worded):
        try:
            found = reader(text)
            if found is not None:
                return _utc(found)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def from_struct(parsed: struct_time | None) -> datetime | None:
    """feedparser's UTC ``struct_time``; ``None`` for what no calendar holds."""
    if parsed is None:
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=timegm(parsed))
    except (ValueError, OverflowError, TypeError):
        return None


def _iso(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text[:4].isdigit() else None


def _rfc(text: str) -> datetime | None:
    return parsedate_to_datetime(text)


def _worded(text: str) -> datetime | None:
    found = _WORDED.search(text) or _MONTH_FIRST.search(text)
    if found is None:
        return None
    word = found["month"].lower()
    month = next((_MONTH_NUMBER[word[:n]] for n in (4, 3) if word[:n] in _MONTH_NUMBER), None)
    if month is None:
        return None
    zone = UTC
    if found["zone"] and found["zone"][0] in "+-":
        sign = -1 if found["zone"][0] == "-" else 1
        digits = found["zone"][1:].replace(":", "")
        zone = timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    return datetime(int(found["year"]), month, int(found["day"]), hour, minute, second, tzinfo=zone)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
