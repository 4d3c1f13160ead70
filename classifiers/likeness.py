"""Likeness: telling a kind of event from a handful of articles, where there are too few to weigh patterns.

An item is compared with the examples in a few ways (MEASURES), and what each of them proves was learned from other
kinds of event (data/likeness.json, classifiers/learn_likeness.py): how far a shared topic carries, and which words,
whatever the kind, say that nothing has happened yet ("urges", "could", "ahead of"). So five articles need only say what
the kind is about. This is learning to learn (Thrun and Pratt 1998).

Rejected: logistic regression on sentence vectors (cannot tell decided from expected), and made-up negatives with the
mood of the examples changed (taught that every modal verb is fatal).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from math import fsum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifiers.brief import FACTS, Brief, make_brief
from classifiers.gazetteer import DATA
from classifiers.lexicon import stem
from classifiers.meanings import Vectors, meanings
from classifiers.word_groups import word_groups
from classifiers.wordsets import word_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

FILE: Final = DATA / "likeness.json"
_COMPARED: Final = ("topic", "centre", "key words")
#: What is compared, in this order: the topic as the examples differ in it from ordinary news, how near it is to their
#: centre, the words that mark them, and facts that they have or lack. Tried and left out: matching titles word by word,
#: and key words by meaning or in the title; look-alikes repeat these more than the events themselves do.
MEASURES: Final = (*_COMPARED, *FACTS)
STOP: Final = word_set(
    "the a an of to in on for and with at by from as be is are was were has have had it its this that his her their he "
    "she they we i you s not no will would could may might than more after before over into about who which but or if "
    "up out new said says say been also"
)
#: How many key words make up the whole.
_WHOLE: Final = 6
#: Shorter titles and leads count as of so many words where counter-examples are asked.
_SHORT: Final = {"title": 4, "lead": 8}
#: The fewest words that can tell of an event: "Earthquake shakes northern Chile".
_TELLING: Final = 4


@dataclass(frozen=True, slots=True)
class Contrast:
    """What counter-examples prove, whatever the kind.

    ``title`` and ``lead`` weigh what their words say (learn_contrast.py). The cut of a type is ``cut`` where its own
    examples and its counter-examples are as likely as usual (the first of each pair), and moves by the second of each
    pair with their mean margins.
    """

    cut: float
    title: float
    lead: float
    examples: tuple[float, float]
    others: tuple[float, float]

    def place_cut(self, examples: float | None, others: float) -> float:
        """The cut, from the mean margin of each example left out (None for a single one) and of counter-examples."""
        usual, weight = self.examples
        moved = weight * (examples - usual) if examples is not None else 0.0
        return self.cut + moved + self.others[1] * (others - self.others[0])


@dataclass(frozen=True)
class Prior:
    """What likeness proves, whatever the kind: for each measure its usual value, spread and weight; weights of signs.

    ``cut`` is the margin from which an item counts as of the kind, where no counter-examples say more (``contrast``).
    """

    bias: float
    cut: float
    measures: Mapping[str, tuple[float, float, float]]
    signs: Mapping[str, float]
    contrast: Contrast

    @cached_property
    def scaling(self) -> tuple[Vectors, Vectors, Vectors]:
        rows = np.array([self.measures[name] for name in MEASURES])
        return rows[:, 0], rows[:, 1], rows[:, 2]


@cache
def prior() -> Prior:
    stored = json.loads(FILE.read_bytes())
    measures = {name: (float(a), float(b), float(c)) for name, (a, b, c) in stored["measures"].items()}
    return Prior(float(stored["bias"]), float(stored["cut"]), measures, stored["signs"], _load_contrast(stored))


def _load_contrast(stored: Mapping[str, Any]) -> Contrast:
    told = stored["contrast"]
    pairs = [(float(a), float(b)) for a, b in (told["examples"], told["others"])]
    return Contrast(float(told["cut"]), float(told["title"]), float(told["lead"]), *pairs)


@dataclass(frozen=True)
class Likeness:
    """What a handful of examples say of a type.

    ``topic`` weighs the directions of title and lead (50 numbers) and of the title alone (50), ``bias`` goes with it;
    below ``floor`` an item is about something else. ``centre`` is the direction of the examples, ``keys`` the stems
    that mark them with what each is worth, ``facts`` how many of them have each of FACTS, ``own`` the signs that they
    share and that therefore speak neither way. ``contrast`` are signs (contrast_signs()) with what counter-examples
    have taught of them.
    """

    topic: tuple[float, ...]
    bias: float
    floor: float
    centre: tuple[float, ...]
    keys: Mapping[str, float]
    facts: tuple[float, ...]
    own: frozenset[str]
    threshold: float
    contrast: Mapping[str, float] = field(default_factory=dict)

    def margin(self, brief: Brief) -> float:
        """The log-odds that an item of this brief is of the type."""
        known = prior()
        title, whole = directions(brief)
        measured = self.measure(brief, title, whole)
        usual, spread, weight = known.scaling
        signs = (brief.signs & known.signs.keys()) - self.own
        alike = known.bias + float((measured - usual) / spread @ weight) + fsum(known.signs[s] for s in signs)
        return alike + fsum(weight for _, weight in self._contrasted(brief))

    def sentence_margin(self, words: str, _patterns: Set[str]) -> float:
        """What a sentence alone says of the type."""
        return self.margin(make_brief("", words))

    def sentence_reasons(self, words: str, _patterns: Set[str], most: int = 5) -> list[tuple[str, float]]:
        """Why it says so: what speaks loudest, for or against."""
        return self.reasons(make_brief("", words), most)

    def to_json(self) -> dict[str, object]:
        """As it is kept in a model; what a person may want to edit are the threshold, the keys and the signs."""
        return {
            "threshold": self.threshold,
            "likeness": {
                "keys": dict(sorted(self.keys.items(), key=lambda row: (-row[1], row[0]))),
                "own": sorted(self.own),
                "contrast": dict(sorted(self.contrast.items(), key=lambda row: (row[1], row[0]))),
                "facts": dict(zip(FACTS, self.facts, strict=True)),
                "bias": self.bias,
                "floor": self.floor,
                "topic": self.topic,
                "centre": self.centre,
            },
        }

    def near(self, brief: Brief) -> bool:
        """Whether an item is about the same things at all; most are not, and need no closer look.

        Three words or fewer tell nothing of what happened.
        """
        if len({*brief.title, *brief.lead}) < _TELLING:
            return False
        title, whole = directions(brief)
        return self._topical(title, whole) >= self.floor

    def reasons(self, brief: Brief, most: int = 5) -> list[tuple[str, float]]:
        """What speaks loudest, for or against, with what each adds to the margin."""
        known = prior()
        title, whole = directions(brief)
        usual, spread, weight = known.scaling
        shares = (self.measure(brief, title, whole) - usual) / spread * weight
        names = [*_COMPARED, *(name if has else f"no {name}" for name, has in zip(FACTS, brief.facts, strict=True))]
        rows = [(name, float(share)) for name, share in zip(names, shares, strict=True)]
        shared = dict.fromkeys(word for word in (*brief.title, *brief.lead) if stem(word) in self.keys)
        if shared:
            place = MEASURES.index("key words")
            rows[place] = f"key words: {', '.join(shared)}", rows[place][1]
        rows += [(s, known.signs[s]) for s in (brief.signs & known.signs.keys()) - self.own]
        rows += [(f"counter-examples: {word}", weight) for word, weight in self._contrasted(brief)]
        return sorted(rows, key=lambda row: (-abs(row[1]), row[0]))[:most]

    def weighed_words(self) -> list[tuple[str, float]]:
        """What the type is known by, for a person: the examples' words by their worth, and the signs of any kind."""
        words = sorted(self.keys.items(), key=lambda row: (-row[1], row[0]))
        signs = sorted(prior().signs.items(), key=lambda row: (-row[1], row[0]))
        taught = sorted(self.contrast.items(), key=lambda row: (-row[1], row[0]))
        return [
            *((f"word like {word}", worth) for word, worth in words),
            *((f"counter-examples: {word}", weight) for word, weight in taught),
            *signs,
        ]

    def measure(self, brief: Brief, title: Vectors, whole: Vectors) -> Vectors:
        """The values of MEASURES."""
        found = [self._topical(title, whole) / 3, float(whole @ self._centre), self._key_share(brief)]
        found += [has * share + (1 - has) * (1 - share) for has, share in zip(brief.facts, self.facts, strict=True)]
        return np.array(found)

    def _contrasted(self, brief: Brief) -> list[tuple[str, float]]:
        if not self.contrast:
            return []
        return [
            (sign, self.contrast[sign] / contrast_size(part, len(words)))
            for part, words in (("title", brief.title), ("lead", brief.lead))
            for sign in sorted(contrast_signs(part, words) & self.contrast.keys())
        ]

    def _topical(self, title: Vectors, whole: Vectors) -> float:
        return self.bias + float(self._topic[:50] @ whole + self._topic[50:] @ title)

    def _key_share(self, brief: Brief) -> float:
        found = {stem(word) for word in (*brief.title, *brief.lead)} & self.keys.keys()
        return fsum(self.keys[s] for s in found) / self._whole

    @cached_property
    def _topic(self) -> Vectors:
        return np.array(self.topic, dtype=np.float32)

    @cached_property
    def _centre(self) -> Vectors:
        return np.array(self.centre, dtype=np.float32)

    @cached_property
    def _whole(self) -> float:
        return fsum(sorted(self.keys.values(), reverse=True)[:_WHOLE]) or 1.0


