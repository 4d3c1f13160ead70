"""The running process of a part, in a session of its own, its output passed on line by line."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections import deque
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from worker.supervise.parts import Part

_LAST_LINES = 20
_LONGEST_LINE = 65_536
_CHUNKS_AT_ONCE = 16  # so that one that writes without end leaves time for the others
_PR_SET_PDEATHSIG = 1


class PartProcess:
    """Raises OSError where the process cannot be started."""

    def __init__(self, part: Part, *, keep_open: Collection[int] = ()) -> None:
        self.part = part
        self._tail: deque[bytes] = deque(maxlen=_LAST_LINES)
        self._rest = b""
        # A session of its own: Ctrl-C in the terminal reaches us alone, and the whole group can be killed.
        self._popen = subprocess.Popen(
            part.argv,
            env={**os.environ, **part.env},
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=tuple(keep_open),
            preexec_fn=dying_with_parent(),
        )
        assert self._popen.stdout is not None
        self.output: IO[bytes] = self._popen.stdout
        os.set_blocking(self.output.fileno(), False)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def has_ended(self) -> bool:
        return self._popen.poll() is not None

    @property
    def ending(self) -> str:
        """How it ended: "exit code 3", "killed by SIGKILL"."""
        code = self._popen.returncode
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    @property
    def last_lines(self) -> tuple[str, ...]:
        return tuple(line.decode(errors="replace").rstrip("\r\n") for line in self._tail)

    def terminate(self) -> None:
        """Ask it to stop. Its first process alone is asked: one that has children stops them its own way.

        (A Celery worker's children take a SIGTERM as an order to die in the middle of their task.)
        """
        if not self.has_ended():
            self._popen.send_signal(signal.SIGTERM)

    def kill_group(self) -> None:
        """End it and every process of its group that is left, at once. Safe to call again."""
        # All gone; macOS says "permission" where only zombies are left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def has_group(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def pass_output_on(self) -> bool:
        """Copy what it wrote, whole lines at a time, to our stderr; False when nothing more can come."""
        for _ in range(_CHUNKS_AT_ONCE):
            chunk: bytes | None = self.output.read(_LONGEST_LINE)
            if chunk is None:
                break
            lines = (self._rest + chunk).splitlines(keepends=True)
            self._rest = b""
            if chunk and lines and not lines[-1].endswith(b"\n") and len(lines[-1]) < _LONGEST_LINE:
                self._rest = lines.pop()
            self._tail.extend(lines)
            if lines and not self.part.quiet:
                _write_to_stderr(b"".join(lines))
            if not chunk:
                return False
        return True

    def close(self) -> None:
        """Pass on the rest of its output and let go of it. Call when it has ended."""
        self.pass_output_on()
        self.output.close()


def _write_to_stderr(data: bytes) -> None:
    with contextlib.suppress(OSError):  # a closed terminal is no reason to stop
        sys.stderr.flush()
        while data:
            data = data[os.write(2, data) :]


def dying_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes the part, so that it is asked to stop when we are SIGKILLed (Linux).

    Elsewhere parts outlive a killed supervisor; the data directory's lock, which they hold open, tells so.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # we died before the line above
            os._exit(1)

    return before_exec
