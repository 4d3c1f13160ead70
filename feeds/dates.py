"""Dates as feeds write them: the two common forms at once, then ISO 8601, then whatever order, language and zone the
parts of a date come in, then what feedparser alone knows (Korean, Greek, dates without hyphens, ordinals)."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from feedparser.datetimes.greek import _parse_date_greek
from feedparser.datetimes.iso8601 import _parse_date_iso8601
from feedparser.datetimes.korean import _parse_date_nate, _parse_date_onblog
from feedparser.datetimes.w3dtf import _parse_date_w3dtf

if TYPE_CHECKING:
    from time import struct_time

_ENGLISH = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) (" + "|".join(_ENGLISH) + r") (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) (?:GMT|UTC|Z|([+-])(\d\d)(\d\d))"
)
_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))")

# The first letters that tell a month: English, German, French, Spanish, Portuguese, Italian, Dutch, Turkish,
# Polish, Indonesian, Hungarian, Russian, Ukrainian.
_MONTHS = {
    1: "jan ene gen oca sty янв січ",
    2: "feb fev fév şub sub lut фев лют",
    3: "mar mär már mrz maa мар бер",
    4: "apr avr abr ápr nis kwi апр кві",
    5: "may mai mag mei maj máj maio мая май тра",
    6: "jun juin jún giu haz cze июн чер",
    7: "jul juil júl lug tem lip июл лип",
    8: "aug aoû aou ago agu ağu sie авг сер",
    9: "sep set sze szept eyl wrz сен вер",
    10: "oct okt ott out oto eki ekm paź paz окт жов",
    11: "nov kas lis noy ноя лис",
    12: "dec dez déc dic dis des ara gru дек гру",
}
_MONTH_NUMBER = {
    prefix: number for number, prefixes in _MONTHS.items() for prefix in sorted(prefixes.split(), key=len, reverse=True)
}
# Minutes east of Greenwich. Names that several countries use (IST, CST, BST, AST) mean what news in English mostly
# means by them.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "ist": 330, "cet": 60, "cest": 120, "met":
    60, "mez": 60, "mesz": 120, "mest": 120, "eet": 120, "eest": 180, "sast": 120, "wat": 60, "cat": 120, "eat":
    180, "msk": 180, "msd": 240, "trt": 180, "gst": 240, "pkt": 300, "npt": 345, "bdt": 360, "ict": 420, "wib": 420,
    "wita": 480, "hkt": 480, "sgt": 480, "myt": 480, "pht": 480, "awst": 480, "jst": 540, "kst": 540, "acst": 570,
    "aest": 600, "acdt": 630, "aedt": 660, "nzst": 720, "nzdt": 780, "brt": -180, "art": -180, "clt": -240, "nst":
    -210, "ndt": -150, "adt": -180, "ast": -240, "at": -240, "edt": -240, "est": -300, "et": -300, "cdt": -300,
    "cst": -360, "ct": -360, "mdt": -360, "mst": -420, "mt": -420, "pdt": -420, "pst": -480, "pt": -480, "akdt":
    -480, "akst": -540, "hst": -600,
}  # fmt: skip
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:[.,]\d+)?(?![\d]|:\d)\s*(?:([ap])\.?m\b\.?)?")
_OFFSET = re.compile(r"^[\s:(]*([a-z]{1,5}\b)?[\s(]*-?([+-])(\d{1,2}):?(\d\d)?(?:\b|:)")
_LAST_OFFSET = re.compile(r"()(?<=\s)([+-])(\d\d):?(\d\d)$")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,3})\2(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_SHORT_YEAR_FIRST = re.compile(r"(?<!\d)(\d{1,2})([-/])(\d{1,2})\2(\d{1,2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")
_NUMBER = re.compile(r"\d+")
_GREEK_OR_KOREAN = re.compile("[\u0370-\u03ff\uac00-\ud7a3]")
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(T.*)?")
_BARE = re.compile(r"-{0,3}\d[\d-]*(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?")
_CHINESE = str.maketrans("年月日", "-- ")


def parse_date(text: str) -> datetime | None:
    """``text`` as a time in UTC, to the second (taken for UTC where it names no zone), ``None`` when no time can be
    read in it."""
    found = _RFC.fullmatch(text)
    try:
        if found is not None:
            day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
            moment = datetime(int(year), _ENGLISH[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        elif (found := _RFC3339.fullmatch(text)) is not None:
            year, month, day, hour, minute, second, sign, hours, minutes = found.groups()
            moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        else:
            return _uncommon(" ".join(text[:200].split()))
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            moment = moment - offset if sign == "+" else moment + offset
        return moment
    except (ValueError, OverflowError):
        return _uncommon(text)


def _uncommon(text: str) -> datetime | None:
    for reader in (_greek_or_korean, _iso, _parts, _bare) if text else ():
        try:
            found = reader(text)
            if found is not None:
                found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
                return found.replace(microsecond=0)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _iso(text: str) -> datetime | None:
    if found := _ORDINAL.fullmatch(text):
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        text = f"{day}{found[3] or ''}"
    return datetime.fromisoformat(text) if text[:4].isdigit() and not text.isdigit() else None


def _greek_or_korean(text: str) -> datetime | None:
    if not _GREEK_OR_KOREAN.search(text):
        return None
    readers = (_parse_date_nate, _parse_date_onblog, _parse_date_greek)
    return _utc(next((found for read in readers if (found := read(text))), None))


def _bare(text: str) -> datetime | None:
    """ISO 8601 with an ordinal day, without hyphens, or with as little as a year."""
    return _utc(_parse_date_w3dtf(text) or _parse_date_iso8601(text)) if _BARE.fullmatch(text) else None


def _utc(parsed: struct_time | None) -> datetime | None:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=timegm(parsed)) if parsed else None


def _parts(text: str) -> datetime | None:
    """The time of the day, the zone after it, and the date from what is left."""
    text = text.lower().translate(_CHINESE)
    hour = minute = second = 0
    zone, half_day = timedelta(0), ""
    found = _TIME.search(text)
    if found is not None:
        hour, minute, second = (int(part or 0) for part in found.groups()[:3])
        half_day = found[4] or ""
        zone, rest = _zone(text[found.end() :])
        text = f"{text[: found.start()].rstrip(' t')} {rest}"
    year, month, day = _date(text, day_first=not half_day)
    if half_day and hour <= 12:
        hour = hour % 12 + (12 if half_day == "p" else 0)
    at = datetime(year, month, day, hour % 24, minute, second, tzinfo=timezone(zone)) + timedelta(days=hour // 24)
    return at if hour < 24 or (hour, minute, second) == (24, 0, 0) else None


def _zone(after: str) -> tuple[timedelta, str]:
    """The zone that stands after a time of the day, and what else does."""
    offset = _OFFSET.search(after) or _LAST_OFFSET.search(after)
    if offset is not None:
        hours, minutes = int(offset[3]), int(offset[4] or 0)
        zone = timedelta(hours=hours, minutes=minutes)
        return -zone if offset[2] == "-" else zone, after[: offset.start()] + after[offset.end() :]
    for word in re.finditer(r"[a-z/]+", after):
        minutes_east = _ZONES.get(word[0].removeprefix("etc/"))
        if minutes_east is not None:
            return timedelta(minutes=minutes_east), after[: word.start()] + after[word.end() :]
    return timedelta(0), after


def _date(text: str, *, day_first: bool) -> tuple[int, int, int]:
    """Year, month and day. Of 02/01/2006 the day is taken to stand first, unless it cannot or the time has am or pm.

    Raises ``ValueError`` where there is no date.
    """
    if found := _YEAR_FIRST.search(text):
        return int(found[1]), int(found[3]), int(found[4])
    if found := _YEAR_LAST.search(text):
        day, month = int(found[1]), int(found[3])
        if month > 12 or (not day_first and day <= 12 and found[2] == "/"):
            day, month = month, day
        return int(found[4]), month, day
    words = [_MONTH_NUMBER[word[:n]] for word in _WORD.findall(text) for n in (5, 4, 3) if word[:n] in _MONTH_NUMBER]
    if not words:
        if found := _SHORT_YEAR_FIRST.search(text):
            return _century(int(found[1])), int(found[3]), int(found[4])
        raise ValueError("no month")
    numbers = _NUMBER.findall(text)
    year = next(number for number in (*numbers, "") if len(number) != 3 and (len(number) == 4 or not number))
    short = [int(number) for number in numbers if len(number) <= 2]
    if not short or (not year and len(short) < 2):
        raise ValueError("no day or no year")
    # Of several words the last is the month: others may be a day's name ("mar, 3 dic").
    return int(year) if year else _century(short[1]), words[-1], short[0]


def _century(year: int) -> int:
    return year + (2000 if year < 90 else 1900)
