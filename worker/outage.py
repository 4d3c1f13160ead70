"""Something the service leans on is away: said when it goes, now and then while it is gone, and when it is back."""

from __future__ import annotations

import threading
import time

from worker import logs

log = logs.get(__name__)

#: Seconds between two reminders.
REMIND_EVERY = 60.0


class Outage:
    """What happened to ``what``; thread-safe. Work goes on by itself afterwards, so once a second would be noise."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._since: float | None = None
        self._said = 0.0

    def down(self, error: str) -> None:
        now = time.monotonic()
        with self._lock:
            first, self._since = self._since is None, self._since or now
            if not first and now - self._said < REMIND_EVERY:
                return
            self._said = now
            seconds = round(now - self._since)
        log.error(f"{self._what} does not answer, work waits", error=error, seconds=seconds)

    def up(self) -> None:
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            log.info(f"{self._what} answers again", seconds=round(time.monotonic() - since))
