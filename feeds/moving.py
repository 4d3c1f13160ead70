"""Where a feed is fetched: at the address the config names, until permanent redirects have led elsewhere often enough.

The config keeps its own address, and a feed is identified by it; what changes is where the request goes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.exchange import Redirect
    from feeds.feed import Feed, FeedState

#: Polls in a row that have to be redirected to the same place before it is asked directly: a publisher who redirects
#: by mistake, or a hotel's network, does not do so for long.
MOVED_AFTER = 3
#: RFC 9110, 15.4.2 and 15.4.9: "any future references to this resource ought to use" the new address.
_PERMANENT = frozenset({301, 308})


def address(feed: Feed, state: FeedState) -> str:
    """The address to ask next."""
    return state.moved_to if state.moved_to and state.moved_seen >= MOVED_AFTER else feed.url


def after_success(feed: Feed, state: FeedState, redirects: Sequence[Redirect]) -> tuple[str | None, int]:
    """``moved_to`` and ``moved_seen`` after a poll that brought the feed by way of ``redirects``."""
    target = _permanent_target(redirects)
    if target is None:
        at_new_address = address(feed, state) != feed.url
        return (state.moved_to, state.moved_seen) if at_new_address else (None, 0)
    if target == feed.url:
        return None, 0
    # A target that moves on starts anew, from the config's address: whether all of the way is meant, that shows.
    return target, state.moved_seen + 1 if target == state.moved_to else 1


def _permanent_target(redirects: Sequence[Redirect]) -> str | None:
    """The last address that the permanent redirects at the start of the way lead to."""
    target = None
    for hop in redirects:
        if hop.status not in _PERMANENT:
            break
        target = hop.url
    return target
