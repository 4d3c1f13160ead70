"""Open streams of a real web process: the memory of each, and how soon a story is read at the last of them."""

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from alerts.story import Story
from classifiers.event import Event, Evidence, Person
from store import migrate, stories, tables
from store.database import Database
from worker.app import app as celery
from worker.hints import Hint
from worker.supervise.broker import embedded_broker
from worker.supervise.process import dying_with_parent
from worker.task_base import CeleryHints

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STREAMS, STORIES, SEED = 200, 60, 7
#: Seconds between two stories, at least and at most.
GAP = (0.1, 0.4)
COMES_UP, PATIENCE = 30.0, 10.0
_STORY = re.compile(rb'(?:id="story-|{"id": ")bench-([^"]+)"')
EVENT = Event(
    "bilateral_meeting", 0.97, "held", ("NO", "KE"),
    people=(Person("Ada Berg", "prime minister", "NO"), Person("Juma Otieno", "president", "KE")),
    evidence=(Evidence("Prime Minister Ada Berg met President Juma Otieno.", 0, 50, 0.93, ("LEADER met LEADER",)),),
)  # fmt: skip


class Reader(asyncio.Protocol):
    """One stream. ``heard`` holds when each story was read, by the story's id; what is done per event is as little as
    can be, since all readers share a core."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._last = b""
        self.began = False
        self.heard: dict[bytes, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.began = self.began or b"\nid: " in data
        for found in _STORY.finditer(self._last + data):
            self.heard.setdefault(found[1], time.perf_counter())
        self._last = data[-100:]


def run() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", _free_port()
        data.mkdir()
        config = Path(folder) / "seedwire.toml"
        config.write_text(f'[service]\ndata_dir = "{data}"\nlisten = "127.0.0.1:{port}"\n', encoding="utf-8")
        database = Database(f"sqlite:///{data / 'seedwire.db'}")
        migrate.upgrade(database)
        broker = embedded_broker(data)
        celery.conf.update(broker_url=broker.url)
        env = {name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")}
        web = (sys.executable, "-m", "web", "--config", str(config))
        with _running(broker.part().argv, env):
            for path, name in (("/api/v1/stream", "stories as JSON"), ("/live", "cards of the page")):
                # A process of its own for each: what one has let go the next would not ask for again.
                with _running(web, env) as pid:
                    _wait_for(port)
                    asyncio.run(_measure(name, path, port, pid, database))
        database.close()
    return 0


@contextmanager
def _running(argv: Sequence[str], env: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen(
        argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=dying_with_parent()
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(15)


def _wait_for(port: int) -> None:
    until = time.monotonic() + COMES_UP
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


async def _measure(name: str, path: str, port: int, pid: int, database: Database) -> None:
    # What the first readers cost is not the others': code, threads, a connection to the broker.
    first = await _open(10, port, path)
    await _publish(first, database, 10, name)
    before = _memory(pid)
    readers = await _open(STREAMS, port, path)
    await asyncio.sleep(1.0)
    opened = _memory(pid)
    took = await _publish(readers, database, STORIES, name)
    after = _memory(pid)
    for reader in first + readers:
        reader.transport.abort()
    print(f"  {STREAMS} streams, {name}; load of the machine {os.getloadavg()[0]:.1f}")
    print(
        f"    memory a stream: {(opened - before) / STREAMS:.1f} KB once open, "
        f"{(after - before) / STREAMS:.1f} KB after {STORIES} stories"
    )
    for place, values in (("first", [one[0] for one in took]), ("last", [one[-1] for one in took])):
        ordered = sorted(values)
        print(
            f"    committed until read at the {place} stream: {1000 * median(ordered):.0f} ms in the middle, "
            f"{1000 * ordered[int(len(ordered) * 0.95)]:.0f} ms at 95 %, {1000 * ordered[-1]:.0f} ms at most"
        )


async def _open(count: int, port: int, path: str) -> list[Reader]:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    loop, readers = asyncio.get_running_loop(), []
    for _ in range(count):
        _, reader = await loop.create_connection(lambda: Reader(request), "127.0.0.1", port)
        readers.append(reader)
    until = time.monotonic() + COMES_UP
    while not all(reader.began for reader in readers):
        if time.monotonic() > until:
            raise TimeoutError("the streams did not open")
        await asyncio.sleep(0.1)
    return readers


async def _publish(readers: Sequence[Reader], database: Database, count: int, name: str) -> list[list[float]]:
    """The seconds from each story's commit until each stream had it, in order."""
    hints, pause, took = CeleryHints(), random.Random(SEED), list[list[float]]()
    for number in range(count):
        story = f"{name.replace(' ', '-')}-{len(readers)}-{number}"
        committed = await asyncio.to_thread(_commit, database, hints, f"bench-{story}")
        until = time.monotonic() + PATIENCE
        while not all(story.encode() in reader.heard for reader in readers):
            if time.monotonic() > until:
                raise TimeoutError(f"{story} did not arrive everywhere")
            await asyncio.sleep(0.01)
        took.append(sorted(reader.heard[story.encode()] - committed for reader in readers))
        await asyncio.sleep(pause.uniform(*GAP))
    return took


def _commit(database: Database, hints: CeleryHints, story_id: str) -> float:
    """Store a story with one report as the classifier does; returns when it was durable."""
    now = datetime.now(UTC)
    committed: list[float] = []
    with database.write() as transaction:
        connection = transaction.connection
        stories.begin_matching(connection)
        connection.execute(
            tables.items.insert().values(
                id=story_id, feed_id="f", url="https://news.example/1", title="Berg and Otieno talk harbour", text="",
                first_seen=now, published=now, baseline=False, pending=False, outcome="alerted",
            )
        )  # fmt: skip
        story = Story(story_id, EVENT, now, now, now, frozenset({"news.example"}), ((story_id, 0),))
        stories.save(connection, story, [], now)
        stories.save_event(connection, story_id, 0, EVENT, story_id=story_id, reasons=["new"], now=now)
        transaction.after_commit(lambda: committed.append(time.perf_counter()))
        transaction.after_commit(lambda: hints.send(Hint("stories")))
    return committed[0]


def _memory(pid: int) -> float:
    """Resident memory in KB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    raise ValueError("no VmRSS")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
