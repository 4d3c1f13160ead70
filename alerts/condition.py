"""The condition of the service: which of its troubles are worth a message, and when they are over.

A trouble is told when it has lasted for its patience, once; another that joins it is told too, with those that are
there. It is over when it has not been seen for ``CALM``: what comes and goes is one trouble. When all are over, that is
told. It decides and does nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

#: A trouble not seen for so long is over.
CALM = timedelta(minutes=5)
#: Nobody has looked for so long: the service was stopped or the machine asleep, and what is late now is no trouble yet.
UNWATCHED = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that keeps the service from its work, as seen now: a word for programs, a sentence for people."""

    reason: str
    detail: str
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """A trouble over time: seen from ``since`` to ``last``; ``told`` when webhooks know of it."""

    reason: str
    detail: str
    since: datetime
    last: datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """``standing`` is what is to be remembered; of what is ``news``, webhooks are told ``about``."""

    standing: tuple[Standing, ...]
    news: Literal["degraded", "recovered"] | None = None
    about: tuple[Standing, ...] = ()


def judge(
    known: Mapping[str, Standing], troubles: Iterable[Trouble], now: datetime, last_judged: datetime | None
) -> Judgement:
    """What follows from the troubles seen now, after those ``known`` when this was last judged."""
    watched = last_judged is not None and timedelta(0) <= now - last_judged <= UNWATCHED
    seen: dict[str, Standing] = {}
    news = False
    for trouble in troubles:
        before = known.get(trouble.reason)
        since = before.since if before and (before.told or watched) else now
        told = before.told if before else False
        tell = not told and now - since >= trouble.patience
        news = news or tell
        seen[trouble.reason] = Standing(trouble.reason, trouble.detail, since, now, told or tell)
    for reason, before in known.items():
        # A clock that was set back starts the calm anew.
        last = min(before.last, now)
        if reason not in seen and before.told and now - last < CALM:
            seen[reason] = replace(before, last=last)
    standing = tuple(sorted(seen.values(), key=lambda s: (s.since, s.reason)))
    told_now = tuple(s for s in standing if s.told)
    told_before = tuple(sorted((s for s in known.values() if s.told), key=lambda s: (s.since, s.reason)))
    if news:
        return Judgement(standing, "degraded", told_now)
    if told_before and not told_now:
        return Judgement(standing, "recovered", told_before)
    return Judgement(standing)
