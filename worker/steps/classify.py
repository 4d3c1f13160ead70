"""Classify what waits: item -> events -> stories -> alerts -> pending deliveries, all of an item in one transaction."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from billiard.exceptions import SoftTimeLimitExceeded
from sqlalchemy.exc import OperationalError

from alerts import matching
from alerts.filters import primary_tag
from alerts.outcomes import ItemOutcome, most_telling
from alerts.story import Report, outlet_of
from store import items, stories, who
from worker import logs, tracing
from worker.hints import Hint
from worker.steps.find_story import find_story, join_known_story
from worker.steps.fulltext import ask_for_page
from worker.steps.tell_story import tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.event import Verdict
    from classifiers.model import Model
    from classifiers.who import Who
    from feeds.item import Item
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
#: A score this near below its threshold, as a share of it, is worth a person's look.
NEAR_MISS = 0.6


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
        if edited or any(pending.again or (told and _worth_matching(pending, told)) for pending, told in verdicts):
            stories.begin_matching(transaction.connection)
        _pass_on(context, transaction, [pending.item.id for pending in edited])
        for pending in edited:
            items.begin_outcome(transaction.connection, pending.item.id, owner)
        quiet = _decide_quiet(transaction, owner, verdicts)
        for pending, verdict in verdicts:
            outcome = quiet.get(pending.item.id) or _decide_alone(context, transaction, owner, pending, verdict)
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


def _decide_quiet(
    transaction: Transaction, owner: str, verdicts: Sequence[tuple[PendingItem, Verdict | None]]
) -> dict[str, str]:
    """Write the outcomes of items that report nothing, as most do, in one step; returns them by item id. None where
    that fails: then each is decided by itself."""
    quiet = {
        pending.item.id: items.Outcome(dict(verdict.scores), _silent(verdict), _is_near_miss(verdict))
        for pending, verdict in verdicts
        if verdict is not None and not (verdict.events or pending.fulltext or _worth_matching(pending, verdict))
    }
    if not quiet:
        return {}
    try:
        with transaction.connection.begin_nested():
            done = items.save_outcomes(transaction.connection, quiet, owner)
    except (SoftTimeLimitExceeded, OperationalError):
        raise
    except Exception:
        log.exception("items could not be decided together", items=len(quiet))
        return {}
    return {item_id: quiet[item_id].outcome for item_id in done}


def _decide_alone(
    context: Context, transaction: Transaction, owner: str, pending: PendingItem, verdict: Verdict | None
) -> ItemOutcome | None:
    """What ``_decide`` says, and where that fails that it did."""
    try:
        # A savepoint: an item that cannot be decided takes nothing of its neighbours with it.
        with transaction.connection.begin_nested():
            return _decide(context, transaction, owner, pending, verdict)
    except (SoftTimeLimitExceeded, OperationalError):
        raise
    except Exception:
        log.exception("item could not be decided", item=pending.item.id, title=pending.item.title[:100])
        return _decide(context, transaction, owner, pending, None)


def _decide(
    context: Context, transaction: Transaction, owner: str, pending: PendingItem, verdict: Verdict | None
) -> ItemOutcome | None:
    """Write what an item means; None when another worker has done so meanwhile, or its text was edited."""
    connection, item = transaction.connection, pending.item
    if verdict is not None and _worth_matching(pending, verdict):
        context.hint_after(transaction, Hint("stories"))
    language = _language(item, verdict) if verdict is not None and verdict.events else None
    if not items.begin_outcome(connection, item.id, owner, language):
        return None
    scores, near = ({}, False) if verdict is None else (verdict.scores, _is_near_miss(verdict))
    outcome = _outcome(context, transaction, pending, verdict)
    items.save_outcome(connection, item.id, scores=scores, outcome=outcome, near_miss=near)
    if verdict is not None and not verdict.events and outcome in {ItemOutcome.BELOW_THRESHOLD, ItemOutcome.SAME_STORY}:
        ask_for_page(context, transaction, pending, verdict)
    if verdict is not None and verdict.events:
        for event in verdict.events:
            context.counts.add("seedwire_events_total", type=event.type, status=event.status or "")
        told = partial(
            log.info,
            "item reports",
            item=item.id, feed_id=item.feed_id, title=item.title[:100], outcome=str(outcome),
            events=[f"{e.type}:{e.status or '-'}:{'-'.join(e.countries)}" for e in verdict.events],
        )  # fmt: skip
        transaction.after_commit(told)
    return outcome


def _outcome(context: Context, transaction: Transaction, pending: PendingItem, verdict: Verdict | None) -> ItemOutcome:
    if verdict is None:
        return ItemOutcome.CLASSIFY_FAILED
    if _worth_matching(pending, verdict):
        # Its page, or an edit, may tell clearly what it told faintly before.
        stories.withdraw_echo(transaction.connection, pending.item.id)
    if not verdict.events:
        echoes = _reports(pending, verdict) if _worth_matching(pending, verdict) else ()
        known = [join_known_story(transaction.connection, echo, context.now()) for echo in echoes]
        return ItemOutcome.SAME_STORY if any(known) else _silent(verdict)
    if pending.baseline:
        now = context.now()
        for number, event in enumerate(verdict.events):
            stories.save_event(
                transaction.connection, pending.item.id, number, event, story_id=None, reasons=(), now=now
            )
        return ItemOutcome.FIRST_POLL_BASELINE
    outcomes = [_report(context, transaction, report) for report in matching.in_order(_reports(pending, verdict))]
    return most_telling(outcomes)


def _worth_matching(pending: PendingItem, verdict: Verdict) -> bool:
    """Whether a story is to be looked for: a report that is faint alone may belong to one that is known."""
    return bool(verdict.events or verdict.faint) and not pending.baseline


def _silent(verdict: Verdict) -> ItemOutcome:
    """The outcome of an item that reports nothing."""
    told = {ItemOutcome.UNSUPPORTED_LANGUAGE, ItemOutcome.NO_TEXT}
    return ItemOutcome(verdict.reason) if verdict.reason in told else ItemOutcome.BELOW_THRESHOLD


def _report(context: Context, transaction: Transaction, report: Report) -> ItemOutcome:
    """Find the report's story, write both, and tell who is to be told."""
    decision = find_story(transaction.connection, report, context.now())
    if decision.opened:
        context.counts.add("seedwire_stories_total", type=decision.story.event.type)
    told = partial(
        log.info,
        "story opened" if decision.opened else "story gained a report",
        item=report.item_id, story=decision.story.id, type=report.event.type, reasons=list(decision.reasons)[:3],
    )  # fmt: skip
    transaction.after_commit(told)
    return tell(context, transaction, decision, report)


def _reports(pending: PendingItem, verdict: Verdict) -> Sequence[Report]:
    item = pending.item
    return [
        Report(
            item_id=item.id,
            index=number,
            feed_id=item.feed_id,
            feed_title=pending.feed_title,
            feed_url=pending.feed_url,
            outlet=outlet_of(item.url, pending.feed_url),
            url=item.url,
            title=item.title,
            text=item.text,
            language=_language(item, verdict),
            published=item.published,
            seen=pending.first_seen,
            event=event,
            tags=pending.feed_tags,
        )
        for number, event in enumerate(verdict.events or verdict.faint)
    ]


def _language(item: Item, verdict: Verdict) -> str | None:
    """What its words are in; as its feed declares where that is the same and says more (``en-GB``)."""
    declared = item.language
    agrees = declared is not None and primary_tag(declared) == verdict.language
    return declared if agrees or verdict.language is None else verdict.language


def _is_near_miss(verdict: Verdict) -> bool:
    over = {event.type for event in verdict.events}
    return any(
        score >= NEAR_MISS * verdict.thresholds.get(kind, 1.0) and kind not in over
        for kind, score in verdict.scores.items()
    )
