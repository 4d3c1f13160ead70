"""Claim the items that wait, classify them, and have what each means written: all of an item in one transaction."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from billiard.exceptions import SoftTimeLimitExceeded

from store import items, stories, who
from worker import logs, tracing
from worker.hints import Hint
from worker.steps.decide import decide_one, decide_quiet, worth_matching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.event import Verdict
    from classifiers.model import Model
    from classifiers.who import Who
    from store.database import Transaction
    from store.items import PendingItem
    from worker.context import Context

log = logs.get(__name__)
_debugging = logging.getLogger(__name__)

#: Items claimed and decided at once.
BATCH = 500
#: How long one run goes on claiming, in seconds.
BUDGET = 30.0
LEASE = timedelta(seconds=30)
#: An item claimed more often without an outcome is given up: something in it ends the worker that reads it.
MOST_CLAIMS = 5
#: Items decided at once with one that was claimed this often: one of those a worker died with may be why it died. After
#: a few tries it is alone, and does to no other what it does to us.
TOGETHER = {1: BATCH, 2: 20}


def classify_pending(context: Context, *, budget: float = BUDGET) -> int:
    """Classify waiting items until none is left or the budget is spent; returns how many were decided here."""
    owner, decided, until = context.new_owner(), 0, time.monotonic() + budget
    limit = BATCH
    while time.monotonic() < until:
        now = context.now()
        with context.database.read() as connection:
            if not items.any_pending(connection, now):
                break
        model = context.model
        with context.database.write() as transaction:
            claimed = items.claim_pending(transaction.connection, now, limit=limit, owner=owner, lease=LEASE)
            batch = _safe_batch(claimed)
            items.release(transaction.connection, [p.item.id for p in claimed[len(batch) :]], owner)
        # To claim many and give most of them back, batch after batch, would cost more than to decide them.
        limit = len(batch) if len(batch) < len(claimed) else min(2 * limit, BATCH)
        if not batch:
            break
        decided += _classify_batch(context, model, owner, batch)
    return decided


def _safe_batch(claimed: Sequence[PendingItem]) -> Sequence[PendingItem]:
    """As many of the first as may be decided at once."""
    most = BATCH
    for number, pending in enumerate(claimed):
        most = min(most, TOGETHER.get(pending.claims, 1))
        if number >= most:
            # Those before it were fit to be together; what is to be alone is so in a batch to come.
            return claimed[: max(number, 1)]
    return claimed


def _classify_batch(context: Context, model: Model, owner: str, batch: Sequence[PendingItem]) -> int:
    known = context.who
    edited = [pending for pending in batch if pending.told]
    batch = [pending for pending in batch if not pending.told]
    verdicts: list[tuple[PendingItem, Verdict | None]] = []
    took: dict[str, tuple[float, float]] = {}
    enough = time.monotonic() + LEASE.total_seconds() / 3
    for pending in batch:
        if verdicts and time.monotonic() > enough:
            break
        began = time.time()
        verdicts.append((pending, _classify(model, known, pending)))
        took[pending.item.id] = (began, time.time())
    decided: list[tuple[PendingItem, str]] = []
    seen = who.Tally(context.now())
    with context.database.write() as transaction:
        # Before any row of an item, as whoever corrects one does: or each might wait for the other.
        if edited or any(pending.again or (told and worth_matching(pending, told)) for pending, told in verdicts):
            stories.begin_matching(transaction.connection)
        _pass_on(context, transaction, [pending.item.id for pending in edited])
        for pending in edited:
            items.begin_outcome(transaction.connection, pending.item.id, owner)
        quiet = decide_quiet(transaction, owner, verdicts)
        for pending, verdict in verdicts:
            outcome = quiet.get(pending.item.id) or decide_one(context, transaction, owner, pending, verdict)
            if outcome is None:
                continue
            decided.append((pending, outcome))
            if verdict is not None:
                seen.add(verdict.sightings, pending.item.feed_id, pending.item.published or pending.first_seen)
        who.save(transaction.connection, seen)
        _pass_on(context, transaction, [pending.item.id for pending, _ in decided if pending.again])
        items.release(transaction.connection, [p.item.id for p in batch[len(verdicts) :]], owner)
    context.counts.observe("seedwire_classification_seconds", [ended - began for began, ended in took.values()])
    _tell_decided(context, decided, took)
    return len(decided)


def _pass_on(context: Context, transaction: Transaction, edited: Sequence[str]) -> None:
    """Let stories show what these items say now."""
    if stories.show_edits(transaction.connection, edited):
        context.hint_after(transaction, Hint("stories"))


def _tell_decided(
    context: Context, decided: Sequence[tuple[PendingItem, str]], took: Mapping[str, tuple[float, float]]
) -> None:
    """Count, log and trace items that were decided; ``took`` is when the model was at each (Unix time)."""
    now, counts = context.now(), context.counts
    waited = [(now - pending.first_seen).total_seconds() for pending, _ in decided if not pending.again]
    counts.observe("seedwire_sight_to_classified_seconds", waited)
    for outcome, count in Counter(outcome for _, outcome in decided).items():
        counts.add("seedwire_classified_total", count, outcome=outcome)
    each = _debugging.isEnabledFor(logging.DEBUG)
    if not each and not tracing.is_on():
        return
    for pending, outcome in decided:
        item, (began, _) = pending.item, took[pending.item.id]
        if each:
            log.debug("item classified", item=item.id, feed_id=item.feed_id, outcome=outcome, title=item.title[:100])
        if not pending.baseline:
            tracing.record(
                "classify", item.id, began=began, about="again" if pending.again else "", under=tracing.SIGHT,
                attributes={"seedwire.item": item.id, "seedwire.outcome": outcome, "seedwire.feed_id": item.feed_id},
            )  # fmt: skip


def _classify(model: Model, known: Who, pending: PendingItem) -> Verdict | None:
    """None when the model failed on it: one odd item must not hold up the others for ever."""
    if pending.claims > MOST_CLAIMS:
        log.error("item given up: its worker died with it", item=pending.item.id, times=pending.claims - 1)
        return None
    try:
        return model.classify(pending.item, known)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("item could not be classified", item=pending.item.id, title=pending.item.title[:100])
        return None
