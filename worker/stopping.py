"""Whether this worker was told to stop, known to its child processes too: they get no signal until it is too late.

One byte of memory that processes share across the fork, so this must be imported before it.
"""

from __future__ import annotations

import mmap

_flag = mmap.mmap(-1, 1)


def stop(**_: object) -> None:
    """What runs long is to come to an end now."""
    _flag[0] = 1


def is_stopping() -> bool:
    return _flag[0] == 1
