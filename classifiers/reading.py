"""Reading an item: sentences as rows of words and mentions, with names abstracted to what they stand for.

"Russian President Vladimir Putin" becomes one mention: a LEADER of RU. What the table of leaders cannot know the
text itself tells: "Foreign Minister Touhid Hossain" makes a later "Hossain" a MINISTER too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from classifiers.gazetteer import TOKEN, Name, is_firm_ending, names, names_in_capitals, roles
from classifiers.lexicon import classes, stem
from classifiers.sentences import sentences

MentionKind = Literal["LEADER", "MINISTER", "OFFICIAL", "OUTSIDE", "STATE", "NATION", "PLACE", "BODY", "FIRM"]
Zone = Literal["title", "lead", "body"]

#: Kinds that can act for a state.
ACTORS: Final = frozenset(("LEADER", "MINISTER", "OFFICIAL", "STATE"))
_RANK_KIND: Final[dict[str, MentionKind]] = {
    "leader": "LEADER", "minister": "MINISTER", "official": "OFFICIAL", "outside": "OUTSIDE",
}  # fmt: skip
_PLACE_BEFORE: Final = frozenset(["in", "at", "near", "outside", "across", "through", "inside", "around", "via"])
_MODIFIERS: Final = frozenset(
    [
        "new",
        "acting",
        "interim",
        "caretaker",
        "visiting",
        "top",
        "senior",
        "deputy",
        "embattled",
        "outgoing",
        "incoming",
        "newly",
        "elected",
        "appointed",
        "then",
        "transitional",
        "far-right",
        "hardline",
        "long-time",
        "longtime",
        "veteran",
        "assistant",
        "chief",
        "the",
        "federal",
        "military",
    ]
)
_FORMER: Final = frozenset(["former", "ex", "late", "exiled", "ousted", "deposed", "jailed", "captured", "ailing"])
_PARTICLES: Final = frozenset(
    [
        "al",
        "el",
        "bin",
        "ibn",
        "ben",
        "ul",
        "ur",
        "van",
        "von",
        "der",
        "den",
        "de",
        "da",
        "di",
        "du",
        "la",
        "le",
        "dos",
        "ur-rehman",
        "of",
    ]
)
_DAYS: Final = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ]
)
_MONTHS: Final = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sept",
        "sep",
        "oct",
        "nov",
        "dec",
    ]
)
_QUANTITY: Final = frozenset(
    [
        "mw",
        "gw",
        "kw",
        "mwh",
        "gwh",
        "kwh",
        "twh",
        "barrels",
        "barrel",
        "bpd",
        "tonnes",
        "tons",
        "mtpa",
        "mt",
        "bcm",
        "bcf",
        "mmbtu",
        "megawatts",
        "megawatt",
        "gigawatts",
        "gigawatt",
        "cubic",
        "litres",
        "liters",
        "gallons",
        "mmscfd",
        "mwp",
        "gwp",
        "mmt",
    ]
)
_MONEY: Final = frozenset("$€£¥")
_MONEY_WORDS: Final = frozenset(
    [
        "dollars",
        "dollar",
        "euros",
        "euro",
        "pounds",
        "yuan",
        "rupees",
        "rubles",
        "roubles",
        "dlrs",
        "dlr",
        "crowns",
        "yen",
        "riyals",
    ]
)
_SCALE: Final = frozenset(
    ["million", "billion", "trillion", "mln", "bn", "m", "k", "thousand", "hundred", "crore", "lakh", "tn"]
)
_JOINT: Final = frozenset((",", "-", "–", "—", "and", "/"))


@dataclass(slots=True)
class Mention:
    """A name in the text: ``text[start:end]``. ``name`` is a person's, body's, place's or firm's full name.

    ``rank`` kinds have the role as written in the role table. ``possessive`` tells "Japan's"; ``known`` that the table
    of leaders (and not the text) gave role or country.
    """

    kind: MentionKind
    start: int
    end: int
    country: str | None = None
    name: str | None = None
    role: str | None = None
    possessive: bool = False
    capital: bool = False
    known: bool = False
    former: bool = False


@dataclass(slots=True)
class Word:
    """A word: its stem (or DAY, MONTH, NUM, MONEY, QTY), the classes it belongs to, and where it stands."""

    stem: str
    classes: tuple[str, ...]
    start: int
    end: int


Unit = Mention | Word


@dataclass(slots=True)
class Sentence:
    """``source`` and offsets say where it stands; ``units`` what it says."""

    source: Literal["title", "text"]
    zone: Zone
    start: int
    end: int
    units: list[Unit]

    @property
    def mentions(self) -> list[Mention]:
        return [unit for unit in self.units if isinstance(unit, Mention)]


@dataclass(slots=True)
class Reading:
    """An article as read: its sentences in order, title first."""

    sentences: list[Sentence] = field(default_factory=list)


class Reader:
    """Reads the sentences of one article, remembering who was introduced. ``year`` of publication picks leaders."""

    def __init__(self, year: int | None = None) -> None:
        self._year = year
        self._people: dict[str, Mention] = {}
        self._countries: set[str] = set()
        self._single, self._several = classes()
        self._roles = roles()

    def read(self, source: Literal["title", "text"], zone: Zone, text: str, start: int, end: int) -> Sentence:
        piece = text[start:end]
        capitals = piece.isupper() and len(piece) > 12
        table = names_in_capitals() if capitals else names()
        tokens = [(m.group(), m.start() + start, m.end() + start) for m in TOKEN.finditer(piece)]
        title_case = zone == "title" or _is_title_case(tokens)
        units: list[Unit] = []
        i, n = 0, len(tokens)
        while i < n:
            word, begin, stop = tokens[i]
            first = word[0]
            if not (first.isalnum() or first in "$€£¥%'’,-–—"):
                i += 1
                continue
            lower = word.lower()
            if first.isupper() or lower == "bp":
                taken = self._name(tokens, i, table, units, capitals)
                if taken:
                    i += taken
                    continue
            if first.isalpha():
                taken = self._role(tokens, i, lower, units, title_case, capitals)
                if taken:
                    i += taken
                    continue
                if first.isupper() and not capitals:
                    taken = self._introduced(tokens, i, units) or self._firm(tokens, i, units, title_case)
                    if taken:
                        i += taken
                        continue
                i += self._words(tokens, i, lower, units)
                continue
            if first.isdigit() or first in _MONEY:
                i += self._number(tokens, i, units)
                continue
            if first in "'’":
                if units and isinstance(units[-1], Mention) and len(word) == 2:
                    units[-1].possessive = True
            elif first in ",-–—":
                units.append(Word("-" if first in "-–—" else ",", (), begin, stop))
            i += 1
        return Sentence(source, zone, start, end, _tidy(units))

    # -- names ---------------------------------------------------------------------------------------------------

    def _name(self, tokens: list[tuple[str, int, int]], i: int, table: object, units: list[Unit], caps: bool) -> int:
        entry = _longest(tokens, i, table)  # type: ignore[arg-type]
        if entry is None:
            return 0
        found, taken = entry
        name = self._choose(found)
        if name is None:
            return 0
        begin, stop = tokens[i][1], tokens[i + taken - 1][2]
        if name.kind == "none":
            units.append(Word("NAME", (), begin, stop))
            return taken
        if name.kind == "person":
            self._person(units, name, begin, stop)
            return taken
        if name.kind == "body":
            units.append(Mention("BODY", begin, stop, None, name.label))
            return taken
        if name.kind == "firm":
            units.append(Mention("FIRM", begin, stop, None, name.label))
            return taken
        if taken == 1 and not caps and _part_of_a_longer_name(tokens, i, table):  # type: ignore[arg-type]
            return 0
        before = units[-1] if units else None
        stem_before = before.stem if isinstance(before, Word) else ""
        kind: MentionKind = "STATE"
        if name.kind == "nation":
            kind = "NATION"
        elif (
            name.kind == "city"
            or stem_before in _PLACE_BEFORE
            or (name.kind == "capital" and stem_before in ("to", "from", "for", "visit", "reach", "leave", "arrive"))
        ) or (
            not units
            and i + taken < len(tokens)
            and tokens[i + taken][0] in ",:(-–—"
            and tokens[i][0].isupper()
            and not caps
            and len(tokens[i][0]) > 2
        ):
            kind = "PLACE"
        if kind == "NATION" and _stands_for_the_state(tokens, i + taken):
            kind = "STATE"
        units.append(Mention(kind, begin, stop, name.country, name.label, capital=name.kind == "capital"))
        if name.country and kind != "PLACE":
            self._countries.add(name.country)
        return taken

    def _choose(self, found: tuple[Name, ...]) -> Name | None:
        if len(found) == 1 and found[0].kind != "person":
            return found[0]
        people = [n for n in found if n.kind == "person"]
        if not people:
            return found[0]
        if self._year:
            people = [n for n in people if n.since - 1 <= self._year <= n.until + 1]
        people = [n for n in people if not n.weak or n.country in self._countries]
        others = [n for n in found if n.kind != "person"]
        return (people or others or [None])[0]

    def _person(self, units: list[Unit], name: Name, begin: int, stop: int) -> None:
        """A known person; a role written just before ("Russian President Vladimir Putin") is taken into the mention."""
        role, country, known, former = name.role, name.country, True, False
        rank = _RANK_KIND[name.rank]
        before = units[-1] if units else None
        if isinstance(before, Mention) and before.role and not before.name and not before.role.endswith("counterpart"):
            units.pop()
            role, begin, former = before.role, before.start, before.former
            known = before.country is None
            country = before.country or country
            rank = before.kind
        elif isinstance(before, Mention) and before.kind in ("NATION", "STATE") and before.country == country:
            units.pop()
            begin = before.start
        elif isinstance(before, Word) and before.stem in _FORMER:
            former, rank = True, "OUTSIDE"
        mention = Mention(rank, begin, stop, country, name.label, role, known=known, former=former)
        self._introduce(mention)
        units.append(mention)

    def _introduce(self, mention: Mention) -> None:
        if mention.name:
            self._people[mention.name.split()[-1]] = mention
            if mention.country:
                self._countries.add(mention.country)

    def _introduced(self, tokens: list[tuple[str, int, int]], i: int, units: list[Unit]) -> int:
        """A surname on its own whose owner the text introduced before."""
        person = self._people.get(tokens[i][0])
        if person is None:
            return 0
        before = units[-1] if units else None
        begin = tokens[i][1]
        if isinstance(before, Mention) and before.role and not before.name:
            units.pop()
            begin = before.start
        units.append(
            Mention(
                person.kind,
                begin,
                tokens[i][2],
                person.country,
                person.name,
                person.role,
                known=person.known,
                former=person.former,
            )
        )
        return 1

    # -- roles ---------------------------------------------------------------------------------------------------

    def _role(
        self, tokens: list[tuple[str, int, int]], i: int, lower: str, units: list[Unit], title_case: bool, caps: bool
    ) -> int:
        candidates = self._roles.get(lower)
        if candidates is None:
            return 0
        matched = _longest_phrase(tokens, i, candidates)
        if matched is None:
            return 0
        role, taken = matched
        if lower == "leader" and role.rank == "leader" and i + taken < len(tokens) and tokens[i + taken][0] == "-":
            return 0
        begin, stop = tokens[i][1], tokens[i + taken - 1][2]
        mention = Mention(_RANK_KIND[role.rank], begin, stop, None, None, role.name)
        self._owner_before(units, mention)
        i += taken
        taken += self._owner_after(tokens, i, mention)
        i_name = i + (taken - matched[1])
        taken += self._name_after(tokens, i_name, mention, title_case and caps, title_case)
        if mention.role == "counterpart" and mention.country:
            self._countries.add(mention.country)
        units.append(mention)
        self._introduce(mention)
        return taken

    def _owner_before(self, units: list[Unit], mention: Mention) -> None:
        """Take "Russian", "Japan's", "Russian deputy", "former Afghan" before the role into the mention."""
        back = len(units) - 1
        while back >= 0 and len(units) - back <= 3:
            unit = units[back]
            if isinstance(unit, Word):
                if unit.stem in _FORMER or unit.stem == "opposition":
                    mention.former = True
                    mention.kind = "OUTSIDE"
                elif unit.stem not in _MODIFIERS:
                    return
                back -= 1
                continue
            if unit.kind in ("NATION", "STATE") or (unit.kind == "PLACE" and unit.possessive):
                if unit.country == "EU" or unit.country is None:
                    mention.kind = "OUTSIDE" if mention.kind == "LEADER" else mention.kind
                mention.country = unit.country
                mention.start = unit.start
                former = back > 0 and isinstance(units[back - 1], Word) and units[back - 1].stem in _FORMER  # type: ignore[union-attr]
                if former:
                    mention.former, mention.kind = True, "OUTSIDE"
                # "Indian and Pakistani foreign ministers": the first nation sends one too.
                if (
                    back >= 2
                    and isinstance(units[back - 1], Word)
                    and units[back - 1].stem in _JOINT
                    and isinstance(units[back - 2], Mention)
                ):  # type: ignore[union-attr]
                    other = units[back - 2]
                    if isinstance(other, Mention) and other.kind in ("NATION", "STATE") and not other.possessive:
                        other.kind, other.role = mention.kind, mention.role
                del units[back:]
            elif unit.kind == "BODY":
                mention.kind = "OUTSIDE"
            return

    def _owner_after(self, tokens: list[tuple[str, int, int]], i: int, mention: Mention) -> int:
        """Take "of Japan" after the role; "of India and Pakistan" leaves the second country to be read as a state."""
        if i + 1 >= len(tokens) or tokens[i][0].lower() not in ("of", "to", "for", "from"):
            return 0
        skip = 2 if tokens[i + 1][0].lower() == "the" else 1
        entry = _longest(tokens, i + skip, names()) if i + skip < len(tokens) else None
        if entry is None or mention.country is not None:
            return 0
        name = entry[0][0]
        if name.kind != "country" or tokens[i][0].lower() == "to":
            return 0
        mention.country = name.country
        mention.end = tokens[i + skip + entry[1] - 1][2]
        return skip + entry[1]

    def _name_after(
        self, tokens: list[tuple[str, int, int]], i: int, mention: Mention, caps: bool, title_case: bool
    ) -> int:
        """Take the person's name after the role: capitalised words up to four, particles within."""
        if caps or (mention.role and mention.role.endswith("s")):
            return 0
        start = i
        parts: list[str] = []
        limit = 3 if title_case else 5
        known = _longest(tokens, i, names()) if i < len(tokens) else None
        if known and known[0][0].kind != "person":
            return 0
        if known:
            person = next((n for n in known[0] if n.kind == "person" and (mention.country in (None, n.country))), None)
            if person is not None and (not self._year or person.since - 1 <= self._year <= person.until + 1):
                mention.name = person.label
                mention.known = mention.country is None
                mention.country = mention.country or person.country
                mention.end = tokens[i + known[1] - 1][2]
                if mention.kind == "OUTSIDE" and not mention.former and mention.role == "leader":
                    mention.kind = _RANK_KIND[person.rank]
                return known[1]
        while i < len(tokens) and len(parts) < limit:
            word = tokens[i][0]
            lower = word.lower()
            if word in "-–" and parts and i + 1 < len(tokens) and tokens[i][1] == tokens[i - 1][2]:
                i += 1
                continue
            capital = word[0].isupper() and word[0].isalpha()
            particle = lower in _PARTICLES and lower != "of" and i + 1 < len(tokens) and tokens[i + 1][0][0].isupper()
            if not (capital or (particle and parts)) and not (particle and word in ("al", "el")):
                break
            if lower in _DAYS or lower in _MONTHS or (title_case and (lower in self._single or lower in _LITTLE)):
                break
            if lower in _LITTLE or (parts and self._roles.get(lower)):
                break
            if (
                parts
                and (entry := _longest(tokens, i, names()))
                and entry[0][0].kind in ("nation", "country", "capital", "body")
            ):
                break
            parts.append(word)
            i += 1
        while parts and (parts[-1].lower() in _PARTICLES or parts[-1] in "-–"):
            parts.pop()
            i -= 1
        if not parts:
            return 0
        mention.end = tokens[i - 1][2]
        begin = tokens[start][1]
        offset = tokens[0][1]
        mention.name = " ".join(parts)
        # Hyphens in names are kept as written.
        joined = [parts[0]]
        j = start + 1
        for part in parts[1:]:
            hyphen = tokens[j][0] in "-–"
            joined.append(("-" if hyphen else " ") + part)
            j += 2 if hyphen else 1
        mention.name = "".join(joined)
        del begin, offset
        return i - start

    # -- firms, words, numbers -----------------------------------------------------------------------------------

    def _firm(self, tokens: list[tuple[str, int, int]], i: int, units: list[Unit], title_case: bool) -> int:
        """Capitalised words that end in "Corp", "Energy", "Oil" and the like."""
        j = i
        while j < len(tokens) and j - i < 5 and tokens[j][0][0].isupper():
            j += 1
        for k in range(j - 1, i, -1):
            if is_firm_ending(tokens[k][0]) and not (
                title_case and any(t[0].lower() in self._single and not is_firm_ending(t[0]) for t in tokens[i:k])
            ):
                text = " ".join(t[0] for t in tokens[i : k + 1])
                units.append(Mention("FIRM", tokens[i][1], tokens[k][2], None, text))
                # The words of the name still tell what it is about.
                units.extend(
                    Word(stem(t[0].lower()), self._single.get(t[0].lower(), ()), t[1], t[2])
                    for t in tokens[k : k + 1]
                    if t[0].lower() in self._single
                )
                return k + 1 - i
        return 0

    def _words(self, tokens: list[tuple[str, int, int]], i: int, lower: str, units: list[Unit]) -> int:
        begin, stop = tokens[i][1], tokens[i][2]
        several = self._several.get(lower)
        if several:
            entry = _longest_phrase(tokens, i, several)
            if entry:
                found, taken = entry
                inside = [self._single.get(tokens[i + k][0].lower(), ()) for k in range(taken)]
                merged = dict.fromkeys([*found, *(c for row in inside for c in row if c not in _PHRASE_OVERRULES)])
                stems = "_".join(stem(t[0].lower()) for t in tokens[i : i + taken] if t[0] not in "-–")
                units.append(Word(stems, tuple(merged), begin, tokens[i + taken - 1][2]))
                return taken
        if lower in _DAYS:
            units.append(Word("DAY", (), begin, stop))
        elif (
            lower in _MONTHS
            and (lower != "may" or tokens[i][0] == "May")
            and (lower != "march" or tokens[i][0] == "March")
        ):
            units.append(Word("MONTH", (), begin, stop))
        else:
            units.append(Word(stem(lower), self._single.get(lower, ()), begin, stop))
        return 1

    def _number(self, tokens: list[tuple[str, int, int]], i: int, units: list[Unit]) -> int:
        begin = tokens[i][1]
        money = tokens[i][0][0] in _MONEY
        j = i + 1 if money else i
        while j < len(tokens) and (tokens[j][0][0].isdigit() or tokens[j][0].lower() in _SCALE):
            j += 1
        following = tokens[j][0].lower() if j < len(tokens) else ""
        kind = "NUM"
        if money or following in _MONEY_WORDS:
            kind = "MONEY"
            j += following in _MONEY_WORDS
        elif following in _QUANTITY:
            kind = "QTY"
        elif len(tokens[i][0]) == 4 and tokens[i][0][:2] in ("19", "20"):
            kind = "YEAR"
        j = max(j, i + 1)
        units.append(Word(kind, (), begin, tokens[j - 1][2]))
        return j - i


