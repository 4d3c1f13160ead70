"""Reading an item: from characters to sentences of words and mentions.

What the table of leaders cannot know the text itself tells: "Foreign Minister Touhid Hossain" makes a later "Hossain"
a MINISTER too. One pass, no look further back than three units, so the time is linear in the length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifiers.firm_names import read_firm
from classifiers.gazetteer import Name, Names, longest, names, names_in_capitals, roles
from classifiers.geography import following_mark, geographic_kind, read_capital
from classifiers.lexicon import classes, stem
from classifiers.plain_words import DASHES, MONTHS_AND_WORDS, SIGNS, may_go_on, plain_words, read_number
from classifiers.reading import Mention, MentionKind, Reading, Sentence, Source, Unit, Word, Zone
from classifiers.roles import (
    HONORIFICS,
    RANK_KIND,
    name_after,
    name_before,
    owner_after,
    owner_before,
    owner_of_last,
    portfolio_after,
)
from classifiers.sentences import sentences
from classifiers.tokens import is_title_case, tokenize
from classifiers.wordsets import DAYS, LITTLE, MONTHS, word_set

if TYPE_CHECKING:
    from classifiers.tokens import Token
    from classifiers.who import Who

_FORMER: Final = word_set("former ex late exiled ousted deposed jailed captured ailing")
#: Single words that mean something else inside a phrase: "call off" is no phone call, "calls on" neither.
_OVERRULED: Final = frozenset(("PHONE", "SIGN", "LABOUR"))
#: Place names that are also given names, surnames or words: not read next to another capitalised word.
_AMBIGUOUS: Final = word_set(
    "Jordan Georgia Chad Paris Sofia Male Lima Nice Split Cork Hue Medina Salvador Santiago Florence Virginia "
    "Washington "
    "Guinea Mali Wellington Victoria Windsor Berlin London Houston Austin Dallas Denver Malta Cyprus Normandy Lincoln "
    "Colon Bergen Hamburg Israel Ireland Holland England France Rio Perth Darwin Brest Nis Clark Andrews Bali Goa "
    "Carthage Bern"
)
#: Words that a title writes small too.
_SMALL_IN_TITLES: Final = word_set("the and for with from into over after before amid near but nor von van der bin")
#: A longer sentence than this is a table or a list without full stops; its beginning is read.
_LONGEST: Final = 2000


def read(
    title: str, text: str, span: tuple[int, int], year: int | None, lead: int, most: int, who: Who | None = None
) -> Reading:
    """Read a title and one article of a text: ``lead`` characters count as its lead, ``most`` are read at all.

    ``who`` adds the people learned from the stream to those of the table, and comes before it.
    """
    reader = Reader(year, who)
    reading = Reading()
    for begin, stop in sentences(title)[:3]:
        reading.sentences.append(reader.read("title", "title", title, begin, stop))
    seen = 0
    for begin, stop in sentences(text, span[0], min(span[1], span[0] + most)):
        # Counted in sentences, so that a gap of blank lines moves nothing out of the lead.
        zone: Zone = "lead" if seen < lead else "body"
        seen += stop - begin
        reading.sentences.append(reader.read("text", zone, text, begin, min(stop, begin + _LONGEST)))
    return reading


class Reader:
    """Reads the sentences of one article, remembering who was introduced. ``year`` of publication picks leaders."""

    def __init__(self, year: int | None = None, who: Who | None = None) -> None:
        self._year = year
        self._who = who
        self._names = who.names if who else names()
        self._people: dict[str, Mention] = {}
        self._in_title = False
        self._countries: set[str] = set()
        self._single, self._several = classes()
        self._roles = roles()
        self._plain = plain_words()

    def read(self, source: Source, zone: Zone, text: str, start: int, end: int) -> Sentence:
        words = text[start:end]
        capitals = end - start > 12 and words.isupper()
        table = self._names if not capitals else self._who.names_in_capitals if self._who else names_in_capitals()
        tokens = tokenize(text, start, end)
        headline = zone == "title" or is_title_case(tokens)
        self._in_title = zone == "title" or capitals
        plain = self._plain
        units: list[Unit] = []
        i, count = 0, len(tokens)
        while i < count:
            word, begin, stop = tokens[i]
            known = plain[word]
            if known is None or (known.seconds and may_go_on(tokens, i, known.seconds)):
                i += self._unit(tokens, i, table, units, headline, capitals)
            else:
                if known.stem:
                    units.append(Word(known.stem, known.classes, begin, stop))
                i += 1
        return Sentence(source, zone, start, end, words, _tidy(units))

    def _unit(
        self, tokens: list[Token], i: int, table: Names, units: list[Unit], headline: bool, capitals: bool
    ) -> int:
        """Read one unit at token ``i`` into ``units``; returns how many tokens it took."""
        word = tokens[i][0]
        first = word[0]
        if first.isalpha():
            upper = first.isupper()
            # The first word may be a dateline, in capitals, which the table does not have so.
            if (upper or word == "bp") and (word in table or i == 0):
                taken = self._name(tokens, i, table, units, capitals)
                if taken:
                    return taken
            lower = word.lower()
            if lower in self._roles:
                taken = self._role(tokens, i, lower, units, headline, capitals)
                if taken:
                    return taken
            if upper and not capitals:
                taken = self._introduced(tokens, i, units) if word in self._people else 0
                if not taken and i + 1 < len(tokens) and tokens[i + 1][0][0].isupper():
                    taken = read_firm(tokens, i, units, headline)
                if taken:
                    return taken
            return self._words(tokens, i, lower, units)
        if first.isdigit() or first in SIGNS:
            return read_number(tokens, i, units)
        if first in "'’" and len(word) == 2 and units and isinstance(last := units[-1], Mention):
            last.possessive = True
        return 1

    def _name(self, tokens: list[Token], i: int, table: Names, units: list[Unit], capitals: bool) -> int:
        # "ASTANA, (Agency) …": a dateline is in capitals in a text that is not.
        dateline = not units and i == 0 and len(tokens[0][0]) > 2 and tokens[0][0].isupper()
        candidates = table.get(tokens[i][0]) or (names_in_capitals().get(tokens[i][0]) if dateline else None)
        match = longest(tokens, i, candidates, exact=True) if candidates else None
        name = self._choose(match[0]) if match else None
        if match is None or name is None:
            return 0
        taken = match[1]
        if taken == 1 and self._who and tokens[i][0] in self._who.surnames and self._is_somebody_else(tokens, i, table):
            return 0
        begin, stop = tokens[i][1], tokens[i + taken - 1][2]
        if name.kind == "none":
            units.append(Word("NAME", (), begin, stop))
        elif name.kind == "person":
            self._person(units, name, begin, stop)
        elif name.kind in ("body", "firm"):
            kind: MentionKind = "BODY" if name.kind == "body" else "FIRM"
            units.append(Mention(kind, begin, stop, None, name.label, name.role))
        elif taken == 1 and not capitals and self._inside_a_name(tokens, i, table):
            return 0
        else:
            if owner_of_last(units, name, stop):
                return taken
            following = following_mark(tokens, i + taken)
            kind = geographic_kind(name, units, following, capitals)
            units.append(Mention(kind, begin, stop, name.country, name.label, capital=name.kind == "capital"))
            if name.country and kind != "PLACE":
                self._countries.add(name.country)
        return taken

    def _choose(self, found: tuple[Name, ...]) -> Name | None:
        """Of the entries of one spelling the one that fits: a person in office and not unlikely, else a place."""
        if found[0].kind != "person" and len(found) == 1:
            return found[0]
        for name in found:
            unlikely = name.weak and name.country not in self._countries
            if name.kind == "person" and name.in_office(self._year) and not unlikely:
                return name
        return next((name for name in found if name.kind != "person"), None)

    def _is_somebody_else(self, tokens: list[Token], i: int, table: Names) -> bool:
        """A learned surname within a longer name ("Olga Varga"), or that of somebody whom this text introduced."""
        if tokens[i][0] in self._people:
            return True
        return self._is_plain(tokens) and any(
            0 <= j < len(tokens) and self._is_name_part(tokens, min(i, j), tokens[j][0], table) for j in (i - 1, i + 1)
        )

    def _is_plain(self, tokens: list[Token]) -> bool:
        """Are names alone capitalised here? Whom a headline introduces cannot be told from what they do."""
        return not self._in_title and any(
            w.islower() and len(w) > 2 and w not in _SMALL_IN_TITLES for w, _, _ in tokens
        )

    def _is_name_part(self, tokens: list[Token], left: int, word: str, table: Names) -> bool:
        lower = word.lower()
        known = any(len(phrase) == 1 for phrase, _ in table.get(word, ()))
        known = known or lower in self._roles or lower in self._single or lower in LITTLE
        known = known or lower in HONORIFICS or lower in DAYS or lower in MONTHS
        return word[0].isupper() and word.isalpha() and tokens[left][2] + 1 == tokens[left + 1][1] and not known

    def _inside_a_name(self, tokens: list[Token], i: int, table: Names) -> bool:
        if i < 2 or tokens[i][0] not in _AMBIGUOUS:
            return False
        before, _, stop = tokens[i - 1]
        lower = before.lower()
        known = before in table or lower in self._roles or lower in self._single or lower in LITTLE
        return before[0].isupper() and before.isalpha() and stop + 1 == tokens[i][1] and not known

    def _person(self, units: list[Unit], name: Name, begin: int, stop: int) -> None:
        """A known person; a role written just before ("Russian President Vladimir Putin") is taken into the mention."""
        mention = Mention(RANK_KIND[name.rank], begin, stop, name.country, name.label, name.role)
        before = units[-1] if units else None
        if isinstance(before, Mention):
            if before.role and not before.name and before.role != "counterpart":
                units.pop()
                mention.start, mention.role, mention.kind = before.start, before.role, before.kind
                mention.former = before.former
                mention.country = before.country or name.country
            elif before.kind in ("NATION", "STATE") and before.country == name.country:
                units.pop()
                mention.start = before.start
        elif before is not None and before.stem in _FORMER:
            mention.former, mention.kind = True, "OUTSIDE"
        units.append(mention)
        self._introduce(mention)

    def _introduce(self, mention: Mention) -> None:
        if mention.name:
            self._people[mention.name.split()[-1]] = mention
        if mention.country:
            self._countries.add(mention.country)

    def _introduced(self, tokens: list[Token], i: int, units: list[Unit]) -> int:
        """A surname on its own whose owner the text introduced before."""
        known = self._people[tokens[i][0]]
        begin = tokens[i][1]
        before = units[-1] if units else None
        if isinstance(before, Mention) and before.role and not before.name:
            units.pop()
            begin = before.start
        person = Mention(known.kind, begin, tokens[i][2], known.country, known.name, known.role, former=known.former)
        units.append(person)
        return 1

    def _role(self, tokens: list[Token], i: int, lower: str, units: list[Unit], headline: bool, capitals: bool) -> int:
        match = longest(tokens, i, self._roles[lower])
        if match is None:
            return 0
        role, taken = match
        mention = Mention(RANK_KIND[role.rank], tokens[i][1], tokens[i + taken - 1][2], role=role.name)
        owner_before(units, mention)
        taken += portfolio_after(tokens, i, i + taken, mention)
        taken += owner_after(tokens, i + taken, mention)
        if not capitals:
            taken += name_after(tokens, i + taken, mention, headline, self._year, self._names)
            if mention.country and not mention.name and not headline:
                name_before(tokens, mention)
        mention.told = (mention.told or "") if mention.name and self._is_plain(tokens) else None
        units.append(mention)
        self._introduce(mention)
        return taken

    def _words(self, tokens: list[Token], i: int, lower: str, units: list[Unit]) -> int:
        word, begin, stop = tokens[i]
        known = self._plain[lower]
        if known and not known.seconds and lower not in MONTHS:
            units.append(Word(known.stem, known.classes, begin, stop))
            return 1
        several = self._several.get(lower)
        match = longest(tokens, i, several) if several else None
        if match:
            found, taken = match
            inside = [t[0].lower() for t in tokens[i : i + taken]]
            merged = dict.fromkeys(found)
            for part in inside:
                merged.update((c, None) for c in self._single.get(part, ()) if c not in _OVERRULED)
            stems = "_".join(stem(part) for part in inside if part not in DASHES)
            units.append(Word(stems, tuple(merged), begin, tokens[i + taken - 1][2]))
            return taken
        if lower == "capital" and units and isinstance(owner := units[-1], Mention) and owner.country:
            read_capital(owner)
        if lower in DAYS:
            units.append(Word("DAY", (), begin, stop))
        elif lower in MONTHS and (word[0].isupper() or lower not in MONTHS_AND_WORDS):
            units.append(Word("MONTH", (), begin, stop))
        else:
            units.append(Word(stem(lower), self._single.get(lower, ()), begin, stop))
        return 1


def _tidy(units: list[Unit]) -> list[Unit]:
    """Keep commas and dashes only between two mentions."""
    kept: list[Unit] = []
    for position, unit in enumerate(units):
        if isinstance(unit, Word) and unit.stem in (",", "-"):
            following = units[position + 1] if position + 1 < len(units) else None
            if not (kept and isinstance(kept[-1], Mention) and isinstance(following, Mention)):
                continue
        kept.append(unit)
    return kept
