"""How soon news is told: from the first answer to a poll that holds an item until its webhook has the alert.

A real ``seedwire up``, otherwise idle, polls one feed a second; another event is printed at moments by chance.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.failing_endpoint import SECRET, Endpoint, sides
from benchmarks.invented_news import events
from benchmarks.newsroom import Article, Newsroom
from benchmarks.running_service import Service, wait_until
from benchmarks.what_is_stored import Stored

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLES, SEED = 120, 7
#: Seconds between two events, at least and at most.
GAP = (0.6, 1.6)
COMES_UP, PATIENCE = 90.0, 30.0


def run() -> int:
    with tempfile.TemporaryDirectory() as folder, Newsroom(1) as newsroom, Endpoint(failing=0.0) as endpoint:
        service = Service(Path(folder), newsroom.feeds, {"url": endpoint.url, "secret": SECRET})
        service.start()
        try:
            if not wait_until(lambda: service.is_ready() and newsroom.all_read, COMES_UP):
                print(f"  the service did not come up within {COMES_UP:.0f} s")
                return 1
            told = _publish(newsroom, endpoint)
            stored = Stored(service.config)
            stages = stored.stages()
            stored.close()
        finally:
            service.stop()
    took: list[float] = []
    parts: list[tuple[float, ...]] = []
    for one in endpoint.receipts:
        link = told.get(one.about)
        if link is None or link not in stages:
            continue
        served, (seen, made, tried) = newsroom.served[link], (at.timestamp() for at in stages[link])
        took.append(one.arrived - served)
        parts.append((seen - served, made - seen, tried - made, one.arrived - tried))
    print(f"  {len(took)} of {len(told)} events told; one poll a second, load of the machine {os.getloadavg()[0]:.1f}")
    if len(took) < len(told):
        return 1
    print(f"  served in a feed until received: {_figures(took)}")
    names = ("polled and stored", "classified, story, alert", "taken up for delivery", "signed, sent, received")
    for part, values in zip(names, zip(*parts, strict=True), strict=True):
        print(f"    {part:<28}{_figures(values)}")
    return 0


def _publish(newsroom: Newsroom, endpoint: Endpoint) -> dict[str, str]:
    """Print the events one by one and wait for the last; returns the address of each."""
    rng, told = random.Random(SEED), {}
    for event in events(SAMPLES, SEED):
        time.sleep(rng.uniform(*GAP))
        link = f"https://paper0.example/{sides(event.sides)}"
        told[sides(event.sides)] = link
        newsroom.publish(0, Article(event.title, event.text, link, datetime.now(UTC)))
    wait_until(lambda: {one.about for one in endpoint.receipts} >= set(told), PATIENCE)
    return told


def _figures(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"median {median(ordered):.3f} s, p99 {ordered[int(len(ordered) * 0.99)]:.3f} s, most {ordered[-1]:.3f} s"
