"""The tick: take over config changes, sweep for work whose hint was lost, forget what is old, leave a heartbeat."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from classifiers.errors import ClassifierError
from store import clock, deliveries, endpoints, feeds, held, items, pages, retention, state, subscribing
from store.database import serialize
from worker import logs
from worker.config.check import doubts
from worker.hints import Hint
from worker.steps.condition import judge_condition
from worker.steps.tell_story import tell_held

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from worker.config.config import Config
    from worker.context import Context

log = logs.get(__name__)

_CONFIG_LOCK = 0x5EED_0003
RETENTION_EVERY = timedelta(hours=1)
#: How often a process says that the config in force is still what its file says.
CONFIRM_EVERY = timedelta(seconds=10)


def tick(context: Context) -> None:
    """One tick. Two at once, or one every ten seconds, do no harm."""
    apply_config(context)
    now = context.now()
    with context.database.write() as transaction:
        connection = transaction.connection
        last = state.get(connection, "tick")
        if last is not None and last.at > now + clock.TOLERANCE:
            log.warning(
                "the clock was set back, what waits is counted from now", seconds=(last.at - now).total_seconds()
            )
            clock.was_set_back(connection, now)
        state.put(connection, "tick", {}, now)
        if feeds.count_due(connection, now):
            context.hint_after(transaction, Hint("poll"))
        if items.count_pending(connection, now):
            context.hint_after(transaction, Hint("classify"))
        if endpoints.waiting(connection, now):
            context.hint_after(transaction, Hint("deliver"))
        if subscribing.is_due(connection, now, offered=bool(context.config.service.public_url)):
            context.hint_after(transaction, Hint("websub"))
        if pages.count_due(connection, now):
            context.hint_after(transaction, Hint("fulltext"))
    tell_held(context)
    judge_condition(context)
    _forget(context, now)


def apply_config(context: Context) -> None:
    """Bring the feeds and webhooks of the database in line with a changed config; keep what is wrong with it.

    A broken change leaves the old config in force; its problem is kept where the page and the metrics see it.
    """
    watcher, now = context.watcher, context.now()
    problem, config = watcher.problem, context.config
    with context.database.read() as connection:
        applied = state.get(connection, "config")
    value = {
        "signature": config.signature,
        "changed": _changed(config),
        "path": str(config.path.absolute()),
        "problem": problem,
        "pending_restart": list(watcher.pending_restart),
    }
    if applied is not None and applied.value == value:
        if now - applied.at > CONFIRM_EVERY:
            with context.database.write() as transaction:
                state.put(transaction.connection, "config", value, now)
        return
    with context.database.write() as transaction:
        another = _put_in_force(transaction.connection, config, value, now)
    if another:
        with suppress(ClassifierError):
            for doubt in doubts(config, context.model.types):
                log.warning("config may not mean what it says", doubt=doubt)


def _put_in_force(connection: Connection, config: Config, value: Mapping[str, object], now: datetime) -> bool:
    """Write a changed config down; True when feeds or webhooks are others now."""
    serialize(connection, _CONFIG_LOCK)
    applied = state.get(connection, "config")
    if applied is not None and applied.value == value:
        return False  # another tick was quicker
    another = applied is None or applied.value.get("signature") != config.signature
    if another and applied and _is_newer(applied, value) and now - applied.at < 3 * CONFIRM_EVERY:
        return False  # a process that has not seen the newest file must not undo what one that has put in force
    if another:
        added, removed = feeds.sync(connection, config.feeds, now)
        deliveries.sync_webhooks(connection, [(w.name, w.recorded) for w in config.webhooks])
        held.judge_anew(connection, now)
        log.info(
            "config in force",
            path=str(config.path), feeds=len(config.feeds), added=added, removed=removed, webhooks=len(config.webhooks),
        )  # fmt: skip
    problem = value["problem"]
    if problem and (applied is None or applied.value.get("problem") != problem):
        log.error("config change refused, the old one stays in force", problem=problem)
    state.put(connection, "config", value, now)
    return another


def _changed(config: Config) -> float:
    """When the config file was last written; 0 where it is gone."""
    try:
        return config.path.stat().st_mtime
    except OSError:
        return 0.0


def _is_newer(applied: state.Fact, value: Mapping[str, object]) -> bool:
    theirs, ours = applied.value.get("changed"), value["changed"]
    return isinstance(theirs, float) and isinstance(ours, float) and theirs > ours


def _forget(context: Context, now: datetime) -> None:
    with context.database.read() as connection:
        last = state.get(connection, "retention")
    if last is not None and now - last.at < RETENTION_EVERY:
        return
    with context.database.write() as transaction:
        state.put(transaction.connection, "retention", {}, now)
        gone = retention.sweep(transaction.connection, now, context.config.service.keep_items)
        pages.forget(transaction.connection, now)
    if gone:
        log.info("old items forgotten", items=gone)
