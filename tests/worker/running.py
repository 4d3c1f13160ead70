"""A real ``seedwire up`` in processes of its own, and what tests do to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDWIRE = (sys.executable, "-m", "worker.cli.main")


def free_port() -> int:
    """One that is given to nobody else for a minute. A connection that we close first leaves it so: the system still
    waits for what may be under way there, and picks another for whoever asks for any; who names it gets it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    return port


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Poll a condition; the time limit is only for a test that fails."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


@dataclass
class Up:
    """``seedwire up`` on a folder; ends it, and looks for what it left behind."""

    folder: Path
    port: int = field(default_factory=free_port)
    extra: str = ""
    service: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "seedwire.toml"

    @property
    def log(self) -> Path:
        return self.folder / "up.log"

    def __enter__(self) -> Self:
        self.config.write_text(
            f'[service]\ndata_dir = "data"\nlisten = "127.0.0.1:{self.port}"\n{self.service}\n'
            '[polling]\ninterval = "1s"\nmin_interval = "1s"\nmax_interval = "1s"\ntimeout = "10s"\nper_host = 50\n'
            f"{self.extra}\n"
        )
        self.start()
        return self

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*SEEDWIRE, "up", "--config", str(self.config)], stdout=log, stderr=log, start_new_session=True
            )

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(30)

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def pids(self, part: str) -> list[int]:
        """The processes of a part (main process first), told by this folder being theirs."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environ = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            ours = str(self.config) in environ or str(self.folder) in command
            if ours and (part in command) and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        return sorted(found)

    def all_pids(self) -> list[int]:
        return [pid for pid in self.pids("") if pid != self._process.pid or self._process.poll() is None]

    def kill(self, part: str, which: int = 0) -> None:
        pids = self.pids(part)
        assert pids, f"no process of {part}"
        os.kill(pids[which], signal.SIGKILL)
