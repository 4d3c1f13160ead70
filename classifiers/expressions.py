"""Regular expressions that are compiled when they are first asked: most items need none of the long ones."""

from __future__ import annotations

import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Expression:
    """Any of some ``alternatives``, in any case unless ``flags`` say otherwise; its methods are those of re.Pattern."""

    def __init__(self, *alternatives: str, flags: re.RegexFlag = re.IGNORECASE) -> None:
        self._alternatives = alternatives
        self._flags = flags

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(self._alternatives), self._flags)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        return self._pattern.search(text, start, end)

    def match(self, text: str, start: int) -> re.Match[str] | None:
        return self._pattern.match(text, start)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(text)

    def sub(self, replacement: str, text: str) -> str:
        return self._pattern.sub(replacement, text)
