"""Supervisors as real processes."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from part_scripts import Script, Supervised, is_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    """``supervise(part, …, **options)`` starts a supervisor; what is left of it at the end is killed."""
    running: list[Supervised] = []

    def start(*parts: Script, **options: object) -> Supervised:
        supervised = Supervised(list(parts), options, tmp_path / f"supervisor-{len(running)}.log")
        running.append(supervised)
        return supervised

    yield start
    for supervised in running:
        if supervised.process.poll() is None:
            supervised.process.kill()
            supervised.process.wait()
        for part in supervised.parts:
            for pid in part.pids:
                if is_running(pid):
                    os.killpg(pid, signal.SIGKILL)
