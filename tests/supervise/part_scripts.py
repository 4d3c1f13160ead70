"""Supervisors and parts as real processes, and waiting for what they do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


def eventually(condition: Callable[[], object], seconds: float = 20.0) -> object:
    """What ``condition`` gives once it is true; fails where it is not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    pytest.fail(f"did not come true within {seconds} s")


def is_running(pid: int) -> bool:
    """Whether the process lives; one that is dead and not yet collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return not stat.parent.parent.is_dir() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Script:
    """A part that is a few lines of Python. It appends its process id to a file each time it starts."""

    def __init__(self, folder: Path, name: str, body: str = "time.sleep(600)", **row: object) -> None:
        self.name = name
        self.pids_file = folder / f"{name}.pids"
        start = "import os, signal, subprocess, sys, time\nfrom pathlib import Path\n"
        told = f"with open({str(self.pids_file)!r}, 'a') as file: print(os.getpid(), file=file)\n"
        self.row = {"name": name, "argv": [sys.executable, "-c", start + told + body], "grace": 2.0, **row}

    @property
    def pids(self) -> list[int]:
        return [int(line) for line in self.pids_file.read_text().split()] if self.pids_file.exists() else []

    def started(self, times: int = 1) -> int:
        """Waits until it has been started so often, and gives the process id of that start."""
        eventually(lambda: len(self.pids) >= times)
        return self.pids[times - 1]


class Supervised:
    """A running ``supervised.py``."""

    def __init__(self, parts: list[Script], options: dict[str, object], log: Path) -> None:
        self.parts, self.log = parts, log
        told = json.dumps({"parts": [part.row for part in parts], "options": options})
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("supervised.py")), told],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stderr=stderr,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def events(self) -> list[dict[str, object]]:
        """Its log lines, but for one that is half written."""
        return [json.loads(line) for line in self.output.rpartition("\n")[0].splitlines() if line.startswith("{")]

    def end(self, number: int = signal.SIGTERM, seconds: float = 20.0) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)
