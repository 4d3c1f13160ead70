"""What a classified item means, written in one step: item -> events -> stories -> alerts -> pending deliveries."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from billiard.exceptions import SoftTimeLimitExceeded
from sqlalchemy.exc import OperationalError

from alerts import matching
from alerts.filters import primary_tag
from alerts.outcomes import ItemOutcome, most_telling
from alerts.story import Report, outlet_of
from store import items, stories
from worker import logs
from worker.hints import Hint
from worker.steps.find_story import find_story, join_known_story
from worker.steps.fulltext import ask_for_page
from worker.steps.tell_story import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.event import Verdict
    from feeds.item import Item
    from store.database import Transaction
    from store.items import PendingItem
    from worker.context import Context

log = logs.get(__name__)

#: A score this near below its threshold, as a share of it, is worth a person's look.
NEAR_MISS = 0.6


def decide_quiet(
    transaction: Transaction, owner: str, verdicts: Sequence[tuple[PendingItem, Verdict | None]]
) -> dict[str, str]:
    """Write the outcomes of items that report nothing, as most do, in one step; returns them by item id: none where
    that fails, and each is to be decided by itself."""
    quiet = {
        pending.item.id: items.Outcome(dict(verdict.scores), _silent(verdict), _is_near_miss(verdict))
        for pending, verdict in verdicts
        if verdict is not None and not (verdict.events or pending.fulltext or worth_matching(pending, verdict))
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


def decide_one(
    context: Context, transaction: Transaction, owner: str, pending: PendingItem, verdict: Verdict | None
) -> ItemOutcome | None:
    """Write what one item means, with its events, stories and alerts; None when another worker has done so meanwhile,
    or its text was edited. Of one that cannot be decided just that is written. No ``verdict`` is there where the model
    failed."""
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
    connection, item = transaction.connection, pending.item
    if verdict is not None and worth_matching(pending, verdict):
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
    if worth_matching(pending, verdict):
        # Its page, or an edit, may tell clearly what it told faintly before.
        stories.withdraw_echo(transaction.connection, pending.item.id)
    if not verdict.events:
        echoes = _reports(pending, verdict) if worth_matching(pending, verdict) else ()
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


def worth_matching(pending: PendingItem, verdict: Verdict) -> bool:
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
