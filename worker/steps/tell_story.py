"""Tell the webhooks of a story: who is to know what of it, now or later, written in the step's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billiard.exceptions import SoftTimeLimitExceeded

from alerts.alert import OPENED, UPDATED
from alerts.digest import MOST_STORIES, Entry, build_digest, most_telling_first
from alerts.filters import NOBODY, Reporters, refusal
from alerts.outcomes import ItemOutcome
from alerts.pacing import HOUR, SKEW, News, plan, united
from alerts.story_alerts import build_opened, build_updated
from store import alerts, held, stories
from store.errors import StoreError
from worker import logs
from worker.steps.alerting import SOURCE, send

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from alerts.alert import Alert
    from alerts.matching import Decision
    from alerts.pacing import Sent
    from alerts.story import Report, Story
    from alerts.webhook import Webhook
    from store.database import Transaction
    from worker.context import Context

log = logs.get(__name__)


def tell(context: Context, transaction: Transaction, decision: Decision, report: Report) -> ItemOutcome:
    """Tell what follows from a report having joined or opened its story; returns the report's outcome.

    A webhook hears of a story once, when its filters first admit it: that may be later than the opening (a higher
    score, a side that only the second report names). Those that heard and ask for updates hear what changed. Whoever
    has a quiet period or an hourly cap may hear it later (``tell_held``).
    """
    connection, now, story = transaction.connection, context.now(), decision.story
    told = alerts.told_of(connection, story.told_as)
    reporters = _reporters(connection, story, context.config.webhooks)
    news: list[tuple[Webhook, News]] = []
    refusals: list[str] = []
    for webhook in context.config.webhooks:
        knows = webhook.name in told
        if knows and not decision.changes:
            continue
        reason = refusal(webhook, UPDATED if knows else OPENED, story.event, reporters)
        if reason:
            refusals.append(reason)
        else:
            changes = decision.changes if knows else ()
            news.append((webhook, News(story.id, not knows, changes, now, told.get(webhook.name))))
    to_open, to_update, outcomes = _now_or_later(context, transaction, story, news)
    # Loading every report's text is only worth it when there is something to say.
    if to_open or to_update or (decision.opened and not outcomes):
        reports = [one for one, _ in stories.reports_of(connection, story.id)]
        if to_open or decision.opened:
            cause = "" if decision.opened else f"{report.item_id}:{report.index}"
            send(context, transaction, build_opened(story, reports, now, SOURCE, cause=cause), to_open)
        if to_update:
            send(context, transaction, build_updated(story, reports, decision.changes, now, SOURCE), to_update)
    for outcome in (ItemOutcome.ALERTED, ItemOutcome.UPDATED):
        if outcome in outcomes:
            return outcome
    if ItemOutcome.GATHERED in outcomes and (decision.opened or decision.changes):
        return ItemOutcome.GATHERED
    if decision.opened:
        return max(map(ItemOutcome, refusals), key=list(ItemOutcome).index, default=ItemOutcome.NO_WEBHOOK)
    return ItemOutcome.SAME_STORY


def _now_or_later(
    context: Context, transaction: Transaction, story: Story, news: Sequence[tuple[Webhook, News]]
) -> tuple[list[str], list[str], set[ItemOutcome]]:
    """Hold what has to wait, and tell what was held and may go now. Returns who is to be told now that the story
    opened, who of what it gained by this report alone, and what the report led to."""
    connection, now = transaction.connection, context.now()
    to_open: list[str] = []
    to_update: list[str] = []
    outcomes: set[ItemOutcome] = set()
    waiting = held.of_story(connection, story.id, [webhook.name for webhook, _ in news]) if news else {}
    for webhook, fresh in news:
        before = waiting.get(webhook.name)
        one = _together(before, fresh) if before else fresh
        if not (one.opens or one.changes):  # a status that is what it was again
            held.drop(connection, webhook.name, [story.id])
            continue
        queued = held.queued_until(connection, webhook.name) if webhook.max_per_hour else None
        made = plan(webhook, [one], _sent_lately(connection, webhook, now), now, queued_until=queued)
        held.keep(connection, webhook.name, made.later)
        if made.later:
            outcomes.add(ItemOutcome.GATHERED)
            continue
        outcomes.add(ItemOutcome.ALERTED if one.opens else ItemOutcome.UPDATED)
        if before:
            held.drop(connection, webhook.name, [story.id])
            send(context, transaction, _alert(connection, webhook, story, one, now), [webhook.name])
        else:
            (to_open if one.opens else to_update).append(webhook.name)
    return to_open, to_update, outcomes


def tell_held(context: Context) -> int:
    """Tell the webhooks what was held for them and is due; returns how many messages were made. Twice is harmless."""
    webhooks = {webhook.name: webhook for webhook in context.config.webhooks}
    with context.database.read() as connection:
        due = held.due_webhooks(connection, list(webhooks), context.now())
    made = 0
    for name in due:
        try:
            made += _tell_held(context, webhooks[name])
        except (SoftTimeLimitExceeded, StoreError):
            raise
        except Exception:  # one webhook's trouble is not the others'
            log.exception("what was held could not be told", webhook=name)
    return made


def _tell_held(context: Context, webhook: Webhook) -> int:
    with context.database.write() as transaction:
        connection, now = transaction.connection, context.now()
        stories.begin_matching(connection)  # no report may join meanwhile, or be told twice
        waiting = held.of_webhook(connection, webhook.name)
        known = stories.by_id(connection, [news.story_id for news in waiting])
        wanted = [n for n in waiting if n.story_id in known and _wants(connection, webhook, known[n.story_id], n)]
        made = plan(webhook, wanted, _sent_lately(connection, webhook, now), now)
        for news in made.alerts:
            send(context, transaction, _alert(connection, webhook, known[news.story_id], news, now), [webhook.name])
        if made.digest:
            digest = _digest(connection, webhook, known, made.digest, now)
            ids = [news.story_id for news in made.digest]
            send(context, transaction, digest, [webhook.name], stories_told=ids)
        later = {one.news.story_id for one in made.later}
        held.drop(connection, webhook.name, [news.story_id for news in waiting if news.story_id not in later])
        held.keep(connection, webhook.name, made.later)
    return len(made.alerts) + bool(made.digest)


def _together(before: News, fresh: News) -> News:
    return replace(fresh, changes=united(before.changes, fresh.changes), since=before.since)


def _sent_lately(connection: Connection, webhook: Webhook, now: datetime) -> Sequence[Sent]:
    return alerts.sent_since(connection, webhook.name, now - HOUR - SKEW) if webhook.max_per_hour else ()


def _wants(connection: Connection, webhook: Webhook, story: Story, news: News) -> bool:
    """Whether the webhook's filters, which may be others by now, admit the story as it is by now."""
    reporters = _reporters(connection, story, [webhook])
    return refusal(webhook, OPENED if news.opens else UPDATED, story.event, reporters) is None


