"""Roles in a text: whose minister it is, and what the minister's name is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from classifiers.gazetteer import Name, Names, Rank, longest, names, roles
from classifiers.lexicon import classes, stem
from classifiers.reading import Mention, MentionKind, Unit, Word
from classifiers.wordsets import DAYS, LITTLE, MONTHS, word_set

if TYPE_CHECKING:
    from classifiers.tokens import Token

RANK_KIND: Final[dict[Rank, MentionKind]] = {
    "leader": "LEADER",
    "minister": "MINISTER",
    "official": "OFFICIAL",
    "outside": "OUTSIDE",
}
_MODIFIERS: Final = word_set(
    "new acting interim caretaker visiting top senior deputy embattled outgoing incoming newly elected appointed then "
    "transitional far-right hardline long-time longtime veteran assistant chief the federal military"
)
_FORMER: Final = word_set("former ex late exiled ousted deposed jailed captured ailing opposition")
_PARTICLES: Final = word_set("al el bin ibn ben ul ur van von der den de da di du la le dos")
HONORIFICS: Final = word_set("senator mr mrs ms dr general gen field marshal sir hon")
#: What ministries are for; "Minister of International Relations and Cooperation" is one office, not two mentions.
_PORTFOLIOS: Final = word_set(
    "foreign international external internal domestic national state federal public social civil local regional "
    "rural urban provincial relations cooperation affairs defence defense interior home security finance financial "
    "treasury budget revenue customs economy economic economics planning development reform trade commerce "
    "commercial industry industrial industries investment enterprise business supply energy petroleum oil gas "
    "electricity power renewable renewables mines mining mineral minerals natural resources water irrigation "
    "sanitation lands land environment environmental climate change ecology forestry forests agriculture food "
    "fisheries livestock transport transportation railways roads infrastructure works construction housing aviation "
    "ports shipping maritime communications communication information telecommunications technology digital science "
    "research innovation space atomic education training higher health family welfare population labour labor "
    "employment manpower solidarity youth sport sports culture cultural heritage antiquities tourism women gender "
    "children justice law legal parliamentary constitutional administration administrative government coordination "
    "religious endowments awqaf hajj migration immigration refugees expatriates emigrants diaspora veterans "
    "emergency emergencies situations disaster logistics production privatization"
)
_OFFICES: Final = word_set("minister ministers secretary chief")
_LINKS: Final = word_set("and the of for &")
_JOINING: Final = frozenset((",", "-", "and"))
_DASHES: Final = frozenset("-–")


def owner_before(units: list[Unit], mention: Mention) -> None:
    """Take "Russian", "Japan's new", "former Afghan" before a role into its mention."""
    nearest = len(units) - 1
    if (mention.role or "").endswith("minister"):
        nearest = _before_portfolio(units, nearest)
    for back in range(nearest, max(-1, nearest - 3), -1):
        unit = units[back]
        if isinstance(unit, Word):
            if unit.stem in _FORMER:
                mention.former, mention.kind = True, "OUTSIDE"
            elif unit.stem not in _MODIFIERS:
                return
            continue
        if unit.kind in ("NATION", "STATE") or (unit.kind == "PLACE" and unit.possessive):
            mention.country, mention.start = unit.country, unit.start
            # "Real Madrid president" is not Spain's: a seat of government stands for its state, not for its offices.
            mention.told = unit.country if unit.kind != "PLACE" and not unit.capital else None
            before = units[back - 1] if back else None
            if isinstance(before, Word) and before.stem in _FORMER:
                mention.former, mention.kind = True, "OUTSIDE"
            _share(units, back, mention)
            del units[back:]
        elif unit.kind == "BODY":
            mention.kind = "OUTSIDE"
        return


def _before_portfolio(units: list[Unit], last: int) -> int:
    """Where what stands before "Housing and Urban" ends, which is the rest of a minister's office."""
    stems = _portfolio_stems()
    found = last
    for back in range(last, max(-1, last - 5), -1):
        unit = units[back]
        if not isinstance(unit, Word) or (unit.stem not in stems and unit.stem not in _JOINING):
            break
        if unit.stem in stems:
            found = back - 1
    return found


@cache
def _portfolio_stems() -> frozenset[str]:
    return frozenset(map(stem, _PORTFOLIOS))


def _share(units: list[Unit], back: int, mention: Mention) -> None:
    """In "Indian and Pakistani foreign ministers" the first nation sends one too."""
    if back < 2:
        return
    joint, other = units[back - 1], units[back - 2]
    joined = isinstance(joint, Word) and joint.stem in _JOINING
    if joined and isinstance(other, Mention) and other.kind in ("NATION", "STATE") and not other.possessive:
        other.kind, other.role, other.name = mention.kind, mention.role, None


def portfolio_after(tokens: list[Token], start: int, i: int, mention: Mention) -> int:
    """Take "of Health and Family Welfare" after "Minister" into the office; returns the tokens taken.

    ``tokens[start:i]`` are the role as far as it was known: "Minister", or "Minister of Health".
    """
    role = mention.role or ""
    whole = role == "minister"
    opening = ("of", "for") if whole else ("and", ",", "&")
    if not role.endswith("minister") or i >= len(tokens) or tokens[i][0].lower() not in opening:
        return 0
    if not whole and not any(word.lower() in ("of", "for") for word, _, _ in tokens[start:i]):
        return 0
    taken = 0
    for j in range(i + 1, len(tokens)):
        word = tokens[j][0].lower()
        if word in _PORTFOLIOS and (j + 1 == len(tokens) or tokens[j + 1][0].lower() not in _OFFICES):
            taken = j + 1 - i
        elif word != "," and word not in _LINKS:
            break
    if taken:
        mention.end = tokens[i + taken - 1][2]
        added = _as_written([token for token in tokens[i + whole : i + taken] if token[0].lower() != "the"])
        known = "" if whole else role.removesuffix("minister").rstrip()
        mention.role = f"{known} {added.lower()} minister".replace(" ,", ",").lstrip()
    return taken


