"""What every task shares: the process's context, the transaction and what follows its commit, counts, log context."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import structlog
from celery import Task
from celery.exceptions import SoftTimeLimitExceeded

from classifiers.errors import ClassifierError
from feeds.item import Item
from store.errors import DatabaseUnreachable
from worker import logs
from worker.app import HINT_EXPIRES, app
from worker.context import Context
from worker.hints import STORIES_CHANNEL
from worker.outage import Outage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.config.watch import Watcher
    from worker.hints import Hint

log = logs.get(__name__)
_lock = threading.Lock()
_contexts: dict[int, Context] = {}
_watcher: Watcher | None = None
_warm: Context | None = None
_database = Outage("database")
_broker = Outage("broker")

#: Seconds after which a message counts as held up, and how long none is tried then.
PATIENCE, REST = 0.5, 10.0


class CeleryHints:
    """Hints as Celery messages; that stories changed goes to every web process that listens just now.

    A broker that takes connections and never answers costs each message its whole timeout. Whoever comes meanwhile does
    not wait for that, nor does anybody for a while after: what is not sent, the sweep makes up for.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._not_before = 0.0

    def send(self, hint: Hint) -> None:
        if not self._turn.acquire(timeout=PATIENCE):
            return
        try:
            if time.monotonic() >= self._not_before:
                self._send(hint)
        finally:
            self._turn.release()

    def _send(self, hint: Hint) -> None:
        began = time.monotonic()
        try:
            if hint.task == "stories":
                with app.producer_pool.acquire(block=True) as producer:
                    channel: Any = producer.channel  # its connection to Redis is the one that messages go by
                    channel.client.publish(STORIES_CHANNEL, b"")
            else:
                app.send_task(hint.task, queue=hint.task, expires=HINT_EXPIRES)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the broker's trouble is, the sweep makes up for it
            if time.monotonic() - began > PATIENCE:  # it hangs; one that refuses at once holds nobody up
                self._not_before = time.monotonic() + REST
            _broker.down(f"{error} (see service.redis_url)")
        else:
            _broker.up()


def use_watcher(watcher: Watcher) -> None:
    """Give this process its config. Forked children inherit it: a file that is broken by then does not stop them."""
    global _watcher
    _watcher = watcher


def warm_up() -> None:
    """Load the model and judge something by it, before children are forked: they share what that takes, and nobody's
    first item waits for it."""
    global _warm
    assert _watcher is not None
    context = Context(_watcher)
    with suppress(ClassifierError):  # whoever needs it says what is wrong with it
        context.model.classify(Item("", "The president of Kenya meets the prime minister of Jordan", ""))
        _warm = context


def process_context() -> Context:
    """This process's context, made at its first task: what was opened before a fork must not be used after it."""
    with _lock:
        context = _contexts.get(os.getpid())
        if context is None:
            if _watcher is None:
                raise RuntimeError("use_watcher was not called in this process")
            loaded = _warm._model if _warm else None
            context = _contexts[os.getpid()] = Context(_watcher, hints=CeleryHints(), resident=True, _model=loaded)
        return context


def close_process_context() -> None:
    with _lock:
        context = _contexts.pop(os.getpid(), None)
    if context is not None:
        context.close()


class UnitTask(Task[Any, Any]):
    """A task that looks up the context, runs one step, and is counted, timed and logged.

    A database that does not answer is no failure of the task: it ends quietly, and the next tick finds the work still
    there. Everything else that goes wrong is logged with its trace and counted, never retried by Celery: what is to be
    done again is in the rows.
    """

    abstract = True
    context: Context

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.context = process_context()
        self.context.watcher.refresh()
        with self._observed():
            return self.run(*args, **kwargs)

    @contextmanager
    def _observed(self) -> Iterator[None]:
        outcome, start = "ok", time.perf_counter()
        with structlog.contextvars.bound_contextvars(task=self.name, task_id=self.request.id):
            try:
                yield
                _database.up()
            except DatabaseUnreachable as error:
                outcome = "database"
                _database.down(str(error))
            except SoftTimeLimitExceeded:
                outcome = "time-limit"
                log.error("step stopped at its time limit; what it held is free again when its leases run out")
            except Exception:
                outcome = "error"
                log.exception("step failed")
            finally:
                counts = self.context.counts
                counts.add("seedwire_tasks_total", task=self.name, outcome=outcome)
                counts.add("seedwire_task_seconds_total", time.perf_counter() - start, task=self.name)
                with suppress(DatabaseUnreachable):
                    counts.flush(self.context.database)
