"""Who acted for the sides: names, roles, countries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.event import Person
from classifiers.lexicon import stem_set
from classifiers.reading import Mention, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifiers.reading import Sentence, Unit

#: Roles that speak about a meeting rather than take part in it.
_BYSTANDERS: Final = frozenset(
    ("spokesman", "secretary-general", "chief executive", "chairman", "executive", "candidate")
)
_MOST: Final = 6
_ACTING: Final = frozenset(("LEADER", "MINISTER", "OFFICIAL"))
#: Roles of more than one; a name after them is rather the next word of a headline.
_CROWDS: Final = frozenset(("delegation", "official", "negotiator", "representative", "diplomat", "delegate"))
_MET: Final = frozenset(("MEET", "HOST", "VISIT", "CALLON", "COUNTERPART", "READOUT", "TELL", "SIGN"))
#: Roles that a fuller one takes the place of.
_VAGUE: Final = frozenset((None, "leader", "counterpart", "minister", "official", "envoy"))
#: Of what a leader owns, only these are the meeting itself: "Trump's meeting", not "Trump's tariffs".
_TAKING_PART: Final = frozenset(("MEET", "HOST", "VISIT", "CALLON", "GATHERING", "TRAVELTALK", "COUNTERPART"))
#: "The Trump administration" is the state, not the man.
_OFFICE: Final = stem_set("administration government cabinet regime era envoy aide team ally allies")


def people(sentences: Sequence[Sentence], countries: tuple[str, ...]) -> tuple[Person, ...]:
    """The named people who act for the sides, in order of mention, each once with the fullest name and role given."""
    found: dict[str, Person] = {}
    for sentence in sentences:
        for index, mention in enumerate(sentence.units):
            if not isinstance(mention, Mention) or not mention.name or mention.former:
                continue
            if mention.kind not in _ACTING or mention.role in _BYSTANDERS:
                continue
            if mention.country not in countries or _is_only_named(sentence.units, index):
                continue
            key = mention.name.split()[-1].lower()
            known = found.get(key)
            if known is None:
                if len(found) < _MOST:
                    found[key] = Person(mention.name, mention.role, mention.country)
                continue
            name = max(known.name, mention.name, key=len)
            role = known.role if known.role not in _VAGUE else mention.role or known.role
            found[key] = Person(name, role, known.country or mention.country)
    _add_stateless(sentences, countries, found)
    return tuple(_with_office(person, found.values()) for person in found.values())


def _is_speaker(units: Sequence[Unit], index: int) -> bool:
    """Whether somebody tells of the event rather than takes part: "an aide, Jan Lis, said"."""
    following = units[index + 1] if index + 1 < len(units) else None
    return isinstance(following, Word) and following.stem == "say"


def _with_office(person: Person, others: Iterable[Person]) -> Person:
    """A counterpart holds the office of the other side: the Qatari counterpart of a foreign minister is one too."""
    if person.role != "counterpart":
        return person
    role = next((p.role for p in others if p.country != person.country and p.role not in _VAGUE), None)
    return Person(person.name, role, person.country)


def _add_stateless(sentences: Sequence[Sentence], countries: tuple[str, ...], found: dict[str, Person]) -> None:
    """Add office-holders whose state the text does not say: that of the side nobody else spoke for, or none."""
    for sentence in sentences:
        if sentence.zone == "body" or not sentence.classes & _MET:
            continue
        for index, mention in enumerate(sentence.units):
            if not isinstance(mention, Mention) or _is_speaker(sentence.units, index):
                continue
            key = mention.name.split()[-1].lower() if mention.name else ""
            unknown = mention.country is None and mention.role not in _BYSTANDERS and not mention.former
            if not key or not unknown or mention.kind not in _ACTING or mention.role in _CROWDS:
                continue
            if key not in found and len(found) < _MOST:
                missing = [c for c in countries if c not in {p.country for p in found.values()}]
                if mention.role == "counterpart" and found:
                    # "Her counterpart" is of the other side than she.
                    missing = [c for c in countries if c != next(iter(found.values())).country]
                alone = missing[0] if len(countries) == 2 and len(missing) == 1 else None
                found[key] = Person(str(mention.name), mention.role, alone)


def _is_only_named(units: Sequence[Unit], index: int) -> bool:
    """Whether a person is named for what is theirs: "the Trump administration", "Trump's tariffs", "Modi's wishes"."""
    mention = units[index]
    following = units[index + 1] if index + 1 < len(units) else None
    if not isinstance(mention, Mention) or following is None or following.start - mention.end > 3:
        return False
    if isinstance(following, Word) and following.stem in _OFFICE:
        return True
    if isinstance(following, Mention) and following.kind not in ("STATE", "NATION", "PLACE"):
        return False
    nearby = [unit for unit in units[index + 1 : index + 4] if isinstance(unit, Word)]
    return mention.possessive and not any(_TAKING_PART.intersection(word.classes) for word in nearby)
