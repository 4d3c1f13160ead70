"""On which line of a config file a key stands; ``tomllib`` does not say."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*\"?([\w-]+)\"?\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*\"?([\w-]+)\"?\s*=")

#: (table, index in a repeated table, key); the empty key is the table's header, the empty table the top level.
Place = tuple[str, int | None, str]


def key_lines(text: str) -> dict[Place, int]:
    """Line numbers, from 1, of what is written the usual way.

    A scan of headers and ``key =`` beginnings: keys of inline tables are not found, and what looks like a key
    inside a multi-line string is taken for one. Good enough to lead a person's eye, so never relied on for more.
    """
    found: dict[Place, int] = {}
    counts: dict[str, int] = {}
    table: str = ""
    index: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            table, index = header[2], None
            if header[1] == "[[":
                index = counts.get(table, 0)
                counts[table] = index + 1
            found.setdefault((table, index, ""), number)
        elif key := _KEY.match(line):
            found.setdefault((table, index, key[1]), number)
    return found
