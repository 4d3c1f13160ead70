"""The tick: take over config changes, sweep for work whose hint was lost, forget what is old, leave a heartbeat."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from store import deliveries, feeds, items, retention, state
from worker import logs
from worker.hints import Hint

if TYPE_CHECKING:
    from datetime import datetime

    from worker.context import Context

log = logs.get(__name__)

RETENTION_EVERY = timedelta(hours=1)


def tick(context: Context) -> None:
    """One tick. Two at once, or one every ten seconds, do no harm."""
    apply_config(context)
    now = context.now()
    with context.database.write() as transaction:
        connection = transaction.connection
        state.put(connection, "tick", {}, now)
        if feeds.count_due(connection, now):
            transaction.after_commit(lambda: context.hints.send(Hint("poll")))
        if items.count_pending(connection, now):
            transaction.after_commit(lambda: context.hints.send(Hint("classify")))
        for name in deliveries.due_webhooks(connection, now):
            transaction.after_commit(lambda name=name: context.hints.send(Hint("deliver", name)))  # type: ignore[misc]
    _forget(context, now)


def apply_config(context: Context) -> None:
    """Bring the feeds and webhooks of the database in line with a changed config; keep what is wrong with it.

    A broken change leaves the old config in force; its problem is kept where the page and the metrics see it.
    """
    watcher, now = context.watcher, context.now()
    problem = watcher.problem
    with context.database.read() as connection:
        applied = state.get(connection, "config")
    config = context.config
    value = {
        "signature": config.signature,
        "path": str(config.path),
        "problem": problem,
        "pending_restart": list(watcher.pending_restart),
    }
    if applied is not None and applied.value == value:
        return
    with context.database.write() as transaction:
        connection = transaction.connection
        if applied is None or applied.value.get("signature") != config.signature:
            added, removed = feeds.sync(connection, config.feeds, now)
            deliveries.sync_webhooks(connection, [(w.name, w.url) for w in config.webhooks], now)
            log.info(
                "config in force",
                path=str(config.path), feeds=len(config.feeds), added=added, removed=removed,
                webhooks=len(config.webhooks),
            )  # fmt: skip
        if problem and (applied is None or applied.value.get("problem") != problem):
            log.error("config change refused, the old one stays in force", problem=problem)
        state.put(connection, "config", value, now)


def _forget(context: Context, now: datetime) -> None:
    with context.database.read() as connection:
        last = state.get(connection, "retention")
    if last is not None and now - last.at < RETENTION_EVERY:
        return
    with context.database.write() as transaction:
        state.put(transaction.connection, "retention", {}, now)
        gone = retention.sweep(transaction.connection, now, context.config.service.keep_items)
    if gone:
        log.info("old items forgotten", items=gone)
