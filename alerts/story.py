"""The values this room thinks in: a report comes in, a story is what it is compared with and becomes part of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from classifiers.event import Event


@dataclass(frozen=True, slots=True)
class Report:
    """One event as one item reports it.

    ``index`` tells reports of one item apart (a page with two articles). ``outlet`` is who published it: the item's
    host, so that two feeds of one paper count once. ``published`` is the item's own time, ``seen`` when we first saw
    it; both aware, UTC.
    """

    item_id: str
    index: int
    feed_id: str
    feed_title: str
    feed_url: str
    outlet: str
    url: str | None
    title: str
    text: str
    language: str | None
    published: datetime | None
    seen: datetime
    event: Event
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One real-world event as known so far.

    ``event`` is the merged view of its reports; ``outlets`` and ``items`` count distinct ones. ``first`` and ``last``
    bound the times of its reports. ``prints`` are short fingerprints of its reports' words (at most a few reports'),
    kept so that a further report can be compared without loading texts. ``reports`` are (item id, index) pairs.

    Stories that turned out to be one: ``merged`` are the ids of those that went into this one. One that went into
    another is kept as it was, with the other's id in ``into`` and without reports, so that reports that agree with it
    are still found to belong there. What a person said: ``apart`` are the ids of stories never to be joined with this
    one, ``split_from`` is the one its reports were in before.
    """

    id: str
    event: Event
    opened: datetime
    first: datetime
    last: datetime
    outlets: frozenset[str] = frozenset()
    reports: tuple[tuple[str, int], ...] = ()
    prints: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    merged: tuple[str, ...] = ()
    into: str | None = None
    apart: frozenset[str] = frozenset()
    split_from: str | None = None

    @property
    def items(self) -> int:
        return len({item_id for item_id, _ in self.reports})

    @property
    def told_as(self) -> tuple[str, ...]:
        """The ids under which somebody may have heard of it."""
        return (self.id, *self.merged, *filter(None, [self.split_from]))


def outlet_of(url: str | None, feed_url: str) -> str:
    """Who published an item: the host of its address (without ``www.``), else of its feed's; of an article without an
    address that was pushed to us, the source's name."""
    for address in (url or "", feed_url):
        try:
            host = urlsplit(address).hostname
        except ValueError:
            continue
        if host:
            return host.removeprefix("www.")
    return feed_url.removeprefix("push:")  # as store.pushed keeps sources
