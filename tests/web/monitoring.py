"""Prometheus' own programs, where they are installed."""

from __future__ import annotations

import os
import shutil

import pytest


def promtool() -> str:
    return _program("promtool")


def prometheus() -> str:
    return _program("prometheus")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        missing = f"{name} is not installed (Debian: apt-get install prometheus)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found
