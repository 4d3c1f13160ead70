"""One whole pass in one process: poll what is due, then everything that follows from it, then stop."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from store import endpoints, feeds, items, pages
from worker.steps.classify import classify_pending
from worker.steps.deliver import deliver_due
from worker.steps.fulltext import read_pages
from worker.steps.poll import poll_due
from worker.steps.store_polls import Tally
from worker.steps.tell_story import tell_held
from worker.steps.tick import apply_config
from worker.steps.websub import keep_subscriptions

if TYPE_CHECKING:
    from worker.context import Context

#: Rounds of a stage before the pass ends all the same: a pass always ends.
MOST_ROUNDS = 100
#: How long a pass goes on asking for pages, in seconds; those that are left are read in the next one.
PAGES_BUDGET = 60.0


@dataclass(frozen=True, slots=True)
class PassTally:
    """What a pass did; ``left`` is what is still due: leased by another process, or more than a pass takes. ``seconds``
    says how long each stage took."""

    feeds: int
    failed: int
    new_items: int
    classified: int
    attempts: int
    left: int
    seconds: dict[str, float] = field(default_factory=dict)


def whole_pass(context: Context, *, every_feed: bool = False) -> PassTally:
    """Poll due feeds (``every_feed``: all of them), classify, deliver; then read the pages that may show more, and do
    the same with what they brought: no alert waits for a page. For cron, for tests, and for a first look."""
    with structlog.contextvars.bound_contextvars(task="pass", task_id=str(uuid.uuid4())):
        return _pass(context, every_feed)


def _pass(context: Context, every_feed: bool) -> PassTally:
    apply_config(context)
    if every_feed:
        with context.database.write() as transaction:
            feeds.make_due(transaction.connection, context.now())
    clock = _Clock()
    polled = _poll_all(context)
    clock.took("poll")
    keep_subscriptions(context)
    clock.took("subscribe")
    classified = _classify_all(context)
    clock.took("classify")
    attempts = _deliver_all(context)
    clock.took("deliver")
    if read_pages(context, budget=PAGES_BUDGET):
        classified += _classify_all(context)
        attempts += _deliver_all(context)
    clock.took("pages")
    with context.database.read() as connection:
        now = context.now()
        left = (
            feeds.count_due(connection, now)
            + items.count_pending(connection, now)
            + len(endpoints.waiting(connection, now))
            + pages.count_due(connection, now)
        )
    return PassTally(polled.polled, polled.failed, polled.new_items, classified, attempts, left, clock.seconds)


class _Clock:
    """How long each stage took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def took(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage], self._since = round(now - self._since, 3), now


def _poll_all(context: Context) -> Tally:
    polled = Tally()
    for _ in range(MOST_ROUNDS):
        one = poll_due(context)
        polled.polled += one.polled
        polled.failed += one.failed
        polled.new_items += one.new_items
        if not one.polled:
            break
    return polled


def _classify_all(context: Context) -> int:
    classified = 0
    for _ in range(MOST_ROUNDS):
        done = classify_pending(context)
        classified += done
        if not done:
            break
    return classified


def _deliver_all(context: Context) -> int:
    tell_held(context)
    attempts = 0
    for _ in range(MOST_ROUNDS):
        made = deliver_due(context)
        attempts += made
        if not made:
            break
    return attempts
