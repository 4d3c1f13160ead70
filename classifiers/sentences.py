"""Cutting a text into the articles it carries, and an article into sentences, by offsets into the text itself."""

from __future__ import annotations

import re
from typing import Final

from classifiers.wordsets import word_set

Span = tuple[int, int]

_ABBREVIATIONS: Final = word_set(
    "mr mrs ms dr gen lt col maj sgt capt sen rep gov st prof rev hon jr sr vs no inc corp co ltd jan feb mar "
    "apr jun jul "
    "aug sept sep oct nov dec u.s u.k u.n e.u a.m p.m d.c md bn mln dlrs approx messrs adm brig"
)
#: Marks and closing quotes before white space, a full stop that a space is missing after, empty lines, bullets. All
#: begin with one set of characters, which is what makes the search fast.
_END: Final = re.compile(
    r"[.!?…\n•●▪](?:(?<=\n)\n*|(?<=[^\S\n][•●▪])\s|(?<![\n•●▪])[.!?…]*[\"”’')\]]*(?=\s)|(?<=[a-z]{2}\.)(?=[A-Z][a-z]))"
)
_DATED_LINE: Final = re.compile(
    r"^[ \t]*(?:Updated|Published|Posted|Last updated)\b[^\n]{0,12}\d[^\n]{0,40}$", re.MULTILINE | re.IGNORECASE
)
_DATELINE: Final = re.compile(r"^[ \t]*[A-Z][A-Z.'’ ,/-]{2,40}(?:\([^)\n]{2,60}\))?\s?(?::|--|—|–| - )\s", re.MULTILINE)
#: Below this many characters what precedes a dateline is a headline or a caption, not an article of its own.
_ARTICLE_MINIMUM: Final = 500
#: Headlines, bullet points and bylines above a dateline are looked for this far up.
_HEADLINES: Final = 1500


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of ``text[start:end]`` as (start, end) offsets without surrounding white space, in order."""
    end = len(text) if end is None else end
    spans: list[Span] = []
    begin = start
    for match in _END.finditer(text, start, end):
        mark, stop = match.span()
        if stop - mark == 1 and text[mark] == ".":
            # A sentence is rarely under two characters, so the look back is bounded: the whole stays linear.
            before = text[max(begin, mark - 12) : mark]
            word = before.split()[-1].lower().lstrip("(\"“'") if before and not before[-1].isspace() else ""
            if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
                continue
            if text[stop : stop + 2].strip()[:1].islower():
                continue
        _append(spans, text, begin, stop)
        begin = stop
    _append(spans, text, begin, end)
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    bare = piece.strip(" \t\r\n\u00a0•●▪")
    if bare:
        offset = start + piece.index(bare[0])
        spans.append((offset, offset + len(bare)))


def articles(text: str, most: int = 12) -> list[Span]:
    """Cut a page that carries several articles into one span each, at most ``most``; most texts are one span.

    A new article begins at the headline above a line such as "Updated 11 January 2026", or above a paragraph that
    opens with a dateline ("ISLAMABAD: …"), when enough text for an article lies before and after.
    """
    if len(text) < _ARTICLE_MINIMUM + _ARTICLE_MINIMUM // 2:
        return [(0, len(text))]
    starts = [0]
    dated = [m.start() for m in _DATED_LINE.finditer(text)]
    for mark in sorted({*dated[1:], *(m.start() for m in _DATELINE.finditer(text))}):
        if mark - starts[-1] < _ARTICLE_MINIMUM or len(text) - mark < _ARTICLE_MINIMUM // 2:
            continue
        begin = _headline_above(text, mark, starts[-1])
        if begin - starts[-1] >= _ARTICLE_MINIMUM:
            starts.append(begin)
        if len(starts) == most:
            break
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _headline_above(text: str, mark: int, floor: int) -> int:
    """Walk up over lines that do not end like a sentence: headlines, bullet points, bylines."""
    floor = max(floor, mark - _HEADLINES)
    begin = mark
    while begin > floor:
        end = floor + len(text[floor:begin].rstrip())
        start = text.rfind("\n", floor, end) + 1 or floor
        line = text[start:end].strip()
        if not line or start == floor or len(line) > 220 or line[-1] in '.!?”"…':
            break
        begin = start
    return begin
