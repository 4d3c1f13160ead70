"""Quality, speed and memory of the shipped model, beside a keyword rule.

Needs the labelled items (``corpus/dev.jsonl``, ``corpus/background.jsonl``) in the shared folder, or wherever
SEEDWIRE_SHARED points; nothing is learned from them here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classifiers.model import SHIPPED, Model
from feeds.item import Item

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SEEDWIRE_SHARED", ROOT.parent / "shared"))

#: What a user would write without a model: two lists of words, both of which must occur.
KEYWORDS = {
    "bilateral_meeting": (
        r"\b(president|prime minister|premier|chancellor|foreign minister|leader|envoy|pm)s?\b",
        r"\b(meets?|met|meeting|talks|visits?|summit|hosts?)\b",
    ),
    "energy_deal": (
        r"\b(oil|gas|lng|lpg|coal|nuclear|power|energy|solar|wind|hydrogen|crude|electricity)\b",
        r"\b(deals?|agreements?|contracts?|signs?|signed|memorandum|buys?|purchase|supply|joint venture)\b",
    ),
}
YEARS = {"ag-news-2004": 2004, "reuters-1987": 1987}
#: How sources write the day of publication: "2026-01-06T21:37", "Tue, 20 Jan 2026", "2-APR-1987", "June 26, 2022".
WRITTEN_DATES = {
    r"(\d{4}-\d\d-\d\d)": "%Y-%m-%d",
    r"(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4})": "%d %b %Y",
    r"([A-Z][a-z]+ \d{1,2}, \d{4})": "%B %d, %Y",
}


def items(name: str) -> list[tuple[dict[str, Any], Item]]:
    rows = [json.loads(line) for line in (SHARED / "corpus" / name).read_text(encoding="utf-8").splitlines()]
    return [(row, Item(id=row["id"], title=row["title"], text=row["text"], published=published(row))) for row in rows]


def published(row: dict[str, Any]) -> datetime | None:
    """The day of publication in any of the ways sources write it; the middle of the year where only that is known."""
    written = row["published"]
    for pattern, form in WRITTEN_DATES.items():
        if found := re.search(pattern, written):
            return datetime.strptime(" ".join(found.groups()), form).replace(tzinfo=UTC)
    known = YEARS.get(row["source"])
    return datetime(known, 6, 30, tzinfo=UTC) if known else None


def keyword_rule(event_type: str, item: Item) -> bool:
    text = f"{item.title} {item.text[:700]}"
    return all(re.search(pattern, text, re.IGNORECASE) for pattern in KEYWORDS[event_type])


def scores(decided: list[bool], truth: list[bool]) -> str:
    hits = sum(d and t for d, t in zip(decided, truth, strict=True))
    precision = hits / max(1, sum(decided))
    recall = hits / max(1, sum(truth))
    f1 = 2 * hits / max(1, sum(decided) + sum(truth))
    return f"F1 {f1:.3f}   precision {precision:.3f}   recall {recall:.3f}"


def run() -> None:
    if not (SHARED / "corpus").is_dir():
        print(f"labelled items not found under {SHARED}; set SEEDWIRE_SHARED")
        return
    model = Model.load()
    dev, ordinary = items("dev.jsonl"), items("background.jsonl")
    verdicts = [model.classify(item) for _, item in dev]
    began = time.process_time()
    everyday = [model.classify(item) for _, item in ordinary]
    seconds = time.process_time() - began
    for event_type in model.types:
        judged = [n for n, (row, _) in enumerate(dev) if row[event_type] != "?"]
        truth = [dev[n][0][event_type] == 1 for n in judged]
        threshold = model.thresholds[event_type]
        ours = [verdicts[n].scores[event_type] >= threshold for n in judged]
        rule = [keyword_rule(event_type, dev[n][1]) for n in judged]
        print(f"{event_type}, {sum(truth)} of {len(truth)} dev items, at the shipped threshold {threshold:.2f}")
        print(f"  shipped model   {scores(ours, truth)}")
        print(f"  keyword rule    {scores(rule, truth)}")
        over = sum(v.scores[event_type] >= threshold for v in everyday)
        rule_over = sum(keyword_rule(event_type, item) for _, item in ordinary)
        print(
            f"  ordinary news over it: model {over / len(ordinary):.2%}, keyword rule {rule_over / len(ordinary):.2%}"
        )
    short = [Item(id=i.id, title=i.title, text=i.text[:500], published=i.published) for _, i in ordinary[:1500]]
    long = [Item(id=i.id, title=i.title, text=(i.text * 4)[:3000], published=i.published) for _, i in ordinary[:400]]
    print(
        f"items a second of CPU: ordinary news {len(ordinary) / seconds:.0f}, {rate(model, short)}, {rate(model, long)}"
    )
    print(f"model on disk {SHIPPED.stat().st_size / 1e6:.2f} MB; one item from a cold start {cold_start()}")


def rate(model: Model, batch: list[Item]) -> str:
    began = time.process_time()
    for item in batch:
        model.classify(item)
    size = max(len(item.text) for item in batch)
    return f"title and up to {size} characters {len(batch) / (time.process_time() - began):.0f}"


def cold_start() -> str:
    """Wall time and peak memory of a fresh interpreter that loads the model and classifies one item; best of five."""
    code = (
        "import resource, sys\n"
        "from classifiers.model import Model\n"
        "from feeds.item import Item\n"
        "Model.load().classify(Item(id='1', title='Xi meets Putin in Beijing', text='They discussed gas.'))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == 'linux' else 1048576))\n"
    )
    best, memory = float("inf"), ""
    for _ in range(5):
        began = time.perf_counter()
        memory = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        best = min(best, time.perf_counter() - began)
    return f"{best:.2f} s, peak memory {memory.strip()} MB"


if __name__ == "__main__":
    run()
