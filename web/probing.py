"""Questions that may hang: asked by one thread at a time, waited for with a limit, the answer shared for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

#: So long an answer is given to others too, in seconds.
FRESH = 1.0


class Probe(Generic[T]):
    """Thread-safe. Whoever asks while a question is under way, or its answer fresh, shares that answer: however many
    ask, and however long it hangs, it costs one thread."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answer: Future[T] | None = None
        self._answered = 0.0

    def begin(self) -> Future[T]:
        """The answer to be; its ``result(seconds)`` raises what the question raised, TimeoutError when it hangs."""
        with self._lock:
            answer = self._answer
            if answer is None or (answer.done() and time.monotonic() - self._answered >= FRESH):
                answer = self._answer = Future()
                threading.Thread(target=self._run, args=(answer,), name="probe", daemon=True).start()
            return answer

    def _run(self, answer: Future[T]) -> None:
        try:
            found = self._ask()
        except BaseException as error:  # noqa: BLE001 - it is for whoever asked
            self._answered = time.monotonic()
            answer.set_exception(error)
        else:
            self._answered = time.monotonic()
            answer.set_result(found)
