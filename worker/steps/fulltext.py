"""Full text: ask for the page of an item whose own text is short and promising, read it politely, classify again.

An item over its threshold alerts at once and its page is not read; one that comes near waits for nothing either: it
has its outcome, and the page is a second look.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feeds import robots
from feeds.door import parse_url
from feeds.errors import BadUrl, DoorError, PrivateAddress, shown
from feeds.page import (
    MOST_HOPS,
    Article,
    Elsewhere,
    Refused,
    Teaser,
    consequence,
    fits,
    origin,
    request,
    understand,
)
from store import items, pages
from worker import logs
from worker.hints import Hint

if TYPE_CHECKING:
    from classifiers.event import Verdict
    from store.database import Transaction
    from store.items import PendingItem
    from store.pages import ClaimedHost, PageToRead
    from worker.context import Context

log = logs.get(__name__)

#: A text of fewer characters is short: a summary, where an article has some thousands.
SHORT = 1_000
#: A score of this share of its threshold is promising: so have 2 % of ordinary items (docs/feeds.md).
PROMISING = 0.2
#: Hosts read from at once, by all workers together. One page at a time of each.
HOSTS = 8
#: How long one run goes on claiming, in seconds.
BUDGET = 20.0
#: Longer waits between two pages of a host are left to its next turn.
LONGEST_PAUSE = timedelta(seconds=5)
LEASE_MARGIN = timedelta(seconds=30)
#: A page begun more often without an end is given up: something in it ends the worker that reads it.
MOST_CLAIMS = 3


def ask_for_page(context: Context, transaction: Transaction, pending: PendingItem, verdict: Verdict) -> None:
    """With the outcome of an item that reported nothing: ask for its page, if that may show more."""
    item, connection = pending.item, transaction.connection
    if not pending.fulltext or pending.baseline or not _is_promising(verdict) or len(item.text) >= SHORT:
        return
    try:
        url = parse_url(item.url or "")
    except BadUrl:
        return
    text = pages.want(connection, item.id, url, context.now(), allow_private=pending.allow_private)
    if text is None:
        context.hint_after(transaction, Hint("fulltext"))
    elif fits(text, Teaser(item.id, item.title, len(item.text))) and items.give_text(connection, [item.id], text):
        context.hint_after(transaction, Hint("classify"))


def read_pages(context: Context, *, budget: float = BUDGET) -> int:
    """Read pages that are due until none is left or the budget is spent; returns how many came to an end."""
    owner, ended, until = context.new_owner(), 0, time.monotonic() + budget
    flying: set[Future[int]] = set()
    with ThreadPoolExecutor(HOSTS, thread_name_prefix="page") as pool:
        while True:
            if time.monotonic() < until:
                for host in _claim(context, owner):
                    flying.add(pool.submit(_visit, context, owner, host, until))
            if not flying:
                return ended
            done, flying = wait(flying, timeout=1.0, return_when=FIRST_COMPLETED)
            ended += sum(future.result() for future in done)


def _claim(context: Context, owner: str) -> list[ClaimedHost]:
    now = context.now()
    with context.database.read() as connection:
        if not pages.count_due(connection, now):
            return []
    with context.database.write() as transaction:
        late = pages.give_up_late(transaction.connection, now)
        claimed = pages.claim_hosts(transaction.connection, now, most=HOSTS, owner=owner, lease=_lease(context))
    if late:
        context.counts.add("seedwire_pages_total", late, outcome="too-late")
    return claimed


def _lease(context: Context) -> timedelta:
    # A robots.txt and as many hops as a page may take.
    return context.config.polling.timeout * (MOST_HOPS + 2) + LEASE_MARGIN


def _visit(context: Context, owner: str, host: ClaimedHost, until: float) -> int:
    """Read a host's pages one after another, until none is left, it does not want us, or the time is up."""
    ended, rest = 0, timedelta()
    while True:
        with context.database.write() as transaction:
            held = pages.hold(transaction.connection, host.origin, owner, context.now() + _lease(context))
            page = pages.next_page(transaction.connection, host.origin, context.now()) if held else None
        if page is None:
            break
        host, outcome = _read(context, host, page)
        with context.database.write() as transaction:
            if not pages.hold(transaction.connection, host.origin, owner, context.now() + _lease(context)):
                log.info("host was taken over by another worker", host=host.origin)
                return ended
            host, rest = _save(context, transaction, host, page, outcome)
        ended += not isinstance(outcome, Elsewhere)
        pause = robots.spacing(host.robots or "")
        if rest or pause > LONGEST_PAUSE or time.monotonic() + pause.total_seconds() > until:
            break
        time.sleep(pause.total_seconds())
    with context.database.write() as transaction:
        next_page = context.now() + (rest or robots.spacing(host.robots or ""))
        pages.release(transaction.connection, host, owner, next_page)
    return ended


