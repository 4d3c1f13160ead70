"""Feeds a second on one core, beside reader and newsboat on the same feeds; cost and lateness as feeds grow in number.

``python -m benchmarks polling`` runs all of it. The feeds are generated and served on loopback by a process on another
core (``benchmarks.feed_server``); whoever polls them has one core to itself where the system lets us choose.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
FEEDS, ITEMS = 500, 20
PASSES = ("first", "unchanged", "10 % changed")
GROWTH = (100, 1_000, 10_000)


def run() -> None:
    _compare()
    _grow()


def _compare() -> None:
    print(f"  {FEEDS} feeds of {ITEMS} items, feeds a second ({', '.join(PASSES)}):")
    ours = _passes("seedwire", FEEDS)
    _line("seedwire, polled and stored", [FEEDS / one["poll"] for one in ours])
    _line("seedwire, the whole command", [FEEDS / one["wall"] for one in ours])
    peers = {"reader": importlib.util.find_spec("reader"), "newsboat": shutil.which("newsboat")}
    for peer, found in peers.items():
        if not found:
            print(f"  {peer}: skipped, not installed beside the project")
            continue
        try:
            theirs = _passes(peer, FEEDS)
        except subprocess.CalledProcessError as error:
            print(f"  {peer}: skipped, it ended with {error.returncode}", flush=True)
            continue
        _line(peer, [FEEDS / one["poll"] for one in theirs])
        both = list(zip(ours, theirs, strict=True))
        _line(f"  times {peer}, polled and stored", [their["poll"] / our["poll"] for our, their in both])
        _line(f"  times {peer}, in time of the core", [their["poll_cpu"] / our["poll_cpu"] for our, their in both])
        _line(f"  times {peer}, the whole command", [their["poll"] / our["wall"] for our, their in both])


def _grow() -> None:
    print("  cost by number of feeds (ms of CPU a feed; first, unchanged), peak memory of the poller:")
    for count in GROWTH:
        first, unchanged = _passes("poller", count, PASSES[:2])
        print(
            f"    {count:>6,} feeds  {first['cpu'] / count * 1000:6.2f} {unchanged['cpu'] / count * 1000:6.2f}"
            f"   {max(first['megabytes'], unchanged['megabytes']):4.0f} MB"
        )


def _line(who: str, rates: Sequence[float]) -> None:
    print(f"    {who:<34}" + "".join(f"{rate:>9,.0f}" if rate >= 20 else f"{rate:>9.1f}" for rate in rates), flush=True)


def _passes(who: str, count: int, passes: Sequence[str] = PASSES) -> list[dict[str, float]]:
    """Figures of passes over the same feeds: as they are first, again, and with a tenth of them changed."""
    with serving() as address, tempfile.TemporaryDirectory() as folder:
        urls = [f"{address}/{number}" for number in range(count)]
        _get(f"{address}/warm/{count}")
        told = []
        for name in passes:
            if name == "10 % changed":
                _get(f"{address}/change/0.1")
            told.append(_pass(who, Path(folder), urls))
    return told


def _pass(who: str, folder: Path, urls: Sequence[str]) -> dict[str, float]:
    (folder / "urls").write_text("\n".join(urls))
    command = [sys.executable, "-m", "benchmarks.polling_pass", who, str(folder)]
    # What went wrong in it, it says itself.
    told = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)
    told["wall"] = told["poll"] + told["rest"]
    return {name: float(value) for name, value in told.items()}


def write_config(folder: Path, urls: Sequence[str], more: str = "") -> Path:
    """A config of these feeds, each with the lines ``more``."""
    config = folder / "seedwire.toml"
    tables = "".join(f'[[feeds]]\nurl = "{url}"\nallow_private = true\n{more}\n' for url in urls)
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    config.write_text(f'[service]\ndata_dir = "data"\nlisten = "{listen}"\n{tables}')
    return config


@contextmanager
def serving(items: int = ITEMS) -> Iterator[str]:
    """Generated feeds at the address, each path another, from a process that keeps off the first core."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feed_server", str(items)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
            os.sched_setaffinity(server.pid, cores[1:])
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _get(url: str) -> None:
    with urllib.request.urlopen(url, timeout=600) as answer:
        answer.read()
