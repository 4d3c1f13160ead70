"""Ids are derived from what a row is about, so doing something twice writes one row."""

from __future__ import annotations

import hashlib


def derive(*parts: str) -> str:
    """A short id that is equal for equal parts, on every machine."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
