"""Push by WebSub: what is asked of a hub, what it may be believed, when to ask it again. Pure.

Section numbers are those of https://www.w3.org/TR/websub/.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

from feeds.fetch import Fetched
from feeds.hubs import absolute_address, same_address
from feeds.inflate import decoder
from feeds.poll import Reading, reading_of

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from feeds.entry import Entry

#: The lease to ask for: what the large public hubs grant at most.
LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=30)
#: A hub may take this long to ask back whether it was we who subscribed (5.3).
CONFIRM_WITHIN = timedelta(minutes=15)
#: A hub may ask back more than once, since our answer may be lost on its way.
CONFIRM_AGAIN_WITHIN = timedelta(hours=1)
_SHORTEST_WAIT = timedelta(seconds=2)
_FIRST_RETRY, _LAST_RETRY = timedelta(seconds=30), timedelta(days=1)
_FIRST_RETRY_DENIED, _LAST_RETRY_DENIED = timedelta(days=1), timedelta(days=7)

_DIGESTS = frozenset({"sha1", "sha256", "sha384", "sha512"})

#: ``active`` (the hub has promised pushes), ``asked`` (it was asked and has not confirmed yet), ``denied``, ``failing``
#: (it refuses, or does not answer), ``new`` (about to be asked), ``offered`` (the feed names a hub, and nobody is to
#: ask it): the one meaning of these words, for lists and metrics.
PushState = Literal["active", "asked", "denied", "failing", "new", "offered"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription, wanted or to be given back. ``token`` makes its callback's address one that nobody guesses.

    ``callback`` is the address under which this service is reached. ``asked`` is the time of the last request that
    may still be confirmed, ``confirmed`` of the last confirmation, ``expires`` the end of what the hub has promised.
    """

    token: str = field(repr=False)
    feed_id: str
    hub: str
    topic: str
    callback: str
    secret: str = field(repr=False)
    wanted: bool = True
    asked: datetime | None = None
    confirmed: datetime | None = None
    expires: datetime | None = None
    failures: int = 0
    problem: str | None = None

    @property
    def address(self) -> str:
        """Where the hub reaches us (5.1: unguessable, and one for each subscription). A secret: never to be logged."""
        return f"{self.callback.rstrip('/')}/websub/{quote(self.feed_id)}?token={quote(self.token, safe='')}"

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the last request was accepted, or at least not refused, and the hub has not asked back since."""
        return self.asked is not None and (self.confirmed is None or self.confirmed < self.asked)

    def is_active(self, now: datetime) -> bool:
        return self.wanted and self.expires is not None and self.expires > now

    def state(self, now: datetime) -> PushState:
        if self.is_active(now):
            return "active"
        if self.problem == "denied":
            return "denied"
        if self.failures:
            return "failing"
        return "asked" if self.is_unconfirmed else "new"

    def may_confirm(self, mode: str, topic: str, now: datetime) -> bool:
        """Whether a hub that asks back (5.3) asks about what we asked of it."""
        asked_for = "subscribe" if self.wanted else "unsubscribe"
        recent = self.asked is not None and now - self.asked <= CONFIRM_AGAIN_WITHIN
        return recent and mode == asked_for and same_address(topic, self.topic)

    def request(self) -> bytes:
        """The form to post to the hub (5.1). The secret goes along over plain http too: whoever can read it there can
        read and change the feed itself, and against everybody else it helps."""
        form = {
            "hub.callback": self.address,
            "hub.mode": "subscribe" if self.wanted else "unsubscribe",
            "hub.topic": self.topic,
        }
        if self.wanted:
            form |= {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": self.secret}
        return urlencode(form).encode("ascii")


# --- what a hub says -------------------------------------------------------------------------------------------


def is_signed(header: str | None, secret: str, body: bytes) -> bool:
    """Whether ``X-Hub-Signature`` proves that who knows the secret sent these very bytes (7.1)."""
    method, _, written = (header or "").strip().partition("=")
    if method.lower() not in _DIGESTS:
        return False
    right = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(written.strip().lower().encode(), right.encode())


def names_other_topic(subscription: Subscription, own_address: str | None) -> bool:
    """Whether a delivery whose own address (``rel=self``, 7) is this is of another topic. Silence is believed."""
    if own_address is None:
        return False
    told = absolute_address(subscription.topic, own_address)
    return told is None or not same_address(told, subscription.topic)


def unpacked(body: bytes, coding: str | None, most: int) -> bytes:
    """A delivery as it was before it was compressed; nothing where that is more than ``most`` bytes.

    Hubs hand on headers of the publisher's answer: that there is a ``Content-Encoding`` says little about the body.
    """
    try:
        plain = decoder(coding or "").decode(body, most)
    except ValueError:
        return body
    return plain if len(plain) <= most else b""


def read_push(
    feed_id: str,
    topic: str,
    body: bytes,
    shown: Sequence[Entry],
    *,
    content_type: str | None = None,
    content_language: str | None = None,
) -> Reading:
    """What a hub delivered, read like a poll's document. Hubs may send no more than the entries that changed, so
    ``shown``, the newest entries of this feed, stand beside them where it is told what makes an entry itself."""
    # Loaded when a hub pushes something: few feeds have one.
    from feeds.parse import parse

    parsed = parse(body, url=topic, content_type=content_type, content_language=content_language)
    pushed, often = {entry.link for entry in parsed.entries}, Counter(entry.link for entry in shown)
    # The only one with a pushed entry's link is that entry before an edit; where there are two, links tell nothing.
    beside = tuple(entry for entry in shown if entry.link not in pushed or often[entry.link] > 1)
    fetched = Fetched(body, hashlib.sha256(body).hexdigest(), topic, content_type, content_language)
    return reading_of(feed_id, fetched, parsed, beside)


# --- time ------------------------------------------------------------------------------------------------------


def granted(lease_seconds: str | None) -> timedelta:
    """The lease a hub grants (5.3), at most a month; what it does not say, or says badly, is what was asked for."""
    if lease_seconds is None or not re.fullmatch(r"0*[1-9][0-9]{0,11}", lease_seconds.strip(), re.ASCII):
        return LEASE
    return min(timedelta(seconds=int(lease_seconds)), LONGEST_LEASE)


def renew_at(now: datetime, lease: timedelta, rng: random.Random) -> datetime:
    """Well before the lease ends, with time left for failures, and not for all feeds of a hub at once."""
    return now + max(lease * (0.7 + 0.15 * rng.random()), _SHORTEST_WAIT)


def retry_at(
    now: datetime, failures: int, rng: random.Random, *, denied: bool = False, retry_after: timedelta | None = None
) -> datetime:
    """When to ask a hub again: the wait doubles from half a minute to a day, from a day to a week where it said no."""
    first, last = (_FIRST_RETRY_DENIED, _LAST_RETRY_DENIED) if denied else (_FIRST_RETRY, _LAST_RETRY)
    wait: timedelta = min(first * 2 ** min(max(failures - 1, 0), 20), last)
    if retry_after is not None:
        wait = min(max(wait, retry_after), last)
    return now + wait * (1 + 0.2 * rng.random())
