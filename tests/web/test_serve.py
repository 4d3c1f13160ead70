"""The web process itself, started as ``seedwire web`` starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx
import pytest
from running import free_port
from sqlalchemy import select

from store import access, migrate
from store.database import Database
from store.tables import counters

pytestmark = pytest.mark.processes


@pytest.fixture
def start(tmp_path):
    """Start the process with this text as its config, in an environment without variables of ours."""
    started = []

    def run(config: str, **env: str) -> subprocess.Popen[str]:
        (tmp_path / "seedwire.toml").write_text(config, encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")}
        command = [sys.executable, "-m", "web", "--config", str(tmp_path / "seedwire.toml")]
        process = subprocess.Popen(command, env=kept | env, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def get(url: str, process: subprocess.Popen[str], **headers: str) -> httpx.Response:
    """Ask until the process answers."""
    deadline = time.monotonic() + 100
    while True:
        try:
            return httpx.get(url, headers=headers, timeout=60)
        except httpx.ConnectError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline, "the web process did not answer"
            time.sleep(0.05)


@pytest.fixture
def tables(tmp_path):
    """A database that a start has made before."""
    database = Database(f"sqlite:///{tmp_path / 'data' / 'seedwire.db'}")
    migrate.upgrade(database)
    database.close()


def test_it_serves_until_sigterm_and_says_what_is_not_ready(start, tables):
    port = free_port()
    process = start(f'[service]\nlisten = "127.0.0.1:{port}"\n')
    assert get(f"http://127.0.0.1:{port}/healthz", process).json() == {"status": "ok"}
    ready = get(f"http://127.0.0.1:{port}/readyz", process)
    assert ready.status_code == 503
    assert {c["name"]: c["ok"] for c in ready.json()["checks"]}["broker"] is False
    assert "server" not in ready.headers
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) in {0, -signal.SIGTERM}


def test_a_token_put_into_the_config_is_asked_for_without_a_restart(start, tables, tmp_path):
    port = free_port()
    process = start(f'[service]\nlisten = "127.0.0.1:{port}"\n')
    url = f"http://127.0.0.1:{port}/api/v1/openapi.json"
    assert get(url, process).status_code == 200
    token = "sixteen-characters-or-more"
    (tmp_path / "seedwire.toml").write_text(
        f'[service]\nlisten = "127.0.0.1:{port}"\napi_token = "{token}"\n', encoding="utf-8"
    )
    deadline = time.monotonic() + 60
    while get(url, process).status_code != 401:
        assert time.monotonic() < deadline, "the new token was not picked up"
        time.sleep(0.1)
    assert get(url, process, authorization=f"Bearer {token}").status_code == 200


@pytest.mark.parametrize(
    ("config", "minted", "said"),
    [
        ("", False, "none, loopback only"),
        ("", True, "asked for"),
        ('api_token = "sixteen-characters-or-more"\n', False, "asked for"),
    ],
)
def test_its_first_line_says_whether_a_token_is_asked_for(start, tables, tmp_path, config, minted, said):
    if minted:
        database = Database(f"sqlite:///{tmp_path / 'data' / 'seedwire.db'}")
        with database.write() as transaction:
            access.create_token(transaction.connection, "desk", "read", datetime.now(UTC), None)
        database.close()
    port = free_port()
    process = start(f'[service]\nlisten = "127.0.0.1:{port}"\nlog_format = "json"\n{config}')
    lines = (json.loads(line) for line in process.stderr)
    line = next(line for line in lines if line["event"] == "serving")
    assert (line["page"], line["token"]) == (f"http://127.0.0.1:{port}/", said)


def test_what_it_counts_is_known_to_all_processes_without_its_being_asked(start, tables, tmp_path):
    port = free_port()
    process = start(f'[service]\nlisten = "127.0.0.1:{port}"\napi_token = "sixteen-characters-or-more"\n')
    assert get(f"http://127.0.0.1:{port}/", process, authorization="Bearer swt_wrong").status_code == 401
    database = Database(f"sqlite:///{tmp_path / 'data' / 'seedwire.db'}")
    known = select(counters.c.value).where(counters.c.name == "seedwire_auth_failures_total")
    deadline = time.monotonic() + 30
    while True:
        with database.read() as connection:
            if connection.scalar(known) == 1:
                break
        assert time.monotonic() < deadline, "what was counted is not written down"
        time.sleep(0.2)
    database.close()


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ('[service]\nlisten = "0.0.0.0:8600"\n', "a token is needed"),
        ('[service]\nlissten = "127.0.0.1:8600"\n', "lissten"),
    ],
)
def test_a_config_that_cannot_be_used_is_told_in_a_line(start, config, complaint):
    process = start(config)
    _, said = process.communicate(timeout=100)
    assert process.returncode == 1
    assert complaint in said
    assert "Traceback" not in said


def test_a_taken_port_is_told_in_a_line(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(f'[service]\nlisten = "127.0.0.1:{port}"\n')
        _, said = process.communicate(timeout=100)
    assert process.returncode == 1
    assert f"127.0.0.1:{port} is taken" in said
    assert len(said.strip().splitlines()) == 1
