"""One set of parts a data directory: a lock that lasts exactly as long as the processes that hold it open."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from worker.supervise.errors import AlreadyRunning, SupervisionError

NAME = "seedwire.lock"


class DataDirLock:
    """Holds ``data_dir/seedwire.lock``; the folder is made when it is missing. A context manager.

    Pass :attr:`descriptor` to the parts (``Supervisor(keep_open=…)``): then the parts of a killed supervisor still
    hold the lock until the last of them is gone, and a new set never meets an old one.

    Raises AlreadyRunning where a supervisor holds it, or where the parts of a killed one still do after
    ``patience`` seconds. Raises SupervisionError where the folder or the file cannot be made or locked.
    """

    def __init__(self, data_dir: Path, *, patience: float = 15.0) -> None:
        path = data_dir / NAME
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SupervisionError(f"cannot write to the data directory {data_dir}: {error.strerror}") from None
        try:
            self._acquire(data_dir, patience)
            os.ftruncate(self.descriptor, 0)
            os.pwrite(self.descriptor, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(self.descriptor)
            raise

    def _acquire(self, data_dir: Path, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                return fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(self.descriptor, 20, 0).decode(errors="replace").strip()
            except OSError as error:
                raise SupervisionError(f"cannot lock {data_dir / NAME}: {error.strerror}") from None
            if _is_alive(holder):
                raise AlreadyRunning(
                    f"another seedwire (process {holder}) works in {data_dir}: stop it, or set another service.data_dir"
                )
            if time.monotonic() > deadline:
                raise AlreadyRunning(
                    f"parts of a killed seedwire (process {holder or '?'}) still work in {data_dir}: end them first"
                )
            time.sleep(0.1)

    def release(self) -> None:
        """Let go. The file stays: removing it would let two waiters lock two files of one name."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _is_alive(pid: str) -> bool:
    if not pid.isdecimal() or int(pid) <= 0:
        return False
    try:
        os.kill(int(pid), 0)
        # Killed, and not yet collected by its parent: dead for all that matters. Only Linux tells so cheaply.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
