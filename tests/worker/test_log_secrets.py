"""A traceback in the log names the place of a mistake, and not what variables held there."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
from worker import logs
logs.configure({!r}, "info")
def send(address):
    raise RuntimeError("it failed")
try:
    send("slack://" + "token".upper())
except RuntimeError:
    logs.get("test").exception("not sent")
"""


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_traceback_shows_no_values(log_format: str) -> None:
    """``rich``, which the tests' dependencies bring, would have structlog print every local variable."""
    program = [sys.executable, "-c", PROGRAM.format(log_format)]
    ran = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True)
    assert "not sent" in ran.stderr
    assert "it failed" in ran.stderr
    assert "TOKEN" not in ran.stderr
