"""What kept an item below a threshold: what spoke for and against it, what was missing, which sentence came closest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from classifiers.brief import Brief, make_brief
from classifiers.families import FAMILIES
from classifiers.patterns import Patterns, find_patterns
from classifiers.reader import read
from classifiers.scoring import LEAD, MOST, TypeWeights, sigmoid
from classifiers.sentences import articles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence, Set

    from classifiers.model import Kind, Model
    from classifiers.who import Who
    from feeds.item import Item

#: Reasons looked through, shown for and against, and put in plain words.
_LOOKED_AT: Final = 40
_SHOWN: Final = 4
#: Below this share of its threshold a score needs no explanation.
WORTH_EXPLAINING: Final = 1 / 10

_FAMILY: Final = re.compile(r"(nothing names|only the lead names) (.+?)(?:, (?:title )?sides: \w+)?")
_COUNTED: Final = re.compile(r"(?:title )?sides: (\w+)")
_NAMELESS: Final = ("Nothing in it names", "The headline does not name")
#: Families of words whose name says too little by itself (classifiers/families.py).
_NAMED: Final = {"contact": "contact between two sides"}
#: What "title names a meeting" weighs at least for a type that is told by meetings.
_USE: Final = 0.5
_CLASS: Final = re.compile(r"‹([A-Z]+)(?: …)?›")
_STATES: Final = re.compile(r"STATE\[A\](?:&STATE\[B\])? ‹[A-Z]+›(?: STATE\[B\])?")
_NO_ONE: Final = "It names states, but nobody who acts for them."
_SIDES: Final = {
    "0": "Two sides are missing: it names none.",
    "1": "Two sides are missing: it names one.",
    "many": "It names many sides: it reads as a gathering of many.",
}
#: What a class of words makes of a text that it speaks against (classes of data/lexicon.tsv).
_READS_AS: Final = {
    "PHONE": "It reads as a call, not as a meeting in person.",
    "OPINION": "It reads as comment or background, not as a report.",
    "CANCEL": "It speaks of something called off.",
    "DENY": "It speaks of something denied or refused.",
    "SEEK": "It speaks of something sought or offered, not of something done.",
    "PLAN": "It speaks of something that is only to come.",
    "PASTREF": "It recalls something earlier.",
    "GATHERING": "It reads as a gathering of many.",
    "ALLIES": "It reads as a gathering of many.",
    "GROUPS": "One of its parties is a group, not a state.",
    "MEET": "It reads as news of a meeting.",
    "HOST": "It reads as news of a visit.",
    "VISIT": "It reads as news of a visit.",
    "TELL": "It reports what somebody told somebody.",
    "MILITARY": "It reads as news of arms.",
    "PEACE": "It reads as news of a war.",
    "ACCIDENT": "It reads as news of an accident or an attack.",
    "SANCTION": "It reads as news of sanctions.",
    "POLICY": "It reads as news of laws and policy.",
    "PARTY": "It reads as news of politics at home.",
    "LABOUR": "It reads as news of courts or strikes.",
    "OATH": "It reads as news of who takes or leaves an office.",
    "SPEECH": "It reads as a speech or a statement.",
    "SPORT": "It reads as news of sport.",
    "CORPORATE": "It reads as news of firms.",
    "EARNINGS": "It reads as news of results and shares.",
    "PRICE": "It reads as news of prices.",
    "OUTPUT": "It reads as news of output and stocks.",
    "MERGER": "It reads as news of takeovers.",
    "AID": "It reads as news of aid.",
    "TRADE": "It reads as news of trade at large.",
}
_FAINT: Final = "What speaks for it is too faint by itself."
_UNLIKE: Final = "Its wording is not near enough to that of the examples."
_LONE: Final = "One sentence alone would be enough, but headline and opening as a whole speak against it."


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, ``item.title[start:end]`` or ``item.text[start:end]`` as ``source`` says, and its score alone."""

    text: str
    source: Literal["title", "text"]
    start: int
    end: int
    score: float
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why an item does not report a type.

    ``missing`` says so in sentences, ``speaks_for`` and ``speaks_against`` are patterns and wording, loudest first.
    ``nearest`` is None for an item of one sentence or none.
    """

    type: str
    score: float
    threshold: float
    missing: tuple[str, ...]
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    nearest: Passage | None


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """An article of the item as it was judged: ``text[span[0]:span[1]]``, the first with the title."""

    span: tuple[int, int]
    patterns: Patterns
    brief: Brief


def read_again(item: Item, who: Who | None) -> list[ArticleRead]:
    year = item.published.year if item.published else None
    found = []
    for number, span in enumerate(articles(item.text)):
        title = item.title if number == 0 else ""
        patterns = find_patterns(read(title, item.text, span, year, LEAD, MOST, who))
        found.append(ArticleRead(span, patterns, make_brief(title, item.text[slice(*span)])))
    return found


def shortfalls(model: Model, item: Item, who: Who | None = None) -> tuple[Shortfall, ...]:
    """Of each type that the item does not report and is not far from, why; the nearest to its threshold first."""
    verdict = model.classify(item, who)
    over = {event.type for event in verdict.events}
    close = [
        name
        for name, score in verdict.scores.items()
        if name not in over and score >= WORTH_EXPLAINING * verdict.thresholds[name]
    ]
    if not close:
        return ()
    found = read_again(item, who)
    told = [shortfall(name, model.weights(name), verdict.scores[name], item, found) for name in close]
    return tuple(sorted(told, key=lambda one: -one.score / one.threshold))


def shortfall(name: str, kind: Kind, score: float, item: Item, found: Sequence[ArticleRead]) -> Shortfall:
    """What spoke for and against the article that was nearest, and which of its sentences was."""
    article = max(found, key=lambda article: _margin(kind, article))
    if isinstance(kind, TypeWeights):
        worded = [(f"wording: {sign}", weight) for sign, weight in kind.wording_reasons(article.brief, _LOOKED_AT)]
        reasons = [*kind.strongest(article.patterns.head, _LOOKED_AT), *worded]
        reasons.sort(key=lambda row: -abs(row[1]))
    else:
        reasons = kind.reasons(article.brief, _LOOKED_AT)
    speaks_for = [reason for reason, weight in reasons if weight > 0]
    against = [reason for reason, weight in reasons if weight < 0]
    nearest = _nearest(kind, item, found)
    return Shortfall(
        type=name,
        score=score,
        threshold=kind.threshold,
        missing=_in_words(kind, article.patterns.head, speaks_for, against, nearest),
        speaks_for=tuple(speaks_for[:_SHOWN]),
        speaks_against=tuple(against[:_SHOWN]),
        nearest=nearest,
    )


def _nearest(kind: Kind, item: Item, found: Iterable[ArticleRead]) -> Passage | None:
    told = [
        (kind.sentence_margin(sentence.words, patterns), sentence, patterns)
        for article in found
        for sentence, patterns in article.patterns.single
    ]
    if not told:
        return None
    margin, sentence, patterns = max(told, key=lambda row: row[0])
    source = item.title if sentence.source == "title" else item.text
    reasons = kind.sentence_reasons(sentence.words, patterns, _LOOKED_AT)
    return Passage(
        text=source[sentence.start : sentence.end],
        source=sentence.source,
        start=sentence.start,
        end=sentence.end,
        score=sigmoid(margin),
        patterns=tuple([pattern for pattern, weight in reasons if weight > 0][:_SHOWN]),
    )


def _in_words(
    kind: Kind, head: Set[str], speaks_for: Iterable[str], speaks_against: Iterable[str], nearest: Passage | None
) -> tuple[str, ...]:
    weights = kind.weights if isinstance(kind, TypeWeights) else {}
    # What a type has no use for is not missing, whatever else the pattern that says so stands for.
    useless = {
        f"{how} {name}." for name in FAMILIES for how in _NAMELESS if weights.get(f"title names {name}", 0.0) < _USE
    }
    two_count = weights.get("sides: 2", 0.0) > 0
    few = [_SIDES[count] for count in ("0", "1") if f"sides: {count}" in head]
    useless.update(() if two_count else (_SIDES["0"], _SIDES["1"]))
    # What is said of a class must not hold for what spoke for it too.
    good = {name for pattern in speaks_for for name in _CLASS.findall(pattern)}
    said = dict.fromkeys([*few, *(_sentence(pattern, good) for pattern in speaks_against)])
    words = [sentence for sentence in said if sentence and sentence not in useless][: _SHOWN - 1]
    if nearest is not None and nearest.score >= kind.threshold:
        words.insert(0, _LONE)
    return tuple(words or [_FAINT if isinstance(kind, TypeWeights) else _UNLIKE])


def _sentence(pattern: str, good: Collection[str]) -> str:
    """What a pattern that spoke against a type says, as a sentence; "" where it is only a word or two."""
    bare = pattern.removeprefix("title: ")
    if family := _FAMILY.fullmatch(bare):
        how, name = family.groups()
        return f"{_NAMELESS[how == 'only the lead names']} {_NAMED.get(name, name)}."
    if counted := _COUNTED.fullmatch(bare):
        return _SIDES.get(counted[1], "")
    if _STATES.fullmatch(bare):
        return _NO_ONE
    classes = [name for name in _CLASS.findall(bare) if name not in good]
    return _READS_AS.get(classes[-1], "") if classes else ""


def _margin(kind: Kind, article: ArticleRead) -> float:
    if isinstance(kind, TypeWeights):
        return kind.margin(article.patterns.head) + kind.wording(article.brief)
    return kind.margin(article.brief)
