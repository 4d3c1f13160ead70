"""What a webhook would have been sent: stored reports told to it once more, by the deciders that do so live."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alerts.agreement import agreement
from alerts.alert import DIGEST, OPENED, UPDATED
from alerts.filters import refusal
from alerts.matching import join, story_of
from alerts.outcomes import ItemOutcome
from alerts.pacing import HOUR, SKEW, Later, News, Sent, plan, united

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.filters import Reporters
    from alerts.story import Report, Story
    from alerts.webhook import Webhook
    from classifiers.event import Event


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report that came to its story at a time, and who reported it."""

    at: datetime
    story_id: str
    report: Report
    reporters: Reporters


@dataclass(frozen=True, slots=True)
class Told:
    """A story in a message: as it was known then, that it ``opens`` or what is new of it, and the items of the news."""

    story_id: str
    event: Event
    opens: bool
    changes: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the webhook would have been sent; a digest tells of several stories."""

    at: datetime
    type: str
    stories: tuple[Told, ...]


@dataclass(slots=True)
class _Known:
    """A story as far as its reports have come. ``causes`` are the items whose news the webhook has not had yet."""

    story: Story
    reporters: Reporters
    told: datetime | None = None
    causes: list[str] = field(default_factory=list)


class Rehearsal:
    """Takes the reports of stories in the order in which they came. ``messages`` are those made so far."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook
        self._known: dict[str, _Known] = {}
        self._held: dict[str, Later] = {}
        self._sent: list[Sent] = []
        self.messages: list[Message] = []

    def take(self, arrival: Arrival) -> ItemOutcome:
        """What follows from a report for this webhook."""
        self.pass_to(arrival.at)
        known, changes = self._joined(arrival)
        opens = known.told is None
        if not opens and not changes:
            return ItemOutcome.SAME_STORY
        reason = refusal(self._webhook, OPENED if opens else UPDATED, known.story.event, known.reporters)
        if reason is not None:
            return reason
        known.causes.append(arrival.report.item_id)
        return self._tell(News(arrival.story_id, opens, () if opens else changes, arrival.at, known.told))

    def pass_to(self, now: datetime) -> None:
        """Let time pass: what is held and due by then is told."""
        while self._held and (due := min(later.due for later in self._held.values())) <= now:
            waiting = [later.news for later in self._held.values()]
            wanted = [news for news in waiting if self._refusal(news) is None]
            made = plan(self._webhook, wanted, self._sent_lately(due), due)
            self._held = {later.news.story_id: later for later in made.later}
            for news in made.alerts:
                self._send(OPENED if news.opens else UPDATED, [news], due)
            if made.digest:
                self._send(DIGEST, made.digest, due)

    @property
    def held(self) -> int:
        """How many stories there is something to tell of later."""
        return len(self._held)

    def _joined(self, arrival: Arrival) -> tuple[_Known, tuple[str, ...]]:
        """The story with the report, and what it gained by it."""
        report, known = arrival.report, self._known.get(arrival.story_id)
        if known is None:
            known = _Known(replace(story_of(report), id=arrival.story_id), arrival.reporters)
            self._known[arrival.story_id] = known
            return known, ()
        same_type = report.event.type == known.story.event.type
        copy = same_type and agreement(story_of(report), known.story).mere_copy
        decision = join(known.story, report, copy=copy)
        known.story, known.reporters = decision.story, known.reporters | arrival.reporters
        return known, decision.changes

    def _tell(self, fresh: News) -> ItemOutcome:
        held = self._held.pop(fresh.story_id, None)
        news = fresh
        if held is not None:
            news = replace(fresh, changes=united(held.news.changes, fresh.changes), since=held.news.since)
        if not (news.opens or news.changes):  # a status that is what it was again
            self._known[news.story_id].causes.clear()
            return ItemOutcome.SAME_STORY
        queued = [later.due for later in self._held.values() if later.why == "cap"]
        made = plan(
            self._webhook, [news], self._sent_lately(fresh.since), fresh.since, queued_until=min(queued, default=None)
        )
        if made.later:
            self._held[news.story_id] = made.later[0]
            return ItemOutcome.GATHERED
        self._send(OPENED if news.opens else UPDATED, [news], fresh.since)
        return ItemOutcome.ALERTED if news.opens else ItemOutcome.UPDATED

    def _refusal(self, news: News) -> ItemOutcome | None:
        known = self._known[news.story_id]
        return refusal(self._webhook, OPENED if news.opens else UPDATED, known.story.event, known.reporters)

    def _sent_lately(self, now: datetime) -> Sequence[Sent]:
        self._sent = [sent for sent in self._sent if sent.at >= now - HOUR - SKEW]
        return self._sent

    def _send(self, alert_type: str, many: Sequence[News], now: datetime) -> None:
        told = []
        for news in many:
            known = self._known[news.story_id]
            told.append(Told(news.story_id, known.story.event, news.opens, news.changes, tuple(known.causes)))
            known.told, known.causes = now, []
        self._sent.append(Sent(now, alert_type == DIGEST))
        self.messages.append(Message(now, alert_type, tuple(told)))
