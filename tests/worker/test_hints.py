"""Hints never hold up whoever sends them."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time

import pytest

from worker import task_base
from worker.hints import Hint

SENDS = """
import sys, threading, time
from types import SimpleNamespace
from worker.app import configure
from worker.hints import Hint
from worker.task_base import CeleryHints

configure(SimpleNamespace(redis_url=sys.argv[1]), sends_only=True)
hints, began = CeleryHints(), time.monotonic()
together = [threading.Thread(target=hints.send, args=(Hint("classify"),)) for _ in range(30)]
for one in together: one.start()
for one in together: one.join()
for task in ("classify", "stories") * 10: hints.send(Hint(task))
print(time.monotonic() - began)
"""


@pytest.fixture
def silent_broker():
    """Takes every connection and never says a word."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    for connection in taken:
        connection.close()


@pytest.mark.processes
def test_a_broker_that_hangs_holds_up_one_sender_once(silent_broker):
    ran = subprocess.run(
        [sys.executable, "-c", SENDS, silent_broker], capture_output=True, text=True, timeout=100, check=True
    )
    # One message's own patience with the broker, not fifty times that.
    assert float(ran.stdout.splitlines()[-1]) < 15
    assert ran.stdout.count("does not answer") == 1


def test_a_message_that_took_long_and_was_taken_keeps_none_back(monkeypatch):
    sent = []

    def send(task, **_options):
        sent.append(task)
        time.sleep(0.05)  # as the first one takes, which connects

    monkeypatch.setattr(task_base, "PATIENCE", 0.01)
    monkeypatch.setattr(task_base.app, "send_task", send)
    hints = task_base.CeleryHints()
    for task in ("classify", "deliver"):
        hints.send(Hint(task))
    assert sent == ["classify", "deliver"]
