"""What it is about, in closed lists and numbers: topics, commodities, amounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from classifiers.event import Amount
from classifiers.reading import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.reading import Sentence

#: Commodities of the alert, in its order, by the class of words that names them.
COMMODITIES: Final = {
    "OIL": "oil", "GAS": "gas", "LNG": "lng", "LPG": "lpg", "COAL": "coal", "NUCLEAR": "nuclear",
    "POWER": "electricity", "RENEWABLE": "renewables", "HYDROGEN": "hydrogen", "STORAGE": "other",
}  # fmt: skip
_TRANSACTING: Final = frozenset(("BUY", "SUPPLY", "DEAL"))
_TOPICS: Final = {
    "trade": r"trade|commerce|barter|exports|tariffs?", "energy": r"energy|oil|gas|lng|lpg|electricity|nuclear power",
    "investment": r"investments?",
    "defence": r"defen[cs]e|military", "security": r"security|counter-?terrorism|terrorism",
    "agriculture": r"agricultur\w+|food security|farm\w*",
    "transport": r"transport\w*|railways?|corridors?|connectivity|aviation",
    "finance": r"bank\w*|financial|loans?", "education": r"educat\w+|scholarships?", "culture": r"cultur\w+",
    "technology": r"technolog\w+|artificial intelligence|semiconductors?", "industry": r"industr\w+|steel|iron",
    "health": r"health", "migration": r"migra\w+|visas?|refugees", "climate": r"climate", "water": r"water",
    "tourism": r"tourism", "minerals": r"minerals?|lithium|rare earths?", "peace talks": r"ceasefire|truce|peace",
    "sanctions": r"sanctions?", "humanitarian aid": r"humanitarian|aid", "sport": r"sports?",
}  # fmt: skip
_TOPIC: Final = re.compile("|".join(f"(?P<t{i}>\\b(?:{p})\\b)" for i, p in enumerate(_TOPICS.values())), re.IGNORECASE)
_TOPIC_NAMES: Final = tuple(_TOPICS)

_WORDS_NUMBER: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fifteen": 15, "twenty": 20, "fifty": 50, "a": 1, "half a": 0.5,
}  # fmt: skip
_SCALES: Final = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "million": 1e6,
    "mln": 1e6, "mn": 1e6, "m": 1e6, "crore": 1e7, "billion": 1e9,
    "bn": 1e9, "bln": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_SIGNS: Final = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "A$": "AUD",
    "C$": "CAD",
    "S$": "SGD",
    "Rs": "PKR",
    "Rs.": "PKR",
    "₹": "INR",
    "₩": "KRW",
}
_CURRENCIES: Final = {
    "dollars": "USD", "dollar": "USD", "dlrs": "USD", "dlr": "USD", "usd": "USD", "us dollars": "USD", "euros": "EUR",
    "euro": "EUR", "eur": "EUR", "pounds": "GBP", "yuan": "CNY", "renminbi": "CNY", "yen": "JPY", "rubles": "RUB",
    "roubles": "RUB", "rupees": "INR", "won": "KRW",
    "riyals": "SAR", "dirhams": "AED", "francs": "CHF", "crowns": "NOK",
}  # fmt: skip
_UNITS: Final = {
    r"barrels?(?: per day| a day|/day)|bpd|b/d": "",
    r"tonnes?|metric tons?|tons?": "tonnes", r"mtpa|million tonnes a year": "Mtpa",
    r"mw|megawatts?": "MW", r"gw|gigawatts?": "GW", r"kw|kilowatts?": "kW", r"mwh": "MWh", r"gwh": "GWh", r"twh": "TWh",
    r"bcm|billion cubic met(?:er|re)s?": "bcm", r"cubic met(?:er|re)s?": "cubic metres", r"cubic feet": "cubic feet",
    r"mmbtu": "MMBtu", r"per ?cent|percent|%|pct": "percent",
    r"cargoes|cargos|shipments": "cargoes", r"years?": "years",
    r"reactors?": "reactors", r"turbines?": "turbines", r"ships|vessels|tankers": "ships",
}  # fmt: skip
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE: Final = r"thousand|lakh|million|mln|mn|crore|billion|bln|bn|trillion|tn|[mbk](?![a-z])"
_SPELLED: Final = "|".join(sorted(_WORDS_NUMBER, key=len, reverse=True))
_CURRENCY: Final = "|".join(sorted(_CURRENCIES, key=len, reverse=True))
_UNIT: Final = "|".join(_UNITS)
_AMOUNT: Final = re.compile(
    rf"(?P<sign>US\$|A\$|C\$|S\$|\$|€|£|¥|₹|₩|Rs\.?\s?)\s?(?P<money>{_NUMBER})[\s-]?(?P<mscale>{_SCALE})?\b"
    rf"|\b(?P<number>{_NUMBER}|(?:{_SPELLED})(?=\s(?:million|billion|trillion|thousand)))[\s-]?"
    rf"(?P<scale>{_SCALE})?[\s-]?(?:(?P<currency>{_CURRENCY})\b|(?P<unit>{_UNIT})(?![a-z]))",
    re.IGNORECASE,
)
_ABOUT_AFTER: Final = re.compile(
    r"\s*(?:of|worth of|in(?=\s(?:trade|investment|aid|loans|exports|oil|crude|gas)))\s+((?:[^\W\d]|[- ’']){3,48}?)"
    r"(?=[.,;:–—()\"”]|\s(?:in|on|at|from|to|by|which|that|and|was|were|is|over|under|through|for|as|with|next|last|"
    r"this|during|a year|per year)\b|$)"
)
_ABOUT_BEFORE: Final = re.compile(
    r"\b((?:(?:bilateral|two-way|annual|mutual|total|natural|crude|russian|foreign|direct|supply|purchase)\s){0,2}"
    r"(?:trade|investment|crude|oil|gas|lng|lpg|contract|deal|agreement|exports|imports|loan|capacity|supplies|needs|"
    r"shipment|cargo|project|plant|farm|commerce))\b[^.;]{0,40}$",
    re.IGNORECASE,
)
_MOST: Final = 8


def commodities(sentences: Sequence[Sentence], transacted: bool) -> tuple[str, ...]:
    """The energy named; with ``transacted`` only in sentences that also buy, supply or agree something."""
    found: dict[str, None] = {}
    for sentence in sentences:
        classes = sentence.classes
        if transacted and not classes & _TRANSACTING:
            continue
        for name, commodity in COMMODITIES.items():
            if name in classes:
                found[commodity] = None
    if "lng" in found or "lpg" in found:
        gas = [u for s in sentences for u in s.units if isinstance(u, Word) and u.stem == "gas" and "GAS" in u.classes]
        if not gas:
            found.pop("gas", None)
    return tuple(name for name in COMMODITIES.values() if name in found)


def topics(passages: Sequence[str]) -> tuple[str, ...]:
    """What was talked about, in order of mention, in the words of a closed list."""
    found: dict[str, None] = {}
    for passage in passages:
        for match in _TOPIC.finditer(passage):
            assert match.lastgroup is not None
            found[_TOPIC_NAMES[int(match.lastgroup[1:])]] = None
    return tuple(found)[:_MOST]


def amounts(passages: Sequence[str]) -> tuple[Amount, ...]:
    """Figures with a unit, each once, in order of mention."""
    found: dict[tuple[float | None, str | None], Amount] = {}
    for passage in passages:
        for match in _AMOUNT.finditer(passage):
            amount = _amount(match, passage)
            if amount.unit in ("years", None) or (amount.unit == "percent" and amount.about is None):
                continue
            found.setdefault((amount.value, amount.unit), amount)
    return tuple(found.values())[:_MOST]


def _amount(match: re.Match[str], passage: str) -> Amount:
    spelled = match["money"] or match["number"]
    scale = (match["mscale"] or match["scale"] or "").lower()
    lower = spelled.lower()
    value = _WORDS_NUMBER[lower] if lower in _WORDS_NUMBER else float(spelled.replace(",", ""))
    value *= _SCALES.get(scale, 1.0)
    unit: str | None
    if match["sign"]:
        unit = _SIGNS.get(match["sign"].strip().rstrip("."), "USD")
    elif match["currency"]:
        unit = _CURRENCIES[match["currency"].lower()]
    else:
        written = match["unit"].lower()
        unit = next(u for pattern, u in _UNITS.items() if re.fullmatch(pattern, written))
        if not unit:
            unit = "barrels per day" if re.search(r"day|bpd|b/d", written) else "barrels"
    after = _ABOUT_AFTER.match(passage, match.end())
    before = _ABOUT_BEFORE.search(passage, max(0, match.start() - 80), match.start())
    about = (after[1] if after else before[1] if before else "").strip(" ’'-") or None
    if about:
        about = re.sub(r"^(?:the|its|a|an|their|his)(?:\s+|$)", "", about) or None
    return Amount(match[0].strip(), float(value), unit, about)
