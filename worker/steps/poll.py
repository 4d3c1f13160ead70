"""Poll what is due: claim, fetch side by side, read, store. A slow feed holds its own slot and nothing else."""

from __future__ import annotations

import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from feeds.fetch import Failed, fetch
from feeds.poll import Poll, Reading, decide, read
from store import feeds
from store.feeds import ClaimedFeed, StoredItem
from worker import logs
from worker.hints import Hint
from worker.steps.alerting import tell_of_feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.database import Transaction
    from worker.context import Context

log = logs.get(__name__)

#: Fetches at once in one run of this step.
FETCHERS = 24
#: How long one run goes on claiming, in seconds; then it lets the next hint have the turn.
BUDGET = 30.0
#: How much longer than a fetch may take its feed stays leased: time to read and store it.
LEASE_MARGIN = timedelta(seconds=15)
#: While slow feeds are in flight, look this often whether others have become due, in seconds.
LOOK_AGAIN = 0.5
#: Hold on to what is in flight this often, in seconds; far more often than leases run out.
RENEW_EVERY = 3.0
#: A feed claimed more often without an end is recorded as failed: something in it ends the worker that reads it.
MOST_CLAIMS = 3


@dataclass(slots=True)
class Tally:
    """What a run did."""

    polled: int = 0
    failed: int = 0
    new_items: int = 0


def poll_due(context: Context, *, budget: float = BUDGET) -> Tally:
    """Poll due feeds until none is left or the budget is spent.

    Every feed's outcome is stored as soon as it is known, several at once in one transaction when they come together.
    """
    owner, tally, until = context.new_owner(), Tally(), time.monotonic() + budget
    flying: dict[Future[Reading], ClaimedFeed] = {}
    renew_at = time.monotonic() + RENEW_EVERY
    with ThreadPoolExecutor(FETCHERS, thread_name_prefix="fetch") as pool:
        while True:
            if len(flying) < FETCHERS and time.monotonic() < until:
                for claimed in _claim(context, owner, FETCHERS - len(flying)):
                    flying[pool.submit(_fetch_and_read, context, claimed)] = claimed
            if not flying:
                return tally
            if time.monotonic() > renew_at:
                renew_at = _renew(context, owner, list(flying.values()))
            done, _ = wait(flying, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
            if done:
                _store(context, owner, [(flying.pop(future), future) for future in done], tally)


def _renew(context: Context, owner: str, claimed: Sequence[ClaimedFeed]) -> float:
    until = context.now() + context.config.polling.timeout + LEASE_MARGIN
    with context.database.write() as transaction:
        feeds.renew(transaction.connection, [c.feed.id for c in claimed], owner, until)
    return time.monotonic() + RENEW_EVERY


def _claim(context: Context, owner: str, room: int) -> list[ClaimedFeed]:
    limits, now = context.config.polling, context.now()
    with context.database.read() as connection:
        if not feeds.count_due(connection, now):
            return []
    with context.database.write() as transaction:
        return feeds.claim_due(
            transaction.connection,
            now,
            limit=room,
            per_host=limits.per_host,
            owner=owner,
            lease=limits.timeout + LEASE_MARGIN,
        )


def _fetch_and_read(context: Context, claimed: ClaimedFeed) -> Reading:
    if claimed.claims > MOST_CLAIMS:
        return Reading(Failed("internal-error", f"reading it ended the worker {MOST_CLAIMS} times; see the log"))
    try:
        return read(claimed.feed, fetch(context.door, claimed.feed, claimed.state, context.config.polling))
    except Exception as error:
        # A bug of ours or of the parser's that one document brings to light must not cost the other feeds their poll.
        log.exception("feed could not be read", feed=claimed.feed.url)
        return Reading(Failed("internal-error", f"{type(error).__name__}; see the log"))


def _store(
    context: Context,
    owner: str,
    finished: list[tuple[ClaimedFeed, Future[Reading]]],
    tally: Tally,
) -> None:
    with context.database.write() as transaction:
        to_read = 0
        for claimed, future in finished:
            try:
                # A savepoint: a feed that cannot be stored takes nothing of its neighbours with it.
                with transaction.connection.begin_nested():
                    to_read += _store_one(context, transaction, owner, claimed, future.result(), tally)
            except OperationalError:
                raise
            except Exception as error:
                log.exception("poll could not be stored", feed=claimed.feed.url)
                reading = Reading(Failed("internal-error", f"{type(error).__name__}; see the log"))
                to_read += _store_one(context, transaction, owner, claimed, reading, tally)
        if to_read:
            context.hint_after(transaction, Hint("classify"))


def _store_one(
    context: Context, transaction: Transaction, owner: str, claimed: ClaimedFeed, reading: Reading, tally: Tally
) -> int:
    """Write what one poll brought; returns how many items are to be classified."""
    connection, now, feed = transaction.connection, context.now(), claimed.feed
    known = feeds.known_keys(connection, feed.id, reading.keys)
    poll = decide(feed, claimed.state, reading, known, now, context.config.polling, random.Random())  # noqa: S311
    stored = feeds.save_poll(
        connection,
        feed,
        owner=owner,
        state=poll.state,
        next_poll=poll.next_poll,
        new=[StoredItem(n.item, n.keys, n.baseline) for n in poll.new],
        updated=[StoredItem(n.item, n.keys, n.baseline) for n in poll.updated],
        seen=poll.seen,
        now=now,
    )
    if not stored:
        log.info("feed was taken over by another worker", feed=feed.url)
        return 0
    tally.polled += 1
    tally.new_items += len(poll.new)
    _tell(context, claimed, poll, tally)
    if poll.started_failing or poll.recovered:
        tell_of_feed(context, transaction, feed, poll)
    return len(poll.new) + len(poll.updated)


def _tell(context: Context, claimed: ClaimedFeed, poll: Poll, tally: Tally) -> None:
    before, after = claimed.state, poll.state
    context.counts.add("seedwire_polls_total", outcome="failed" if after.failures else "ok")
    context.counts.add("seedwire_items_total", len(poll.new))
    if after.failures:
        tally.failed += 1
        log.warning(
            "feed failed",
            feed=claimed.feed.url, reason=after.problem, detail=after.problem_detail, failures=after.failures,
            next_poll=poll.next_poll.isoformat(timespec="seconds"),
        )  # fmt: skip
    elif before.failures:
        log.info("feed recovered", feed=claimed.feed.url, failures=before.failures)
    elif after.problem and after.problem != before.problem:
        log.warning("feed has a problem", feed=claimed.feed.url, reason=after.problem, detail=after.problem_detail)
    if poll.new:
        log.info("new items", feed=claimed.feed.url, items=len(poll.new), baseline=sum(n.baseline for n in poll.new))
