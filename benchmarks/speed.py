"""Items a second on one core, as ratios to the keyword rule too; cold start, peak memory, size on disk."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import labelled
from benchmarks.peers import KEYWORDS, keyword_rule
from classifiers.model import SHIPPED, Model
from feeds.item import Item

if TYPE_CHECKING:
    from collections.abc import Callable

#: Files that classifying opens: code aside, this is what has to be on disk. Told apart by the interpreter itself.
_AUDIT = (
    "import sys\n"
    "opened = set()\n"
    "sys.addaudithook(lambda name, args: opened.add(str(args[0])) if name == 'open' else None)\n"
    "from classifiers.model import Model\n"
    "from feeds.item import Item\n"
    "title = 'Xi Jinping meets Vladimir Putin in Beijing'\n"
    "Model.load().classify(Item(id='1', title=title, text='They signed a deal on gas.'))\n"
    "import json\n"
    "print(json.dumps(sorted(opened)))\n"
)
#: Starts a command and tells its wall time and CPU time in seconds and its peak memory in KB (bytes on macOS).
_TIMED = (
    "import resource, subprocess, sys, time\n"
    "began = time.perf_counter()\n"
    'subprocess.run(sys.argv[1:], input=b\'{"id": "1", "title": "Xi meets Putin in Beijing", "text": ""}\',\n'
    "               stdout=subprocess.DEVNULL, check=True)\n"
    "wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)\n"
    "print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
)


def run() -> None:
    if not labelled.present():
        return
    model = Model.load()
    ordinary = [item for _, item in labelled.items("background.jsonl")]
    dev = [item for _, item in labelled.items("dev.jsonl")]
    batches = {
        "ordinary news, title + 500": [_cut(item, 500) for item in ordinary[:2000]],
        "dev items, title + 500": [_cut(item, 500) for item in dev],
        "ordinary articles of 3,000": _articles(ordinary, 300),
        "dev articles of 3,000": _articles(dev, 300),
    }
    for name, batch in batches.items():
        ours = rate(model.classify, batch)
        rule = rate(lambda item: [keyword_rule(event_type, item) for event_type in KEYWORDS], batch)
        print(
            f"  {name:<28} {ours:>7,.0f} items a second of CPU; the keyword rule {rule:>7,.0f}, {rule / ours:.0f} times"
        )
    seconds, cpu, memory = cold_start()
    print(
        f"  cold start of `seedwire classify` on one item: {seconds:.2f} s, of it {cpu:.2f} s of CPU (least of five), "
        f"peak memory {memory:.0f} MB"
    )
    opened = data_opened()
    total = sum(file.stat().st_size for file in opened) / 1e6
    print(
        f"  on disk: {SHIPPED.name} {SHIPPED.stat().st_size / 1e6:.2f} MB; with all data it opens {total:.2f} MB "
        f"({', '.join(file.name for file in opened)})"
    )


def rate(decide: Callable[[Item], object], batch: list[Item]) -> float:
    """Items a second of CPU time, the better of two passes; the first one also fills caches."""
    best = 0.0
    for _ in range(2):
        began = time.process_time()
        for item in batch:
            decide(item)
        best = max(best, len(batch) / max(1e-9, time.process_time() - began))
    return best


def cold_start() -> tuple[float, float, float]:
    """Wall time, CPU time and peak memory (MB) of ``seedwire classify - --jsonl`` on one item: the least of five."""
    seedwire = Path(sysconfig.get_path("scripts")) / "seedwire"
    start = [str(seedwire)] if seedwire.exists() else [sys.executable, "-m", "worker.cli.main"]
    command = [sys.executable, "-c", _TIMED, *start, "classify", "-", "--jsonl"]
    runs = [
        subprocess.run(command, cwd=labelled.ROOT, capture_output=True, text=True, check=True).stdout.split()
        for _ in range(5)
    ]
    per_megabyte = 1024 if sys.platform == "linux" else 1024 * 1024
    seconds, cpu, memory = (min(float(row[n]) for row in runs) for n in range(3))
    return seconds, cpu, memory / per_megabyte


def data_opened() -> list[Path]:
    """The project's files, code aside, that loading the model and describing an event opens."""
    told = subprocess.run(
        [sys.executable, "-c", _AUDIT], cwd=labelled.ROOT, capture_output=True, text=True, check=True
    ).stdout
    room = SHIPPED.parent.resolve()
    files = {Path(name).resolve() for name in json.loads(told)}
    return sorted(f for f in files if f.is_relative_to(room) and f.suffix not in {".py", ".pyc"} and f.is_file())


def _cut(item: Item, most: int) -> Item:
    return Item(id=item.id, title=item.title, text=item.text[:most], published=item.published)


def _articles(items: list[Item], count: int) -> list[Item]:
    """Whole articles of 3,000 characters; shorter texts are said again until they are as long."""
    chosen = [item for item in items if len(item.text) > 200][:count]
    return [
        _cut(Item(i.id, i.title, "\n".join([i.text] * (3000 // len(i.text) + 1)), published=i.published), 3000)
        for i in chosen
    ]
