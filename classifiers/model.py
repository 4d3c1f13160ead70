"""The model: what was learned of each type, and the decision on one item."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifiers.errors import ModelError, ModelInvalid, ModelMissing
from classifiers.event import Event, Verdict
from classifiers.gate import stretches
from classifiers.language import detect
from classifiers.patterns import find_patterns
from classifiers.reader import read
from classifiers.scoring import ARTICLE, LEAD, MOST, TypeWeights, insistence, load_weights, sigmoid
from classifiers.sentences import articles
from classifiers.sightings import sightings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.event import Sighting
    from classifiers.likeness import Likeness
    from classifiers.patterns import Patterns
    from classifiers.who import Who
    from feeds.item import Item

__all__ = ["Model", "ModelError"]

SHIPPED: Final = Path(__file__).parent / "model.json"
_FORMAT: Final = 2
#: A score this near below its threshold, as a share of it, is described too.
FAINT: Final = 0.6
#: Wording seldom adds more than this to a margin.
_OPINION: Final = 3.0
#: Beyond these an item is a dump, not news; what lies behind is not looked at.
_MOST_TITLE: Final = 500
_MOST_TEXT: Final = 60_000


#: What was learned of a type: patterns of many examples, or likeness to a handful.
Kind: TypeAlias = "TypeWeights | Likeness"


@dataclass(frozen=True, slots=True)
class Taught:
    """How many seeds a type was learned from: ``examples`` that took place, and the ``others`` that are not of it."""

    examples: int
    others: int


class Model:
    """What Seedwire knows of each type of event. Immutable; safe to share between threads.

    ``taught`` is known for types that were learned since models tell of it.
    """

    def __init__(self, kinds: Mapping[str, Kind], taught: Mapping[str, Taught] | None = None) -> None:
        self._kinds = dict(sorted(kinds.items()))
        self._taught = dict(taught or {})
        self._weighed = [(name, kind) for name, kind in self._kinds.items() if isinstance(kind, TypeWeights)]
        self._alike = [(name, kind) for name, kind in self._kinds.items() if not isinstance(kind, TypeWeights)]

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(self._kinds)

    @cached_property
    def thresholds(self) -> Mapping[str, float]:
        return MappingProxyType({name: kind.threshold for name, kind in self._kinds.items()})

    def weights(self, event_type: str) -> Kind:
        return self._kinds[event_type]

    def taught(self, event_type: str) -> Taught | None:
        return self._taught.get(event_type)

    @classmethod
    def load(cls, path: Path | None = None) -> Model:
        """Read a model; ``None`` is the one that is shipped. Raises ModelMissing, ModelInvalid."""
        source = path or SHIPPED
        try:
            raw = json.loads(source.read_bytes())
        except FileNotFoundError:
            raise ModelMissing(
                f"{source}: no model there; write one with: seedwire learn --seeds DIR --out {source}"
            ) from None
        except OSError as error:
            raise ModelMissing(f"{source}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise ModelInvalid(f"{source}: not a model: {error}") from None
        try:
            if raw["format"] != _FORMAT:
                raise ModelInvalid(
                    f"{source}: format {raw['format']}, expected {_FORMAT}; learn it again: seedwire learn"
                )
            kinds = {
                str(name): _load_likeness(kind) if "likeness" in kind else load_weights(kind)
                for name, kind in raw["types"].items()
            }
            taught = {
                str(name): Taught(int(kind["seeds"]["examples"]), int(kind["seeds"]["others"]))
                for name, kind in raw["types"].items()
                if "seeds" in kind
            }
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ModelInvalid(
                f"{source}: not a model of Seedwire: {error!r}; learn it again: seedwire learn"
            ) from None
        return cls(kinds, taught)

    def save(self, path: Path) -> None:
        """Write the model as JSON, patterns by weight, so that a person can read and edit it."""
        rows = {name: self._seeds_of(name) | kind.to_json() for name, kind in self._kinds.items()}
        text = json.dumps({"format": _FORMAT, "types": rows}, ensure_ascii=False, indent=0, sort_keys=False)
        temporary = path.with_name(path.name + ".new")
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)

    def _seeds_of(self, event_type: str) -> dict[str, object]:
        taught = self.taught(event_type)
        return {"seeds": asdict(taught)} if taught else {}

    def classify(self, item: Item, who: Who | None = None) -> Verdict:
        """Score an item against every type and describe what is over its threshold. Never raises on any text.

        ``who`` tells of people beyond the table of plain facts.
        """
        title, text = item.title[:_MOST_TITLE], item.text[:_MOST_TEXT]
        zeros = dict.fromkeys(self._kinds, 0.0)
        language = detect(title, text, item.language)
        if language != "en":
            reason = "no-text" if language is None else "unsupported-language"
            return Verdict(zeros, (), self.thresholds, language, reason)
        weighed = self._worth_reading(title, text, who)
        if not weighed and not self._alike:
            return Verdict(zeros, (), self.thresholds, language, None)
        scores = zeros
        published = item.published.date() if item.published else None
        events: list[Event] = []
        faint: list[Event] = []
        introduced: dict[Sighting, None] = {}
        for number, span in enumerate(articles(text)):
            head = title if number == 0 else ""
            judged = self._compared(head, text[slice(*span)])
            for name, _, margin, _ in judged:
                scores[name] = max(scores[name], sigmoid(margin))
            if not weighed and all(sigmoid(margin) < kind.threshold for _, kind, margin, _ in judged):
                continue
            reading = read(head, text, span, published.year if published else None, LEAD, MOST, who)
            introduced.update(dict.fromkeys(sightings(reading)))
            patterns = find_patterns(reading)
            judged += [(name, kind, *_margin(kind, patterns, head, text[slice(*span)])) for name, kind in weighed]
            for name, kind, margin, from_body in judged:
                score = sigmoid(margin)
                scores[name] = max(scores[name], score)
                if score >= kind.threshold * FAINT:
                    # Most items are no event: what describes one is loaded when the first is met.
                    from classifiers.details import Article, describe

                    article = Article(reading, patterns, title, text, span, published)
                    told = events if score >= kind.threshold else faint
                    told.append(describe(name, kind, score, article, from_body))
        return Verdict(scores, tuple(events), self.thresholds, language, None, tuple(introduced), tuple(faint))

    def _worth_reading(self, title: str, text: str, who: Who | None) -> list[tuple[str, TypeWeights]]:
        """The types whose gate some stretch of the item opens."""
        words = [(found, who.leaders_among(found) if who else 0) for found in stretches(title, text, MOST)]
        return [
            (name, kind)
            for name, kind in self._weighed
            if any(kind.gate.opens(found, leaders) for found, leaders in words)
        ]

    def _compared(self, title: str, text: str) -> list[tuple[str, Kind, float, bool]]:
        """The margins of the types learned from a handful, of those that the article is near to."""
        if not self._alike:
            return []
        from classifiers.brief import make_brief

        brief = make_brief(title, text)
        return [(name, kind, kind.margin(brief), False) for name, kind in self._alike if kind.near(brief)]


def _load_likeness(stored: Mapping[str, Any]) -> Likeness:
    # What comparing needs (numpy, the meanings of words) is loaded for models that compare.
    from classifiers.likeness import load_likeness

    return load_likeness(stored)


def _margin(kind: TypeWeights, patterns: Patterns, title: str, text: str) -> tuple[float, bool]:
    """The margin of an article, and whether its sentences one by one say more than title and lead together.

    How title and lead are worded says nothing of what stands further down, and is asked only where it may decide.
    """
    lead = kind.margin(patterns.head)
    if kind.signs and sigmoid(lead + _OPINION) >= kind.threshold:
        # What briefs need (the groups of words) is loaded when the first is asked for.
        from classifiers.brief import make_brief

        lead += kind.wording(make_brief(title, text))
    if patterns.below_title < ARTICLE:
        return lead, False
    spread = insistence([kind.margin(found) for sentence, found in patterns.single if sentence.zone != "title"])
    return (spread, True) if spread > lead else (lead, False)