def _read(context: Context, host: ClaimedHost, page: PageToRead) -> tuple[ClaimedHost, Article | Elsewhere | Refused]:
    if page.claims > MOST_CLAIMS:
        log.error("page given up: its worker died with it", page=shown(page.url), times=page.claims - 1)
        return host, Refused("internal-error")
    try:
        url, hops = page.url, page.hops
        while True:
            host = _with_robots(context, host, page)
            if host.robots is None:
                return host, Refused("robots-unreachable")
            if not robots.allows(host.robots, url):
                return host, Refused("robots")
            answer = context.door.send(request(url, context.config.polling, allow_private=page.allow_private))
            outcome = understand(answer, page.teasers)
            if not isinstance(outcome, Elsewhere):
                return host, outcome
            url, hops = outcome.url, hops + 1
            if hops > MOST_HOPS:
                return host, Refused("redirect-loop")
            if origin(parse_url(url)) != host.origin:
                return host, outcome
    except DoorError as error:
        return host, Refused(error.reason)
    except Exception:
        # A bug of ours or of the extractor's that one page brings to light must not be met again and again.
        log.exception("page could not be read", page=shown(page.url))
        return host, Refused("internal-error")


def _with_robots(context: Context, host: ClaimedHost, page: PageToRead) -> ClaimedHost:
    """The host with a robots.txt that counts; with none where it cannot tell at present. Raises DoorError where the
    page itself could not be asked for either."""
    now = context.now()
    if host.robots is not None and host.robots_until is not None and host.robots_until > now:
        return host
    timeout = context.config.polling.timeout.total_seconds()
    try:
        answer = context.door.send(robots.request(host.origin, timeout=timeout, allow_private=page.allow_private))
    except PrivateAddress:
        raise
    except DoorError:
        return replace(host, robots=None, robots_until=None)
    return replace(host, robots=robots.rules(answer), robots_until=now + robots.GOOD_FOR)


def _save(
    context: Context,
    transaction: Transaction,
    host: ClaimedHost,
    page: PageToRead,
    outcome: Article | Elsewhere | Refused,
) -> tuple[ClaimedHost, timedelta]:
    """Write what became of a page; returns its host as it is known now, and how long it is to rest."""
    connection, now = transaction.connection, context.now()
    if isinstance(outcome, Elsewhere):
        pages.save_move(connection, page, parse_url(outcome.url), now)
        context.hint_after(transaction, Hint("fulltext"))
        return replace(host, refusals=0), timedelta()
    if isinstance(outcome, Article):
        waiting = pages.save_text(connection, page.id, outcome.text)
        ours = [teaser.item_id for teaser in waiting if fits(outcome.text, teaser)]
        given = items.give_text(connection, ours, outcome.text)
        if given:
            context.hint_after(transaction, Hint("classify"))
        log.info("page read", page=shown(page.url), characters=len(outcome.text), items=given)
        context.counts.add("seedwire_pages_total", outcome="read")
        return replace(host, refusals=0), timedelta()
    then = consequence(outcome, tries=page.tries + 1, refusals=host.refusals)
    again = now + then.page_again if then.page_again is not None else None
    pages.save_refusal(connection, page, outcome.reason, again=again)
    log.info(
        "page refused", page=shown(page.url), reason=outcome.reason, again=again and again.isoformat("T", "seconds")
    )
    context.counts.add("seedwire_pages_total", outcome=outcome.reason)
    rest = then.host_rest or timedelta()
    return replace(host, refusals=host.refusals + 1 if rest else 0), rest


def _is_promising(verdict: Verdict) -> bool:
    return not verdict.events and any(
        score >= PROMISING * verdict.thresholds.get(kind, 1.0) for kind, score in verdict.scores.items()
    )
