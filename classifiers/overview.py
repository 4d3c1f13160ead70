"""What a model goes by, for people: of each type the threshold, the seeds, and what speaks loudest for and against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from classifiers.gazetteer import DATA
from classifiers.patterns import find_patterns
from classifiers.reader import read
from classifiers.scoring import LEAD, MOST, TypeWeights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.model import Kind, Model, Taught

_CLASS = re.compile(r"‹([^›]+)›")
_WORDS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pattern and what it weighs: above zero it speaks for the type, below against. ``classes`` tells some of the
    words that each class in it stands for, such as ``‹MEET›: meet, meets, met``. ``is_wording`` marks what is no
    pattern of a sentence, but how a whole item is put; evidence does not name these."""

    pattern: str
    weight: float
    is_wording: bool
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeOverview:
    """What was learned of a type: by ``patterns``, or by ``likeness`` to a handful of examples (docs/patterns.md).

    ``speaks_for`` and ``speaks_against`` are the loudest of ``patterns`` in all, ``found`` of which were asked for.
    """

    type: str
    way: Literal["patterns", "likeness"]
    threshold: float
    taught: Taught | None
    patterns: int
    found: int
    speaks_for: tuple[Weighed, ...]
    speaks_against: tuple[Weighed, ...]


def overview(model: Model, *, most: int, text: str = "") -> list[TypeOverview]:
    """Every type of a model, with ``most`` patterns each way, of those that have ``text`` in them."""
    return [_of_type(model, name, most, text.lower()) for name in model.types]


def found_in(title: str, text: str) -> set[str]:
    """Every pattern of the title and the lead of an item."""
    lead = text[:LEAD]
    patterns = find_patterns(read(title, lead, (0, len(lead)), None, LEAD, MOST, None))
    return patterns.head


def _of_type(model: Model, name: str, most: int, text: str) -> TypeOverview:
    kind = model.weights(name)
    rows = list(kind.weighed().items()) if isinstance(kind, TypeWeights) else kind.weighed_words()
    wanted = [row for row in rows if text in row[0].lower()] if text else rows
    ranked = sorted(wanted, key=lambda row: (-row[1], row[0]))
    return TypeOverview(
        type=name,
        way="patterns" if isinstance(kind, TypeWeights) else "likeness",
        threshold=kind.threshold,
        taught=model.taught(name),
        patterns=len(rows),
        found=len(wanted),
        speaks_for=_told(kind, [row for row in ranked if row[1] > 0][:most]),
        speaks_against=_told(kind, [row for row in reversed(ranked) if row[1] < 0][:most]),
    )


def _told(kind: Kind, rows: Sequence[tuple[str, float]]) -> tuple[Weighed, ...]:
    patterns = kind.weights if isinstance(kind, TypeWeights) else {}
    return tuple(Weighed(name, weight, name not in patterns, _classes_in(name)) for name, weight in rows)


def _classes_in(pattern: str) -> tuple[str, ...]:
    known = _class_words()
    named = dict.fromkeys(name.removesuffix(" …") for name in _CLASS.findall(pattern))
    return tuple(f"‹{name}›: {', '.join(known[name][:_WORDS_SHOWN])}, …" for name in named if name in known)


@cache
def _class_words() -> dict[str, list[str]]:
    lines = (DATA / "lexicon.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t", 1) for line in lines if "\t" in line and not line.startswith("#"))
    return {name: words.split("|") for name, words in rows}