def _reporters(connection: Connection, story: Story, webhooks: Iterable[Webhook]) -> Reporters:
    """Who reports the story, looked up where a webhook asks for it."""
    asked = any(webhook.tags or webhook.feeds or webhook.languages for webhook in webhooks)
    return stories.reporters_of(connection, story.id) if asked else NOBODY


def _alert(connection: Connection, webhook: Webhook, story: Story, news: News, now: datetime) -> Alert:
    """What was held, as an alert of its own."""
    reports = [one for one, _ in stories.reports_of(connection, story.id)]
    cause = f"{webhook.name}@{news.since.isoformat()}"
    if news.opens:
        return build_opened(story, reports, now, SOURCE, cause=cause)
    return build_updated(story, reports, news.changes, now, SOURCE, cause=cause)


def _digest(
    connection: Connection, webhook: Webhook, known: dict[str, Story], many: Sequence[News], now: datetime
) -> Alert:
    entries = []
    ordered = most_telling_first(many)
    for news in ordered[:MOST_STORIES]:
        reports = [one for one, _ in stories.reports_of(connection, news.story_id)]
        shown = (reports[0] if news.opens else reports[-1]) if reports else None
        entries.append(Entry(news, known[news.story_id], shown))
    return build_digest(webhook.name, entries, [n.story_id for n in ordered[MOST_STORIES:]], now, SOURCE)
