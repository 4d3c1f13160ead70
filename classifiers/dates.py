"""When it happens: the date of an event, and the one that an article gives itself."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from classifiers.expressions import Expression

if TYPE_CHECKING:
    from collections.abc import Sequence

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY_FIRST: Final = Expression(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+((?:19|20)\d\d))?\b")
_MONTH_FIRST: Final = Expression(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+((?:19|20)\d\d))?\b")
_ISO: Final = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_RELATIVE: Final = Expression(
    r"\b(?:(last|next|this|on|late|early)\s+)?(monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|"
    r"yesterday|tomorrow|tonight)\b",
)
#: "A spokesman said on Friday": the day of the statement, not of what it tells of.
_SPOKEN: Final = Expression(
    r"\b(?:said|says|announced?|declared|reported|confirmed|reporters|statement)\b(?:(?!\b(?:after|met|meeting|talks)\b)[^,.;])"
    r"{0,24}$",
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = ("day", "tomorrow", "tonight")
_DIGIT: Final = re.compile(r"\d")


def stated_date(text: str) -> date | None:
    """The date an article gives itself in its first lines: a dateline, "Updated 03 July 2024", "date 2025-09-02"."""
    return _explicit(text[:600], None)


def event_date(passages: Sequence[str], published: date | None, upcoming: bool) -> date | None:
    """When it happens, from the sentences of the event; a weekday is resolved against the day of publication.

    ``upcoming`` events look forward from that day, others back. None where the text does not say.
    """
    for passage in passages:
        lower = passage.lower()
        days = _RELATIVE.finditer(passage) if any(word in lower for word in _DAYS) else ()
        relative = next(
            (day for day in days if not _SPOKEN.search(passage, max(0, day.start() - 60), day.start())), None
        )
        explicit = _explicit(passage, published)
        if explicit and not (relative and published and abs((explicit - published).days) > 40):
            return explicit
        if relative and published:
            try:
                return _resolve(relative[2].lower(), (relative[1] or "").lower(), published, upcoming)
            except OverflowError:  # the day before the first day of the calendar
                return None
    return None


def _resolve(day: str, qualifier: str, published: date, upcoming: bool) -> date:
    if day in ("today", "tonight"):
        return published
    if day == "yesterday":
        return published - timedelta(days=1)
    if day == "tomorrow":
        return published + timedelta(days=1)
    ahead = (_WEEKDAYS.index(day) - published.weekday()) % 7
    if qualifier == "next" or (upcoming and qualifier != "last"):
        return published + timedelta(days=ahead)
    return published - timedelta(days=(-ahead) % 7 or (7 if qualifier == "last" else 0))


def _explicit(text: str, published: date | None) -> date | None:
    if not _DIGIT.search(text):
        return None
    candidates = [
        *((m.start(), int(m[1]), int(m[2]), int(m[3])) for m in _ISO.finditer(text)),
        *((m.start(), int(m[3] or 0), _month(m[2]), int(m[1])) for m in _DAY_FIRST.finditer(text)),
        *((m.start(), int(m[3] or 0), _month(m[1]), int(m[2])) for m in _MONTH_FIRST.finditer(text)),
    ]
    for _, year, month, day in sorted(candidates, key=lambda c: c[0]):
        if not year and published is None:
            continue
        try:
            return date(year, month, day) if year or published is None else _nearest(month, day, published)
        except ValueError:
            continue
    return None


def _nearest(month: int, day: int, published: date) -> date:
    years = [y for y in (published.year - 1, published.year, published.year + 1) if date.min.year <= y <= date.max.year]
    if (month, day) == (2, 29):
        years = [y for y in years if y % 4 == 0]
    options = [date(year, month, day) for year in years or [published.year]]
    return min(options, key=lambda d: abs((d - published).days))


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1
