"""The kinds of value a key can have: what is accepted, what it becomes, how that is told to people and JSON Schema.

A parser takes a TOML value and raises ``BadValue``, with a reason where there is more to say than what was
expected. A reason never quotes the value, which may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from worker.config.countries import COUNTRY_CODES
from worker.config.errors import BadValue

if TYPE_CHECKING:
    from feeds.feed import FirstPoll

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Schema = Mapping[str, object]


def _as_is(text: str) -> object:
    return text


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """``expected`` completes the sentence "expected …". ``from_text`` makes the TOML value of a variable's text."""

    expected: str
    parse: Callable[[object], T_co]
    schema: Schema = field(default_factory=dict)
    from_text: Callable[[str], object] = _as_is


# --- text ------------------------------------------------------------------------------------------------------


def _line_of_text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValue
    if not value.isprintable():
        raise BadValue("it holds a line break or another character that cannot be shown")
    return value


def text(expected: str = "a line of text", pattern: str = "", longest: int = 500) -> Kind[str]:
    """One printable line; ``pattern`` must match the whole of it."""

    def parse(value: object) -> str:
        line = _line_of_text(value)
        if len(line) > longest:
            raise BadValue(f"it is longer than {longest} characters")
        if pattern and not re.fullmatch(pattern, line):
            raise BadValue
        return line

    schema: dict[str, object] = {"type": "string", "maxLength": longest}
    if pattern:
        schema["pattern"] = f"^(?:{pattern})$"
    return Kind(expected, parse, schema)


def choice(*words: str) -> Kind[str]:
    def parse(value: object) -> str:
        if value not in words:
            raise BadValue
        return value

    return Kind("one of " + ", ".join(f'"{word}"' for word in words), parse, {"enum": list(words)})


# --- numbers ---------------------------------------------------------------------------------------------------


def _number_of_text(line: str) -> object:
    try:
        return int(line)
    except ValueError:
        return line


def _parse_boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValue
    return value


BOOLEAN = Kind("true or false, without quotes", _parse_boolean, {"type": "boolean"})


def integer(low: int, high: int) -> Kind[int]:
    def parse(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise BadValue
        return value

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Kind(f"a whole number from {low} to {high}, without quotes", parse, schema, _number_of_text)


def _parse_share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadValue
    return float(value)


SHARE = Kind("a number from 0 to 1, without quotes", _parse_share, {"type": "number", "minimum": 0, "maximum": 1})

_SIZE = r"([0-9]{1,12})\s?(B|[kKMG]B|[KMG]iB)"
_SIZE_UNITS = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_SIZE_UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def size(low: int, high: int) -> Kind[int]:
    """Bytes, as ``"15MB"`` (decimal), ``"15MiB"`` (binary) or a whole number."""

    def parse(value: object) -> int:
        if isinstance(value, str) and (match := re.fullmatch(_SIZE, value)):
            value = int(match[1]) * _SIZE_UNITS[match[2]]
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadValue
        if not low <= value <= high:
            raise BadValue(f"it must be between {low} and {high} bytes")
        return value

    schema = {"anyOf": [{"type": "string", "pattern": f"^{_SIZE}$"}, {"type": "integer"}]}
    return Kind('a size such as "15MB" or "15MiB"', parse, schema, _number_of_text)


# --- time ------------------------------------------------------------------------------------------------------

_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_DURATION = "".join(rf"(?:([0-9]{{1,9}}(?:\.[0-9]{{1,3}})?){unit}(?![a-z]))?" for unit in _UNITS)
_EXAMPLE = '"250ms", "20s", "10m", "1h30m", "90d"'


def parse_duration(value: object) -> timedelta:
    """``"90d"``, ``"1h30m"``, ``"250ms"``: numbers with units w d h m s ms, the largest first."""
    match = re.fullmatch(_DURATION, value) if isinstance(value, str) and value else None
    if match is None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise BadValue('a number needs a unit, in quotes: "20s", "10m", "6h"')
        raise BadValue
    try:
        parts = [unit * float(count) for count, unit in zip(match.groups(), _UNITS.values(), strict=True) if count]
        return sum(parts, timedelta())
    except OverflowError as too_long:
        raise BadValue("it is too long") from too_long


def format_duration(value: timedelta) -> str:
    """The shortest text that :func:`parse_duration` reads as ``value``, to the millisecond: ``"1h30m"``."""
    rest, text = value, ""
    for unit, step in _UNITS.items():
        if unit == "w":
            continue  # nobody says 12w6d for 90d
        count, rest = divmod(rest, step)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


_DURATION_SCHEMA = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|[wdhms]))+$"}


def duration(low: timedelta, high: timedelta) -> Kind[timedelta]:
    def parse(value: object) -> timedelta:
        length = parse_duration(value)
        if not low <= length <= high:
            raise BadValue(f"it must be between {format_duration(low)} and {format_duration(high)}")
        return length

    return Kind(f"a duration such as {_EXAMPLE}", parse, _DURATION_SCHEMA)


def _parse_first_poll(value: object) -> FirstPoll:
    if value == "baseline" or value == "alert":
        return value
    return parse_duration(value)


FIRST_POLL: Kind[FirstPoll] = Kind(
    '"baseline", "alert", or an age such as "24h"',
    _parse_first_poll,
    {"anyOf": [{"enum": ["baseline", "alert"]}, _DURATION_SCHEMA]},
)


# --- lists -----------------------------------------------------------------------------------------------------


def parse_each(elements: Sequence[object], parse: Callable[[object], T]) -> tuple[T, ...]:
    """Every element parsed. Raises BadValue that tells of every bad one, the first three with their reason."""
    parsed, bad = [], []
    for index, element in enumerate(elements):
        try:
            parsed.append(parse(element))
        except BadValue as wrong:
            bad.append(f"element {index}: {wrong}" if str(wrong) else f"element {index} is not one")
    if bad:
        raise BadValue("; ".join(bad[:3]) + (f"; and {len(bad) - 3} more" if len(bad) > 3 else ""))
    return tuple(parsed)


def list_of(kind: Kind[T], *, longest: int = 100, distinct: bool = True) -> Kind[tuple[T, ...]]:
    """A TOML array, each element of ``kind``."""

    def parse(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise BadValue
        if len(value) > longest:
            raise BadValue(f"it has more than {longest} elements")
        parsed = parse_each(value, kind.parse)
        if distinct and len(set(parsed)) < len(parsed):
            raise BadValue("an element is there twice")
        return parsed

    schema = {"type": "array", "items": kind.schema, "maxItems": longest, "uniqueItems": distinct}
    return Kind(f"a list, each element {kind.expected}", parse, schema)


# --- places and filters ----------------------------------------------------------------------------------------


def _parse_country(value: object) -> str:
    code = value.upper() if isinstance(value, str) else ""
    if code not in COUNTRY_CODES:
        raise BadValue('the code of the United Kingdom is "GB"') if code == "UK" else BadValue
    return code


COUNTRY = Kind(
    'a two-letter ISO 3166-1 country code such as "PK"',
    _parse_country,
    {"type": "string", "pattern": "^[A-Za-z]{2}$"},
)
