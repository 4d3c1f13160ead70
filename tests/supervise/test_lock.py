from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from part_scripts import Script, eventually, is_running

from worker.supervise.errors import AlreadyRunning, SupervisionError
from worker.supervise.lock import DataDirLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from part_scripts import Supervised


def test_a_second_holder_is_refused_by_process_and_directory(tmp_path: Path) -> None:
    with DataDirLock(tmp_path / "data"), pytest.raises(AlreadyRunning) as refused:
        DataDirLock(tmp_path / "data")
    assert str(refused.value) == (
        f"another seedwire (process {os.getpid()}) works in {tmp_path / 'data'}: "
        "stop it, or set another service.data_dir"
    )


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with DataDirLock(tmp_path):
            assert (tmp_path / "seedwire.lock").read_text() == f"{os.getpid()}\n"


def test_two_directories_do_not_meet(tmp_path: Path) -> None:
    with DataDirLock(tmp_path / "one"), DataDirLock(tmp_path / "two"):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SupervisionError, match=r"cannot write to the data directory .*file"):
        DataDirLock(tmp_path / "file")


@pytest.mark.processes
def test_a_second_supervisor_on_the_same_directory_is_refused(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    part = Script(tmp_path, "part")
    first = supervise(part, data_dir=str(tmp_path / "data"))
    part.started()
    second = supervise(part, data_dir=str(tmp_path / "data"))
    assert second.process.wait(20) == 1
    assert f"another seedwire (process {first.process.pid}) works in {tmp_path / 'data'}" in second.output
    assert len(part.pids) == 1
    assert first.end() == 0


@pytest.mark.processes
def test_parts_of_a_killed_holder_keep_the_lock_until_they_are_gone(tmp_path: Path) -> None:
    hold = (
        "import subprocess, sys\nfrom pathlib import Path\nfrom worker.supervise.lock import DataDirLock\n"
        "lock = DataDirLock(Path(sys.argv[1]))\n"
        "child = subprocess.Popen(['sleep', '600'], pass_fds=[lock.descriptor])\n"
        "print(child.pid, flush=True)\nchild.wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        orphan = int(holder.stdout.readline())
        holder.kill()
    try:
        with pytest.raises(AlreadyRunning, match=f"parts of a killed seedwire \\(process {holder.pid}\\)"):
            DataDirLock(tmp_path, patience=0.2)
    finally:
        os.kill(orphan, signal.SIGKILL)
    eventually(lambda: not is_running(orphan))
    with DataDirLock(tmp_path, patience=5):
        pass


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs PR_SET_PDEATHSIG")
def test_right_after_a_killed_supervisor_the_next_waits_for_its_parts(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    ready = tmp_path / "ready"
    slow = (
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), os._exit(0)))\n"
        f"Path({str(ready)!r}).touch()\ntime.sleep(600)"
    )
    part = Script(tmp_path, "part", slow, ready=str(ready))
    first = supervise(part, data_dir=str(tmp_path / "data"))
    old = part.started()
    eventually(ready.exists)
    first.process.kill()
    first.process.wait()
    second = supervise(part, data_dir=str(tmp_path / "data"))
    part.started(2)
    assert not is_running(old)
    assert second.end() == 0
