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
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from classifiers.brief import Brief, make_brief
from classifiers.gate import gate_features, vocabulary
from classifiers.gazetteer import DATA
from classifiers.language import detect
from classifiers.meanings import meanings
from classifiers.patterns import find_patterns
from classifiers.reader import read
from classifiers.scoring import LEAD, MOST
from classifiers.wordsets import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE: Final = DATA / "background.npz"


#: Items of the source that, read by a person, do report a meeting or a deal, or may: no example of ordinary news.
REPORTING: Final = word_set(
    "0a9120dc8590db62 3428dd3d9cef6b48 284d79aec713e87b efdfb62fcaf5f0d4 27f4dbef14edd763 63af6d3d1fb10c4d "
    "4e8ee45191b68b32 ceedd4241e9b1c75 d66bd5e019698b08 677f017c9b8f81f9 9763b58f61da0d65"
)


@dataclass(frozen=True, slots=True)
class Bags:
    """``rows[i]`` are indices into ``hashes``, what item i has (some twice); ``sizes[i]`` is how much it has in all."""

    hashes: npt.NDArray[np.uint32]
    rows: list[npt.NDArray[np.int64]]
    sizes: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BriefBags:
    """Of each item's brief the words of title and lead, as rows of classifiers/meanings.py in ascending order, the
    hashed signs, and the facts."""

    titles: list[npt.NDArray[np.int64]]
    leads: list[npt.NDArray[np.int64]]
    signs: Bags
    facts: npt.NDArray[np.float64]

    def restore(self, signs: Iterable[str]) -> list[Brief]:
        """The briefs with those of their signs that are asked for; the words are in no order."""
        word = list(meanings().place)
        named = {pattern_hash(sign): sign for sign in signs}
        wanted = [named.get(int(h)) for h in self.signs.hashes]
        return [
            Brief(
                tuple(word[i] for i in title),
                tuple(word[i] for i in lead),
                frozenset(sign for c in row if (sign := wanted[c]) is not None),
                tuple(facts),
            )
            for title, lead, row, facts in zip(
                self.titles, self.leads, self.signs.rows, self.facts.tolist(), strict=True
            )
        ]


@dataclass(frozen=True, slots=True)
class Background:
    """The same items three times: their patterns, what the gate counts in them, and their briefs."""

    patterns: Bags
    words: Bags
    briefs: BriefBags


def pattern_hash(pattern: str) -> int:
    return zlib.crc32(pattern.encode())


def load_background(path: Path = FILE) -> Background:
    with np.load(path) as stored:
        titles, leads = (_rows(stored, name) for name in ("titles", "leads"))
        briefs = BriefBags(titles, leads, _unpack(stored, "signs"), stored["facts"].astype(np.float64))
        return Background(_unpack(stored, "patterns"), _unpack(stored, "words"), briefs)


def make_background(source: Path, target: Path = FILE) -> int:
    """Hash the items of a JSON Lines file of ordinary news (title, text); returns how many."""
    patterns: list[list[int]] = []
    words: list[list[int]] = []
    briefs: list[Brief] = []
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            title, text = row["title"][:400], row["text"]
            if row.get("id") in REPORTING or detect(title, text) != "en":
                continue
            found = find_patterns(read(title, text, (0, len(text)), None, LEAD, MOST)).head
            patterns.append(sorted(map(pattern_hash, found)))
            words.append(sorted(map(pattern_hash, gate_features(vocabulary(title, text)))))
            briefs.append(make_brief(title, text))
    stored = {
        **_pack(patterns, "patterns"),
        **_pack(words, "words"),
        **_pack([sorted(map(pattern_hash, brief.signs)) for brief in briefs], "signs"),
        **_pack_rows([sorted(meanings().known(brief.title)) for brief in briefs], "titles"),
        **_pack_rows([sorted(meanings().known(brief.lead)) for brief in briefs], "leads"),
        "facts": np.array([brief.facts for brief in briefs], dtype=np.uint8),
    }
    np.savez_compressed(target, allow_pickle=False, **stored)
    return len(patterns)


def _pack(examples: list[list[int]], name: str) -> dict[str, npt.NDArray[np.generic]]:
    """Only hashes that two items share are kept."""
    counts = Counter(h for example in examples for h in set(example))
    hashes = np.array(sorted(h for h, count in counts.items() if count >= 2), dtype=np.uint32)
    index = {int(h): i for i, h in enumerate(hashes)}
    kept = [[index[h] for h in example if h in index] for example in examples]
    return {
        **_pack_rows(kept, name),
        f"{name}_hashes": hashes,
        f"{name}_sizes": np.array([len(example) for example in examples], dtype=np.uint16),
    }


def _pack_rows(rows: list[list[int]], name: str) -> dict[str, npt.NDArray[np.generic]]:
    return {
        f"{name}_starts": np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.uint32),
        f"{name}_columns": np.array([c for row in rows for c in row], dtype=np.uint32),
    }


def _rows(stored: Mapping[str, npt.NDArray[np.int64]], name: str) -> list[npt.NDArray[np.int64]]:
    columns = stored[f"{name}_columns"].astype(np.int64)
    return [columns[a:b] for a, b in pairwise(stored[f"{name}_starts"].astype(np.int64))]


def _unpack(stored: Mapping[str, npt.NDArray[np.int64]], name: str) -> Bags:
    hashes, sizes = stored[f"{name}_hashes"].astype(np.uint32), stored[f"{name}_sizes"].astype(np.int64)
    return Bags(hashes, _rows(stored, name), sizes)


if __name__ == "__main__":
    sys.stdout.write(f"{make_background(Path(sys.argv[1]))} items\n")
