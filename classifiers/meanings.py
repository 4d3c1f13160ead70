"""What words mean, roughly: a vector a word, so that "quits" is known to be near "resigns".

data/meanings.npz holds the 30,000 commonest words of GloVe 6B (50 dimensions; Pennington, Socher and Manning 2014,
public domain), common directions taken out (Mu and Viswanath 2018, "All-but-the-Top"), each vector of length 1 in
steps of 1/127. ``python -m classifiers.meanings glove.6B.50d.txt`` makes it again, and from it the groups of
classifiers/word_groups.py (k-means; Lloyd 1982).

Rejected: MiniLM and tables distilled from it. Kinds of event that neither had seen they told no better, at four times
the size, and a transformer reads two hundred items a second.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from classifiers.gazetteer import DATA
from classifiers.word_groups import FILE as GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Vectors = npt.NDArray[np.float32]

FILE: Final = DATA / "meanings.npz"
_WORDS: Final = 30_000
_COMMON_DIRECTIONS: Final = 2
_GROUPS: Final = 300
#: Groups are formed by the commonest words alone: what is rare lies scattered.
_FORMING: Final = 20_000
_ROUNDS: Final = 30
#: This share of a group is near enough to its centre to name it.
_TYPICAL: Final = 0.2
#: Smooth inverse frequency (Arora, Liang and Ma 2017): by Zipf's law the n-th word has a share of about 0.06 / n.
_SMOOTH: Final = 1e-3
_ZIPF: Final = 0.06


@dataclass(frozen=True, slots=True)
class Meanings:
    """``place[word]`` is its row in ``vectors``, commonest first; ``rarity`` is what a word counts in a mean."""

    place: Mapping[str, int]
    vectors: Vectors
    rarity: Vectors

    def known(self, words: Sequence[str]) -> list[int]:
        place = self.place
        return [place[word] for word in words if word in place]

    def mean(self, rows: Sequence[int]) -> Vectors:
        """The direction that the words of these rows have in common, of length 1; zeros for no word."""
        if not rows:
            return np.zeros(self.vectors.shape[1], dtype=np.float32)
        found = np.asarray(rows)
        return unit(self.rarity[found] @ self.vectors[found])


def unit(vector: Vectors) -> Vectors:
    length = float(np.sqrt(vector @ vector))
    return vector / np.float32(length) if length else vector


@cache
def meanings() -> Meanings:
    with np.load(FILE) as stored:
        words = stored["words"].tobytes().decode().split("\n")
        vectors = stored["vectors"].astype(np.float32) / np.float32(127)
    share = _ZIPF / np.arange(3, len(words) + 3)
    return Meanings(
        {word: i for i, word in enumerate(words)}, vectors, (_SMOOTH / (_SMOOTH + share)).astype(np.float32)
    )


def make_meanings(source: Path, target: Path = FILE) -> int:
    """Read vectors as GloVe writes them (a word and its numbers a line, commonest first); returns how many."""
    words: list[str] = []
    rows: list[list[float]] = []
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip().split(" ")
            if word.isalpha():
                words.append(word)
                rows.append([float(n) for n in numbers])
            if len(words) == _WORDS:
                break
    vectors = np.array(rows)
    vectors -= vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    common = directions[:_COMMON_DIRECTIONS]
    vectors -= vectors @ common.T @ common
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    steps = np.round(vectors * 127).astype(np.int8)
    np.savez_compressed(target, words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8), vectors=steps)
    groups, typical = _form_groups((steps / 127).astype(np.float32))
    told = [f"{word} {words[typical[group]]}\n" for word, group in zip(words, groups, strict=True)]
    target.with_name(GROUPS.name).write_text("".join(told), encoding="utf-8")
    return len(words)


def _form_groups(vectors: Vectors) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    """The group of each vector, by k-means from evenly spaced words, and of each group the word to name it by."""
    forming = vectors[:_FORMING]
    centres = forming[:: max(1, len(forming) // _GROUPS)][:_GROUPS].copy()
    for _ in range(_ROUNDS):
        nearest = _nearest(forming, centres)
        for number in range(len(centres)):
            members = forming[nearest == number]
            if len(members):
                centres[number] = members.mean(axis=0)
    found = _nearest(forming, centres)
    typical = [_typical(np.flatnonzero(found == number), forming, centre) for number, centre in enumerate(centres)]
    return _nearest(vectors, centres).astype(np.uint16), np.array(typical, dtype=np.uint16)


def _typical(members: npt.NDArray[np.intp], vectors: Vectors, centre: Vectors) -> int:
    """The commonest of the members that are nearest to the centre."""
    near = vectors[members] @ centre
    return int(members[near >= np.quantile(near, 1 - _TYPICAL)][0]) if len(members) else 0


def _nearest(vectors: Vectors, centres: Vectors) -> npt.NDArray[np.intp]:
    """Which centre is nearest to each vector: |v - c|² is |c|² - 2 v·c, up to what is alike for all centres."""
    nearest: npt.NDArray[np.intp] = np.argmin((centres**2).sum(axis=1) - 2 * vectors @ centres.T, axis=1)
    return nearest


if __name__ == "__main__":
    sys.stdout.write(f"{make_meanings(Path(sys.argv[1]))} words\n")
