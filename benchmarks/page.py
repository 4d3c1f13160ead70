"""The first page and the API's list with many stories stored: server time, weight, requests a second on one core.

Everything goes over real HTTP to a real ``seedwire web``. Whoever asks is another process on another core.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import httpx

from alerts.matching import story_keys
from alerts.story import Story
from benchmarks.invented_news import events as invented
from classifiers.event import Amount, Event
from classifiers.model import Model
from feeds.feed import Feed
from feeds.item import Item
from store import migrate, stories, tables
from store.database import Database

STORIES, ITEMS_EACH, FEEDS = 10_000, 3, 100
TIMES = 200
#: Connections that ask at once for the requests a second, and for how long, in seconds.
AT_ONCE, SECONDS = 16, 8
PORT = 8677


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        config = root / "seedwire.toml"
        config.write_text(f'[service]\ndata_dir = "{root}"\nlisten = "127.0.0.1:{PORT}"\nlog_level = "warning"\n')
        fill(Database(f"sqlite:///{root}/seedwire.db"), STORIES)
        command = [sys.executable, "-m", "web", "--config", str(config)]
        if shutil.which("taskset"):
            command = ["taskset", "-c", "0", *command]
        process = subprocess.Popen(command)
        try:
            measure(f"http://127.0.0.1:{PORT}", process.pid)
        finally:
            process.terminate()
            process.wait()


def fill(database: Database, count: int) -> None:
    """Store so many stories of invented events, three reports each from a hundred feeds, over the last sixty days."""
    migrate.upgrade(database)
    rng, now = random.Random("page"), datetime.now(UTC).replace(microsecond=0)
    samples = _samples()
    sources = [Feed(f"https://paper{n}.example/rss", f"The {n}th Paper") for n in range(FEEDS)]
    with database.write() as transaction:
        connection = transaction.connection
        for feed in sources:
            row = {
                "id": feed.id, "url": feed.url, "host": "paper.example", "name": feed.name, "tags": [],
                "fulltext": False, "allow_private": False, "first_poll": "alert", "active": True, "added": now,
                "polled": now, "succeeded": now, "next_poll": now + timedelta(hours=1),
            }  # fmt: skip
            connection.execute(tables.feeds.insert().values(row))
    for start in range(0, count, 500):
        with database.write() as transaction:
            connection = transaction.connection
            for number in range(start, min(start + 500, count)):
                title, text, event = rng.choice(samples)
                seen = now - timedelta(minutes=8.64 * (count - number))
                event = replace(event, date=date.fromordinal(seen.toordinal()))
                reports = []
                for part, feed in enumerate(rng.sample(sources, ITEMS_EACH)):
                    item_id = f"{number:012x}{part}"
                    reports.append((item_id, 0))
                    connection.execute(
                        tables.items.insert().values(
                            id=item_id, feed_id=feed.id, url=f"{feed.url}/{number}", title=title, text=text,
                            published=seen, first_seen=seen + timedelta(minutes=part), language="en", baseline=False,
                            pending=False, outcome="alerted", scores={event.type: event.score},
                        )
                    )  # fmt: skip
                outlets = frozenset(f"paper{n}.example" for n in rng.sample(range(FEEDS), ITEMS_EACH))
                story = Story(f"{number:016x}", event, seen, seen, seen, outlets, tuple(reports))
                stories.save(connection, story, story_keys(story), seen)
                for item_id, index in reports:
                    stories.save_event(
                        connection, item_id, index, event, story_id=story.id, reasons=["same sides", "same day"],
                        now=seen,
                    )  # fmt: skip
    database.close()


def _samples() -> list[tuple[str, str, Event]]:
    """Reports as the shipped model reads them."""
    model = Model.load(None)
    found = []
    for one in invented(60, 6):
        [event] = model.classify(Item("", one.title, one.text)).events
        amounts = (Amount("$1.2 billion", 1.2e9, "USD", "bilateral trade"),)
        found.append((one.title, one.text, replace(event, amounts=amounts)))
    return found


def measure(url: str, pid: int) -> None:
    with httpx.Client(base_url=url, timeout=30) as client:
        _wait_until_ready(client)
        print(f"{STORIES:,} stories, {STORIES * ITEMS_EACH:,} items, {FEEDS} feeds", flush=True)
        first = client.get("/")
        first.raise_for_status()
        for name, path in (
            ("first page", "/"),
            ("filtered by side", "/?country=KE"),
            ("filtered by words", "/?q=president%20coffee"),
            ("words that nothing has", "/?q=zebra"),
            ("a story's page", re.search(r"/stories/[0-9a-f]+", first.text).group()),  # type: ignore[union-attr]
            ("API, 50 stories", "/api/v1/stories?limit=50"),
        ):
            _time(client, pid, name, path)
        _weigh(client, first)
    for name, path in (("API list of 50", "/api/v1/stories?limit=50"), ("first page", "/")):
        _press(url, pid, name, path)


def _wait_until_ready(client: httpx.Client) -> None:
    for _ in range(150):
        try:
            client.get("/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("seedwire web did not come up")


def _time(client: httpx.Client, pid: int, name: str, path: str) -> None:
    for _ in range(5):
        client.get(path).raise_for_status()
    spans, cpu = [], _cpu(pid)
    for _ in range(TIMES):
        start = time.perf_counter()
        client.get(path)
        spans.append((time.perf_counter() - start) * 1000)
    used = (_cpu(pid) - cpu) / TIMES * 1000
    spans.sort()
    print(
        f"{name}: {statistics.median(spans):.1f} ms, 95th percentile {spans[int(TIMES * 0.95)]:.1f} ms, "
        f"{used:.1f} ms of the core",
        flush=True,
    )


def _weigh(client: httpx.Client, first: httpx.Response) -> None:
    """What a browser loads for the first page, as it comes over the wire."""
    addresses = re.findall(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"]+)"', first.text)
    loaded = {"/": first} | {one: client.get(urljoin("/", one)) for one in addresses}
    for one in re.findall(r'(?:from|import) "\./([^"]+)"', "".join(r.text for r in loaded.values())):
        loaded.setdefault(f"/static/{one}", client.get(f"/static/{one}"))
    total = 0
    for name, answer in loaded.items():
        sent = int(answer.headers.get("content-length", len(gzip.compress(answer.content))))
        total += sent
        print(f"  {name}: {sent / 1024:.1f} KB ({len(answer.content) / 1024:.0f} KB unpacked)")
    print(f"first load: {total / 1024:.1f} KB in {len(loaded)} requests", flush=True)


def _press(url: str, pid: int, name: str, path: str) -> None:
    """Requests a second: by wrk where it is installed (Debian: wrk), which costs the other core little."""
    if not shutil.which("wrk"):
        print(f"{name}: install wrk for the requests a second")
        return
    command = ["wrk", "-t1", f"-c{AT_ONCE}", f"-d{SECONDS}s", url + path]
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        command = ["taskset", "-c", "1", *command]
    cpu = _cpu(pid)
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = _cpu(pid) - cpu
    count = int(re.search(r"(\d+) requests in", told).group(1))  # type: ignore[union-attr]
    failed = "" if "Non-2xx" not in told else ", SOME FAILED"
    print(f"{name}: {count / SECONDS:.0f} requests a second, {count / used:.0f} in a second of the core{failed}")


def _cpu(pid: int) -> float:
    """Seconds of processor time that the process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
