"""One conditional fetch of a feed, and what came of it. Nothing a server does raises here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from feeds.door import Request
from feeds.errors import DoorError, TimedOut, TooLarge, shown
from feeds.moving import address
from feeds.retry_after import http_date, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.door import Answer, Door, Redirect
    from feeds.feed import Feed, FeedState, PollingLimits

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_MAX_VALIDATOR = 1_000

#: Reason codes for statuses that say more than their class.
STATUS_REASONS: Mapping[int, str] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    410: "gone",
    429: "too-many-requests",
    503: "unavailable",
}

_HINTS: Mapping[type[DoorError], str] = {
    TimedOut: "raise polling.timeout if the publisher is merely slow",
    TooLarge: "raise polling.max_bytes if this is really a feed",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body that differs from the last one that was read. ``url`` is where it was found after redirects, ``max_age``
    how long the server calls it fresh, ``links`` its ``Link`` header.

    The transfer may have broken off: whether anything is missing, the document itself tells (servers that announce
    a wrong length are common).
    """

    body: bytes = field(repr=False)
    body_hash: str
    url: str
    content_type: str | None = None
    content_language: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    redirects: tuple[Redirect, ...] = ()
    links: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing new: the server said so (304), or it sent the very bytes that were read last time.

    ``etag`` and ``last_modified`` are the validators for the next request.
    """

    etag: str | None
    last_modified: str | None
    max_age: timedelta | None = None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """No feed came. ``reason`` is a door's reason (``feeds.errors``) or an HTTP one (``STATUS_REASONS``,
    ``server-error``, ``http-error``); ``detail`` is one line for a person, who sees the feed's address beside it.
    ``retry_after`` is what the server asked for."""

    reason: str
    detail: str
    status: int | None = None
    retry_after: timedelta | None = None
    redirects: tuple[Redirect, ...] = ()


Outcome = Fetched | NotModified | Failed


def fetch(door: Door, feed: Feed, state: FeedState, limits: PollingLimits, *, own_network: str = "") -> Outcome:
    """Ask for a feed by itself. ``own_network`` is what to do about an address on a private network, where that is not
    a key of the config."""
    try:
        answer = door.send(request(feed, state, limits))
    except DoorError as error:
        return failed(error, own_network)
    return outcome(answer, state)


def request(feed: Feed, state: FeedState, limits: PollingLimits) -> Request:
    """What to send: to the feed's address, or to the one it has moved to (``feeds.moving``)."""
    headers = {"accept": _ACCEPT}
    if state.etag:
        headers["if-none-match"] = state.etag
    if state.last_modified:
        headers["if-modified-since"] = state.last_modified
    return Request(
        url=address(feed, state),
        headers=headers,
        timeout=limits.timeout.total_seconds(),
        max_bytes=limits.max_bytes,
        allow_private=feed.allow_private,
    )


def failed(error: DoorError, own_network: str = "") -> Failed:
    hint = _HINTS.get(type(error), own_network if own_network and error.hint else error.hint)
    return Failed(error.reason, f"{error.detail}; {hint}" if hint else error.detail)


def outcome(answer: Answer, state: FeedState) -> Outcome:
    """What an answer means to a feed in this state. Validators are handed back exactly as sent (RFC 9110, 13.1):
    odd ones (unquoted, no date at all) work as long as nobody repairs them."""
    etag = _validator(answer.headers.get("etag"))
    last_modified = _validator(answer.headers.get("last-modified"))
    max_age = _max_age(answer.headers)
    conditional = bool(state.etag or state.last_modified)
    if answer.status == 304 and conditional:
        return NotModified(etag or state.etag, last_modified or state.last_modified, max_age, answer.redirects)
    if not 200 <= answer.status < 300:
        return _refused(answer)
    body_hash = hashlib.sha256(answer.body).hexdigest()
    if body_hash == state.body_hash:
        return NotModified(etag, last_modified, max_age, answer.redirects)
    return Fetched(
        body=answer.body,
        body_hash=body_hash,
        url=answer.url,
        content_type=answer.headers.get("content-type"),
        content_language=answer.headers.get("content-language"),
        etag=etag,
        last_modified=last_modified,
        max_age=max_age,
        redirects=answer.redirects,
        links=answer.headers.get("link"),
    )


def _refused(answer: Answer) -> Failed:
    status = answer.status
    reason = STATUS_REASONS.get(status) or ("server-error" if status >= 500 else "http-error")
    wait = retry_after(answer.headers) if status in (429, 503) or status >= 500 else None
    where = f"redirected to {shown(answer.url)}, where " if answer.redirects else ""
    detail = f"{where}the server answered {status}"
    return Failed(reason, detail, status, wait, answer.redirects)


def _max_age(headers: Mapping[str, str]) -> timedelta | None:
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    found = re.search(r"max-age\s*=\s*\"?(\d{1,9})", control)
    if found:
        return timedelta(seconds=int(found[1]))
    expires, date = http_date(headers.get("expires", "")), http_date(headers.get("date", ""))
    return expires - date if expires and date and expires > date else None


def _validator(value: str | None) -> str | None:
    """A validator that can be sent back: ASCII, in one piece, of reasonable length."""
    if not value or len(value) > _MAX_VALIDATOR or not value.isascii() or not value.isprintable():
        return None
    return value
