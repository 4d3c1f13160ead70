"""What a person has tried again: deliveries that rest, and webhooks that were disabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import deliveries
from store.deliveries import Retried
from worker.hints import Hint

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from typing import Literal

    from store.database import Transaction
    from worker.context import Context

    Resting = Literal["dead", "disabled"]


def retry(context: Context, transaction: Transaction, delivery_ids: Sequence[str]) -> Retried:
    """Start the schedule of these anew: same alert, same ``webhook-id``. What arrived stays delivered, so that a
    repeat changes nothing. Raises NotFound."""
    done = deliveries.retry(transaction.connection, delivery_ids, context.now())
    if done.deliveries:
        context.hint_after(transaction, Hint("deliver"))
    return done


def retry_resting(
    context: Context,
    transaction: Transaction,
    states: Collection[Resting],
    *,
    webhook: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Retried:
    """All that rest in these states, of one webhook or of all, made in a range of time. With ``disabled`` the webhook
    is enabled, also where nothing rests for it."""
    connection = transaction.connection
    ids = [
        one
        for state in sorted(states)
        for one in deliveries.ids_in_state(connection, state, webhook, since=since, until=until)
    ]
    done = retry(context, transaction, ids)
    if "disabled" not in states:
        return done
    resting = deliveries.disabled_webhooks(connection)
    enabled = sorted(resting & {webhook} if webhook else resting)
    deliveries.enable_webhooks(connection, enabled)
    return Retried(done.deliveries, tuple(sorted({*done.webhooks, *enabled})))