def owner_after(tokens: list[Token], i: int, mention: Mention) -> int:
    """Take "of Japan" after a role; returns the tokens taken."""
    if mention.country is not None or i + 1 >= len(tokens) or tokens[i][0].lower() not in ("of", "for", "from"):
        return 0
    skip = 2 if tokens[i + 1][0].lower() == "the" else 1
    candidates = names().get(tokens[i + skip][0]) if i + skip < len(tokens) else None
    match = longest(tokens, i + skip, candidates, exact=True) if candidates else None
    if match is None or match[0][0].kind != "country":
        return 0
    mention.country = mention.told = match[0][0].country
    mention.end = tokens[i + skip + match[1] - 1][2]
    return skip + match[1]


def owner_of_last(units: list[Unit], name: Name, stop: int) -> bool:
    """Take "of the Russian Federation" into the mention of its president before it."""
    position = len(units) - 1
    while position >= 0 and isinstance(word := units[position], Word) and word.stem in ("of", "the"):
        position -= 1
    owner = units[position] if 0 <= position < len(units) - 1 else None
    if not isinstance(owner, Mention) or not owner.role or owner.kind == "FIRM":
        return False
    if owner.told == "" and name.kind == "country" and owner.country in (None, name.country):
        owner.told = name.country
    if owner.country != name.country:
        return False
    del units[position + 1 :]
    owner.end = stop
    return True


def name_after(tokens: list[Token], i: int, mention: Mention, headline: bool, year: int | None, table: Names) -> int:
    """Take the person's name after a role into its mention; returns the tokens taken."""
    if i + 1 < len(tokens) and tokens[i][0].lower() in HONORIFICS:
        taken = name_after(tokens, i + 1, mention, headline, year, table)
        return taken + 1 if taken else 0
    if i + 1 < len(tokens) and tokens[i][0] == "," and mention.country and not headline:
        return _name_between_commas(tokens, i, mention)
    if i >= len(tokens):
        return 0
    candidates = table.get(tokens[i][0])
    match = longest(tokens, i, candidates, exact=True) if candidates else None
    if match:
        for name in match[0]:
            if name.kind == "person" and name.in_office(year) and mention.country in (None, name.country):
                mention.name, mention.end = name.label, tokens[i + match[1] - 1][2]
                mention.country = name.country
                return match[1]
        if match[0][0].kind != "person":
            return 0
    parts = _name_parts(tokens, i, headline)
    if parts:
        mention.name, mention.end = _as_written(tokens[i : i + parts]), tokens[i + parts - 1][2]
    return parts


def _name_between_commas(tokens: list[Token], i: int, mention: Mention) -> int:
    """Take ", Haruto Okada," after "Japan's prime minister"."""
    parts = _name_parts(tokens, i + 1, headline=False)
    stop = i + 1 + parts
    if parts < 2 or stop >= len(tokens) or tokens[stop][0] != ",":
        return 0
    mention.name, mention.end = _as_written(tokens[i + 1 : stop]), tokens[stop - 1][2]
    return parts + 1


def name_before(tokens: list[Token], mention: Mention) -> None:
    """Give "Japan's prime minister" the name that stands before it: "Haruto Okada, Japan's prime minister, spoke"."""
    begin = next((k for k, token in enumerate(tokens) if token[1] == mention.start), 0)
    if begin < 3 or tokens[begin - 1][0] != ",":
        return
    for first in range(max(0, begin - 5), begin - 2):
        opens = first == 0 or not tokens[first - 1][0][0].isupper()
        if opens and first + _name_parts(tokens, first, headline=False) == begin - 1:
            mention.name = _as_written(tokens[first : begin - 1])
            return


def _name_parts(tokens: list[Token], i: int, headline: bool) -> int:
    """How many tokens from ``i`` are a name: capitalised words up to five, particles and hyphens within."""
    single, role_words, table = classes()[0], roles(), names()
    kept = count = 0
    j = i
    while j < len(tokens) and count < (3 if headline else 5):
        word, begin, _ = tokens[j]
        lower = word.lower()
        if word in _DASHES and count and begin == tokens[j - 1][2]:
            j += 1
            continue
        if lower in _PARTICLES and (count or lower in ("al", "el")) and not word[0].isupper():
            j += 1
            continue
        if not word[0].isalpha() or not word[0].isupper() or lower in LITTLE or lower in DAYS or lower in MONTHS:
            break
        if (headline and lower in single) or (count and lower in role_words):
            break
        if count and any(n.kind in ("nation", "country", "body") for _, found in table.get(word, ()) for n in found):
            break
        count += 1
        j += 1
        kept = j - i
    return kept


def _as_written(tokens: list[Token]) -> str:
    """The name with single spaces, hyphens kept."""
    name, end = tokens[0][0], tokens[0][2]
    for word, begin, stop in tokens[1:]:
        name += ("" if begin == end else " ") + word
        end = stop
    return name
