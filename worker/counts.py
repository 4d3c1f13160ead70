"""Counts of what this process did, added to the database now and then so that /metrics can show all processes' sum."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from store import state
from worker.measures import COUNTERS, HISTOGRAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.database import Database

#: Seconds between two additions to the database: a row a process, not a write a task.
FLUSH_EVERY = 5.0


class Counts:
    """Thread-safe. What was not flushed when a process is killed is lost: these are for graphs, not for truth."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], float] = {}
        self._flushed = time.monotonic()

    def add(self, name: str, value: float = 1, **labels: str) -> None:
        """Count a counter of ``worker.measures`` up."""
        _ = COUNTERS[name]
        key = (name, written(labels))
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + value

    def observe(self, name: str, values: Sequence[float], **labels: str) -> None:
        """Count ``values``, in seconds, into a histogram of ``worker.measures``; one below zero counts as zero."""
        bounds = HISTOGRAMS[name].bounds
        if not values:
            return
        found = {
            (f"{name}_sum", written(labels)): sum(max(value, 0.0) for value in values),
            (f"{name}_count", written(labels)): len(values),
            (f"{name}_bucket", written({**labels, "le": "+Inf"})): len(values),
        }
        for bound in bounds:
            found[f"{name}_bucket", written({**labels, "le": f"{bound:g}"})] = sum(value <= bound for value in values)
        with self._lock:
            for key, value in found.items():
                self._counts[key] = self._counts.get(key, 0) + value

    def flush(self, database: Database, *, at_once: bool = False) -> None:
        now = time.monotonic()
        with self._lock:
            if not self._counts or (not at_once and now - self._flushed < FLUSH_EVERY):
                return
            counts, self._counts, self._flushed = self._counts, {}, now
        with database.write() as transaction:
            state.add(transaction.connection, counts)


def written(labels: dict[str, str]) -> str:
    """Labels in Prometheus' text format, without the braces: ``feed="a\\"b"``."""
    return ",".join(f'{name}="{_escaped(labels[name])}"' for name in sorted(labels))


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
