"""Push: ask hubs for what is wanted of them, answer what they ask back, store what they deliver as a poll would."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

from feeds.door import Request
from feeds.errors import DoorError, shown
from feeds.hubs import links_in_header
from feeds.poll import decide
from feeds.retry_after import retry_after
from feeds.websub import is_signed, names_other_topic, read_push, retry_at, unpacked
from store import polls, subscribing, websub
from worker import logs
from worker.hints import Hint
from worker.steps.store_polls import MOST_IDS, count_new, trace_new

if TYPE_CHECKING:
    from feeds.poll import Reading
    from feeds.websub import Subscription
    from store.subscribing import ClaimedSubscription
    from worker.context import Context

log = logs.get(__name__)

#: Hubs asked at once in one run of this step, and requests to one hub at once over all of them.
ASKERS, PER_HUB = 8, 2
#: How long one run goes on claiming, in seconds.
BUDGET = 30.0
#: A hub is asked within ``polling.timeout``, but not for longer than this.
LONGEST_REQUEST = timedelta(seconds=15)
LEASE_MARGIN = timedelta(seconds=15)
#: Entries of its past that a pushed document is read beside.
BESIDE = 5

#: ``stored`` (read as a poll is, whether or not it held anything new), ``ping`` (nothing to read, the feed is due),
#: ``bad-signature``, ``other-topic``: what became of a delivery.
Fate = Literal["stored", "ping", "bad-signature", "other-topic"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a hub posted: the body as it came, and the headers that say what it is."""

    body: bytes = field(repr=False)
    signature: str | None = None
    links: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None


# --- asking ----------------------------------------------------------------------------------------------------


def keep_subscriptions(context: Context, *, budget: float = BUDGET) -> int:
    """Bring subscriptions in line with what feeds offer and ask hubs for what is due; returns how many were asked."""
    with context.database.read() as connection:
        if not subscribing.is_due(connection, context.now(), offered=bool(context.config.service.public_url)):
            return 0
    _compare(context)
    asked, until = 0, time.monotonic() + budget
    owner, rng = context.new_owner(), random.Random()  # noqa: S311
    allowed = min(context.config.polling.timeout, LONGEST_REQUEST)
    with ThreadPoolExecutor(ASKERS, thread_name_prefix="hub") as pool:
        while time.monotonic() < until:
            with context.database.write() as transaction:
                claimed = subscribing.claim_due(
                    transaction.connection, context.now(),
                    limit=ASKERS, per_hub=PER_HUB, owner=owner, lease=allowed + LEASE_MARGIN, rng=rng,
                )  # fmt: skip
            if not claimed:
                break
            asked += len(list(pool.map(partial(_ask, context, owner, allowed), claimed)))
    return asked


def _compare(context: Context) -> None:
    callback = context.config.service.public_url
    with context.database.read() as connection:
        differs = subscribing.differs(connection, callback)
    with context.database.write() as transaction:
        if not differs:
            subscribing.compared(transaction.connection, context.now())
            return
        added, gone = subscribing.keep_equal(transaction.connection, callback, context.now())
    log.info("subscriptions changed", added=added, not_wanted=gone)


def _ask(context: Context, owner: str, allowed: timedelta, claimed: ClaimedSubscription) -> None:
    one = claimed.subscription
    mode = "subscribe" if one.wanted else "unsubscribe"
    request = Request(
        url=one.hub,
        method="POST",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=one.request(),
        timeout=allowed.total_seconds(),
        # What a hub says beside its status is not read: it may quote our secrets.
        max_bytes=1024,
        overflow="cut",
        allow_private=claimed.allow_private,
        redirects=3,
    )
    wait = None
    try:
        answer = context.door.send(request)
    except DoorError as error:
        problem, detail = error.reason, error.told
    else:
        problem, detail = f"http-{answer.status}", f"the hub answered {answer.status}"
        wait = retry_after(answer.headers)
        if 200 <= answer.status < 300:
            context.counts.add("seedwire_hub_requests_total", mode=mode, outcome="accepted")
            with context.database.write() as transaction:
                subscribing.save_accepted(transaction.connection, one, owner, context.now())
            return
    context.counts.add("seedwire_hub_requests_total", mode=mode, outcome="refused")
    log.warning("hub refused", mode=mode, hub=shown(one.hub), feed=shown(one.topic), reason=problem, detail=detail)
    retry = retry_at(context.now(), one.failures + 1, random.Random(), retry_after=wait)  # noqa: S311
    with context.database.write() as transaction:
        subscribing.save_refused(
            transaction.connection, one, owner, context.now(), problem=problem, detail=detail, retry=retry
        )


