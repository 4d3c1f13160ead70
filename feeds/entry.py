"""One entry of a feed document, before anything is known of its past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry says of itself; what it does not say is ``None`` or empty.

    ``guid`` is the publisher's id as written. ``link`` is absolute, http or https. ``title`` and ``text`` are plain
    text; ``text`` is the longer of content and summary. Times are aware and in UTC.
    """

    guid: str | None = None
    link: str | None = None
    title: str = ""
    text: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None

    @property
    def blank(self) -> bool:
        """Whether it says nothing that could be told or known again; feeds are made with such by mistake."""
        return not (self.guid or self.link or self.title or self.text)
