"""Store what polls brought: many at once, and one by one where that fails."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from billiard.exceptions import SoftTimeLimitExceeded
from sqlalchemy.exc import OperationalError

from feeds.connectivity import NO_ANSWER, OFFLINE
from feeds.errors import shown
from feeds.fetch import Failed, Fetched, NotModified
from feeds.poll import Reading, decide
from store import network, polls
from worker import logs, tracing
from worker.hints import Hint
from worker.outage import Outage
from worker.steps.alerting import tell_of_feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.feed import Feed
    from feeds.poll import Poll
    from store.database import Transaction
    from store.feeds import ClaimedFeed
    from worker.context import Context

log = logs.get(__name__)
_network = Outage("network")

#: Between two requests to one host, in seconds.
PAUSE = 0.25
#: Ids of new items in a line of the log.
MOST_IDS = 100


@dataclass(slots=True)
class Tally:
    """What a run did; ``asked`` is when feeds in hand were asked for, by id (Unix time)."""

    polled: int = 0
    failed: int = 0
    new_items: int = 0
    asked: dict[str, float] = field(default_factory=dict, repr=False)


def store_batch(context: Context, owner: str, batch: Sequence[tuple[ClaimedFeed, Reading]], tally: Tally) -> None:
    """Decide what each reading means and write all of it in one transaction; hints and log lines follow the commit."""
    with context.database.write() as transaction:
        try:
            with transaction.connection.begin_nested():
                _store_together(context, transaction, owner, batch, tally)
        except (OperationalError, SoftTimeLimitExceeded):
            raise
        except Exception:
            log.exception("polls could not be stored together", feeds=len(batch))
            _store_apart(context, transaction, owner, batch, tally)


def _store_apart(
    context: Context, transaction: Transaction, owner: str, batch: Sequence[tuple[ClaimedFeed, Reading]], tally: Tally
) -> None:
    """A feed that cannot be stored takes nothing of its neighbours with it."""
    for one, reading in batch:
        try:
            with transaction.connection.begin_nested():
                _store_together(context, transaction, owner, [(one, reading)], tally)
        except (OperationalError, SoftTimeLimitExceeded):
            raise
        except Exception as error:
            log.exception("poll could not be stored", feed=one.feed.url)
            _store_together(context, transaction, owner, [(one, internal_error(error))], tally)


def _store_together(
    context: Context, transaction: Transaction, owner: str, batch: Sequence[tuple[ClaimedFeed, Reading]], tally: Tally
) -> None:
    connection, now = transaction.connection, context.now()
    limits, rng = context.config.polling, random.Random()  # noqa: S311
    # Of a feed that was never read nothing is known.
    asked = {one.feed.id: reading.keys for one, reading in batch if one.state.succeeded and reading.keys}
    known = polls.known_keys(connection, asked, now)
    offline = {
        private: network.judge(connection, _polled(batch, private=private), now, private=private)
        for private in (False, True)
    }
    if any(offline.values()):
        _network.down("no host answers, feeds wait")
    else:
        _network.up()
    decided = [
        (
            one,
            decide(
                one.feed,
                one.state,
                reading,
                known.items,
                now,
                limits,
                rng,
                offline=offline[one.feed.allow_private],
                push_until=one.push_until,
            ),
        )
        for one, reading in batch
    ]
    readings = {one.feed.id: reading for one, reading in batch}
    kept = polls.save_polls(
        connection,
        [(one.feed, poll) for one, poll in decided],
        owner=owner,
        now=now,
        fresh=known.fresh,
        rest=timedelta(seconds=PAUSE),
    )
    for one, poll in decided:
        if one.feed.id in kept and (poll.started_failing or poll.recovered):
            tell_of_feed(context, transaction, one.feed, poll)
    if any(poll.new or poll.updated for _, poll in decided):
        context.hint_after(transaction, Hint("classify"))
    for one, poll in decided:
        if one.feed.id in kept:
            transaction.after_commit(partial(_tell, context, tally, one, readings[one.feed.id], poll))
        else:
            log.info("feed was taken over by another worker", feed=one.feed.url)


def _tell(context: Context, tally: Tally, one: ClaimedFeed, reading: Reading, poll: Poll) -> None:
    before, after, url = one.state, poll.state, one.feed.url
    counts = context.counts
    tally.polled += 1
    tally.new_items += len(poll.new)
    offline = after.problem == OFFLINE
    unchanged = isinstance(reading.outcome, NotModified)
    counts.add(
        "seedwire_polls_total",
        outcome="offline" if offline else "failed" if after.failures else "unchanged" if unchanged else "ok",
    )
    if isinstance(reading.outcome, Fetched):
        counts.add("seedwire_poll_bytes_total", len(reading.outcome.body))
    tally.failed += bool(offline or after.failures)
    if offline:
        return  # said once, of the network
    if after.failures:
        log.warning(
            "feed failed",
            feed=url, feed_id=one.feed.id, reason=after.problem, detail=after.problem_detail, failures=after.failures,
            next_poll=poll.next_poll.isoformat(timespec="seconds"),
        )  # fmt: skip
    elif before.failures:
        log.info("feed recovered", feed=url, failures=before.failures)
    elif after.problem and after.problem != before.problem:
        log.warning("feed has a problem", feed=url, reason=after.problem, detail=after.problem_detail)
    if poll.new:
        count_new(context, poll)
        told = [n.item.id for n in poll.new if not n.baseline]
        # Of those that are news each id is told: whoever follows one through the log begins here.
        log.info(
            "new items",
            feed=url, feed_id=one.feed.id, items=len(poll.new), baseline=len(poll.new) - len(told), ids=told[:MOST_IDS],
        )  # fmt: skip
        trace_new("poll", poll, one.feed, tally.asked.get(one.feed.id))


def trace_new(name: str, poll: Poll, feed: Feed, began: float | None) -> None:
    """A trace for each new item that is news begins with how it came to us."""
    if not tracing.is_on():
        return
    ended = time.time()
    for new in poll.new:
        if not new.baseline:
            tracing.record(
                name, new.item.id, began=began or ended, ended=ended, about=tracing.SIGHT, calls=name == "poll",
                attributes={
                    "seedwire.item": new.item.id, "seedwire.feed_id": feed.id, "seedwire.feed": shown(feed.url),
                    "seedwire.published": new.item.published.isoformat() if new.item.published else None,
                },
            )  # fmt: skip


def count_new(context: Context, poll: Poll) -> None:
    """Count new items, and how long after their publication they were seen: of those that are news."""
    context.counts.add("seedwire_items_total", len(poll.new))
    now = context.now()
    ages = [(now - n.item.published).total_seconds() for n in poll.new if n.item.published and not n.baseline]
    context.counts.observe("seedwire_publication_to_sight_seconds", ages)


def _polled(batch: Sequence[tuple[ClaimedFeed, Reading]], *, private: bool) -> list[network.Polled]:
    return [
        network.Polled(one.host, not _is_silent(reading), one.state)
        for one, reading in batch
        if one.feed.allow_private == private
    ]


def _is_silent(reading: Reading) -> bool:
    return isinstance(reading.outcome, Failed) and reading.outcome.reason in NO_ANSWER


def internal_error(error: Exception) -> Reading:
    return Reading(Failed("internal-error", f"{type(error).__name__}; see the log"))
