"""Answers that take a while and change slowly: worked out by one thread at a time, and shared for some seconds."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Remembered(Generic[T]):
    """``get`` gives what was worked out for this key at most ``seconds`` ago."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable, work_out: Callable[[], T]) -> T:
        with self._lock:
            known = self._known.get(key)
            if known is None or not 0 <= self._clock() - known[0] < self._seconds:
                known = self._known[key] = (self._clock(), work_out())
            return known[1]