#: Single words that mean something else inside a phrase: "call off" is no phone call, "calls on" neither.
_PHRASE_OVERRULES: Final = frozenset(("PHONE", "SIGN", "LABOUR"))
_LITTLE: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "with",
        "and",
        "or",
        "but",
        "as",
        "by",
        "from",
        "after",
        "before",
        "over",
        "will",
        "is",
        "was",
        "are",
        "has",
        "have",
        "had",
        "says",
        "said",
        "who",
        "his",
        "her",
        "their",
        "its",
        "that",
        "this",
        "meets",
        "met",
        "told",
        "tells",
        "not",
        "he",
        "she",
        "they",
        "it",
    ]
)


def read(title: str, text: str, span: tuple[int, int], year: int | None, lead: int, most: int) -> Reading:
    """Read a title and one article of a text: ``lead`` characters count as its lead, ``most`` are read at all."""
    reader = Reader(year)
    reading = Reading()
    start, end = span
    end = min(end, start + most)
    for begin, stop in sentences(title)[:3] if title else ():
        reading.sentences.append(reader.read("title", "title", title, begin, stop))
    seen = 0
    for begin, stop in sentences(text, start, end):
        # Counted without titles and white space, so that a gap of blank lines moves no sentence out of the lead.
        zone: Zone = "lead" if seen < lead else "body"
        seen += stop - begin
        reading.sentences.append(reader.read("text", zone, text, begin, min(stop, begin + 2000)))
    return reading


