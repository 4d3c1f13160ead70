"""What every step of the work needs at hand: the config in force, the database, the door, the model, who is who."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from store.database import Database
from store.errors import DatabaseUnreachable
from worker import logs, tracing
from worker.counts import Counts
from worker.hints import NoHints
from worker.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from classifiers.model import Model
    from classifiers.who import Who
    from feeds.door import Door
    from store.database import Transaction
    from worker.config.config import Config
    from worker.config.watch import Watcher
    from worker.hints import Hint, Hints


log = logs.get(__name__)

#: How long what was learned of people is gone by before it is read again.
WHO_EVERY = timedelta(minutes=2)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """One a process, shared by its threads, never across a fork. Close it when done.

    A ``resident`` one reads who is who again by itself, so that no item waits for that.
    """

    watcher: Watcher
    hints: Hints = field(default_factory=NoHints)
    now: Callable[[], datetime] = utc_now
    counts: Counts = field(default_factory=Counts)
    resident: bool = False
    #: Whose turn it is to deliver (``worker.steps.deliver``).
    courier: Turn = field(default_factory=Turn)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _database: Database | None = None
    _door: Door | None = None
    _model: tuple[tuple[Path | None, int], Model] | None = None
    _who: tuple[datetime, Who] | None = None
    _closed: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def config(self) -> Config:
        """The config in force; a broken change leaves the old one (``watcher.problem`` says why)."""
        return self.watcher.current

    @property
    def database(self) -> Database:
        with self._lock:
            if self._database is None:
                self._database = Database(self.config.service.database_url)
            return self._database

    @property
    def door(self) -> Door:
        with self._lock:
            if self._door is None:
                from feeds.door import Door

                self._door = Door(contact=self.config.service.contact)
            return self._door

    @property
    def model(self) -> Model:
        """The model in force, loaded again when its file changes. Raises ModelError while there is none yet."""
        from classifiers.errors import ModelError
        from classifiers.model import Model

        path = self.config.service.model
        version = (path, path.stat().st_mtime_ns) if path and path.exists() else (path, 0)
        with self._lock:
            if self._model is None or self._model[0] != version:
                try:
                    model = Model.load(path)
                except ModelError as error:
                    if self._model is None:
                        raise
                    log.error("changed model refused, the old one stays in force", error=str(error))
                    model = self._model[1]
                self._model = (version, model)
            return self._model[1]

    @property
    def who(self) -> Who:
        """The people known from the stream and corrections, at most two minutes old. Raises DatabaseUnreachable."""
        now = self.now()
        with self._lock:
            first = self._who is None
            if self._who is None or not timedelta() <= now - self._who[0] < WHO_EVERY:
                self._who = self._read_who()
            if first and self.resident:
                threading.Thread(target=self._keep_reading_who, name="who", daemon=True).start()
            return self._who[1]

    def _read_who(self) -> tuple[datetime, Who]:
        from store import who

        now = self.now()
        with self.database.read() as connection:
            return now, who.snapshot(connection, now)

    def _keep_reading_who(self) -> None:
        while not self._closed.wait(WHO_EVERY.total_seconds() * 0.8):
            with suppress(DatabaseUnreachable):
                self._who = self._read_who()

    def hint_after(self, transaction: Transaction, hint: Hint) -> None:
        """Pass a hint on once the transaction is durable; however often it is asked for, once."""
        transaction.after_commit(partial(self.hints.send, hint), once=hint)

    def new_owner(self) -> str:
        """A name for one run of one step: two runs in one process must not take each other's leases for their own."""
        return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"

    def close(self) -> None:
        self._closed.set()
        tracing.close()
        with self._lock:
            if self._database is not None:
                self.counts.flush(self._database, at_once=True)
                self._database.close()
            if self._door is not None:
                self._door.close()
            self._database = self._door = None
