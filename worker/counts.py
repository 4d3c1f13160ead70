"""Counts of what this process did, added to the database now and then so that /metrics can show all processes' sum."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from store import state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.database import Database

#: Seconds between two additions to the database: a row a process, not a write a task.
FLUSH_EVERY = 5.0
#: The upper bounds of a histogram's buckets, in seconds.
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 600.0)


class Counts:
    """Thread-safe. What was not flushed when a process is killed is lost: these are for graphs, not for truth."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], float] = {}
        self._flushed = time.monotonic()

    def add(self, name: str, value: float = 1, **labels: str) -> None:
        """Count ``name`` up. Label values must be names of ours, never text from outside."""
        key = (name, ",".join(f'{k}="{v}"' for k, v in sorted(labels.items())))
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + value

    def observe(self, name: str, values: Sequence[float]) -> None:
        """Count ``values`` into the histogram ``name``."""
        if not values:
            return
        self.add(f"{name}_sum", sum(max(value, 0.0) for value in values))
        self.add(f"{name}_count", len(values))
        for bound in BUCKETS:
            self.add(f"{name}_bucket", sum(value <= bound for value in values), le=f"{bound:g}")
        self.add(f"{name}_bucket", len(values), le="+Inf")

    def flush(self, database: Database, *, at_once: bool = False) -> None:
        now = time.monotonic()
        with self._lock:
            if not self._counts or (not at_once and now - self._flushed < FLUSH_EVERY):
                return
            counts, self._counts, self._flushed = self._counts, {}, now
        with database.write() as transaction:
            state.add(transaction.connection, counts)
