"""One pass over the feeds in ``FOLDER/urls``, in a process of its own: ``polling_pass WHO FOLDER``.

Prints JSON: ``poll`` seconds of polling and storing, ``poll_cpu`` how many of them the core was busy with it, ``rest``
seconds of what Seedwire does besides (config, schema, classifying), ``cpu`` seconds of the process altogether,
``megabytes`` of memory at its peak.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def seedwire(folder: Path, urls: list[str]) -> dict[str, float]:
    return _seedwire(folder, urls, follow=True)


def poller(folder: Path, urls: list[str]) -> dict[str, float]:
    """What a poller process does: nothing is classified."""
    return _seedwire(folder, urls, follow=False)


def _seedwire(folder: Path, urls: list[str], *, follow: bool) -> dict[str, float]:
    import feeds.parse  # noqa: F401 - adding feeds to reader has loaded its parser, before its clock starts
    from benchmarks.polling import write_config
    from store import feeds as stored_feeds
    from store import migrate
    from worker import logs
    from worker.config.watch import Watcher
    from worker.context import Context
    from worker.garbage import collect_rarely
    from worker.steps.poll import poll_due
    from worker.steps.tick import apply_config
    from worker.steps.whole_pass import whole_pass

    began = time.perf_counter()
    config = folder / "seedwire.toml"
    if not config.exists():
        write_config(folder, urls)
    logs.configure("text", "error")
    context = Context(Watcher(config, {}))
    collect_rarely()  # as `seedwire poll` and the workers do
    migrate.upgrade(context.database)
    apply_config(context)
    with context.database.write() as transaction:
        stored_feeds.make_due(transaction.connection, context.now())
    polling, busy = time.perf_counter(), time.process_time()
    polled = 0
    while (tally := poll_due(context)).polled:
        polled += tally.polled
        assert not tally.failed
    polling, busy = time.perf_counter() - polling, time.process_time() - busy
    assert polled == len(urls), f"{polled} of {len(urls)} feeds polled"
    if follow:
        whole_pass(context)
    context.close()
    return {"poll": polling, "poll_cpu": busy, "rest": time.perf_counter() - began - polling}


def reader(folder: Path, urls: list[str]) -> dict[str, float]:
    import importlib

    make_reader: Any = importlib.import_module("reader").make_reader
    one = make_reader(str(folder / "reader.sqlite"))
    for url in urls:
        one.add_feed(url, exist_ok=True)
    began, busy = time.perf_counter(), time.process_time()
    one.update_feeds(scheduled=False, workers=10)
    return {"poll": time.perf_counter() - began, "poll_cpu": time.process_time() - busy, "rest": 0.0}


def newsboat(folder: Path, urls: list[str]) -> dict[str, float]:
    del urls
    (folder / "config").write_text("reload-threads 10\n")
    files = ["-u", str(folder / "urls"), "-c", str(folder / "newsboat.sqlite"), "-C", str(folder / "config")]
    began = time.perf_counter()
    subprocess.run(["newsboat", *files, "-x", "reload"], check=True, capture_output=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"poll": time.perf_counter() - began, "poll_cpu": used.ru_utime + used.ru_stime, "rest": 0.0}


def main(who: str, folder: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    told = {"seedwire": seedwire, "poller": poller, "reader": reader, "newsboat": newsboat}[who](
        Path(folder), (Path(folder) / "urls").read_text().split()
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN if who == "newsboat" else resource.RUSAGE_SELF)
    per_megabyte = 1024 if sys.platform == "linux" else 1024 * 1024
    print(json.dumps({**told, "cpu": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / per_megabyte}))


if __name__ == "__main__":
    main(*sys.argv[1:])