# --- being asked back ------------------------------------------------------------------------------------------


def find(context: Context, feed_id: str, token: str) -> Subscription | None:
    """The subscription whose callback was called, if it is one of ours."""
    context.watcher.refresh()
    with context.database.read() as connection:
        return websub.find(connection, feed_id, token)


def confirm(context: Context, one: Subscription, mode: str, topic: str, lease_seconds: str | None) -> bool:
    """Whether what the hub asks about is what we asked of it; then it is in force from here on."""
    now = context.now()
    if not one.may_confirm(mode, topic, now):
        log.warning("hub asked about what nobody asked of it", hub=shown(one.hub), feed=shown(one.topic))
        return False
    with context.database.write() as transaction:
        websub.save_confirmed(transaction.connection, one, lease_seconds, now, random.Random())  # noqa: S311
    log.info("hub confirmed", mode=mode, hub=shown(one.hub), feed=shown(one.topic))
    return True


def deny(context: Context, one: Subscription, topic: str, reason: str) -> bool:
    """The hub says that it does not push this feed; False when it speaks of another."""
    if names_other_topic(one, topic):
        return False
    said = "".join(c for c in reason if c.isprintable())[:200]
    with context.database.write() as transaction:
        websub.save_denied(transaction.connection, one, said, context.now(), random.Random())  # noqa: S311
    log.warning("hub denied", hub=shown(one.hub), feed=shown(one.topic), reason=said)
    return True


# --- deliveries ------------------------------------------------------------------------------------------------


def take(context: Context, one: Subscription, delivery: Delivery) -> Fate:
    """Store what a hub delivered. What it cannot vouch for is left alone; what cannot be read makes the feed due."""
    fate = _take(context, one, delivery)
    context.counts.add("seedwire_pushes_total", outcome=fate)
    context.counts.flush(context.database, at_once=True)
    if fate in ("bad-signature", "other-topic"):
        log.warning("push ignored", reason=fate, hub=shown(one.hub), feed=shown(one.topic), size=len(delivery.body))
    return fate


def _take(context: Context, one: Subscription, delivery: Delivery) -> Fate:
    # A push without content vouches for nothing: whoever knows the address may say that it is time for a poll.
    if not (is_signed(delivery.signature, one.secret, delivery.body) or not (delivery.body or delivery.signature)):
        return "bad-signature"
    _, told = links_in_header(delivery.links)
    if names_other_topic(one, told):
        return "other-topic"
    with context.database.read() as connection:
        shown_before = websub.newest_entries(connection, one.feed_id, BESIDE)
    reading = read_push(
        one.feed_id,
        one.topic,
        unpacked(delivery.body, delivery.content_encoding, context.config.polling.max_bytes),
        shown_before,
        content_type=delivery.content_type,
        content_language=delivery.content_language,
    )
    assert reading.parsed is not None
    if told is None and names_other_topic(one, reading.parsed.self_link):
        return "other-topic"
    if reading.parsed.failure is not None or not reading.parsed.entries:
        with context.database.write() as transaction:
            websub.make_due(transaction.connection, one.feed_id, context.now())
            context.hint_after(transaction, Hint("poll"))
        return "ping"
    _store(context, one, reading)
    return "stored"


def _store(context: Context, one: Subscription, reading: Reading) -> None:
    """What a poll of the same entries would have written, but for the feed's validators and its next time."""
    limits, now = context.config.polling, context.now()
    with context.database.write() as transaction:
        connection = transaction.connection
        found = websub.feed_of(connection, one)
        if found is None:
            return
        feed, state = found
        known = polls.known_keys(connection, {feed.id: reading.keys}, now)
        poll = decide(feed, state, reading, known.items, now, limits, random.Random())  # noqa: S311
        polls.save_entries(connection, [(feed.id, poll.new, poll.updated, poll.seen)], now, fresh=known.fresh)
        websub.save_pushed(connection, one, now, brought=bool(poll.new))
        if poll.new or poll.updated:
            context.hint_after(transaction, Hint("classify"))
    count_new(context, poll)
    if poll.new or poll.updated:
        log.info(
            "pushed items",
            feed=shown(feed.url), feed_id=feed.id, items=len(poll.new), updated=len(poll.updated),
            ids=[new.item.id for new in poll.new][:MOST_IDS],
        )  # fmt: skip
        trace_new("push", poll, feed, None)
