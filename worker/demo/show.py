"""The demonstration: a newsroom, a receiver and a whole service on loopback, and the alerts on the terminal."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.alert import OPENED
from worker.demo.catcher import Catcher
from worker.demo.newsroom import Newsroom
from worker.demo.screen import render
from worker.supervise.process import dying_with_parent

if TYPE_CHECKING:
    from worker.demo.catcher import Received

#: How long the service may take to come up, and to tell the last event once it is published, in seconds.
PATIENCE = 180.0
#: How long after the last expected alert it waits for one that should not come.
QUIET = 4.0


class DemoFailed(Exception):
    """The demonstration did not show what it should; the message says where the log is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What came: alerts of stories that opened, messages in all, and those whose signature was not right."""

    opened: int
    messages: int
    refused: int


def show(seeds: Path, *, pace: float, keep: bool) -> Shown:
    """Run the demonstration in a temporary folder; Ctrl-C ends it. Raises DemoFailed, SeedError, OSError."""
    folder = Path(tempfile.mkdtemp(prefix="seedwire-demo-"))
    key = secrets.token_bytes(32)
    width = min(shutil.get_terminal_size().columns, 110)

    def on_receipt(message: Received) -> None:
        click.echo(render(message, width))

    def on_print(paper: str, title: str) -> None:
        click.secho(f"{paper} prints: {title}"[:width], dim=True)

    newsroom = Newsroom("127.0.0.1", 0, seeds, pace, on_print=on_print)
    catcher = Catcher("127.0.0.1", 0, (key,), on_receipt)
    config = folder / "seedwire.toml"
    page = f"127.0.0.1:{_free_port()}"
    config.write_text(_config(newsroom, catcher, key, page), encoding="utf-8")
    done = False
    # Whoever ends us ends what we started: SIGTERM as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # Before our threads: a fork copies only the one it is called in.
    process = _start(config, folder / "seedwire.log")
    newsroom.start()
    catcher.start()
    try:
        _introduce(newsroom, page, folder)
        shown = _watch(process, newsroom, catcher, folder, keep=keep)
        done = True
        return shown
    finally:
        _stop(process)
        newsroom.stop()
        catcher.stop()
        if done:
            shutil.rmtree(folder, ignore_errors=True)


def _watch(
    process: subprocess.Popen[bytes], newsroom: Newsroom, catcher: Catcher, folder: Path, *, keep: bool
) -> Shown:
    expected = len(newsroom.expected)
    deadline, complete_since, seen = time.monotonic() + PATIENCE, 0.0, 0
    while True:
        if process.poll() is not None:
            raise DemoFailed(f"the service ended by itself (exit code {process.returncode}); see {folder}/seedwire.log")
        opened = sum(message.body.get("type") == OPENED for message in catcher.received)
        if opened > seen:  # the programme may be long: patience is for what does not come
            seen, deadline = opened, time.monotonic() + PATIENCE
        if newsroom.done and opened >= expected:
            complete_since = complete_since or time.monotonic()
            if time.monotonic() - complete_since > QUIET and not keep:
                break
        if time.monotonic() > deadline and not complete_since:
            raise DemoFailed(
                f"{opened} of {expected} expected alerts came within {PATIENCE:.0f} s; see {folder}/seedwire.log"
            )
        time.sleep(0.1)
    return Shown(opened, len(catcher.received), catcher.refused)


def _introduce(newsroom: Newsroom, page: str, folder: Path) -> None:
    click.secho("Seedwire demo", bold=True)
    click.echo(
        f"A newsroom on this machine publishes reports in {len(newsroom.feeds)} papers, old and new, among other news:"
    )
    for url, name in newsroom.feeds:
        click.secho(f"  {name:<16} {url}", dim=True)
    click.echo(f"The service polls them, and should call its webhook {len(newsroom.expected)} times, once an event:")
    for line in newsroom.expected:
        click.secho(f"  {line}", dim=True)
    click.echo(f"Its page is http://{page}/ , its log {folder}/seedwire.log\n")


def _config(newsroom: Newsroom, catcher: Catcher, key: bytes, page: str) -> str:
    feeds = "".join(
        f'[[feeds]]\nurl = "{url}"\nname = "{name}"\nallow_private = true\n\n' for url, name in newsroom.feeds
    )
    return (
        f'[service]\ndata_dir = "data"\nlisten = "{page}"\n\n'
        '[polling]\ninterval = "1s"\nmin_interval = "1s"\nmax_interval = "2s"\nper_host = 10\n\n'
        f"{feeds}"
        f'[[webhooks]]\nname = "demo"\nurl = "{catcher.url}"\nallow_private = true\n'
        f'secret = "whsec_{base64.b64encode(key).decode()}"\n'
    )


def _start(config: Path, log: Path) -> subprocess.Popen[bytes]:
    # Only our own settings: what the environment says for a real service is not meant for this one.
    env = {name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")}
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "worker.cli.main", "up", "--config", str(config)],
            stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env, start_new_session=True,
            preexec_fn=dying_with_parent(),
        )  # fmt: skip


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
