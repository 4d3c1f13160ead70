"""Poll a feed because a person asks: what page, API and command line do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import feeds
from worker.hints import Hint

if TYPE_CHECKING:
    from store.feeds import PollNow
    from worker.context import Context


def poll_now(context: Context, feed_id: str) -> PollNow:
    """Make the feed due and tell whoever polls. Raises NotFound, DatabaseUnreachable."""
    with context.database.write() as transaction:
        context.hint_after(transaction, Hint("poll"))
        return feeds.poll_now(transaction.connection, feed_id, context.now())
