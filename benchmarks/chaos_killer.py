"""Does harm to a running service: SIGKILLs to every kind of process it has, and broker wipes, in an order by chance."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

import redis

from benchmarks.running_service import kill, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.running_service import Service

WIPE = "broker wiped"
MACHINE = "whole machine"
#: What is killed; the last is every process at once, as when the power goes.
KINDS = (
    "poller", "poller's child", "classifier", "classifier's child", "courier", "beat", "web", "broker", "supervisor",
    MACHINE,
)  # fmt: skip
#: How long a victim that is just being started is waited for, and how soon an ended service is started again.
_VICTIM, _AGAIN = 8.0, 0.5
#: How long what was killed may take to be gone, in seconds: a machine gives the memory of many back one by one.
_GONE = 30.0
#: So much longer than asked it goes on, in seconds, where not every kind has had its turn: starts take long on a busy
#: machine.
_LONGER = 60.0


class Killer:
    """One harm every ``pace`` seconds on average. Every kind comes once before any comes again; ``wipes`` are spread
    over the first round. ``done`` are (when, what)."""

    def __init__(self, service: Service, seed: int, pace: float, wipes: int = 2) -> None:
        self.done: list[tuple[float, str]] = []
        self.restarts = 0
        self._service = service
        self._rng = random.Random(f"killer {seed}")
        self._pace, self._wipes = pace, wipes

    @property
    def had_all(self) -> bool:
        """Whether every kind had its turn, and every wipe."""
        did = Counter(what for _, what in self.done)
        return all(did[kind] for kind in KINDS) and did[WIPE] >= self._wipes

    def rage(self, over: Callable[[], bool], seconds: float) -> None:
        """Do harm until it is over and every kind had its turn, or for so long; a little longer where one still has
        not had its turn. The service is left running.

        To be called in the main thread: Linux ends a child of ours when the thread is gone that started it.
        """
        until, plan = time.monotonic() + seconds, [*KINDS, *[WIPE] * self._wipes]
        self._rng.shuffle(plan)
        next_at = time.monotonic() + self._wait()
        while time.monotonic() < until + (0 if self.had_all else _LONGER) and not (self.had_all and over()):
            self.keep_up()
            if time.monotonic() >= next_at:
                what = plan.pop()
                if not self._harm(what):
                    plan.insert(self._rng.randrange(len(plan) + 1), what)
                plan = plan or self._rng.sample(KINDS, len(KINDS))
                next_at = time.monotonic() + self._wait()
            time.sleep(0.1)
        self.keep_up()

    def keep_up(self) -> None:
        """Start the service again when it has ended, as an init system does."""
        if self._service.has_ended():
            self.restarts += 1
            time.sleep(_AGAIN)
            self._service.start()

    def _wait(self) -> float:
        return self._rng.uniform(0.5, 1.5) * self._pace

    def _harm(self, what: str) -> bool:
        """False where the victim was not there for long: it is just coming up."""
        until = time.monotonic() + _VICTIM
        while not (self._wipe() if what == WIPE else self._kill(what)):
            if time.monotonic() > until:
                return False
            self.keep_up()
            time.sleep(0.1)
        return True

    def _kill(self, what: str) -> bool:
        running = self._service.processes()
        victims = [pid for pid, kind in running if what in (kind, MACHINE)]
        if what == MACHINE and len(running) <= len(KINDS) // 2:
            return False  # it is just coming up
        if not victims:
            return False
        at = time.time()
        chosen = victims if what == MACHINE else [self._rng.choice(victims)]
        if not sum(kill(pid) for pid in chosen):
            return False
        self.done.append((at, what))
        if what in ("supervisor", MACHINE):  # else it would seem to run, and nobody start it again
            wait_until(self._service.has_ended, _GONE)
        return True

    def _wipe(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self._service.broker), socket_timeout=2.0)
        try:
            client.flushall()
        except redis.RedisError:
            return False
        finally:
            client.close()
        self.done.append((time.time(), WIPE))
        return True
