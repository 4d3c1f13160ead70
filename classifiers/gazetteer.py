"""Who and what has a name: countries, capitals, cities, leaders, roles and bodies, from the small tables in data/.

The tables are plain facts of general knowledge written for this project (data/README.md); the news itself is the
better source of roles, so a table's person is used only where the text does not say.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeVar

from classifiers.tokens import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from classifiers.tokens import Token

T = TypeVar("T")

DATA: Final = Path(__file__).parent / "data"

Rank = Literal["leader", "minister", "official", "outside"]
NameKind = Literal["country", "nation", "capital", "city", "person", "body", "firm", "none"]


class Name(NamedTuple):
    """One entry: what kind of name, whose country, and for a person the role and the years it was held.

    ``weak`` names ("Lee", "Wong") count only where the person's country is named nearby.
    """

    kind: NameKind
    label: str
    country: str | None = None
    role: str | None = None
    rank: Rank = "leader"
    since: int = 0
    until: int = 9999
    weak: bool = False

    def in_office(self, year: int | None) -> bool:
        """Whether the person held it in ``year``, or but for a year; so does everybody where the year is unknown."""
        return year is None or self.since - 1 <= year <= self.until + 1


class Role(NamedTuple):
    name: str
    rank: Rank


#: Before the role of somebody who held it once.
FORMER: Final = "former "

#: Phrases as token tuples, longest first, under their first token.
Phrases = dict[str, list[tuple[tuple[str, ...], T]]]
Names = Phrases[tuple[Name, ...]]
Roles = Phrases[Role]


def words(phrase: str) -> tuple[str, ...]:
    if phrase.isalpha():
        return (phrase,)
    if phrase.replace(" ", "").isalpha():
        return tuple(phrase.split())
    return tuple(t for t in TOKEN.findall(phrase) if t not in "-–—'’,.")


def phrase_table(entries: Iterable[tuple[tuple[str, ...], T]]) -> Phrases[T]:
    """Phrases under their first word, longest first, as longest() wants them."""
    table: Phrases[T] = {}
    for entry in entries:
        first = entry[0][0]
        if first in table:
            table[first].append(entry)
        else:
            table[first] = [entry]
    for row in table.values():
        if len(row) > 1:
            row.sort(key=lambda entry: -len(entry[0]))
    return table


def longest(
    tokens: Sequence[Token],
    i: int,
    candidates: Sequence[tuple[tuple[str, ...], T]],
    exact: bool = False,
) -> tuple[T, int] | None:
    """The longest of the phrases that stands at token ``i``, and how many tokens it takes; hyphens are looked over.

    The first word is taken as matched. ``exact`` compares as written, else in small letters.
    """
    count = len(tokens)
    second = i + 2 if i + 1 < count and tokens[i + 1][0] in ("-", "–") else i + 1
    following = tokens[second][0] if second < count else ""
    if not exact:
        following = following.lower()
    for phrase, value in candidates:
        if len(phrase) == 1:
            return value, 1
        if phrase[1] != following:
            continue
        j = second + 1
        for part in phrase[2:]:
            if j < count and tokens[j][0] in ("-", "–"):
                j += 1
            if j >= count or (tokens[j][0] if exact else tokens[j][0].lower()) != part:
                break
            j += 1
        else:
            return value, j - i
    return None


@cache
def names() -> Names:
    """Every name by its first word, exactly as written (case decides "turkey" and "us")."""
    entries: dict[tuple[str, ...], tuple[Name, ...]] = {}

    def add(phrases: str, name: Name) -> None:
        for phrase in phrases.split("|") if "|" in phrases else (phrases,):
            if not phrase:
                continue
            if phrase[-1] == "?":
                written = phrase[:-1]
                entry = name._replace(label=name.label or written, weak=True)
            else:
                written = phrase
                entry = name if name.label else name._replace(label=written)
            key = (written,) if written.isalpha() else words(written)
            entries[key] = (*entries[key], entry) if key in entries else (entry,)

    for code, country, nation, capital, cities in _rows("countries.tsv", 5):
        add(country, Name("country", "", code))
        add(nation, Name("nation", "", code))
        add(capital, Name("capital", "", code))
        add(cities, Name("city", "", code))
    for full, short, role, code, since, until in _rows("leaders.tsv", 6):
        person = Name("person", full.partition("|")[0], code, role, _rank_of(role), int(since), int(until))
        add(full, person)
        add(short, person)
    for kind, label, spellings in _rows("other_names.tsv", 3):
        add(spellings, Name(_OTHER_KINDS[kind], label, role="energy" if kind == "energy firm" else None))
    return phrase_table(entries.items())


@cache
def names_in_capitals() -> Names:
    """The same for text that is all capitals, where "US" still means the country."""
    return phrase_table(
        (tuple(word.upper() for word in phrase), found) for row in names().values() for phrase, found in row
    )


@cache
def roles() -> Roles:
    """Role words by their first word, in small letters."""
    return phrase_table((words(phrase), Role(role, _RANKS[rank])) for phrase, role, rank in _rows("roles.tsv", 3))


@cache
def bodies() -> dict[str, str]:
    """Every spelling of a body of states ("SCO") with its name."""
    rows = [row for row in _rows("other_names.tsv", 3) if row[0] == "body"]
    return {spelling: label for _, label, spellings in rows for spelling in spellings.split("|")}


_OTHER_KINDS: Final[dict[str, NameKind]] = {"body": "body", "firm": "firm", "energy firm": "firm", "none": "none"}
_RANKS: Final[dict[str, Rank]] = {
    "leader": "leader",
    "minister": "minister",
    "official": "official",
    "outside": "outside",
}


@cache
def _capitals() -> dict[str, str]:
    return {code: seats.split("|")[0] for code, _, _, seats, _ in _rows("countries.tsv", 5)}


@cache
def energy_firms() -> tuple[str, ...]:
    """Every spelling of a company that deals in energy."""
    rows = [row for row in _rows("other_names.tsv", 3) if row[0] == "energy firm"]
    return tuple(spelling for _, _, spellings in rows for spelling in spellings.split("|"))


def capital_of(country: str) -> str:
    """The capital by country code; empty where the table has none."""
    return _capitals().get(country, "")


@cache
def _countries() -> dict[str, str]:
    return {code: called.split("|")[0].removesuffix("?") for code, called, *_ in _rows("countries.tsv", 5)}


def country_name(code: str) -> str:
    """What a country is called in English, by country code; the code itself where the table has none."""
    return _countries().get(code, code)


def is_country(name: str) -> bool:
    found = names().get(words(name)[0], [])
    return any(n.kind == "country" and n.label == name for _, entries in found for n in entries)


@cache
def _rank_of(role: str) -> Rank:
    split = words(role)
    return next((found.rank for phrase, found in roles().get(split[0], []) if phrase == split), "minister")


def _rows(name: str, columns: int) -> Iterator[list[str]]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and line[0] != "#":
            cells = line.split("\t")
            yield cells if len(cells) == columns else cells + [""] * (columns - len(cells))