def load_likeness(stored: Mapping[str, Any]) -> Likeness:
    """What to_json() gave. Raises KeyError, TypeError or ValueError where it is something else."""
    told = stored["likeness"]
    return Likeness(
        topic=tuple(map(float, told["topic"])),
        bias=float(told["bias"]),
        floor=float(told["floor"]),
        centre=tuple(map(float, told["centre"])),
        keys={str(word): float(worth) for word, worth in told["keys"].items()},
        facts=tuple(float(told["facts"][name]) for name in FACTS),
        own=frozenset(map(str, told["own"])),
        threshold=float(stored["threshold"]),
        contrast={str(word): float(weight) for word, weight in told["contrast"].items()},
    )


def contrast_signs(part: str, words: Sequence[str]) -> frozenset[str]:
    """What counter-examples can speak of in the title or the lead: the commonest words, and groups of like meaning."""
    known = word_groups()
    return frozenset(
        f"{part} {word if word in known.little else known.named[word]}" for word in words if word in known.named
    )


def contrast_size(part: str, words: int) -> float:
    """What the weights of a part of so many words are divided by, so that many words do not shout."""
    return math.sqrt(max(_SHORT[part], words))


@lru_cache(maxsize=8)
def directions(brief: Brief) -> tuple[Vectors, Vectors]:
    """The direction of the title, and of title and lead together, the title counting twice.

    Remembered for a moment: every type asks them of the same item, most of them twice.
    """
    known = meanings()
    title, lead = known.known(brief.title), known.known(brief.lead)
    return known.mean(title), known.mean([*title, *title, *lead])
