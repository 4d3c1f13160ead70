"""Deliveries a second on one core beside a plain sender, and what ten endpoints that hang do to one that does not.

``python -m benchmarks deliveries`` runs all of it. The receiver is a process on another core (``benchmarks.receiver``);
whoever sends has one core to itself where the system lets us choose.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.context import Context

ROOT = Path(__file__).parents[1]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ALERTS, BODY = 2_000, 3_000
#: For an endpoint that takes its time.
FEWER, PAUSE_MS = 200, 20
HANGING, TOLD, EVERY = 10, 400, 0.02


def run() -> None:
    with receiving() as address:
        _throughput(address)
        _isolation(address)


def _throughput(address: str) -> None:
    print(f"  deliveries of {BODY:,} bytes, one core:")
    print(f"    {'':<34}{'an endpoint that answers at once':>33}{f'after {PAUSE_MS} ms':>14}")
    print(f"    {'':<34}{'a second of CPU':>19}{'a second':>14}{'a second':>14}")
    rates = {}
    for who in ("seedwire", "httpx, nothing recorded"):
        rates[who] = (*_rate(who, f"{address}/ok", ALERTS), _rate(who, f"{address}/slow/{PAUSE_MS}", FEWER)[1])
        print(f"    {who:<34}{rates[who][0]:>19,.0f}{rates[who][1]:>14,.0f}{rates[who][2]:>14,.0f}", flush=True)
    times = [our / their for our, their in zip(*rates.values(), strict=True)]
    print(f"    {'  times httpx':<34}{times[0]:>19.1f}{times[1]:>14.1f}{times[2]:>14.1f}", flush=True)


def _rate(who: str, url: str, count: int) -> tuple[float, float]:
    """Deliveries a second of CPU, and of time: the better of two each."""
    command = [sys.executable, "-m", "benchmarks.deliveries", who, url, str(count)]
    tries = [
        json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)
        for _ in range(2)
    ]
    return count / min(cpu for cpu, _ in tries), count / min(wall for _, wall in tries)


def send_all(who: str, url: str, count: int) -> tuple[float, float]:
    """Seconds of CPU and of time that it takes; this process keeps to one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    with tempfile.TemporaryDirectory() as folder:
        context = _context(Path(folder), {"desk": url})
        try:
            promise(context, ["desk"], count)
            cpu, wall = time.process_time(), time.perf_counter()
            if who == "seedwire":
                from worker.steps.deliver import deliver_due

                assert deliver_due(context) == count
            else:
                _plainly(context)
            return time.process_time() - cpu, time.perf_counter() - wall
        finally:
            context.close()


def _plainly(context: Context) -> None:
    """What a script would do: one after the other over a kept connection."""
    import httpx

    from alerts.delivery import request
    from store import deliveries

    (webhook,) = context.config.webhooks
    with context.database.read() as connection:
        waiting = deliveries.due(connection, webhook.name, context.now(), limit=ALERTS)
    with httpx.Client() as client:
        for one in waiting:
            signed = request(webhook, one.alert, datetime.now(UTC))
            client.post(signed.url, headers=dict(signed.headers), content=signed.body).raise_for_status()


def _isolation(address: str) -> None:
    alone, beside = _waits(address, 0), _waits(address, HANGING)
    print(f"  from commit to receipt in ms, one alert every {EVERY * 1000:.0f} ms (median, p99, worst):")
    for what, waits in (("alone", alone), (f"beside {HANGING} endpoints that hang", beside)):
        cuts = quantiles(waits, n=100)
        print(f"    {what:<34}{cuts[49]:>9.1f}{cuts[98]:>9.1f}{max(waits):>9.1f}", flush=True)


def _waits(address: str, hanging: int) -> list[float]:
    """Milliseconds from the commit of an alert to its receipt, while each of the others is sent alerts too."""
    from worker.steps.deliver import deliver_due

    names = {"desk": f"{address}/ok"} | {f"hangs{n}": f"{address}/hang/{n}" for n in range(hanging)}
    others = [name for name in names if name != "desk"]
    made: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as courier:
        context = _context(Path(folder), names)
        runs = []
        try:
            urllib.request.urlopen(f"{address}/arrivals").read()
            if others:
                promise(context, others, 20)
                runs.append(courier.submit(deliver_due, context))
                time.sleep(1)
            for number in range(TOLD):
                (alert,) = promise(context, ["desk"], 1, start=number)
                made[alert] = time.time()
                runs.append(courier.submit(deliver_due, context))  # what a hint does
                time.sleep(EVERY)
            time.sleep(0.5)
            came = json.loads(urllib.request.urlopen(f"{address}/arrivals").read())
            for one in runs:
                one.result()
        finally:
            context.close()
    return [(came[alert] - at) * 1000 for alert, at in made.items()]


def promise(context: Context, names: Sequence[str], count: int, *, start: int = 0) -> list[str]:
    """So many alerts that these webhooks are to have; their ids."""
    from alerts.alert import OPENED, Alert
    from store import alerts

    made = []
    with context.database.write() as transaction:
        for number in range(start, start + count):
            now = datetime.now(UTC)
            body = json.dumps({"specversion": "1.0", "type": OPENED, "data": {"text": "y" * BODY}}).encode()
            alert = Alert(f"msg_{names[0]}_{number:06d}", OPENED, "", now, body)
            alerts.save(transaction.connection, alert, names, now=now)
            made.append(alert.id)
    return made


def _context(folder: Path, webhooks: dict[str, str]) -> Context:
    from store import migrate
    from worker import logs
    from worker.config.watch import Watcher
    from worker.context import Context
    from worker.steps.tick import apply_config

    config = folder / "seedwire.toml"
    tables = [
        f'[[webhooks]]\nname = "{name}"\nurl = "{url}"\nsecret = "{SECRET}"\nallow_private = true\ntimeout = "5s"\n'
        for name, url in webhooks.items()
    ]
    config.write_text("\n".join(['[service]\ndata_dir = "data"\n', *tables]))
    logs.configure("json", "error")
    context = Context(Watcher(config, {}))
    migrate.upgrade(context.database)
    apply_config(context)
    return context


@contextmanager
def receiving() -> Iterator[str]:
    """The address of a receiver in a process that keeps off the first core."""
    receiver = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.receiver"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert receiver.stdout is not None
        port = int(receiver.stdout.readline())
        if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
            os.sched_setaffinity(receiver.pid, cores[1:])
        yield f"http://127.0.0.1:{port}"
    finally:
        receiver.terminate()
        receiver.wait()


if __name__ == "__main__":
    print(json.dumps(send_all(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
