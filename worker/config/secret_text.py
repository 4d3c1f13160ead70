"""The ``secret`` of a webhook in a config file's text: a newer one put first, older ones taken out, every other byte
left as it is. What comes out is checked against ``tomllib``.
"""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from worker.config.feed_tables import TOKEN, CannotEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    Span = tuple[int, int]


def with_newer(text: str, index: int, new: str) -> str:
    """``text``, a config that loads, with ``new`` before the secrets of ``webhooks[index]``. Raises CannotEdit."""
    old = _written(text, index)
    if isinstance(old, list):
        wanted: object = [new, *old]
        spots = (start for start, _ in _found(text, old[0]))
        changed = (text[:start] + json.dumps(new) + _gap(text, start) + text[start:] for start in spots)
    else:
        wanted = [new, *old.split()]
        changed = (text[:start] + json.dumps(wanted) + text[end:] for start, end in _found(text, old))
    return _checked(text, index, wanted, changed)


def with_newest_alone(text: str, index: int) -> str:
    """``text`` without the secrets of ``webhooks[index]`` but the first. Raises CannotEdit."""
    old = _written(text, index)
    spans = _lists(text, old[0]) if isinstance(old, list) else _found(text, old)
    newest = old[0] if isinstance(old, list) else old.split()[0]
    return _checked(text, index, newest, (text[:start] + json.dumps(newest) + text[end:] for start, end in spans))


def _written(text: str, index: int) -> str | list[str]:
    value: str | list[str] = tomllib.loads(text)["webhooks"][index]["secret"]
    return value


def _checked(text: str, index: int, wanted: object, changed: Iterator[str]) -> str:
    """The first changed text that says what ``text`` says but for this secret; the same one may stand elsewhere."""
    document: dict[str, Any] = tomllib.loads(text)
    document["webhooks"][index]["secret"] = wanted
    for candidate in changed:
        try:
            if tomllib.loads(candidate) == document:
                return candidate
        except tomllib.TOMLDecodeError:
            continue
    raise CannotEdit


def _found(text: str, value: str) -> Iterator[Span]:
    """Where the text says this string."""
    for token in TOKEN.finditer(text):
        if token[0][0] in "\"'" and _string(token[0]) == value:
            yield token.span()


def _lists(text: str, first: str) -> Iterator[Span]:
    """Where the text has a list of strings that starts with this one."""
    for start, end in _found(text, first):
        opened = [token.start() for token in TOKEN.finditer(text, 0, start) if token[0] == "["]
        closed = [token.end() for token in TOKEN.finditer(text, end) if token[0] == "]"]
        if opened and closed:
            yield opened[-1], closed[0]


def _gap(text: str, start: int) -> str:
    """What parts a new element from the one at ``start``: a line of its own where that one has one."""
    line = text.rfind("\n", 0, start) + 1
    indent = text[line:start]
    if indent.strip():
        return ", "
    end = "\r\n" if text.endswith("\r\n", 0, line) else "\n"
    return f",{end}{indent}"


def _string(token: str) -> str | None:
    try:
        value = tomllib.loads(f"value = {token}")["value"]
    except tomllib.TOMLDecodeError:
        return None
    return value if isinstance(value, str) else None
