"""Tags as people and programs write them, well-formed or not: found in linear time, nothing expanded but references."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTRIBUTE = re.compile(r"(?<![\w.:-])([\w.:-]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def pattern(names: str, passed_over: str = "") -> re.Pattern[str]:
    """For :func:`tags`: finds the tags of ``names``, a regular expression, outside of remarks and ``passed_over``."""
    name = rf"(?:[\w.-]+:)?(?:{names})\b"
    return re.compile(
        rf"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z){passed_over}|<(?P<closing>/?)(?:[\w.-]+:)?(?P<name>{names})\b(?:"
        # With balanced quotes, else up to what looks like the end of a tag.
        r"(?P<whole>(?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+)>"
        rf"|(?P<loose>(?:(?!</?{name}).)*?)>(?=\s*+(?:<|\Z)))",
        re.DOTALL | re.IGNORECASE,
    )


def tags(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, bool, str, str]]:
    """Of each tag: where it starts, whether it is a closing one, its name in lower case, and what stands in it."""
    for tag in pattern.finditer(text):
        content = tag["whole"] if tag["whole"] is not None else tag["loose"]
        if content is not None:
            yield tag.start(), bool(tag["closing"]), tag["name"].lower(), content.rstrip()


def attributes(content: str) -> dict[str, str]:
    """What stands in a tag, by names in lower case, the first of two; each value on one line, references resolved."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(content):
        value = _REFERENCE.sub(lambda reference: html.unescape(reference[0]), double or single or bare)
        found.setdefault(name.lower(), " ".join("".join(c if c.isprintable() else " " for c in value).split()))
    return found
