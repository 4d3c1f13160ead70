"""The killer gives every kind of process its turn, touches nobody else's, and starts again what ended."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.chaos_killer import KINDS, MACHINE, Killer
from benchmarks.invented_news import events

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEP = ("sleep", "60")


class Sleepers:
    """A service of processes that sleep; those that were killed come back at once, as supervised ones do."""

    def __init__(self) -> None:
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.broker = Path("/nonexistent/broker.sock")
        self.starts = 0
        self.start()

    def start(self) -> None:
        self.starts += 1
        self.running = {kind: subprocess.Popen(SLEEP) for kind in KINDS if kind != MACHINE}

    def has_ended(self) -> bool:
        if self.running["supervisor"].poll() is None:
            return False
        self.end()
        return True

    def processes(self) -> list[tuple[int, str]]:
        for kind, process in self.running.items():
            if kind != "supervisor" and process.poll() is not None:
                self.running[kind] = subprocess.Popen(SLEEP)
        return [(process.pid, kind) for kind, process in self.running.items()]

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sleepers]:
    monkeypatch.setattr("benchmarks.chaos_killer._AGAIN", 0.0)
    sleepers = Sleepers()
    yield sleepers
    sleepers.end()


def test_every_kind_is_killed_once_before_any_is_killed_again(service: Sleepers) -> None:
    neighbour = subprocess.Popen(SLEEP)
    killer = Killer(service, seed=1, pace=0.01, wipes=0)  # type: ignore[arg-type]
    before = time.time()
    killer.rage(lambda: True, seconds=30)
    assert killer.had_all
    assert sorted(what for _, what in killer.done) == sorted(KINDS)
    assert all(before <= at <= time.time() for at, _ in killer.done)
    assert neighbour.poll() is None
    neighbour.kill()
    neighbour.wait()


def test_it_leaves_the_service_running_whatever_was_killed_last(service: Sleepers) -> None:
    killer = Killer(service, seed=2, pace=0.01, wipes=0)  # type: ignore[arg-type]
    killer.rage(lambda: True, seconds=30)
    assert killer.restarts == service.starts - 1 == 2  # the supervisor's death and the whole machine's
    assert not service.has_ended()


def test_a_seed_gives_the_same_order_of_harm(service: Sleepers) -> None:
    orders = []
    for seed in (3, 3, 4):
        killer = Killer(service, seed=seed, pace=0.01, wipes=0)  # type: ignore[arg-type]
        killer.rage(lambda: True, seconds=30)
        orders.append([what for _, what in killer.done])
    assert orders[0] == orders[1] != orders[2]


def test_no_two_invented_events_are_between_the_same_countries_and_a_seed_gives_the_same_ones() -> None:
    told = events(40, seed=5)
    assert len({event.sides for event in told}) == 40
    assert told == events(40, seed=5)
    assert told != events(40, seed=6)
