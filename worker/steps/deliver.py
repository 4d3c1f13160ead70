"""Deliver what is due: claim webhooks, sign, send side by side in one thread, record in batches.

One run a process has all the webhooks that nobody else is at. What is under way to one endpoint is bounded, so one that
hangs holds its own few slots and delays no other; and what a crash may send twice is bounded by the same: an attempt
counts as under way until it is recorded.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from store import deliveries, endpoints
from store.errors import DatabaseUnreachable
from worker import logs
from worker.hints import Hint
from worker.steps.sending import Sending
from worker.steps.store_attempts import decide, store
from worker.stopping import is_stopping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from alerts.endpoint import Endpoint
    from alerts.webhook import Webhook
    from store.deliveries import WaitingDelivery
    from worker.context import Context
    from worker.steps.sending import Sent
    from worker.steps.store_attempts import Decided

log = logs.get(__name__)

#: How long one run goes on, in seconds. Then the next one takes over all but what is under way.
BUDGET = 90.0
#: How long a webhook stays leased, and how often that is renewed. The loop never waits long, whatever endpoints do.
LEASE, RENEW_EVERY = timedelta(seconds=15), 3.0
#: Attempts at once: to an endpoint at first and at most (the number grows as it answers), to people, and in all. With
#: half of the last under way each endpoint gets one.
FIRST, MOST, MOST_TO_PEOPLE, MOST_IN_ALL = 4, 16, 2, 400
#: Deliveries of one webhook read at once.
BATCH = 200
#: Look this often, in seconds, whether more has become due. What this process is told of is looked for at once.
LOOK_AGAIN = 0.2
#: What came back is recorded after so many seconds, and at once where an endpoint would wait for that.
RECORD_AFTER = 0.005
#: How long a database that does not answer is waited for with attempts to record, and answers by a worker that stops.
HOLD, STOP_WITHIN = 30.0, 4.0


def deliver_due(context: Context, *, budget: float = BUDGET) -> int:
    """Attempt what is due to all webhooks until nothing is left; returns how many attempts were made.

    None, at once, when a run of this process is at it: that one is told to look again.
    """
    run = _Run(context)
    if not context.courier.take(run):
        return 0
    try:
        run.go(budget)
    finally:
        context.courier.end(run, at_once=True)
        run.close()
    return run.attempts


@dataclass(slots=True)
class _Line:
    """A webhook in hand: what waits for it, what is under way, what is over and not recorded. ``more`` is whether more
    may be due than what was read; ``lost`` that another run has it, so that what is under way is the last."""

    webhook: Webhook
    endpoint: Endpoint
    waiting: deque[WaitingDelivery] = field(default_factory=deque)
    flying: dict[str, WaitingDelivery] = field(default_factory=dict)
    done: list[Sent] = field(default_factory=list)
    window: int = FIRST
    more: bool = True
    lost: bool = False

    @property
    def under_way(self) -> set[str]:
        return {*self.flying, *(sent.delivery.id for sent in self.done)}

    @property
    def is_idle(self) -> bool:
        return not (self.waiting or self.flying or self.done)

    @property
    def could_take_more(self) -> bool:
        return not self.lost and not self.waiting and self.room(MOST) > 0

    def room(self, most: int) -> int:
        """One at a time while the endpoint fails."""
        window = 1 if self.endpoint.failures else min(self.window, most)
        return window - len(self.flying) - len(self.done)


class _Run:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.attempts = 0
        self._owner = context.new_owner()
        self._sending: Sending | None = None
        self._lines: dict[str, _Line] = {}
        self._open = True
        self._look_at = self._renew_at = self._record_at = 0.0

    def go(self, budget: float) -> None:
        self._sending = Sending(self.context.door)
        until = time.monotonic() + budget
        while True:
            now = time.monotonic()
            if self._open and (now > until or is_stopping()):
                self._wind_up()
                self._record()
                until = now + STOP_WITHIN
            self._keep_up(now)
            if not self._lines:
                if not self._open or self.context.courier.end(self):
                    return
                self._look_at = 0.0
                continue
            if not self._open and is_stopping() and now > until:
                log.info("stopped with attempts under way", attempts=len(self._sending or ()))
                return
            self._start()
            self._await()

    def wake(self) -> None:
        if self._sending is not None:
            self._sending.wake()

    def close(self) -> None:
        if self._sending is not None:
            self._sending.close()

    def _keep_up(self, now: float) -> None:
        """Hold on to what is in hand, and look for more: in this order, for we may have been suspended for long.
        Without a database what is under way comes to its end."""
        try:
            if self._lines and now > self._renew_at:
                self._renew(now)
            if self._open and (self.context.courier.heard() or now >= self._look_at):
                self._look(now)
        except DatabaseUnreachable:
            if not self._lines:
                raise
            self._wind_up()

    def _wind_up(self) -> None:
        """Begin nothing more, and let the next run begin."""
        self._open = False
        self.context.courier.end(self, at_once=True)
        for line in self._lines.values():
            line.waiting.clear()
            line.more = False
        if not is_stopping():
            self.context.hints.send(Hint("deliver"))

    def _look(self, now: float) -> None:
        """Take webhooks that something is due for, and see whether more is due to those in hand."""
        context, at = self.context, self.context.now()
        self._look_at = now + LOOK_AGAIN
        webhooks = {one.name: one for one in context.config.webhooks}
        for name, line in self._lines.items():
            line.webhook = webhooks.get(name, line.webhook)
            if name not in webhooks:  # taken out of the config
                line.waiting.clear()
                line.more = False
        open_to_more = [name for name, line in self._lines.items() if name in webhooks and line.could_take_more]
        with context.database.read() as connection:
            for name, count in deliveries.count_due(connection, open_to_more, at).items():
                self._lines[name].more = count > len(self._lines[name].under_way)
            # Ours may seem free: the clock jumped, or we were suspended.
            names = [one for one in endpoints.waiting(connection, at) if one in webhooks and one not in self._lines]
            self._fill(connection)
        if not names:
            return
        with context.database.write() as transaction:
            claimed = endpoints.claim(transaction.connection, names, at, owner=self._owner, lease=LEASE)
            for name, endpoint in claimed.items():
                self._lines[name] = _Line(webhooks[name], endpoint)
            self._fill(transaction.connection)

    def _fill(self, connection: Connection) -> None:
        """Read what is due to the webhooks in hand that could be sent more."""
        now = self.context.now()
        for line in self._lines.values():
            if not line.more or not line.could_take_more:
                continue
            line.more = False
            if line.endpoint.is_paused(now):
                continue
            under_way = line.under_way
            probe = line.endpoint.paused_until is not None
            limit = (1 if probe else BATCH) + len(under_way)
            found = deliveries.due(connection, line.webhook.name, now, limit=limit, probe=probe)
            line.waiting.extend(one for one in found if one.id not in under_way)
            line.more = len(found) == limit and not probe

    def _start(self) -> None:
        """Send what may be sent now."""
        assert self._sending is not None
        for line in self._lines.values():
            while line.waiting and len(self._sending) < MOST_IN_ALL and line.room(self._most(line.webhook)) > 0:
                delivery = line.waiting.popleft()
                line.flying[delivery.id] = delivery
                self._sending.start(line.webhook, delivery, self.context.now())

    def _most(self, webhook: Webhook) -> int:
        assert self._sending is not None
        if len(self._sending) >= MOST_IN_ALL // 2:
            return 1
        return MOST_TO_PEOPLE if webhook.for_people else MOST

    def _await(self) -> None:
        assert self._sending is not None
        unrecorded = any(line.done for line in self._lines.values())
        now = time.monotonic()
        patience = max(self._look_at - now, 0.0) if self._open else LOOK_AGAIN
        if unrecorded:
            patience = min(patience, max(self._record_at - now, 0.0))
        if len(self._sending):
            over = self._sending.finished(patience)
            if over and not unrecorded:
                self._record_at = time.monotonic() + RECORD_AFTER
            for sent in over:
                line = self._lines[sent.delivery.webhook]
                del line.flying[sent.delivery.id]
                line.done.append(sent)
        lines = self._lines.values()
        stuck = any(line.done and not line.flying for line in lines)
        if stuck or any(line.is_idle for line in lines) or (unrecorded and time.monotonic() >= self._record_at):
            self._record()

    def _renew(self, now: float) -> None:
        """Hold on to what is in hand; and, since a run may be long, see to what a task does before and after it."""
        self._renew_at = now + RENEW_EVERY
        context = self.context
        context.watcher.refresh()
        with context.database.write() as transaction:
            ours = endpoints.renew(transaction.connection, list(self._lines), self._owner, context.now() + LEASE)
        self._lose([line for name, line in self._lines.items() if name not in ours])
        context.counts.flush(context.database)

    def _lose(self, lines: Sequence[_Line]) -> None:
        """Another run has these now, or their address is another: what is under way is the last that we send."""
        for line in lines:
            if not line.lost:
                log.warning("webhook was taken over", webhook=line.webhook.name)
            line.waiting.clear()
            line.lost = True

    def _record(self) -> None:
        """Write what came back in one transaction; read what goes on, and let go of webhooks that have no more."""
        lines, now = list(self._lines.values()), self.context.now()
        batch = [(line, decide(line.webhook, line.endpoint, line.done, now)) for line in lines if line.done]
        for line, decided in batch:
            line.done, line.endpoint = [], decided.endpoint
            line.window = min(line.window * 2, MOST) if not decided.endpoint.failures else 1
            if decided.disable or decided.endpoint.is_paused(now):
                line.waiting.clear()
            line.more |= decided.before.paused_until is not None
        idle = self._store(batch, time.monotonic() + HOLD)
        self.attempts += sum(len(decided.attempted) for _, decided in batch)
        for name in idle:
            del self._lines[name]

    def _store(self, batch: Sequence[tuple[_Line, Decided]], until: float) -> list[str]:
        try:
            with self.context.database.write() as transaction:
                connection, names = transaction.connection, [line.webhook.name for line, _ in batch]
                ours = endpoints.held(connection, names, self._owner)
                self._lose([line for line, _ in batch if line.webhook.name not in ours])
                for line, decided in batch:
                    store(
                        self.context, transaction, decided, self._owner,
                        is_ours=not line.lost, under_way=list(line.flying),
                    )  # fmt: skip
                if self._open:
                    self._fill(connection)
                idle = [name for name, line in self._lines.items() if line.is_idle]
                if idle:
                    endpoints.release(connection, idle, self._owner)
        except DatabaseUnreachable:
            # What is lost now would be sent again.
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
            return self._store(batch, until)
        return idle
