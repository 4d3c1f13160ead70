"""Fingerprints as they are stored: hexadecimal, a tenth of the time of a list of numbers to read."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def packed(prints: Iterable[tuple[int, ...]]) -> list[str]:
    """Each fingerprint (numbers below 2**32) as eight digits a number."""
    return [struct.pack(f">{len(one)}I", *one).hex() for one in prints]


def unpacked(stored: Iterable[str]) -> tuple[tuple[int, ...], ...]:
    return tuple(struct.unpack(f">{len(one) // 8}I", bytes.fromhex(one)) for one in stored)