def _is_title_case(tokens: list[tuple[str, int, int]]) -> bool:
    long = [t[0] for t in tokens if len(t[0]) > 3 and t[0][0].isalpha()]
    return len(long) >= 4 and sum(w[0].isupper() for w in long) > 0.8 * len(long)


def _longest(
    tokens: list[tuple[str, int, int]], i: int, table: dict[str, list[tuple[tuple[str, ...], tuple[Name, ...]]]]
) -> tuple[tuple[Name, ...], int] | None:
    candidates = table.get(tokens[i][0])
    return _longest_phrase(tokens, i, candidates, exact=True) if candidates else None


def _longest_phrase(tokens, i, candidates, exact=False):  # type: ignore[no-untyped-def]
    n = len(tokens)
    for phrase, value in candidates:
        if len(phrase) == 1:
            return value, 1
        j = i + 1
        for part in phrase[1:]:
            if j < n and tokens[j][0] in "-–":
                j += 1
            if j >= n or (tokens[j][0] if exact else tokens[j][0].lower()) != part:
                break
            j += 1
        else:
            return value, j - i
    return None


#: Place names that are also given names, surnames or words: not read next to another capitalised word.
_AMBIGUOUS: Final = frozenset(
    [
        "Jordan",
        "Georgia",
        "Chad",
        "Paris",
        "Sofia",
        "Male",
        "Lima",
        "Nice",
        "Split",
        "Cork",
        "Hue",
        "Medina",
        "Salvador",
        "Santiago",
        "Florence",
        "Virginia",
        "Washington",
        "Guinea",
        "Mali",
        "Wellington",
        "Victoria",
        "Windsor",
        "Berlin",
        "London",
        "Houston",
        "Austin",
        "Dallas",
        "Denver",
        "Malta",
        "Cyprus",
        "Normandy",
        "Lincoln",
        "Colon",
        "Bergen",
        "Hamburg",
        "Israel",
        "Ireland",
        "Holland",
        "England",
        "France",
        "Rio",
        "Perth",
        "Darwin",
        "Brest",
        "Nis",
        "Clark",
        "Andrews",
        "Bali",
        "Goa",
        "Carthage",
        "Bern",
    ]
)


