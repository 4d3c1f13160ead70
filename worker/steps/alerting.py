"""Tell the webhooks of a story: who is to have which alert, written as pending deliveries in the step's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.alert import OPENED, UPDATED, WEBHOOK_DISABLED
from alerts.filters import refusal
from alerts.outcomes import ItemOutcome
from alerts.service_alerts import build_feed_failing, build_feed_recovered, build_webhook_disabled
from alerts.story_alerts import build_opened, build_updated
from store import alerts, deliveries, stories
from worker.hints import Hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.alert import Alert
    from alerts.matching import Decision
    from alerts.story import Report
    from feeds.feed import Feed
    from feeds.poll import Poll
    from store.database import Transaction
    from worker.context import Context

#: CloudEvents ``source``: the same from every process of an installation, or a retry would not be the same event.
SOURCE = "urn:seedwire"


def tell(context: Context, transaction: Transaction, decision: Decision, report: Report) -> ItemOutcome:
    """Write the alerts that follow from a report having joined or opened its story; returns its outcome.

    A webhook hears of a story once, when its filters first admit it: that may be later than the opening (a higher
    score, a side that only the second report names). Those that heard and ask for updates hear what changed.
    """
    connection, now, story = transaction.connection, context.now(), decision.story
    webhooks = context.config.webhooks
    reporters = stories.reporters_of(connection, story.id)
    told = alerts.told_of(connection, story.id, OPENED)
    refusals = {w.name: refusal(w, OPENED, story.event, reporters) for w in webhooks}
    to_open = [w.name for w in webhooks if w.name not in told and refusals[w.name] is None]
    to_update = [
        w.name
        for w in webhooks
        if w.name in told and decision.changes and refusal(w, UPDATED, story.event, reporters) is None
    ]
    # Loading every report's text is only worth it when there is something to say.
    reports = (
        [one for one, _ in stories.reports_of(connection, story.id)] if decision.opened or to_open or to_update else []
    )
    if decision.opened:
        _send(context, transaction, build_opened(story, reports, now, SOURCE), to_open)
        if to_open:
            return ItemOutcome.ALERTED
        reasons = [ItemOutcome(reason) for reason in refusals.values() if reason]
        return max(reasons, key=list(ItemOutcome).index, default=ItemOutcome.NO_WEBHOOK)
    if to_open:
        cause = f"{report.item_id}:{report.index}"
        _send(context, transaction, build_opened(story, reports, now, SOURCE, cause=cause), to_open)
    if to_update:
        _send(context, transaction, build_updated(story, reports, decision.changes, now, SOURCE), to_update)
    if to_open:
        return ItemOutcome.ALERTED
    return ItemOutcome.UPDATED if to_update else ItemOutcome.SAME_STORY


def tell_of_feed(context: Context, transaction: Transaction, feed: Feed, poll: Poll) -> None:
    """Tell the webhooks that ask for everything, or for this by name, that a feed began to fail or is back."""
    now, title = context.now(), feed.name or poll.state.title or feed.url
    if poll.recovered:
        alert = build_feed_recovered(feed.id, title, feed.url, now, SOURCE)
    else:
        alert = build_feed_failing(
            feed.id,
            title,
            feed.url,
            problem=poll.state.problem or "unknown",
            detail=poll.state.problem_detail or "",
            failures=poll.state.failures,
            since=now,
            source=SOURCE,
        )
    _send(context, transaction, alert, _interested(context, alert.type))


def tell_of_disabled_webhook(context: Context, transaction: Transaction, name: str, reason: str) -> None:
    """Tell the other webhooks that this one is not called any more; ``reason`` is what its row says."""
    alert = build_webhook_disabled(name, reason, context.now(), SOURCE)
    _send(context, transaction, alert, [other for other in _interested(context, WEBHOOK_DISABLED) if other != name])


def _interested(context: Context, alert_type: str) -> list[str]:
    """The webhooks that take messages of this type about the service."""
    return [w.name for w in context.config.webhooks if refusal(w, alert_type, None) is None]


def _send(context: Context, transaction: Transaction, alert: Alert, names: Sequence[str]) -> None:
    connection = transaction.connection
    resting = deliveries.disabled_webhooks(connection)
    if not alerts.save(connection, alert, names, resting=resting, now=context.now()):
        return
    context.counts.add("seedwire_alerts_total", type=alert.type)
    if set(names) - resting:
        context.hint_after(transaction, Hint("deliver"))
