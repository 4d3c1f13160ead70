"""How late due feeds are polled: 10,000 of them, each due once in ten minutes, with `seedwire up` on one machine."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from benchmarks.polling import ROOT, serving, write_config
from store import migrate
from store.tables import feeds
from worker import logs
from worker.config.watch import Watcher
from worker.context import Context
from worker.steps.poll import poll_due
from worker.steps.tick import apply_config

FEEDS, INTERVAL, SETTLE, WATCH = 10_000, 600.0, 20.0, 60.0


def run() -> None:
    with serving(items=2) as address, tempfile.TemporaryDirectory() as folder:
        config = write_config(Path(folder), [f"{address}/{number}" for number in range(FEEDS)], 'interval = "10m"')
        context = _polled_once(config)
        due = _spread(context)
        up = subprocess.Popen(
            [sys.executable, "-m", "worker.cli.main", "up", "--config", str(config)], cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            time.sleep(SETTLE + WATCH)
            late = _late(context, due)
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)
            context.close()
    expected = len(due)
    print(
        f"  {FEEDS:,} feeds at {INTERVAL:.0f} s: {len(late)} of {expected} that became due in {WATCH:.0f} s were polled"
    )
    print(
        "  late by (until stored): "
        + ", ".join(f"p{share} {late[int(len(late) * share / 100)]:.2f} s" for share in (50, 90, 99))
        + f", at most {late[-1]:.2f} s"
    )


def _polled_once(config: Path) -> Context:
    logs.configure("text", "error")
    context = Context(Watcher(config, {}))
    migrate.upgrade(context.database)
    apply_config(context)
    while poll_due(context).polled:
        pass
    return context


def _spread(context: Context) -> dict[str, float]:
    """Make the feeds due evenly; returns those that are to be watched."""
    now, rng = context.now(), random.Random(1)
    wanted: dict[str, float] = {}
    with context.database.write() as transaction:
        for feed_id in list(transaction.connection.scalars(select(feeds.c.id))):
            wait = rng.uniform(0, INTERVAL)
            due = now + timedelta(seconds=wait)
            transaction.connection.execute(update(feeds).where(feeds.c.id == feed_id).values(next_poll=due))
            if SETTLE < wait < SETTLE + WATCH - 5:
                wanted[feed_id] = due.timestamp()
        transaction.connection.exec_driver_sql("UPDATE items SET pending = 0")
    return wanted


def _late(context: Context, due: dict[str, float]) -> list[float]:
    with context.database.read() as connection:
        rows = connection.execute(select(feeds.c.id, feeds.c.polled).where(feeds.c.id.in_(due)))
        return sorted(row.polled.timestamp() - due[row.id] for row in rows if row.polled.timestamp() > due[row.id])
