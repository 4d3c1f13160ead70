"""What counter-examples teach a type of a handful: which words speak for its look-alikes and against itself.

Ten look-alikes cannot weigh all that is said in them anew; they shift what likeness says already. So the weights start
from nothing, the margin that likeness gives stands beside them, and a ridge holds them small: adapting a prior to a
few (Evgeniou and Pontil 2004, "Regularized multi-task learning").

Rejected: shifting the weights of word vectors, and likeness to the nearest counter-example as one more measure. Both
made what was told of other kinds of event worse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from classifiers.brief import Brief, make_brief
from classifiers.fit import Floats, Rows, fit_logistic
from classifiers.likeness import contrast_scale, contrast_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.likeness import Likeness

#: What an item of ordinary news counts beside an example or a counter-example, and the ridge beside all of them.
_ORDINARY: Final = 0.02
_RIDGE: Final = 0.1
#: Every how many items of ordinary news are looked at.
_EVERY: Final = 6
#: Of many counter-examples the likest teach: the others are told without them.
_LIKEST: Final = 100
_ROUNDS: Final = 60
#: Lighter words are left out.
_WEIGHTY: Final = 0.01
#: So many parts the counter-examples are dealt into, each judged by what the others teach.
_PARTS: Final = 5


def likest(learned: Likeness, others: Sequence[tuple[str, str]]) -> list[int]:
    """Which of the counter-examples (title, text) are about the same things, the likest first, a hundred at most."""
    near = [
        (learned.margin(brief), number)
        for number, other in enumerate(others)
        if learned.near(brief := make_brief(*other))
    ]
    return [number for _, number in sorted(near, key=lambda row: (-row[0], row[1]))[:_LIKEST]]


def heed(
    learned: Likeness, examples: Sequence[Brief], against: Sequence[tuple[str, str]], usual: Sequence[Brief]
) -> Likeness:
    """``learned`` from ``examples``, with what ``against`` (title, text), which are not of the type, teach beside."""
    if not against:
        return learned
    # As title and lead, and as the title alone.
    others = [make_brief(title, part) for title, text in against for part in (text, "")]
    told = [*examples, *others, *usual[::_EVERY]]
    known = len(examples) + len(others)
    labels = np.array([1.0] * len(examples) + [0.0] * (len(told) - len(examples)))
    counted = np.ones(len(told))
    counted[known:] = _ORDINARY
    words = [contrast_words(brief) for brief in told]
    vocabulary = sorted(frozenset().union(*words[:known]))
    column = {word: i for i, word in enumerate(vocabulary)}
    fit = fit_logistic(
        Rows.of([sorted(column[w] for w in row if w in column) for row in words], len(vocabulary)),
        labels,
        counted,
        _RIDGE / float(counted.sum()),
        np.array([contrast_scale(row) for row in words]),
        np.ones(len(vocabulary)),
        _ROUNDS,
        beside=np.array([learned.margin(brief) for brief in told]),
    )
    taught = {vocabulary[i]: round(float(fit.weights[i]), 3) for i in np.flatnonzero(np.abs(fit.weights) >= _WEIGHTY)}
    return replace(learned, contrast=taught)


def judge_left_out(
    learned: Likeness,
    examples: Sequence[Brief],
    others: Sequence[tuple[str, str]],
    teaching: Sequence[int],
    usual: Sequence[Brief],
) -> Floats:
    """The margin of each counter-example; those that teach (their places) are judged by what the rest of them teach."""
    everything = heed(learned, examples, [others[i] for i in teaching], usual)
    margins = np.array([everything.margin(make_brief(*other)) for other in others])
    for part in range(_PARTS if teaching else 0):
        kept = [others[place] for n, place in enumerate(teaching) if n % _PARTS != part]
        heeding = heed(learned, examples, kept, usual)
        for place in teaching[part::_PARTS]:
            margins[place] = heeding.margin(make_brief(*others[place]))
    return margins
