"""From a scored article to an event: the sentences that prove it, and what they say of who, where and how much."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from classifiers import dates, figures, parties, people, sides, status, surnames, whereabouts
from classifiers.event import Event
from classifiers.evidence import Passage, evidence, loudest

if TYPE_CHECKING:
    from datetime import date

    from classifiers.model import Kind
    from classifiers.patterns import Patterns
    from classifiers.reading import Reading, Sentence

MEETING: Final = "bilateral_meeting"
DEAL: Final = "energy_deal"
_ALONG: Final = re.compile(r"\baccompan|\balso (?:present|attended)|\bwere present", re.IGNORECASE)
#: From this margin a sentence below the lead tells of the deal, even where it alone would not prove it.
_TELLING: Final = -2.5
_DEAL_PLOVER: Final = {
    "delivered": "COOPERATE",
    "negotiating": "CONSULT",
    "cancelled": "REJECT",
    "denied": "REJECT",
}


@dataclass(frozen=True, slots=True)
class Article:
    """One article of an item as read: ``text[span[0]:span[1]]``, with the item's title where it is the first."""

    reading: Reading
    patterns: Patterns
    title: str
    text: str
    span: tuple[int, int]
    published: date | None

    def source(self, sentence: Sentence) -> str:
        return self.title if sentence.source == "title" else self.text


def describe(name: str, kind: Kind, score: float, article: Article, from_body: bool) -> Event:
    """The event of type ``name`` that an article reports; what the article does not tell stays None."""
    sentences = article.reading.sentences
    passages = _passages(kind, article)
    below = [p for p in passages if p.sentence.zone != "title"] if from_body else passages
    proving = [passage.sentence for passage in loudest(below, 2 if from_body else 1)]
    opening = [s for s in sentences if s.zone != "body"]
    meeting = name == MEETING
    # A meeting told further down is still told by the whole article; a deal told further down by its sentences alone.
    chosen = {id(s) for s in (*opening, *proving)}
    core = [s for s in sentences if id(s) in chosen]
    if from_body and not meeting:
        core = [passage.sentence for passage in passages if passage.margin >= _TELLING]
    said = [s.words for s in core]
    whole = [s.words for s in sentences]
    published = article.published or dates.stated_date(article.text[slice(*article.span)])
    state: str | None = None
    plover: str | None = None
    if meeting:
        state = status.meeting_status(said)
        plover = "CONSULT" if state in ("held", "planned") else "REJECT"
    elif name == DEAL:
        state = status.deal_status(said[:4], from_body)
        plover = _DEAL_PLOVER.get(state, "AGREE")
    if meeting and len(sides.sides(core, hosts=False)) < 2:
        for sentence in opening[:2]:
            surnames.restore(sentence, article.source(sentence), article.published.year if article.published else None)
    countries = sides.sides(core, most=4 if name == DEAL and not from_body else 2, deal=name == DEAL and not from_body)
    if from_body and len(countries) < 2:
        countries = sides.sides(sentences)
    place = whereabouts.place(sentences if meeting else core, planned=state == "planned")
    if meeting and place is None:
        unknown = (whereabouts.unknown_place(s, article.source(s)) for s in opening[:3])
        place = next(filter(None, unknown), None)
    event = Event(
        type=name,
        score=score,
        status=state,
        countries=countries,
        people=people.people(_attended(article, core) if meeting else core, countries),
        organizations=() if meeting else parties.organizations((s, article.source(s)) for s in core),
        place=place,
        occasion=whereabouts.occasion(whole) if meeting else None,
        date=dates.event_date(said, published, upcoming=state == "planned"),
        topics=figures.topics(whole[:12]),
        commodities=figures.commodities(sentences if meeting or from_body else core, transacted=meeting or from_body),
        amounts=figures.amounts(whole if meeting or from_body else whole[:12], countries, terms=name == DEAL),
        plover=plover,
    )
    read_from = below if meeting or not from_body else [p for p in below if p.margin >= _TELLING] or below
    return replace(event, evidence=evidence(event, kind, read_from, published))


def _attended(article: Article, core: list[Sentence]) -> list[Sentence]:
    """The sentences that tell who took part: those of the event, and where somebody came along."""
    chosen = {id(s) for s in core}
    return [s for s in article.reading.sentences if id(s) in chosen or _ALONG.search(s.words)]


def _passages(kind: Kind, article: Article) -> list[Passage]:
    """Every sentence with what it says of the type by itself."""
    single = article.patterns.single or [(s, article.patterns.head) for s in article.reading.sentences]
    return [Passage(s, found, kind.sentence_margin(s.words, found)) for s, found in single]
