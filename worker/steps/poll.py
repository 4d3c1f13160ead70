"""Poll what is due: claim, fetch side by side in one thread, read, store in batches.

A slow feed holds its own slot and nothing else. A host's feeds are in the hands of one run at a time (``store.feeds``),
which asks it for ``per_host`` of them at once and, unless it may be one of our own, pauses between two requests.
"""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from billiard.exceptions import SoftTimeLimitExceeded

from feeds.errors import DoorError
from feeds.fetch import Failed, failed, outcome, request
from feeds.poll import Reading, read
from store import feeds
from worker import logs
from worker.steps.store_polls import PAUSE, Tally, internal_error, store_batch
from worker.stopping import is_stopping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.door import Answer, Exchanges
    from store.feeds import ClaimedFeed
    from worker.context import Context

log = logs.get(__name__)

#: Fetches at once in one run of this step.
FETCHES = 96
#: Feeds in hand at once, and claimed at once. Most of them wait for their host's turn.
IN_HAND, CLAIM = 2_000, 300
#: How many feeds of one host are in hand at first, and at most: the share doubles as often as it is worked off, so that
#: a quick host is not waited for, and a slow one's feeds do not fill our hands.
SHARE, MOST_OF_HOST = 10, 160
#: How long one run goes on, in seconds, below a task's time limit. Then it gives back what it has in hand, and the next
#: goes on with that: to wait for the slowest without claiming others would make all of them late.
BUDGET = 90.0
#: A run that lingers waits so long, in seconds, for others to become due: a little longer than a tick.
LINGER = 1.5
#: How much longer than a fetch may take its feed stays leased: time to read and store it.
LEASE_MARGIN = timedelta(seconds=15)
#: Look this often whether feeds have become due, in seconds; less often with much in hand, until half of it is done.
LOOK_AGAIN, LOOK_WHEN_BUSY, BUSY = 0.2, 1.0, 20
#: Readings are stored when there are so many of them, or so many entries in them, or after so many seconds.
BATCH, BATCH_ENTRIES, BATCH_SECONDS = 100, 4_000, 0.4
#: Hold on to what is in hand this often, in seconds; far more often than leases run out.
RENEW_EVERY = 3.0
#: A feed claimed more often without an end is recorded as failed: something in it ends the worker that reads it.
MOST_CLAIMS = 3


def poll_due(context: Context, *, budget: float = BUDGET, linger: float = 0.0) -> Tally:
    """Poll due feeds until none is left (and none has become due for ``linger`` seconds), or the budget is spent."""
    run = _Run(context)
    try:
        run.go(budget, linger)
    finally:
        run.close()
    return run.tally


@dataclass(slots=True)
class _Host:
    """A host's feeds in hand: those that wait, and how many are being fetched. ``free_at`` is monotonic time."""

    waiting: deque[ClaimedFeed] = field(default_factory=deque)
    flying: int = 0
    free_at: float = 0.0
    share: int = SHARE

    @property
    def room(self) -> int:
        return self.share - len(self.waiting) - self.flying


