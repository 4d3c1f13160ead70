from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from part_scripts import Script, eventually, is_running

from worker.supervise.errors import PartKeepsDying
from worker.supervise.parts import Part
from worker.supervise.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable

    from part_scripts import Supervised

pytestmark = pytest.mark.processes
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs PR_SET_PDEATHSIG")
DEAF_TO_TERM = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


def with_grandchild(pid_file: Path, body: str = "time.sleep(600)") -> str:
    """A part that starts a process of its own, which ignores SIGTERM, then does ``body``."""
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    return (
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"Path({str(pid_file)!r}).write_text(str(child.pid))\n{body}"
    )


def grandchild(pid_file: Path) -> int:
    eventually(lambda: pid_file.exists() and pid_file.read_text())
    return int(pid_file.read_text())


def test_parts_start_in_order_each_when_the_one_before_is_ready(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    open_gate = tmp_path / "gate"
    first, second = Script(tmp_path, "first", ready=str(open_gate)), Script(tmp_path, "second")
    supervised = supervise(first, second)
    first.started()
    eventually(lambda: any(event["event"] == "part started" for event in supervised.events))
    assert second.pids == []
    open_gate.touch()
    second.started()
    assert supervised.end() == 0


def test_a_killed_part_is_started_again_and_the_others_are_left_alone(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    killed, other = Script(tmp_path, "killed"), Script(tmp_path, "other")
    supervised = supervise(killed, other)
    other.started()
    os.kill(killed.started(), signal.SIGKILL)
    assert is_running(killed.started(2))
    assert len(other.pids) == 1
    died = next(event for event in supervised.events if event["event"] == "part died")
    assert (died["part"], died["ending"]) == ("killed", "killed by SIGKILL")
    assert supervised.end() == 0


def test_what_a_dead_part_leaves_behind_is_ended_before_it_starts_again(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    pid_file = tmp_path / "grandchild"
    part = Script(tmp_path, "part", with_grandchild(pid_file))
    supervised = supervise(part)
    first = part.started()
    left_behind = grandchild(pid_file)
    os.kill(first, signal.SIGKILL)
    part.started(2)
    eventually(lambda: not is_running(left_behind))
    assert supervised.end() == 0


def test_a_part_that_keeps_dying_is_given_up_by_name_with_its_exit_code_and_last_words(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    healthy = Script(tmp_path, "healthy")
    broken = Script(tmp_path, "broken", "print('no such table: items', file=sys.stderr)\nsys.exit(3)")
    supervised = supervise(healthy, broken, limit=3)
    assert supervised.process.wait(30) == 1
    last = supervised.output.splitlines()[-1]
    assert last == "broken died 3 times in a row (exit code 3); its last line: no such table: items"
    assert len(broken.pids) == 3
    assert not is_running(healthy.started())


def test_restarts_come_after_growing_waits(tmp_path: Path, supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(Script(tmp_path, "broken", "sys.exit(1)"), limit=3)
    assert supervised.process.wait(30) == 1
    waits = [event["again_in"] for event in supervised.events if event["event"] == "part died"]
    assert waits == [0.5, 1.0]


def test_deaths_after_a_settled_life_are_not_counted(tmp_path: Path, supervise: Callable[..., Supervised]) -> None:
    part = Script(tmp_path, "part", "time.sleep(0.3)")
    supervised = supervise(part, limit=2, settled=0.1)
    part.started(4)
    assert supervised.process.poll() is None
    assert supervised.end() == 0


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    missing = Part("ghost", (str(tmp_path / "no-such-program"),))
    with pytest.raises(PartKeepsDying, match=r"ghost died 1 times in a row \(cannot be started: .*No such file"):
        Supervisor([missing], limit=1).run()


def test_a_part_that_is_not_ready_in_time_is_started_again(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    part = Script(tmp_path, "part", ready=str(tmp_path / "never"), start_within=0.3)
    supervised = supervise(part, limit=2)
    assert supervised.process.wait(30) == 1
    assert "part died 2 times in a row (not ready within 0.3 s)" in supervised.output
    # Not asked of the script: it may have been ended before it could say that it runs.
    started = [int(str(event["pid"])) for event in supervised.events if event["event"] == "part started"]
    assert len(started) == 2
    assert not any(is_running(pid) for pid in started)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_every_part_and_what_they_lean_on_last_and_leaves_no_process(
    number: int, tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    order = tmp_path / "order"
    pid_file = tmp_path / "grandchild"
    parts = []
    for name in ("first", "second", "third"):
        say = (
            f"def stop(*_):\n    with open({str(order)!r}, 'a') as file: print({name!r}, file=file)\n    sys.exit(0)\n"
            "signal.signal(signal.SIGTERM, stop)\n"
        )
        body = with_grandchild(pid_file) if name == "second" else "time.sleep(600)"
        ready = tmp_path / f"{name}-ready"
        lean = {"outlives": True} if name == "second" else {}
        parts.append(Script(tmp_path, name, f"{say}Path({str(ready)!r}).touch()\n{body}", ready=str(ready), **lean))
    supervised = supervise(*parts)
    parts[2].started()
    eventually((tmp_path / "third-ready").exists)
    left_behind = grandchild(pid_file)
    assert supervised.end(number) == 0
    assert sorted(order.read_text().split()[:2]) == ["first", "third"]
    assert order.read_text().split()[2:] == ["second"]
    assert not any(is_running(pid) for pid in [left_behind, *(part.started() for part in parts)])


def test_a_part_that_does_not_stop_is_killed_after_its_grace(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    ready = tmp_path / "ready"
    part = Script(
        tmp_path,
        "stubborn",
        f"{DEAF_TO_TERM}Path({str(ready)!r}).touch()\ntime.sleep(600)",
        grace=0.3,
        ready=str(ready),
    )
    supervised = supervise(part)
    part.started()
    eventually(ready.exists)
    assert supervised.end() == 0
    assert not is_running(part.started())


def test_a_second_ctrl_c_does_not_wait_for_the_grace(tmp_path: Path, supervise: Callable[..., Supervised]) -> None:
    ready = tmp_path / "ready"
    part = Script(
        tmp_path,
        "stubborn",
        f"{DEAF_TO_TERM}Path({str(ready)!r}).touch()\ntime.sleep(600)",
        grace=100,
        ready=str(ready),
    )
    supervised = supervise(part, patience=100)
    eventually(ready.exists)
    supervised.process.send_signal(signal.SIGINT)
    eventually(lambda: any(event["event"] == "stopping" for event in supervised.events))
    assert supervised.end(signal.SIGINT, seconds=10) == 0
    assert not is_running(part.started())


@linux_only
def test_a_killed_supervisor_leaves_no_part(tmp_path: Path, supervise: Callable[..., Supervised]) -> None:
    parts = [Script(tmp_path, "first"), Script(tmp_path, "second")]
    supervised = supervise(*parts)
    pids = [part.started() for part in parts]
    supervised.process.kill()
    supervised.process.wait()
    eventually(lambda: not any(is_running(pid) for pid in pids))


def test_a_part_that_does_no_work_is_restarted(tmp_path: Path, supervise: Callable[..., Supervised]) -> None:
    deaf = tmp_path / "deaf"
    part, other = Script(tmp_path, "part"), Script(tmp_path, "other")
    supervised = supervise(part, other, deaf="part", deaf_while=str(deaf), every=0.1, judged_after=1.0)
    first = part.started()
    other.started()
    deaf.touch()
    part.started(2)
    deaf.unlink()
    assert not is_running(first)
    assert len(other.pids) == 1
    assert supervised.end() == 0


def test_young_parts_are_not_judged(tmp_path: Path) -> None:
    part = Script(tmp_path, "part")
    calls = 0

    def check() -> str:
        nonlocal calls
        calls += 1
        if calls == 3:
            supervisor.stop()
        return "part"

    row = part.row
    supervisor = Supervisor([Part("part", tuple(row["argv"]))], check=check, every=0.05, judged_after=60)  # type: ignore[arg-type]
    supervisor.run()
    assert calls == 3
    assert [status.restarts for status in supervisor.status()] == [0]


def test_a_check_that_raises_harms_nothing(tmp_path: Path) -> None:
    ticks = 0

    def on_tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 3:
            supervisor.stop()
        raise RuntimeError("the hook's own mistake")

    supervisor = Supervisor([Part("part", ("sleep", "600"))], on_tick=on_tick, every=0.05)
    supervisor.run()
    assert ticks == 3
    assert [(status.state, status.pid) for status in supervisor.status()] == [("stopped", None)]


def test_output_is_passed_on_in_whole_lines(tmp_path: Path, supervise: Callable[..., Supervised]) -> None:
    done = [tmp_path / "one-done", tmp_path / "two-done"]
    body = "for n in range(2000): sys.stdout.write('{0}-' + str(n)); sys.stdout.flush(); print('-{0}')\n"
    parts = [
        Script(tmp_path, name, body.format(name) + f"sys.stdout.flush()\nPath({str(file)!r}).touch()\ntime.sleep(600)")
        for name, file in zip(("one", "two"), done, strict=True)
    ]
    supervised = supervise(*parts)
    eventually(lambda: all(file.exists() for file in done))
    assert supervised.end() == 0
    lines = [line for line in supervised.output.splitlines() if not line.startswith("{")]
    assert sorted(lines) == sorted(f"{name}-{n}-{name}" for name in ("one", "two") for n in range(2000))


@linux_only
def test_an_idle_supervisor_costs_nothing(tmp_path: Path, supervise: Callable[..., Supervised]) -> None:
    """A part that closes its output and a check that is due now and then must not make it spin."""
    part = Script(tmp_path, "part", "os.close(1); os.close(2)\ntime.sleep(600)")
    supervised = supervise(part, every=0.2)
    part.started()
    eventually(lambda: any(event["event"] == "part up" for event in supervised.events))

    def processor_seconds() -> float:
        fields = Path(f"/proc/{supervised.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before, start = processor_seconds(), time.monotonic()
    eventually(lambda: time.monotonic() - start > 1.0)
    assert processor_seconds() - before < 0.3
    assert supervised.end() == 0
