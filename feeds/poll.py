"""What a poll means: new items, updates, the feed's state after it, and when the next one is due. Pure.

    read(feed, outcome) -> Reading      before the database is asked (parsing takes its time)
    decide(…, reading, known, …) -> Poll   with the keys the database knew; everything in it is written in one step

Validators move on only inside ``Poll.state``, together with the items: a crash between the two cannot lose an item.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feeds import moving, schedule
from feeds.connectivity import NO_ANSWER, OFFLINE
from feeds.feed import FAILING_AFTER
from feeds.fetch import Failed, Fetched, NotModified, Outcome
from feeds.hubs import offer
from feeds.identity import Identified, NewEntry, identify, select

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from feeds.entry import Entry
    from feeds.feed import Feed, FeedState, PollingLimits
    from feeds.parse import ParsedFeed
    from feeds.sniff import Problem

_FUTURE = timedelta(days=1)
#: Reasons by which a publisher may mean that we come too often.
_SLOW_DOWN = frozenset({"forbidden", "too-many-requests"})
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """An outcome, parsed where there was something to parse."""

    outcome: Outcome
    parsed: ParsedFeed | None = None
    identified: Identified | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The keys to ask the database for."""
        return frozenset(key for own in self.identified.keys for key in own) if self.identified else frozenset()


@dataclass(frozen=True, slots=True)
class Poll:
    """What to write down. ``seen`` maps every key of the document to its item's id.

    ``started_failing`` and ``recovered`` are true for the one poll at which the feed crossed ``FAILING_AFTER``
    failures, or came back from there.
    """

    state: FeedState
    next_poll: datetime
    new: tuple[NewEntry, ...] = ()
    updated: tuple[NewEntry, ...] = ()
    seen: Mapping[str, str] = field(default_factory=dict)
    started_failing: bool = False
    recovered: bool = False


def read(feed: Feed, outcome: Outcome) -> Reading:
    """Parse what was fetched. Raises nothing for what is in it."""
    if not isinstance(outcome, Fetched):
        return Reading(outcome)
    # Loaded when a feed has something new: most polls bring nothing.
    from feeds.parse import parse

    parsed = parse(
        outcome.body,
        url=outcome.url,
        content_type=outcome.content_type,
        content_language=outcome.content_language,
    )
    return reading_of(feed.id, outcome, parsed)


def reading_of(feed_id: str, fetched: Fetched, parsed: ParsedFeed, beside: Sequence[Entry] = ()) -> Reading:
    """What was fetched and parsed, with what its entries go by; those that say nothing are left out."""
    if any(entry.blank for entry in parsed.entries):
        parsed = replace(parsed, entries=tuple(entry for entry in parsed.entries if not entry.blank))
    return Reading(fetched, parsed, identify(feed_id, parsed.entries, beside))


def decide(
    feed: Feed,
    state: FeedState,
    reading: Reading,
    known: Mapping[str, str],
    now: datetime,
    limits: PollingLimits,
    rng: random.Random,
    *,
    offline: bool = False,
    push_until: datetime | None = None,
) -> Poll:
    """``state`` is the feed's before this poll, ``known`` the item ids remembered for ``reading.keys``. ``offline``
    says that nobody answers us at present, so that a failure is not the feed's (``feeds.connectivity``). Up to
    ``push_until`` a hub that has proved to push what is new has promised to (``feeds.websub``)."""
    outcome, parsed = reading.outcome, reading.parsed
    if isinstance(outcome, Failed) and offline and outcome.reason in NO_ANSWER:
        return _out_of_reach(feed, state, outcome, now, limits, rng)
    if isinstance(outcome, Failed):
        return _failed(feed, state, outcome, now, limits, rng)
    if isinstance(outcome, NotModified):
        return _unchanged(feed, state, outcome, now, limits, rng, push_until)
    assert parsed is not None
    if parsed.failure is not None:
        failed = Failed(parsed.failure.code, parsed.failure.detail, redirects=outcome.redirects)
        return _failed(feed, state, failed, now, limits, rng)
    return _read_document(feed, state, reading, outcome, parsed, known, now, limits, rng, push_until)


def _read_document(
    feed: Feed,
    state: FeedState,
    reading: Reading,
    fetched: Fetched,
    parsed: ParsedFeed,
    known: Mapping[str, str],
    now: datetime,
    limits: PollingLimits,
    rng: random.Random,
    push_until: datetime | None,
) -> Poll:
    assert reading.identified is not None
    selection = select(reading.identified, known)
    problem = _worst(parsed.problems)
    # A cut first document leaves the rest of the back catalogue for the next poll, unless it is always cut.
    whole = not parsed.truncated
    moved_to, moved_seen = moving.after_success(feed, state, fetched.redirects)
    brought = bool(selection.new)
    arrived = now - state.changed if brought and state.changed else None
    floor = schedule.floor_after_success(limits, timedelta(seconds=state.floor_seconds))
    offered = offer(fetched.url, fetched.links, parsed.hubs, parsed.self_link)
    moments = [
        moment
        for e in parsed.entries
        if (moment := believable(e.published, now) or believable(e.updated, now)) is not None
    ]
    asked = max((wait for wait in (parsed.ttl, fetched.max_age) if wait), default=None)
    rhythm = schedule.interval(feed, limits, now, moments, asked, arrived)
    validators = fetched if whole else state
    after = replace(
        state,
        etag=validators.etag,
        last_modified=validators.last_modified,
        body_hash=validators.body_hash,
        failures=0,
        problem=problem.code if problem else None,
        problem_detail=_one_line(problem.detail) if problem else None,
        polled=now,
        succeeded=now,
        baseline_done=state.baseline_done or whole or state.problem == "truncated",
        title=parsed.title or state.title,
        language=parsed.language or state.language,
        changed=now if brought else state.changed,
        wait_seconds=rhythm.total_seconds(),
        moved_to=moved_to,
        moved_seen=moved_seen,
        floor_seconds=floor.total_seconds(),
        hubs=" ".join(offered.hubs) if offered else None,
        topic=offered.topic if offered else None,
    )
    wait = max(floor, rhythm)
    if push_until is not None and now < push_until and not brought:  # else the hub has left something out
        wait = schedule.relaxed(feed, limits, wait)
    return Poll(
        state=after,
        next_poll=schedule.after_success(now, wait, rng),
        new=tuple(_dated(entry, feed, state, now) for entry in selection.new),
        updated=tuple(_dated(entry, feed, state, now) for entry in selection.updated),
        seen=selection.seen,
        recovered=state.failures >= FAILING_AFTER,
    )


