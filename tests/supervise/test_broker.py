from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import kombu
import pytest
import redis
from part_scripts import eventually

from worker.config import redis_client_url
from worker.supervise import broker as broker_module
from worker.supervise.broker import Broker, embedded_broker, find_server, socket_path
from worker.supervise.errors import NoBroker
from worker.supervise.process import PartProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.processes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a space, as people's folders have."""
    return tmp_path / "my data"


@pytest.fixture
def running(folder: Path) -> Iterator[Broker]:
    broker = embedded_broker(folder)
    process = PartProcess(broker.part())
    try:
        eventually(broker.answers)
        yield broker
    finally:
        process.terminate()
        eventually(process.has_ended)
        process.close()


def test_redis_py_and_celery_reach_it_by_its_url(running: Broker) -> None:
    with redis.Redis.from_url(redis_client_url(running.url)) as client:
        assert client.ping()
    with kombu.Connection(running.url) as connection:
        queue = connection.SimpleQueue("hints")
        queue.put({"task": "poll"})
        assert queue.get(timeout=5).payload == {"task": "poll"}
        queue.close()


def test_it_keeps_nothing_on_disk_and_evicts_nothing(running: Broker) -> None:
    with redis.Redis.from_url(redis_client_url(running.url), decode_responses=True) as client:
        told = client.config_get("*")
    expected = {"port": "0", "save": "", "appendonly": "no", "maxmemory-policy": "noeviction"}
    assert {name: told[name] for name in expected} == expected
    assert int(told["maxmemory"]) > 0


def test_only_its_own_user_can_reach_it(running: Broker) -> None:
    assert stat.S_IMODE(running.socket.stat().st_mode) == 0o700


def test_it_stops_when_asked_and_answers_no_more(folder: Path) -> None:
    broker = embedded_broker(folder)
    process = PartProcess(broker.part())
    eventually(broker.answers)
    process.terminate()
    eventually(process.has_ended)
    process.close()
    assert process.ending == "exit code 0"
    assert not broker.answers()


def test_it_starts_on_the_socket_that_a_killed_one_left(folder: Path) -> None:
    first = embedded_broker(folder)
    process = PartProcess(first.part())
    eventually(first.answers)
    process.kill_group()
    eventually(process.has_ended)
    process.close()
    assert first.socket.exists()
    second = embedded_broker(folder)
    process = PartProcess(second.part())
    try:
        eventually(second.answers)
    finally:
        process.kill_group()
        eventually(process.has_ended)
        process.close()


def test_a_path_too_long_for_a_socket_is_moved_to_a_private_folder(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 5)
    path = socket_path(deep)
    assert len(os.fsencode(path)) <= 100
    assert path == socket_path(deep)
    assert path != socket_path(deep / "other")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.parent.rmdir()
    socket_path(deep / "other").parent.rmdir()


def test_a_temporary_folder_open_to_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module.tempfile, "gettempdir", lambda: str(tmp_path))
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 5)
    socket_path(deep).parent.chmod(0o777)
    with pytest.raises(NoBroker, match="somebody else"):
        socket_path(deep)


def program(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_server_on_path_is_preferred_if_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    works = program(tmp_path / "redis-server", "exit 0")
    program(tmp_path / "valkey-server", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert find_server() == works


def test_without_a_server_on_path_the_carried_one_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = subprocess.run([find_server(), "--version"], capture_output=True, text=True, check=True).stdout
    assert "v=9." in said


def test_where_no_server_can_be_found_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(broker_module, "_runs", lambda _: False)
    with pytest.raises(NoBroker, match=r"set service\.redis_url, or install one"):
        find_server()
