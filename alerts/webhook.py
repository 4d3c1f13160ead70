"""A webhook as the config names it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

#: The Standard Webhooks 1.0 schedule: waits between one attempt and the next.
STANDARD_SCHEDULE = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))


@dataclass(frozen=True, slots=True)
class Webhook:
    """One ``[[webhooks]]`` table of the config, secrets resolved, defaults filled in.

    ``url`` is http(s) for a program, or an address of Apprise's such as ``slack://…`` for people: then it holds the
    credentials, so ``shown`` is what lists and logs tell of it.
    ``secrets`` are the decoded signing keys, the newest first (each signs, so receivers can rotate); none where people
    read. Empty filters
    admit everything. ``updates`` also sends ``seedwire.alert.updated``; within ``quiet_period`` of an alert about a
    story they are gathered. Alerts beyond ``max_per_hour`` (0: no limit) go into a digest.
    """

    name: str
    url: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    events: tuple[str, ...] = ()
    min_score: float = 0.0
    countries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    updates: bool = False
    quiet_period: timedelta = timedelta(0)
    max_per_hour: int = 0
    allow_private: bool = False
    retry_schedule: tuple[timedelta, ...] = STANDARD_SCHEDULE
    timeout: timedelta = timedelta(seconds=15)

    @property
    def scheme(self) -> str:
        return self.url.partition(":")[0].lower()

    @property
    def for_people(self) -> bool:
        """Whether messages are sent, to a chat or by e-mail, instead of signed requests."""
        return self.scheme not in {"http", "https"}

    @property
    def shown(self) -> str:
        """The address as a person may see it, without what may be a secret in it."""
        return f"{self.scheme}://…" if self.for_people else self.url.partition("?")[0] + "?…" * ("?" in self.url)

    @property
    def place(self) -> str:
        """Where it leads, for those who may see the service but not its config: a path may be a secret, too."""
        return f"{self.scheme}://…" if self.for_people else f"{self.scheme}://{urlsplit(self.url).netloc}/…"

    @property
    def asks_for(self) -> tuple[str, ...]:
        """What it asks for in words, in the order in which its filters are tried; nothing where that is everything."""
        said = [" or ".join(self.events), f"score {self.min_score:g}" if self.min_score else ""]
        for what, wanted in (
            ("", self.countries), ("", self.statuses), ("tag ", self.tags), ("feed ", self.feeds),
            ("in ", self.languages),
        ):  # fmt: skip
            said.append(what + " or ".join(wanted) if wanted else "")
        said.append("updates too" if self.updates else "")
        said.append(f"{self.max_per_hour} an hour" if self.max_per_hour else "")
        return tuple(filter(None, said))

    @property
    def recorded(self) -> str:
        """What the database keeps of the address, to see when it changes: no credentials."""
        return f"{self.scheme}:{hashlib.sha256(self.url.encode()).hexdigest()}" if self.for_people else self.url
