"""One run at a time in a process; whoever comes meanwhile leaves word and goes."""

from __future__ import annotations

import threading
from typing import Protocol


class Run(Protocol):
    def wake(self) -> None:
        """Somebody left word; called from another thread, never after the run's turn has ended."""


class Turn:
    """Thread-safe. A run that takes the turn sees, until it ends, to all that others left word of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: Run | None = None
        self._word = False

    def take(self, run: Run) -> bool:
        """Whether it is this run's turn now; if not, whoever has it is told."""
        with self._lock:
            if self._holder is None:
                self._holder, self._word = run, False
                return True
            self._word = True
            self._holder.wake()
            return False

    def heard(self) -> bool:
        """Whether anybody left word since this was asked last."""
        with self._lock:
            word, self._word = self._word, False
            return word

    def end(self, run: Run, *, at_once: bool = False) -> bool:
        """Let the next run begin; refused while there is word that nobody has heard, but for ``at_once``."""
        with self._lock:
            if self._word and not at_once:
                return False
            if self._holder is run:
                self._holder = None
            return True