def _unchanged(
    feed: Feed,
    state: FeedState,
    outcome: NotModified,
    now: datetime,
    limits: PollingLimits,
    rng: random.Random,
    push_until: datetime | None,
) -> Poll:
    moved_to, moved_seen = moving.after_success(feed, state, outcome.redirects)
    floor = schedule.floor_after_success(limits, timedelta(seconds=state.floor_seconds))
    silence = now - state.changed if state.changed else None
    rhythm = schedule.interval_unchanged(feed, limits, _rhythm(state), outcome.max_age, silence)
    failed = state.failures > 0 or state.problem == OFFLINE
    after = replace(
        state,
        etag=outcome.etag,
        last_modified=outcome.last_modified,
        failures=0,
        # A warning about the document still holds for the same document; a failure is over.
        problem=None if failed else state.problem,
        problem_detail=None if failed else state.problem_detail,
        polled=now,
        succeeded=now,
        wait_seconds=rhythm.total_seconds(),
        moved_to=moved_to,
        moved_seen=moved_seen,
        floor_seconds=floor.total_seconds(),
    )
    wait = max(floor, rhythm)
    if push_until is not None and now < push_until:
        wait = schedule.relaxed(feed, limits, wait)
    return Poll(after, schedule.after_success(now, wait, rng), recovered=state.failures >= FAILING_AFTER)


def _failed(
    feed: Feed, state: FeedState, failed: Failed, now: datetime, limits: PollingLimits, rng: random.Random
) -> Poll:
    gone = failed.reason == "gone"
    # The publisher says for good: that needs no second and third time.
    failures = max(state.failures + 1, FAILING_AFTER if gone else 0)
    floor = timedelta(seconds=state.floor_seconds)
    if failed.reason in _SLOW_DOWN and failed.retry_after is None and state.succeeded and not state.failures:
        floor = schedule.floor_after_refusal(limits, _rhythm(state), floor)
    # What does not answer at its new address is asked at the one that the config names.
    stays = failed.retry_after is not None or failed.reason in _SLOW_DOWN
    after = replace(
        state,
        failures=failures,
        problem=failed.reason,
        problem_detail=_one_line(failed.detail),
        polled=now,
        moved_to=state.moved_to if stays else None,
        moved_seen=state.moved_seen if stays else 0,
        floor_seconds=floor.total_seconds(),
    )
    usual = max(feed.interval or limits.interval, limits.min_interval, floor)
    if gone:  # it rests; a look a day is for the publisher who said it by mistake
        usual = schedule.LONGEST_WAIT
    due = schedule.after_failure(now, usual, failures, rng, failed.retry_after)
    return Poll(after, due, started_failing=state.failures < FAILING_AFTER <= failures)


def _out_of_reach(
    feed: Feed, state: FeedState, failed: Failed, now: datetime, limits: PollingLimits, rng: random.Random
) -> Poll:
    detail = _one_line(f"no host answers at present, so this one is not to blame; it said: {failed.detail}")
    after = replace(state, problem=OFFLINE, problem_detail=detail, polled=now)
    return Poll(after, schedule.while_offline(now, max(feed.interval or limits.interval, limits.min_interval), rng))


def _rhythm(state: FeedState) -> timedelta | None:
    """Not the time since the last poll: what was added by chance would add up, and a downtime would count as a wait."""
    return timedelta(seconds=state.wait_seconds) if state.wait_seconds else None


def _dated(entry: NewEntry, feed: Feed, state: FeedState, now: datetime) -> NewEntry:
    published = believable(entry.item.published, now)
    item = entry.item if published == entry.item.published else replace(entry.item, published=published)
    return NewEntry(item, entry.keys, baseline=not state.baseline_done and _is_old(published, feed, now))


def _is_old(published: datetime | None, feed: Feed, now: datetime) -> bool:
    """Whether the first-poll rule counts an item as having been there before the feed was watched."""
    if isinstance(feed.first_poll, timedelta):
        return published is None or published < now - feed.first_poll
    return feed.first_poll == "baseline"


def believable(moment: datetime | None, now: datetime) -> datetime | None:
    """A time more than a day ahead, or from before feeds, says nothing. Hours ahead is a wrong zone and is kept."""
    return moment if moment is not None and _EARLIEST <= moment <= now + _FUTURE else None


def _worst(problems: tuple[Problem, ...]) -> Problem | None:
    """The one problem worth remembering: missing content before oddities; none for what harms nobody."""
    telling = [p for p in problems if p.code not in ("content-type", "control-characters")]
    return next((p for p in telling if p.code == "truncated"), telling[0] if telling else None)


def _one_line(detail: str) -> str:
    """What a server wrote may be quoted in it; a log line stays a line, and every database can hold it."""
    return "".join(c if c.isprintable() else " " for c in detail[:500])
