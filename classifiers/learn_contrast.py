"""What counter-examples teach a type of a handful: what they say and its examples do not, and where to cut.

For each word that stands for much ("not", "will") and each group of like meaning ("~halt" for lifts, ends, stops), the
log-odds that a counter-example has it rather than an example (naive Bayes). What such a sum proves, beside likeness,
was learned from other kinds of event, as was how far the margins of examples and counter-examples move the cut
(data/likeness.json, classifiers/learn_prior.py).

Rejected: fitting weights of words to the ten by logistic regression beside the margin (0.02 of F1 less over 130 kinds),
and likeness to the nearest counter-example, in words or in meaning (nothing more).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from classifiers.brief import Brief, country_words, make_brief
from classifiers.gazetteer import names
from classifiers.likeness import contrast_signs, prior
from classifiers.word_groups import word_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.fit import Floats
    from classifiers.likeness import Likeness

#: Of many counter-examples the likest teach: the others are told without them.
_LIKEST: Final = 100
#: So many parts the counter-examples are dealt into, each judged by what the others teach.
_PARTS: Final = 5
#: What is added to each count, and to the number counted.
_SMOOTH: Final = (0.3, 1.0)
#: A group of which this share are known names of states and people tells who it was, not what happened.
_NAMES: Final = 0.125
#: Lighter signs are left out.
_WEIGHTY: Final = 0.01


def likest(learned: Likeness, others: Sequence[tuple[str, str]]) -> list[int]:
    """Which of the counter-examples (title, text) are about the same things, the likest first, a hundred at most."""
    near = [
        (learned.margin(brief), number)
        for number, other in enumerate(others)
        if learned.near(brief := make_brief(*other))
    ]
    return [number for _, number in sorted(near, key=lambda row: (-row[0], row[1]))[:_LIKEST]]


def heed(learned: Likeness, examples: Sequence[Brief], against: Sequence[Brief]) -> Likeness:
    """``learned`` from ``examples``, with what ``against``, which are not of the type, teach beside."""
    if not against:
        return learned
    weight = {"title": prior().contrast.title, "lead": prior().contrast.lead}
    odds = log_odds(examples, against)
    taught = {sign: round(weight[sign.partition(" ")[0]] * value, 3) for sign, value in odds.items()}
    return replace(learned, contrast={sign: value for sign, value in taught.items() if abs(value) >= _WEIGHTY})


def log_odds(examples: Sequence[Brief], against: Sequence[Brief]) -> dict[str, float]:
    """How much likelier a counter-example has a sign than an example, for each sign that any of them has."""
    having = Counter(sign for brief in examples for sign in _signs(brief))
    lacking = Counter(sign for brief in against for sign in _signs(brief))
    more, in_all = _SMOOTH
    share, other = len(examples) + in_all, len(against) + in_all
    return {
        sign: math.log((lacking[sign] + more) / other) - math.log((having[sign] + more) / share)
        for sign in sorted(having.keys() | lacking.keys())
        if sign.partition(" ")[2] not in _names()
    }


def judge_left_out(
    learned: Likeness,
    examples: Sequence[Brief],
    others: Sequence[tuple[str, str]],
    teaching: Sequence[int],
) -> Floats:
    """The margin of each counter-example; those that teach (their places) are judged by what the rest of them teach."""
    briefs = [make_brief(*other) for other in others]
    everything = heed(learned, examples, [briefs[i] for i in teaching])
    margins = np.array([everything.margin(brief) for brief in briefs])
    for part in range(_PARTS if teaching else 0):
        kept = [briefs[place] for n, place in enumerate(teaching) if n % _PARTS != part]
        heeding = heed(learned, examples, kept)
        for place in teaching[part::_PARTS]:
            margins[place] = heeding.margin(briefs[place])
    return margins


def _signs(brief: Brief) -> frozenset[str]:
    return contrast_signs("title", brief.title) | contrast_signs("lead", brief.lead)


@cache
def _names() -> frozenset[str]:
    """The groups of names of states and people."""
    persons = {
        phrase[-1].lower()
        for row in names().values()
        for phrase, found in row
        if any(n.kind == "person" for n in found)
    }
    named = word_groups().named
    sizes, counts = Counter(named.values()), Counter(named[w] for w in (persons | country_words()) & named.keys())
    return frozenset(group for group, count in counts.items() if count >= _NAMES * sizes[group])
