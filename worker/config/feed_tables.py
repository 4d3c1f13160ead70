"""The feeds of a config file as its text: written in and taken out, every other byte left as it is.

Of what is written here TOML's libraries lose something: tomlkit 0.15 counts the remark above a table to the table
before it, so that taking a feed out takes the next headline along. What comes out is checked against ``tomllib``.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

#: What a TOML text is made of, as far as finding values in it needs to know.
TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'"
    r"|\#[^\n]*|[\[\]{},\n]|[^\"'\#\[\]{},\n]+",
    re.DOTALL,
)  # fmt: skip
_NAME = r"(?:feeds|\"feeds\"|'feeds')"
_HEADER = re.compile(rf"\[\[\s*{_NAME}\s*\]\]")
_LIST = re.compile(rf"\s*{_NAME}\s*=")
_COMMA = re.compile(r"\s*,")
#: What may follow on a line behind a value and its comma.
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*?)?(?=\r?\n)")


class CannotEdit(ValueError):
    """What is to be changed is written in a way that is not understood well enough to be changed."""


def with_feeds(text: str, tables: Sequence[Mapping[str, object]]) -> str:
    """``text``, a config that loads, with these tables behind its last feed. Raises CannotEdit."""
    if not tables:
        return text
    lines = _lines(text)
    end = "\r\n" if "\r\n" in text else "\n"
    at = _feed_list(lines)
    if at is not None:
        lines[at] = _into_list(lines[at], tables, end)
    else:
        _into_file(lines, tables, end)
    return _checked(text, "".join(lines), lambda feeds: [*feeds, *tables])


def without_feeds(text: str, indexes: Collection[int]) -> str:
    """``text``, a config that loads, without the feeds at these places; remarks above them stay. Raises CannotEdit."""
    lines = _lines(text)
    at = _feed_list(lines)
    if at is not None:
        lines[at] = _out_of_list(lines[at], indexes)
    else:
        headers = _headers(lines)
        for index in sorted(indexes, reverse=True):
            _take_out(lines, headers[index], _end_of_table(lines, headers[index]))
    return _checked(text, "".join(lines), lambda feeds: [f for n, f in enumerate(feeds) if n not in indexes])


def _checked(old: str, new: str, change: Callable[[list[object]], list[object]]) -> str:
    """``new``, when it says what ``old`` says but for the change."""
    before = tomllib.loads(old)
    try:
        after = tomllib.loads(new)
    except tomllib.TOMLDecodeError as error:
        raise CannotEdit from error
    wanted = change(before.pop("feeds", []))
    if after.pop("feeds", []) != wanted or after != before:
        raise CannotEdit
    return new


# --- a file as lines -------------------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    """The lines of a document, their ends included; a value that goes over several lines is part of one."""
    lines, start, depth = [], 0, 0
    for token in TOKEN.finditer(text):
        mark = token[0]
        if mark in ("[", "{"):
            depth += 1
        elif mark in ("]", "}"):
            depth -= 1
        elif mark == "\n" and not depth:
            lines.append(text[start : token.end()])
            start = token.end()
    return [*lines, text[start:]] if start < len(text) else lines


def _is_header(line: str) -> bool:
    return line.lstrip().startswith("[")


def _is_remark(line: str) -> bool:
    return line.lstrip().startswith("#")


def _headers(lines: Sequence[str]) -> list[int]:
    """The lines on which ``[[feeds]]`` stands."""
    return [number for number, line in enumerate(lines) if _HEADER.match(line.lstrip())]


def _end_of_table(lines: Sequence[str], header: int) -> int:
    """The line after the last key of a table: blank lines and remarks behind it belong to what follows."""
    end = number = header + 1
    while number < len(lines) and not _is_header(lines[number]):
        number += 1
        if lines[number - 1].strip() and not _is_remark(lines[number - 1]):
            end = number
    return end


def _into_file(lines: list[str], tables: Sequence[Mapping[str, object]], end: str) -> None:
    headers = _headers(lines)
    at = _end_of_table(lines, headers[-1]) if headers else len(lines)
    while at < len(lines) and _is_remark(lines[at]):
        at += 1
    new = "".join(f"{end}[[feeds]]{end}" + "".join(_keys(table, end)) for table in tables)
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += end
    if not at or not lines[at - 1].strip():
        new = new.removeprefix(end)
    if at < len(lines) and lines[at].strip():
        new += end
    lines.insert(at, new)


def _take_out(lines: list[str], start: int, end: int) -> None:
    """Drop these lines, and the blank ones that would then stand together with others."""
    if start == 0 or not lines[start - 1].strip():
        while end < len(lines) and not lines[end].strip():
            end += 1
    if end == len(lines):
        while start and not lines[start - 1].strip():
            start -= 1
    del lines[start:end]


def _keys(table: Mapping[str, object], end: str) -> Iterator[str]:
    for key, value in table.items():
        yield f"{key} = {_value(value)}{end}"


def _value(value: object) -> str:
    """A text, a list of texts, or true or false, as TOML and JSON alike write them."""
    return json.dumps(value, ensure_ascii=False)


# --- feeds = [{…}, {…}] -----------------------------------------------------------------------------------------


def _feed_list(lines: Sequence[str]) -> int | None:
    """The line on which the feeds stand as one list."""
    for number, line in enumerate(lines):
        if _is_header(line):
            return None
        if _LIST.match(line):
            return number
    return None


def _elements(line: str) -> list[tuple[int, int]]:
    """Where the tables of a list start and end."""
    spans, depth, start = [], 0, 0
    for token in TOKEN.finditer(line):
        mark = token[0]
        if mark in ("[", "{"):
            depth += 1
            start = token.start() if depth == 2 else start
        elif mark in ("]", "}"):
            depth -= 1
            if depth == 1:
                spans.append((start, token.end()))
    return spans


def _into_list(line: str, tables: Sequence[Mapping[str, object]], end: str) -> str:
    inline = [f"{{ {', '.join(f'{key} = {_value(value)}' for key, value in table.items())} }}" for table in tables]
    spans = _elements(line)
    if not spans:
        at = line.index("[") + 1
        return line[:at] + "".join(f"{end}  {table}," for table in inline) + end + line[at:].lstrip()
    start, at = spans[-1]
    comma = _COMMA.match(line, at)
    head, at = (line[: comma.end()], comma.end()) if comma else (line[:at] + ",", at)
    rest = _REST_OF_LINE.match(line, at)
    if rest is None:  # all on one line
        return f"{head} {', '.join(inline)}{line[at:]}"
    indent = re.match(r"[ \t]*", line[line.rfind("\n", 0, start) + 1 :])
    assert indent is not None
    return head + rest[0] + "".join(f"{end}{indent[0]}{table}," for table in inline) + line[rest.end() :]


def _out_of_list(line: str, indexes: Collection[int]) -> str:
    spans = _elements(line)
    for index in sorted(indexes, reverse=True):
        start, at = spans[index]
        comma = _COMMA.match(line, at)
        at = comma.end() if comma else at
        before = line[:start].rstrip(" \t")
        rest = _REST_OF_LINE.match(line, at)
        if rest and before.endswith("\n"):  # a line of its own
            line = before + line[rest.end() :].removeprefix("\r").removeprefix("\n")
        elif comma:
            line = line[:start] + line[at:].lstrip(" \t")
        else:
            line = before.removesuffix(",") + line[at:]
    return line
