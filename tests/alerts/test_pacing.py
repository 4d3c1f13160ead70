"""What a webhook is told at once, what later, what in a digest: by example, and for any course of events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.pacing import HOUR, News, Plan, Sent, plan, united
from alerts.webhook import Webhook

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLAIN = Webhook(name="desk", url="https://desk.example", secrets=(b"n" * 24,), updates=True)
QUIET = replace(PLAIN, quiet_period=timedelta(minutes=30))
CAPPED = replace(PLAIN, max_per_hour=2)


def opening(story: str, since: datetime = NOON) -> News:
    return News(story, opens=True, changes=(), since=since)


def gain(story: str, *changes: str, told: datetime, since: datetime = NOON) -> News:
    return News(story, opens=False, changes=changes, since=since, told=told)


def sent(*minutes_ago: int, digest: bool = False) -> list[Sent]:
    return [Sent(NOON - minutes * MINUTE, digest) for minutes in minutes_ago]


def test_without_limits_everything_goes_out_at_once() -> None:
    news = [opening("a"), gain("b", "place", told=NOON)]
    assert plan(PLAIN, news, sent(1, 2, 3), NOON) == Plan(alerts=tuple(news))


def test_within_its_quiet_period_a_story_waits_and_after_it_is_told() -> None:
    news = gain("a", "outlet dawn.com", told=NOON - 10 * MINUTE)
    (later,) = plan(QUIET, [news], [], NOON).later
    assert (later.news, later.due, later.why) == (news, NOON + 20 * MINUTE, "quiet")
    assert plan(QUIET, [news], [], later.due - timedelta(seconds=1)).later
    assert plan(QUIET, [news], [], later.due).alerts == (news,)


def test_a_cancellation_does_not_wait_and_takes_along_what_was_gathered() -> None:
    news = gain("a", "status planned->cancelled", "place", told=NOON)
    assert plan(QUIET, [news], [], NOON).alerts == (news,)


def test_an_opening_knows_no_quiet_period() -> None:
    assert plan(QUIET, [opening("a")], sent(1), NOON).alerts


def test_beyond_the_cap_everything_waits_until_there_is_room() -> None:
    made = plan(CAPPED, [opening("a"), opening("b", NOON + MINUTE)], sent(50, 20), NOON)
    assert not made.alerts
    assert [(later.due, later.why) for later in made.later] == [(NOON + 10 * MINUTE, "cap")] * 2


def test_what_waited_goes_out_in_one_digest_if_there_is_no_room_for_each() -> None:
    three = (opening("a"), opening("b"), opening("c"))
    assert plan(CAPPED, three, sent(20), NOON) == Plan(digest=three)
    assert plan(CAPPED, three[:1], sent(20), NOON) == Plan(alerts=three[:1])
    assert plan(CAPPED, three[:2], [], NOON) == Plan(alerts=three[:2])


def test_an_hour_has_one_digest() -> None:
    three = (opening("a"), opening("b"), opening("c"))
    made = plan(CAPPED, three, sent(59, digest=True), NOON)
    assert made.alerts == three[:1]
    assert {later.due for later in made.later} == {NOON + MINUTE}
    assert plan(CAPPED, three, sent(60, digest=True), NOON).digest == three


def test_a_newcomer_overtakes_nobody() -> None:
    (later,) = plan(CAPPED, [opening("z")], [], NOON, queued_until=NOON + MINUTE).later
    assert (later.due, later.why) == (NOON + MINUTE, "cap")


def test_a_cap_that_was_lowered_waits_for_as_many_to_pass_as_are_too_many() -> None:
    (later,) = plan(CAPPED, [opening("a")], sent(50, 40, 30, 20), NOON).later
    assert later.due == NOON + 30 * MINUTE


@pytest.mark.parametrize("ahead", [timedelta(hours=5), timedelta(days=400)])
def test_a_clock_that_was_set_back_holds_nothing_up(ahead: timedelta) -> None:
    assert plan(QUIET, [gain("a", "place", told=NOON + ahead)], [], NOON).alerts
    assert plan(CAPPED, [opening("a")], [Sent(NOON + ahead, digest=True)] * 9, NOON).alerts


@pytest.mark.parametrize(
    ("known", "more", "expected"),
    [
        ((), ("place",), ("place",)),
        (("place", "outlet a.com"), ("outlet a.com", "date"), ("place", "outlet a.com", "date")),
        (("status planned->held",), ("status held->denied",), ("status planned->denied",)),
        (("place", "status planned->cancelled"), ("status cancelled->planned",), ("place",)),
        (("status planned->cancelled", "status cancelled->planned"), ("status planned->held",),
         ("status planned->held",)),
    ],
)  # fmt: skip
def test_changes_are_united(known: tuple[str, ...], more: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert united(known, more) == expected


@dataclass
class Receiver:
    """The state machine around the decider: what is told and what waits, as the store keeps it."""

    webhook: Webhook
    now: datetime = NOON
    waiting: dict[str, News] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    queue: set[str] = field(default_factory=set)
    told: dict[str, datetime] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    waited: list[timedelta] = field(default_factory=list)
    _facts: dict[str, list[tuple[str, datetime]]] = field(default_factory=dict)

    def report(self, story: str, fact: str) -> None:
        """A report brings a fact of its own."""
        self.pass_until(self.now)
        self._facts.setdefault(story, []).append((fact, self.now))
        known, told = self.waiting.get(story), self.told.get(story)
        news = News(story, told is None, (fact,) if told else (), self.now, told)
        if known:
            news = replace(news, changes=united(known.changes, news.changes), since=known.since)
        queued = min((self.due[s] for s in self.queue), default=None)
        self._carry_out(plan(self.webhook, [news], self.sent, self.now, queued_until=queued))

    def pass_until(self, until: datetime) -> None:
        """Time passes; whenever something is due, all that waits is decided anew."""
        while self.due and (first := min(self.due.values())) <= until:
            self.now = max(self.now, first)
            before = dict(self.due)
            self._carry_out(plan(self.webhook, list(self.waiting.values()), self.sent, self.now))
            assert self.due != before, "a wait that ends must change something"
        self.now = until

    def _carry_out(self, made: Plan) -> None:
        for news in made.alerts:
            self._tell([news], digest=False)
        if made.digest:
            self._tell(made.digest, digest=True)
        for later in made.later:
            story = later.news.story_id
            self.waiting[story], self.due[story] = later.news, later.due
            self.queue.discard(story)
            if later.why == "cap":
                self.queue.add(story)

    def _tell(self, many: list[News] | tuple[News, ...], *, digest: bool) -> None:
        self.sent.append(Sent(self.now, digest))
        for news in many:
            self.waited.append(self.now - news.since)
            for kept in (self.waiting, self.due):
                kept.pop(news.story_id, None)
            self.queue.discard(news.story_id)
            facts = self._facts.pop(news.story_id)
            if not news.opens:
                assert {fact for fact, _ in facts} == set(news.changes)
                assert self.now - self.told[news.story_id] >= self.webhook.quiet_period
            self.told[news.story_id] = self.now
            self.heard.update(fact for fact, _ in facts)


steps = st.lists(
    st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 45 * 60), st.booleans()), min_size=1, max_size=60
)


@settings(max_examples=300)
@given(steps, st.sampled_from([0, 1, 5, 30, 90]), st.integers(0, 4))
def test_every_gain_is_told_once_in_time_and_never_more_than_the_cap_an_hour(
    course: list[tuple[str, int, bool]], quiet_minutes: int, cap: int
) -> None:
    webhook = replace(PLAIN, quiet_period=quiet_minutes * MINUTE, max_per_hour=cap)
    receiver = Receiver(webhook)
    for number, (story, seconds, at_once) in enumerate(course):
        receiver.pass_until(receiver.now + timedelta(seconds=0 if at_once else seconds))
        receiver.report(story, f"outlet {number}.example")
    receiver.pass_until(receiver.now + timedelta(days=1))
    assert not receiver.waiting
    assert receiver.heard == Counter(f"outlet {number}.example" for number in range(len(course)))
    assert max(receiver.waited) <= webhook.quiet_period + (HOUR if cap else timedelta())
    times = [s.at for s in receiver.sent]
    digests = [s.at for s in receiver.sent if s.digest]
    for most, counted in ((cap, times), (1, digests)):
        for i in range(most, len(counted) if cap else 0):
            assert counted[i] - counted[i - most] >= HOUR
