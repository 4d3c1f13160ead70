"""What ordinary news looks like: the patterns of 3,000 random items, hashed, as negatives and to set thresholds.

data/background.npz holds no text: for each item the hashes of its patterns that at least two items share, and how
many patterns it has. ``python -m classifiers.background FILE.jsonl`` makes it again (data/README.md names the source).
"""

from __future__ import annotations

import json
import sys
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.gazetteer import DATA
from classifiers.language import detect
from classifiers.patterns import find_patterns
from classifiers.reader import read
from classifiers.scoring import LEAD, MOST
from classifiers.wordsets import word_set

FILE: Final = DATA / "background.npz"


#: Items of the source that, read by a person, do report a meeting or a deal, or may: no example of ordinary news.
REPORTING: Final = word_set(
    "0a9120dc8590db62 3428dd3d9cef6b48 284d79aec713e87b efdfb62fcaf5f0d4 27f4dbef14edd763 63af6d3d1fb10c4d "
    "4e8ee45191b68b32 ceedd4241e9b1c75 d66bd5e019698b08 677f017c9b8f81f9 9763b58f61da0d65"
)


@dataclass(frozen=True, slots=True)
class Background:
    """``rows[i]`` are indices into ``hashes``, the patterns of item i; ``sizes[i]`` is how many patterns it has "
    "in all."""

    hashes: npt.NDArray[np.uint32]
    rows: list[npt.NDArray[np.int64]]
    sizes: npt.NDArray[np.int64]


def pattern_hash(pattern: str) -> int:
    return zlib.crc32(pattern.encode())


def load_background(path: Path = FILE) -> Background:
    with np.load(path) as stored:
        starts = stored["starts"].astype(np.int64)
        columns = stored["columns"].astype(np.int64)
        rows = [columns[a:b] for a, b in pairwise(starts)]
        return Background(stored["hashes"], rows, stored["sizes"].astype(np.int64))


def make_background(source: Path, target: Path = FILE) -> int:
    """Hash the items of a JSON Lines file of ordinary news (title, text); returns how many."""
    examples: list[list[int]] = []
    sizes: list[int] = []
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            title, text = row["title"][:400], row["text"]
            if row.get("id") in REPORTING or detect(title, text) != "en":
                continue
            patterns = find_patterns(read(title, text, (0, len(text)), None, LEAD, MOST)).head
            examples.append(sorted({pattern_hash(p) for p in patterns}))
            sizes.append(len(patterns))
    counts = Counter(h for example in examples for h in example)
    hashes = np.array(sorted(h for h, count in counts.items() if count >= 2), dtype=np.uint32)
    index = {int(h): i for i, h in enumerate(hashes)}
    kept = [[index[h] for h in example if h in index] for example in examples]
    starts = np.concatenate([[0], np.cumsum([len(k) for k in kept])]).astype(np.uint32)
    columns = np.array([c for k in kept for c in k], dtype=np.uint32)
    np.savez_compressed(target, hashes=hashes, starts=starts, columns=columns, sizes=np.array(sizes, dtype=np.uint16))
    return len(examples)


if __name__ == "__main__":
    sys.stdout.write(f"{make_background(Path(sys.argv[1]))} items\n")