def _part_of_a_longer_name(tokens: list[tuple[str, int, int]], i: int, table: object) -> bool:
    if tokens[i][0] not in _AMBIGUOUS or i == 0:
        return False
    before = tokens[i - 1][0]
    return (
        before[0].isupper()
        and before.isalpha()
        and tokens[i - 1][2] + 1 == tokens[i][1]
        and before not in table  # type: ignore[operator]
        and before.lower() not in roles()
        and i >= 2
        and before.lower() not in classes()[0]
        and before.lower() not in _LITTLE
    )


_STATE_NOUNS: Final = frozenset(
    ["government", "side", "authorities", "administration", "ministry", "foreign", "delegation", "embassy"]
)


def _stands_for_the_state(tokens: list[tuple[str, int, int]], after: int) -> bool:
    """ "The Russians", "the Chinese side", "the Indian government", "the Saudis" act as the state itself."""
    return after < len(tokens) and tokens[after][0].lower() in ("side", "government", "authorities", "administration")


def _tidy(units: list[Unit]) -> list[Unit]:
    """Keep commas and dashes only between two mentions, and let a name take the role that follows it after a comma."""
    kept: list[Unit] = []
    for position, unit in enumerate(units):
        if isinstance(unit, Word) and unit.stem in (",", "-"):
            following = units[position + 1] if position + 1 < len(units) else None
            if not (kept and isinstance(kept[-1], Mention) and isinstance(following, Mention)):
                continue
        kept.append(unit)
    return kept
