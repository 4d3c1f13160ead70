"""The labelled items and ordinary news that benchmarks measure on; nothing is learned from them.

They are no part of the repository: ``corpus/`` lies in the shared folder, or wherever SEEDWIRE_SHARED points.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feeds.item import Item

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SEEDWIRE_SHARED", ROOT.parent / "shared"))

YEARS = {"ag-news-2004": 2004, "reuters-1987": 1987}
#: How sources write the day of publication: "2026-01-06T21:37", "Tue, 20 Jan 2026", "2-APR-1987", "June 26, 2022".
WRITTEN_DATES = {
    r"(\d{4}-\d\d-\d\d)": "%Y-%m-%d",
    r"(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4})": "%d %b %Y",
    r"([A-Z][a-z]+ \d{1,2}, \d{4})": "%B %d, %Y",
}


def present() -> bool:
    """Whether the items are there; says so where they are not."""
    found = (SHARED / "corpus").is_dir()
    if not found:
        print(f"labelled items not found under {SHARED}; set SEEDWIRE_SHARED")
    return found


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
