"""Keeps parts running: starts them in order, restarts what dies or goes deaf, stops all at once, the broker last."""

from __future__ import annotations

import contextlib
import selectors
import signal
import socket
import time
from typing import TYPE_CHECKING

from worker import logs
from worker.supervise.errors import PartKeepsDying
from worker.supervise.parts import Part, PartStatus, State
from worker.supervise.process import PartProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from types import FrameType

log = logs.get(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 0.25, 30.0
_READY_EVERY = 0.05


class _Kept:
    """A part, its process if it has one, and when what is due to it. Times are of the monotonic clock."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: PartProcess | None = None
        self.state: State = "waiting"
        self.start_at = 0.0
        self.started = 0.0
        self.kill_at = float("inf")
        self.failures = 0
        self.restarts = 0
        self.was_ready = False


class Supervisor:
    """``check`` is called every ``every`` seconds while all parts are up: it names a part that runs but does no work,
    which is then restarted, or returns None; parts younger than ``judged_after`` seconds are spared. ``on_tick`` is
    called as often, from the start. Both must return soon: nothing is supervised meanwhile.

    A part that dies ``limit`` times in a row within ``settled`` seconds of its start, or before it is ready, is given
    up. ``patience`` is what all parts together get to stop, in seconds, whatever their own graces. The descriptors
    ``keep_open`` are passed to every part.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        check: Callable[[], str | None] | None = None,
        on_tick: Callable[[], None] | None = None,
        every: float = 3.0,
        limit: int = 5,
        settled: float = 5.0,
        judged_after: float = 30.0,
        patience: float = 20.0,
        keep_open: Collection[int] = (),
    ) -> None:
        self._kept = [_Kept(part) for part in parts]
        self._check, self._on_tick, self._every = check, on_tick, every
        self._limit, self._settled, self._patience = limit, settled, patience
        self._judged_after = judged_after
        self._keep_open = keep_open
        self._selector = selectors.DefaultSelector()
        self._next_hooks = 0.0
        self._stopping = False
        self._stop_by = float("inf")
        self._gave_up: PartKeepsDying | None = None

    def status(self) -> tuple[PartStatus, ...]:
        """Every part as it is now, in order."""
        return tuple(
            PartStatus(kept.part.name, kept.state, kept.process.pid if kept.process else None, kept.restarts)
            for kept in self._kept
        )

    def stop(self) -> None:
        """Make :meth:`run` stop everything and return; for the hooks."""
        self._stopping = True

    def run(self) -> None:
        """Run until SIGTERM, SIGINT or SIGHUP, then stop everything and return; a second SIGINT kills at once.

        Must run in the main thread. No process of any part's group is left however it ends.
        Raises PartKeepsDying when a part had to be given up.
        """
        with self._signals():
            try:
                while not self._stopping:
                    self._step()
            finally:
                self._stop_all()
        if self._gave_up is not None:
            raise self._gave_up

    # --- running ---------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        now = time.monotonic()
        for kept in self._kept:
            if kept.process is None and now >= kept.start_at:
                self._start(kept, now)
            self._look_at(kept, now)
            if not kept.was_ready or self._stopping:
                break  # the next part may need this one
        if now >= self._next_hooks and not self._stopping:
            self._next_hooks = now + self._every
            self._call_hooks(now)
        if not self._stopping:
            self._wait(self._next_due(now) - time.monotonic())

    def _start(self, kept: _Kept, now: float) -> None:
        kept.started, kept.kill_at = now, float("inf")
        try:
            kept.process = PartProcess(kept.part, keep_open=self._keep_open)
        except OSError as error:
            self._failed(kept, now, f"cannot be started: {error}", ())
            return
        self._selector.register(kept.process.output, selectors.EVENT_READ, kept)
        kept.state = "starting"
        log.debug("part started", part=kept.part.name, pid=kept.process.pid)

    def _look_at(self, kept: _Kept, now: float) -> None:
        process = kept.process
        if process is None:
            return
        if process.has_ended():
            self._bury(kept)
            if kept.state == "stopping":  # by our own wish
                self._restart_at(kept, now)
            else:
                self._failed(kept, now, process.ending, process.last_lines)
        elif now >= kept.kill_at:
            process.kill_group()
            kept.kill_at = now + 1
        elif kept.state == "starting":
            if kept.part.ready is None or kept.part.ready():
                kept.state, kept.was_ready = "up", True
                log.info("part up", part=kept.part.name, pid=process.pid, restarts=kept.restarts)
            elif now - kept.started > kept.part.start_within:
                log.error("part is not ready in time", part=kept.part.name, seconds=kept.part.start_within)
                kept.failures += 1
                if not self._given_up(kept, f"not ready within {kept.part.start_within:g} s", process.last_lines):
                    self._ask_to_stop(kept, now)
        elif kept.state == "up" and now - kept.started > self._settled:
            kept.failures = 0

    def _failed(self, kept: _Kept, now: float, ending: str, last_lines: tuple[str, ...]) -> None:
        lived = now - kept.started
        settled = kept.state == "up" and lived > self._settled
        kept.failures = 0 if settled else kept.failures + 1
        if kept.part.quiet and last_lines:
            log.error("part's last words", part=kept.part.name, lines=last_lines)
        if not self._given_up(kept, ending, last_lines):
            self._restart_at(kept, now)
            log.error("part died", part=kept.part.name, ending=ending, again_in=round(kept.start_at - now, 2))

    def _given_up(self, kept: _Kept, ending: str, last_lines: tuple[str, ...]) -> bool:
        if kept.failures < self._limit:
            return False
        self._gave_up = PartKeepsDying(kept.part.name, kept.failures, ending, last_lines)
        self._stopping = True
        log.critical("part given up, stopping everything", part=kept.part.name, times=kept.failures, ending=ending)
        return True

    def _restart_at(self, kept: _Kept, now: float) -> None:
        kept.state = "waiting"
        kept.restarts += 1
        kept.start_at = now + min(_FIRST_WAIT * 2**kept.failures, _LONGEST_WAIT)

    def _ask_to_stop(self, kept: _Kept, now: float) -> None:
        if kept.process is not None:
            kept.state = "stopping"
            kept.kill_at = now + kept.part.grace
            kept.process.terminate()

    def _bury(self, kept: _Kept) -> None:
        """End what its first process left behind, and pass on its last words."""
        if kept.process is not None:
            kept.process.kill_group()
            if kept.process.output in self._selector.get_map():
                self._selector.unregister(kept.process.output)
            kept.process.close()
            kept.process = None

    def _call_hooks(self, now: float) -> None:
        try:
            if self._on_tick is not None:
                self._on_tick()
            if self._check is None or any(kept.state != "up" for kept in self._kept):
                return
            deaf = self._check()
        except Exception:
            log.exception("check failed")
            return
        for kept in self._kept:
            if kept.part.name == deaf and now - kept.started > self._judged_after:
                log.error("part runs but does no work, restarting it", part=deaf)
                self._ask_to_stop(kept, now)

    def _next_due(self, now: float) -> float:
        due = self._next_hooks if self._check or self._on_tick else now + 60
        for kept in self._kept:
            if kept.state == "waiting":
                due = min(due, kept.start_at)
            elif kept.state == "starting":
                due = min(due, now + _READY_EVERY)
            elif kept.state == "stopping":
                due = min(due, kept.kill_at)
            if not kept.was_ready:
                break
        return due

    def _wait(self, seconds: float) -> None:
        """Until a child ends or writes, a signal comes, or time is up."""
        for ready, _ in self._selector.select(max(seconds, 0)):
            if isinstance(ready.data, _Kept):
                if ready.data.process is not None and not ready.data.process.pass_output_on():
                    self._selector.unregister(ready.fileobj)  # it closed its output, and may live on
            else:
                ready.data.recv(4096)

    # --- stopping --------------------------------------------------------------------------------------------------

    def _stop_all(self) -> None:
        self._stopping = True
        self._stop_by = min(self._stop_by, time.monotonic() + self._patience)
        running = [kept for kept in reversed(self._kept) if kept.process is not None]
        log.info("stopping", parts=[kept.part.name for kept in running])
        try:
            for last in (False, True):
                wave = [kept for kept in running if kept.part.outlives is last]
                for kept in wave:
                    self._ask_to_stop(kept, time.monotonic())
                for kept in wave:
                    self._await_end(kept)
        finally:
            for kept in running:
                self._end(kept)
        log.info("stopped")

    def _await_end(self, kept: _Kept) -> None:
        while kept.process is not None and not kept.process.has_ended():
            left = min(kept.kill_at, self._stop_by) - time.monotonic()
            if left <= 0:
                log.warning("part does not stop, killing it", part=kept.part.name)
                break
            self._wait(min(left, 1.0))
        self._end(kept)

    def _end(self, kept: _Kept) -> None:
        """Kill what is left of a part and see it gone; a killed process takes a moment, never long."""
        process = kept.process
        if process is None:
            return
        deadline = time.monotonic() + 3.0
        process.kill_group()
        while (not process.has_ended() or process.has_group()) and time.monotonic() < deadline:
            time.sleep(0.01)
        self._bury(kept)
        kept.state = "stopped"

    # --- signals ---------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals end :meth:`_wait`: Python writes each one's number into a socket that the selector watches."""
        ours, pythons = socket.socketpair()
        ours.setblocking(False)
        pythons.setblocking(False)
        self._selector.register(ours, selectors.EVENT_READ, ours)
        stop_signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.getsignal(number) for number in (*stop_signals, signal.SIGCHLD)}
        for number in stop_signals:
            if number != signal.SIGHUP or before[number] != signal.SIG_IGN:  # nohup means: outlive the terminal
                signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = signal.set_wakeup_fd(pythons.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            ours.close()
            pythons.close()

    def _on_stop_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stopping and number == signal.SIGINT:
            self._stop_by = 0.0  # no more patience
        self._stopping = True