class _Run:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.tally = Tally()
        self._owner = context.new_owner()
        self._exchanges: Exchanges[ClaimedFeed] = context.door.exchanges()
        self._in_hand: dict[str, ClaimedFeed] = {}
        self._hosts: dict[str, _Host] = {}
        self._arrived: deque[tuple[ClaimedFeed, Answer | DoorError]] = deque()
        self._read: list[tuple[ClaimedFeed, Reading]] = []
        self._entries = 0
        self._late: list[float] = []
        self._took: list[float] = []
        self._unstored = 0
        self._store_at = self._renew_at = self._look_at = 0.0

    def go(self, budget: float, linger: float) -> None:
        start = time.monotonic()
        until, idle_until = start + budget, start + linger
        while True:
            now = time.monotonic()
            if now >= self._look_at and now < until:
                self._claim(now)
            if not self._in_hand:
                if now >= min(idle_until, until) or is_stopping():
                    return
                time.sleep(max(min(self._look_at, idle_until, until) - now, 0.01))
                continue
            idle_until = now + linger
            if now > until or is_stopping():
                self._give_back()
                return
            self._start(now)
            self._advance()
            if now > self._renew_at:
                self._renew(now)

    def close(self) -> None:
        self._exchanges.close()

    def _claim(self, now: float) -> None:
        context, at = self.context, self.context.now()
        self._look_at = now + (LOOK_AGAIN if len(self._in_hand) < BUSY else LOOK_WHEN_BUSY)
        if len(self._in_hand) >= IN_HAND:
            return
        with context.database.read() as connection:
            if not feeds.any_due(connection, at):
                return
        lease = context.config.polling.timeout + LEASE_MARGIN
        with context.database.write() as transaction:
            claimed = feeds.claim_due(
                transaction.connection,
                at,
                limit=CLAIM,
                per_host=SHARE,
                owner=self._owner,
                lease=lease,
                room={name: host.room for name, host in self._hosts.items()},
            )
            if not claimed and not self._in_hand:
                # One that others may have died of, alone in hand until it is stored.
                suspect = feeds.claim_suspect(transaction.connection, at, owner=self._owner, lease=lease)
                claimed = [suspect] if suspect else []
                self._look_at = math.inf if suspect else self._look_at
        self._take(claimed)
        self._unstored = len(self._in_hand)

    def _take(self, claimed: Sequence[ClaimedFeed]) -> None:
        for one in claimed:
            self._in_hand[one.feed.id] = one
            if one.claims > MOST_CLAIMS:
                died = f"reading it ended the worker {MOST_CLAIMS} times; see the log"
                self._keep(one, Reading(Failed("internal-error", died)))
            else:
                self._hosts.setdefault(one.host, _Host()).waiting.append(one)

    def _start(self, now: float) -> None:
        """Send what may be sent now."""
        limits, room = self.context.config.polling, FETCHES - len(self._exchanges)
        for name, host in list(self._hosts.items()):
            while room > 0 and host.waiting and host.flying < limits.per_host and now >= host.free_at:
                one = host.waiting.popleft()
                host.flying += 1
                host.free_at = 0.0 if one.feed.allow_private else now + PAUSE
                self._late.append((self.context.now() - one.due).total_seconds())
                self.tally.asked[one.feed.id] = time.time()
                self._exchanges.start(request(one.feed, one.state, limits), one)
                room -= 1
                if not host.waiting:
                    host.share = min(host.share * 2, MOST_OF_HOST)
            if not host.waiting and not host.flying and now >= host.free_at:
                del self._hosts[name]

    def _advance(self) -> None:
        """Read one answer, or wait for some; store when there is enough to store, or nothing else to do."""
        if not self._arrived:
            self._arrived.extend(self._await())
        if self._arrived:
            one, answer = self._arrived.popleft()
            self._hosts[one.host].flying -= 1
            self._keep(one, self._reading(one, answer))
        enough = len(self._read) >= BATCH or self._entries >= BATCH_ENTRIES or time.monotonic() >= self._store_at
        if self._read and (enough or not (self._arrived or len(self._exchanges))):
            self._store()

    def _await(self) -> list[tuple[ClaimedFeed, Answer | DoorError]]:
        now = time.monotonic()
        moments = [host.free_at for host in self._hosts.values() if host.waiting and host.free_at > now]
        if self._read:
            moments.append(self._store_at)
        patience = max(min(now + LOOK_AGAIN, self._look_at, *moments) - now, 0.0)
        if len(self._exchanges):
            finished = self._exchanges.finished(patience)
            clock = time.time()
            self._took += [clock - self.tally.asked.get(one.feed.id, clock) for one, _ in finished]
            return finished
        if not self._read:
            time.sleep(patience)
        return []

    def _keep(self, one: ClaimedFeed, reading: Reading) -> None:
        if not self._read:
            self._store_at = time.monotonic() + BATCH_SECONDS
        self._read.append((one, reading))
        self._entries += len(reading.parsed.entries) if reading.parsed else 0

    @staticmethod
    def _reading(one: ClaimedFeed, answer: Answer | DoorError) -> Reading:
        try:
            return read(one.feed, failed(answer) if isinstance(answer, DoorError) else outcome(answer, one.state))
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            # A bug of ours or of the parser's that one document brings to light must not cost the others their poll.
            log.exception("feed could not be read", feed=one.feed.url)
            return internal_error(error)

    def _renew(self, now: float) -> None:
        """Hold on to what is in hand; and, since a run may be long, see to what a task does before and after it."""
        self._renew_at = now + RENEW_EVERY
        context = self.context
        context.watcher.refresh()
        until = context.now() + context.config.polling.timeout + LEASE_MARGIN
        with context.database.write() as transaction:
            feeds.renew(transaction.connection, list(self._in_hand), self._owner, until)
        context.counts.flush(context.database)

    def _give_back(self) -> None:
        if self._read:
            self._store()
        with self.context.database.write() as transaction:
            feeds.release(transaction.connection, list(self._in_hand), self._owner)

    def _store(self) -> None:
        batch, self._read, self._entries = self._read, [], 0
        store_batch(self.context, self._owner, batch, self.tally)
        for one, _ in batch:
            del self._in_hand[one.feed.id]
            self.tally.asked.pop(one.feed.id, None)
        if len(self._in_hand) <= self._unstored // 2:
            self._look_at = 0.0
        self.context.counts.observe("seedwire_poll_lateness_seconds", self._late)
        self.context.counts.observe("seedwire_poll_seconds", self._took)
        self._late.clear()
        self._took.clear()
