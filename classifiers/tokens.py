"""Cutting text into tokens: words, numbers and marks, each with where it stands."""

from __future__ import annotations

import re
from typing import Final

#: As written, and where it begins and ends.
Token = tuple[str, int, int]

#: A word with its inner apostrophes, an abbreviation, a number, or one mark of punctuation.
TOKEN: Final = re.compile(
    r"(?:[A-Za-z]\.){2,}|[A-Z]\.(?=[A-Z ]?[A-Z])|[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)*"
    r"|\d+(?:[.,]\d+)*|['’]s\b|[$€£¥%]|[^\w\s]"
)
#: An initial takes its full stop along where a capital follows, even across a space.
_INITIAL: Final = re.compile(r"[A-Z]\. [A-Z]")
_LONGEST_REMEMBERED: Final = 32
_MOST_REMEMBERED: Final = 1 << 14


class _Pieces(dict[str, tuple[Token, ...] | None]):
    """The tokens of what stands between white space, None where it is one token; most pieces are met again soon."""

    def __missing__(self, piece: str) -> tuple[Token, ...] | None:
        tokens = tuple((m[0], m.start(), m.end()) for m in TOKEN.finditer(piece))
        found = None if len(tokens) == 1 and tokens[0][0] == piece else tokens
        if len(piece) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[piece] = found
        return found


_pieces: Final = _Pieces()


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """The tokens of ``text[start:end]``, by offsets into the text itself."""
    passage = text[start:end]
    if ". " in passage and _INITIAL.search(passage):
        return [(m[0], m.start(), m.end()) for m in TOKEN.finditer(text, start, end)]
    tokens: list[Token] = []
    add = tokens.append
    stop = start
    for piece in passage.split():
        begin = text.index(piece, stop)
        stop = begin + len(piece)
        parts = _pieces[piece]
        if parts is None:
            add((piece, begin, stop))
        else:
            for word, first, last in parts:
                add((word, begin + first, begin + last))
    return tokens


def is_title_case(tokens: list[Token]) -> bool:
    """Whether more than four of five longer words begin with a capital."""
    capitals = others = 0
    most = len(tokens) / 5
    for word, _, _ in tokens:
        if len(word) > 3 and word[0].isalpha():
            if word[0].isupper():
                capitals += 1
            else:
                others += 1
                if others > most:
                    return False
    return capitals + others >= 4 and capitals > 0.8 * (capitals + others)
