"""The pacing decider: what a webhook is told now, what later, and what in a digest.

A webhook's ``quiet_period`` begins with every alert about a story: what the story gains meanwhile is gathered and told
when it is over. A change of status does not wait for that. ``max_per_hour`` bounds the messages about stories in any
hour: what comes beyond it waits, in order of arrival, until there is room again, and is then told as it would have been
or, when there is not room enough for all and the hour had no digest yet, in one digest.

So nothing waits longer than its quiet period and an hour, and nothing is told twice. It decides and does nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from alerts.webhook import Webhook

HOUR = timedelta(hours=1)
_STATUS = "status "
#: Clocks of several machines differ by less. What was told later than that from now was told before a clock was set
#: back, and holds nothing up.
SKEW = timedelta(minutes=1)

Why = Literal["quiet", "cap"]


@dataclass(frozen=True, slots=True)
class News:
    """What a webhook is to be told of a story: that it ``opens``, or what it gained (``changes``).

    ``since`` is when the first of it came, ``told`` when the webhook was last told of the story.
    """

    story_id: str
    opens: bool
    changes: tuple[str, ...]
    since: datetime
    told: datetime | None = None

    @property
    def changes_status(self) -> bool:
        return any(change.startswith(_STATUS) for change in self.changes)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message about stories that was made for the webhook."""

    at: datetime
    digest: bool


@dataclass(frozen=True, slots=True)
class Later:
    """What has to wait: until ``due`` nothing about it is to be decided anew."""

    news: News
    due: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class Plan:
    """``alerts`` each go out by themselves, ``digest`` together in one message; every News is in one of the three."""

    alerts: tuple[News, ...] = ()
    digest: tuple[News, ...] = ()
    later: tuple[Later, ...] = ()


def plan(
    webhook: Webhook,
    waiting: Iterable[News],
    sent: Sequence[Sent],
    now: datetime,
    *,
    queued_until: datetime | None = None,
) -> Plan:
    """What becomes of what waits for a webhook, ``sent`` being the messages about stories it had lately.

    ``waiting`` is all of it, or a newcomer alone; then ``queued_until`` is when there is room again for those that
    wait for it already: a newcomer does not overtake them.
    """
    later, ready = [], []
    for news in sorted(waiting, key=lambda n: (n.since, n.story_id)):
        until = quiet_until(webhook, news, now)
        if until is None:
            ready.append(news)
        else:
            later.append(Later(news, until, "quiet"))
    if not webhook.max_per_hour:
        return Plan(alerts=tuple(ready), later=tuple(later))
    if queued_until is not None:
        return Plan(later=(*later, *(Later(news, queued_until, "cap") for news in ready)))
    lately = sorted((s for s in sent if _is_within(s.at, now, HOUR)), key=lambda s: s.at)
    room = max(webhook.max_per_hour - len(lately), 0)
    if room and len(ready) > room and not any(s.digest for s in lately):
        return Plan(digest=tuple(ready), later=tuple(later))
    at_once = ready[:room]
    if ready[room:]:
        times = sorted([*(s.at for s in lately), *(now for _ in at_once)])
        due = times[-webhook.max_per_hour] + HOUR
        later += [Later(news, due, "cap") for news in ready[room:]]
    return Plan(alerts=tuple(at_once), later=tuple(later))


def quiet_until(webhook: Webhook, news: News, now: datetime) -> datetime | None:
    """When the quiet period that holds this up is over; None when nothing does."""
    if news.opens or news.told is None or news.changes_status:
        return None
    return news.told + webhook.quiet_period if _is_within(news.told, now, webhook.quiet_period) else None


def united(changes: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """The changes of a story as one step: each once, and of its status where it came from and where it has got to."""
    every = (*changes, *more)
    statuses = [change.removeprefix(_STATUS).split("->") for change in every if change.startswith(_STATUS)]
    others = tuple(dict.fromkeys(change for change in every if not change.startswith(_STATUS)))
    if not statuses or statuses[0][0] == statuses[-1][-1]:
        return others
    return (f"{_STATUS}{statuses[0][0]}->{statuses[-1][-1]}", *others)


def _is_within(then: datetime, now: datetime, span: timedelta) -> bool:
    return bool(span) and -SKEW <= now - then < span
