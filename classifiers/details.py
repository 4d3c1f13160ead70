"""From a scored article to an event: the sentences that prove it, and what they say of who, where and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers import figures, sides, status, whereabouts
from classifiers.event import Event, Evidence
from classifiers.scoring import alone, sigmoid

if TYPE_CHECKING:
    from datetime import date

    from classifiers.reading import Reading, Sentence
    from classifiers.scoring import TypeWeights

MEETING: Final = "bilateral_meeting"
DEAL: Final = "energy_deal"
_MOST_EVIDENCE: Final = 5


def describe(
    name: str,
    kind: TypeWeights,
    score: float,
    reading: Reading,
    title: str,
    text: str,
    span: tuple[int, int],
    published: date | None,
    from_body: bool,
) -> Event:
    """The event of type ``name`` that an article reports; what the article does not tell stays None."""
    proofs = _proofs(kind, reading, title, text, from_body)
    proving = [sentence for sentence, _ in proofs]
    opening = [s for s in reading.sentences if s.zone != "body"]
    core = proving if from_body else _in_order(reading, opening, proving)
    said = [_text(s, title, text) for s in (proving if from_body else opening)]
    whole = [_text(s, title, text) for s in reading.sentences]
    base = published or whereabouts.stated_date(text[span[0] : span[1]])
    state: str | None = None
    plover: str | None = None
    if name == MEETING:
        state = status.meeting_status(said)
        plover = "CONSULT" if state in ("held", "planned") else "REJECT"
    elif name == DEAL:
        state = status.deal_status([_text(s, title, text) for s in core[:4]])
        plover = {"delivered": "COOPERATE", "negotiating": "CONSULT", "cancelled": "REJECT", "denied": "REJECT"}.get(
            state, "AGREE"
        )
    countries = sides.sides(core, most=4 if name == DEAL else 2)
    meeting = name == MEETING
    return Event(
        type=name,
        score=score,
        status=state,
        countries=countries,
        people=sides.people(reading.sentences if meeting else core, countries),
        organizations=() if meeting else sides.organizations(core),
        place=whereabouts.place(reading.sentences if meeting else core),
        occasion=whereabouts.occasion(whole) if meeting else None,
        date=whereabouts.event_date(said, base, upcoming=state == "planned"),
        topics=figures.topics(whole[:12]),
        commodities=figures.commodities(reading.sentences if meeting else core, transacted=meeting),
        amounts=figures.amounts(whole if meeting or from_body else whole[:12]),
        plover=plover,
        evidence=tuple(evidence for _, evidence in proofs),
    )


def _proofs(
    kind: TypeWeights, reading: Reading, title: str, text: str, from_body: bool
) -> list[tuple[Sentence, Evidence]]:
    """The sentences that speak loudest for the type, best first; at least one."""
    scored = []
    for sentence in reading.sentences:
        if from_body and sentence.zone == "title":
            continue
        patterns = alone(sentence)
        scored.append((kind.margin(patterns), sentence, patterns))
    scored.sort(key=lambda row: (-row[0], row[1].source != "title", row[1].start))
    proofs = []
    for position, (margin, sentence, patterns) in enumerate(scored[:_MOST_EVIDENCE]):
        if position and margin < 0:
            break
        fired = tuple(p for p, w in kind.strongest(patterns, 12) if w > 0)[:5]
        whole = _text(sentence, title, text)
        proofs.append(
            (sentence, Evidence(whole, sentence.start, sentence.end, sigmoid(margin), fired, sentence.source))
        )
    return proofs


def _in_order(reading: Reading, opening: list[Sentence], proving: list[Sentence]) -> list[Sentence]:
    chosen = {id(s) for s in (*opening, *proving)}
    return [s for s in reading.sentences if id(s) in chosen]


def _text(sentence: Sentence, title: str, text: str) -> str:
    return (title if sentence.source == "title" else text)[sentence.start : sentence.end]
