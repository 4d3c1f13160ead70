"""The demonstration ends everything it started, however it is ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def services_of(pid: int) -> list[int]:
    """The service processes whose parent is the demonstration."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue
            if int(status.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to find the service")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_demo_that_is_ended_early_leaves_no_service(number: int) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "worker.cli.main", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # What a shell starts in the background ignores SIGINT, and so would all that these tests start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert demo.stdout is not None
    started = next(line for line in demo.stdout if line.startswith("Its page is"))
    assert "seedwire.log" in started
    (service,) = services_of(demo.pid)
    demo.send_signal(number)
    demo.wait(40)
    deadline = time.monotonic() + 40
    while Path(f"/proc/{service}").exists():
        assert time.monotonic() < deadline, "the service lives on"
        time.sleep(0.05)
