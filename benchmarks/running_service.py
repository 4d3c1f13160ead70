"""A real ``seedwire up`` in a folder of its own, started again when it ends, and the processes it is made of."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from worker.supervise.broker import socket_path
from worker.supervise.process import dying_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[1]
#: A part's processes by how they were called.
_PARTS = {f"worker.run {part}": part for part in ("poller", "classifier", "courier", "beat")} | {
    "-m web": "web", "valkey-server": "broker", "redis-server": "broker",
}  # fmt: skip


class Service:
    """``seedwire up`` that polls ``feeds`` once a second and calls one webhook. Everything of it ends with us."""

    def __init__(
        self, folder: Path, feeds: Sequence[str], webhook: Mapping[str, object], *, database: str = ""
    ) -> None:
        self.folder = folder
        self.config = folder / "seedwire.toml"
        self.log = folder / "seedwire.log"
        self.port = _free_port()
        tables = [
            f'[service]\ndata_dir = "data"\nlisten = "127.0.0.1:{self.port}"\nlog_format = "json"\n'
            f'database_url = "{database}"',
            '[polling]\ninterval = "1s"\nmin_interval = "1s"\nmax_interval = "1s"\n'
            'timeout = "5s"\nper_host = 20\nfirst_poll = "alert"',
            *(f'[[feeds]]\nurl = "{feed}"\nallow_private = true' for feed in feeds),
            '[[webhooks]]\nname = "desk"\nallow_private = true\n'
            + "\n".join(f"{key} = {json.dumps(value)}" for key, value in webhook.items()),
        ]
        self.config.write_text("\n\n".join(tables), encoding="utf-8")
        self._up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # Only our own settings: what the environment says for a real service is not meant for this one.
        env = {name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")}
        with self.log.open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "worker.cli.main", "up", "--config", str(self.config)],
                cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=dying_with_parent(),
            )  # fmt: skip

    @property
    def broker(self) -> Path:
        """The socket of its embedded broker."""
        return socket_path(self.folder / "data")

    def has_ended(self) -> bool:
        return self._up is None or self._up.poll() is not None

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def processes(self) -> list[tuple[int, str]]:
        """(pid, what it is) of each that runs: ``supervisor``, a part's name, or ``poller's child`` and the like."""
        if self._up is None or self.has_ended():
            return []
        found, parents = [(self._up.pid, "supervisor")], {self._up.pid: "supervisor"}
        table = sorted(_process_table())
        grown = True
        while grown:
            grown = False
            for pid, parent, command in table:
                if pid in parents or parent not in parents:
                    continue
                name = next((part for call, part in _PARTS.items() if call in command), "")
                above = parents[parent]
                what = name if above == "supervisor" else above if above.endswith("'s child") else f"{above}'s child"
                parents[pid], grown = what, True
                if what:
                    found.append((pid, what))
        return found

    def stop(self, patience: float = 120.0) -> int:
        """Ask it to stop; returns its exit code, or -9 where it had to be killed."""
        if self._up is None:
            return 0
        if self._up.poll() is None:
            self._up.send_signal(signal.SIGTERM)
            try:
                self._up.wait(patience)
            except subprocess.TimeoutExpired:
                for pid, _ in self.processes():
                    kill(pid)
                self._up.wait()
        return self._up.returncode

    def left_behind(self) -> list[int]:
        """Processes that work for this folder, whoever their parent is."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                said = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            if os.fsencode(self.folder) in said:
                found.append(int(entry.name))
        return found

    def errors(self) -> Counter[str]:
        """What its log calls errors, by the line's event."""
        found: Counter[str] = Counter()
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict) and told.get("level") in {"error", "critical"}:
                found[str(told.get("event")).splitlines()[0][:100]] += 1
        return found


def kill(pid: int) -> bool:
    """SIGKILL; False where it was gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    """Whether it came true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _process_table() -> list[tuple[int, int, str]]:
    """(pid, its parent, how it was called) of all processes."""
    table = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (OSError, ValueError, IndexError):
                continue
            table.append((int(entry.name), parent, command))
    return table


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
