"""A feed as the config names it, what is remembered of it between polls, and the limits every poll keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

FirstPoll = Literal["baseline", "alert"] | timedelta

#: Failed polls in a row from which on a feed is called failing; before that it is being retried.
FAILING_AFTER = 3


@dataclass(frozen=True, slots=True)
class Feed:
    """One ``[[feeds]]`` table of the config, defaults filled in.

    ``first_poll`` decides what a feed's back catalogue is on the first successful poll: ``"baseline"`` stores it
    without alerting, ``"alert"`` treats it all as new, an age treats as new what was published within it.
    ``interval`` is a wish for this feed alone, else ``None``. ``id`` is derived from the address alone, so it is the
    same on every machine and after a restore.
    """

    url: str
    name: str = ""
    tags: tuple[str, ...] = ()
    interval: timedelta | None = None
    fulltext: bool = False
    allow_private: bool = False
    first_poll: FirstPoll = "baseline"
    id: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", feed_id(self.url))


def feed_id(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between polls; a feed never polled has the defaults.

    ``failures`` counts failed polls in a row. ``problem`` is the machine-readable reason of the last failure or
    warning, ``problem_detail`` one line for a person, who sees the feed's address beside it; both ``None`` when all
    is well. ``polled`` and ``succeeded`` are the times of the last poll and the last good one, ``changed`` that of the
    last one that brought something new. ``baseline_done`` is true once a poll has succeeded.

    ``wait_seconds`` is the wait that the feed's rhythm chose last, before chance, refusals and pushes had a say.
    ``moved_to`` is where permanent redirects lead to, ``moved_seen`` how many polls in a row said so. ``floor_seconds``
    is the wait below which the publisher refused to answer, 0 where it never did.

    ``hubs`` are the addresses at which the last document offers to push (WebSub), separated by spaces, ``topic`` is
    what the feed is called there; ``None`` where it offers nothing of the kind.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    failures: int = 0
    problem: str | None = None
    problem_detail: str | None = None
    polled: datetime | None = None
    succeeded: datetime | None = None
    baseline_done: bool = False
    title: str | None = None
    language: str | None = None
    changed: datetime | None = None
    wait_seconds: float | None = None
    moved_to: str | None = None
    moved_seen: int = 0
    floor_seconds: float = 0.0
    hubs: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class PollingLimits:
    """The ``[polling]`` table: bounds that hold for every feed. ``max_bytes`` counts after decompression."""

    interval: timedelta = timedelta(minutes=10)
    min_interval: timedelta = timedelta(minutes=1)
    max_interval: timedelta = timedelta(hours=6)
    timeout: timedelta = timedelta(seconds=20)
    max_bytes: int = 15_000_000
    per_host: int = 2
