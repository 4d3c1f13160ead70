"""What it is about, in closed lists and numbers: topics, commodities, amounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from classifiers.event import Amount
from classifiers.expressions import Expression
from classifiers.lexicon import classes, stem_set
from classifiers.reading import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.reading import Sentence, Unit

#: Commodities of the alert, in its order, by the class of words that names them.
COMMODITIES: Final = {
    "OIL": "oil", "GAS": "gas", "LNG": "lng", "LPG": "lpg", "COAL": "coal", "NUCLEAR": "nuclear",
    "POWER": "electricity", "RENEWABLE": "renewables", "HYDROGEN": "hydrogen", "STORAGE": "other",
}  # fmt: skip
#: Words for electricity itself, not for what makes or measures it.
_ELECTRICITY: Final = frozenset(("electricity", "grid", "interconnector", "transmission", "hvdc", "kwh", "mwh", "gwh"))
_TRADERS: Final = stem_set("company companies giant major group producer firm minister ministry supermajor trader")
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
#: For text in small letters: to ignore case, or to look for where a word begins in every alternative, takes far longer.
_TOPIC: Final = re.compile(rf"(?<!\w)(?:{'|'.join(f'(?P<t{i}>{p})' for i, p in enumerate(_TOPICS.values()))})\b")
_TOPIC_NAMES: Final = tuple(_TOPICS)

_WORDS_NUMBER: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "eighteen": 18, "twenty": 20, "twenty-five": 25, "thirty": 30,
    "forty": 40, "fifty": 50, "a hundred": 100, "a": 1, "half a": 0.5,
}  # fmt: skip
_SCALES: Final = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "million": 1e6,
    "mln": 1e6, "mn": 1e6, "m": 1e6, "crore": 1e7, "billion": 1e9,
    "bn": 1e9, "bln": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_CODES: Final = (
    "USD", "EUR", "GBP", "NOK", "SEK", "DKK", "INR", "PKR", "AED", "SAR", "QAR", "CNY", "RMB", "JPY", "KRW", "CHF",
    "AUD", "CAD", "PLN", "TRY", "ZAR", "SGD",
)  # fmt: skip
_SIGNS: Final = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "A$": "AUD",
    "C$": "CAD",
    "S$": "SGD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "R$": "BRL",
    "Tk": "BDT",
    "₹": "INR",
    "₩": "KRW",
    "W": "KRW",
    **{code: code for code in _CODES},
    "RMB": "CNY",
}
#: Rupees are those of the state that takes part; the word alone does not say whose.
_RUPEES: Final = {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR", "MU": "MUR"}
_CURRENCIES: Final = {
    "dollars": "USD", "dollar": "USD", "dlrs": "USD", "dlr": "USD", "usd": "USD", "euros": "EUR",
    "euro": "EUR", "eur": "EUR", "pounds": "GBP", "yuan": "CNY", "renminbi": "CNY", "yen": "JPY", "rubles": "RUB",
    "roubles": "RUB", "won": "KRW", "taka": "BDT", "naira": "NGN", "rand": "ZAR", "lira": "TRY", "zloty": "PLN",
    "kroner": "NOK", "kronor": "SEK", "ringgit": "MYR", "rupees": "rupees", "rupee": "rupees",
    "riyals": "SAR", "dirhams": "AED", "francs": "francs", "crowns": "crowns",
}  # fmt: skip
_UNITS: Final = {
    r"barrels?(?: per day| a day|/day| daily)?|bpd|b/d|bbls?": "",
    r"bcf": "bcf", r"mmscfd|mmcfd": "MMscf per day", r"litres?|liters?": "litres", r"gallons?": "gallons",
    r"tonnes?|metric tons?|tons?": "tonnes", r"mtpa|million tonnes a year": "Mtpa",
    r"mw|megawatts?": "MW", r"gw|gigawatts?": "GW", r"kw|kilowatts?": "kW", r"mwh": "MWh", r"gwh": "GWh", r"twh": "TWh",
    r"bcm|billion cubic met(?:er|re)s?": "bcm", r"cubic met(?:er|re)s?": "cubic metres", r"cubic feet": "cubic feet",
    r"mmbtu": "MMBtu", r"per ?cent|percent|%|pct": "percent",
    r"(?:(?:lng|lpg|crude|oil|gas|liquefied|natural|petroleum|fuel) ){0,4}(?:cargoes|cargos|shipments|"
    r"deliveries)": "cargoes",
    r"years?": "years", r"months?": "months",
    r"reactors?": "reactors", r"turbines?": "turbines", r"ships|vessels|tankers": "ships",
}  # fmt: skip
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE: Final = r"thousand|lakh|million|mln|mn|crore|billion|bln|bn|trillion|tn|[mbk](?![a-z])"
_SPELLED: Final = "|".join(sorted(_WORDS_NUMBER, key=len, reverse=True))
#: Numbers in letters count only before one of these.
_AFTER_SPELLED: Final = (
    "million", "billion", "trillion", "thousand", "year", "reactor", "cargoes", "shipments", "month", "turbines",
)  # fmt: skip
_DIGIT: Final = re.compile(r"\d")
_CURRENCY: Final = "|".join(sorted(_CURRENCIES, key=len, reverse=True))
_UNIT: Final = "|".join(_UNITS)
_WHOSE: Final = {
    "us": "USD", "u.s.": "USD", "norwegian": "NOK", "swedish": "SEK", "danish": "DKK", "czech": "CZK",
    "canadian": "CAD", "australian": "AUD", "hong kong": "HKD", "singapore": "SGD", "new zealand": "NZD",
    "indian": "INR", "pakistani": "PKR", "sri lankan": "LKR", "swiss": "CHF", "saudi": "SAR", "qatari": "QAR",
}  # fmt: skip
_SIGN: Final = rf"US\$|HK\$|NZ\$|R\$|A\$|C\$|S\$|\$|€|£|¥|₹|₩|(?-i:W)(?=\d)|(?-i:Rs\.?|Tk\.?|{'|'.join(_CODES)})"
#: "Between 30 and 50 million", "30–50 million": the upper end is what is told of.
_RANGE: Final = rf"(?:{_NUMBER})(?:\s(?:{_SCALE}))?(?:\s?[-–—]\s?|\s(?:to|and)\s)"
_AMOUNT: Final = Expression(
    rf"(?<!\w)(?P<sign>{_SIGN})\s?(?:(?:{_NUMBER})\s?(?:{_SCALE})?\s?[-–—]\s?(?:{_SIGN})?)?"
    rf"(?P<money>{_NUMBER})[\s-]?(?P<mscale>{_SCALE})?\b"
    rf"|\b(?<![/\d.,])(?<![A-Za-z]-)(?:{_RANGE})?(?P<number>{_NUMBER}|(?:{_SPELLED})(?=[\s-](?:"
    rf"{'|'.join(_AFTER_SPELLED)})))[\s-]?(?P<scale>{_SCALE})?[\s-]?"
    rf"(?:(?:(?P<whose>{'|'.join(map(re.escape, _WHOSE))})\s)?(?P<currency>{_CURRENCY})\b|(?P<unit>{_UNIT})(?![a-z]))",
)
#: How long a deal runs: "a 15-year contract", "for at least ten years"; not "in 32 years", nor "10-year-old".
_TERM_BEFORE: Final = Expression(
    r"\b(?:for|over|of|by|within)\s(?:(?:the|next|at|least|up|to|a|further|another|more|than|about|some|initial|"
    r"period|of)"
    r"\s){0,4}$",
)
_SHARE: Final = Expression(
    r"[\s-]*(?:equity\s|ownership\s|minority\s|majority\s)?(stake|interest|share|holding|owned)\b"
)
_ABOUT_AFTER: Final = Expression(
    r"\s*(?:of|worth of|in(?=\s(?:trade|investment|aid|loans|exports|oil|crude|gas)))\s+((?:[^\W\d]|[- ’']){3,48}?)"
    r"(?=[.,;:–—()\"”]|\s(?:in|on|at|from|to|by|which|that|and|was|were|is|over|under|through|for|as|with|next|last|"
    r"this|during|a year|per year)\b|$)",
    flags=re.NOFLAG,
)
_ABOUT_BEFORE: Final = Expression(
    r"\b((?:(?:bilateral|two-way|annual|mutual|total|natural|crude|russian|foreign|direct|supply|purchase)\s){0,2}"
    r"(?:trade|investment|crude|oil|gas|lng|lpg|contract|deal|agreement|exports|imports|loan|capacity|supplies|needs|"
    r"shipment|cargo|project|plant|farm|commerce))\b[^.;]{0,40}$",
)
_MOST: Final = 8


def commodities(sentences: Sequence[Sentence], transacted: bool) -> tuple[str, ...]:
    """The energy named; with ``transacted`` only in sentences that also buy, supply or agree something.

    Else what is said first counts: headline and lead tell what the deal is about, further down stands the background.
    """
    if transacted:
        found = _energy([s for s in sentences if s.classes & _TRANSACTING])
    else:
        found = _energy(sentences[:3]) or _energy(sentences[3:])
    return tuple(name for name in COMMODITIES.values() if name in found)


def _energy(sentences: Sequence[Sentence]) -> set[str]:
    named: dict[str, int] = {}
    in_passing: set[str] = set()
    for sentence in sentences:
        end = 0
        for index, unit in enumerate(sentence.units):
            if isinstance(unit, Word):
                for name in unit.classes:
                    if name not in COMMODITIES:
                        continue
                    # "Indian Oil", "megawatts" and "power plant" tell of a kind only where nothing else does.
                    weak = (name == "POWER" and unit.stem not in _ELECTRICITY) or (
                        name == "OIL" and "fuel" in unit.stem
                    )
                    if weak or unit.start < end or _is_a_trade(sentence.units[index + 1 : index + 3]):
                        in_passing.add(name)
                    else:
                        named[name] = named.get(name, 0) + 1
            elif unit.kind == "FIRM":
                in_passing.update(_named_by(unit.name or ""))
            end = max(end, unit.end)
    if named.get("GAS", 0) <= max(named.get("LNG", 0), named.get("LPG", 0)):
        # "LNG … the gas" is one kind, not two.
        named.pop("GAS", None)
    # A power plant runs on something; where that is told, electricity is what it makes, not what is dealt in.
    return {COMMODITIES[name] for name in named or in_passing - {"POWER"} or in_passing}


def _named_by(firm: str) -> set[str]:
    """The kinds of energy in a company's name: "First Solar"."""
    single, _ = classes()
    return {name for word in firm.lower().split() for name in single.get(word, ()) if name in COMMODITIES}


def _is_a_trade(following: Sequence[Unit]) -> bool:
    """ "Oil giant", "oil and gas company": what somebody deals in, not what is dealt in."""
    return any(isinstance(unit, Word) and unit.stem in _TRADERS for unit in following)


def topics(passages: Sequence[str]) -> tuple[str, ...]:
    """What was talked about, in order of mention, in the words of a closed list."""
    found: dict[str, None] = {}
    for passage in passages:
        for match in _TOPIC.finditer(passage.lower()):
            assert match.lastgroup is not None
            found[_TOPIC_NAMES[int(match.lastgroup[1:])]] = None
    return tuple(found)[:_MOST]


def amounts(passages: Sequence[str], countries: Sequence[str] = (), terms: bool = False) -> tuple[Amount, ...]:
    """Figures with a unit, each once, in order of mention; with ``terms`` also how many years a deal runs.

    ``countries`` tell whose rupees they are.
    """
    found: dict[tuple[float | None, str | None], Amount] = {}
    for passage in passages:
        if not _has_number(passage):
            continue
        for match in _AMOUNT.finditer(passage):
            amount = _amount(match, passage, countries)
            if amount.unit is None or (amount.unit == "percent" and amount.about is None):
                continue
            if amount.unit in ("years", "months") and not (terms and _is_term(match, passage)):
                continue
            found.setdefault((amount.value, amount.unit), amount)
    return tuple(found.values())[:_MOST]


def _has_number(passage: str) -> bool:
    """Whether there is anything that _AMOUNT could begin with, at a tenth of its cost."""
    if _DIGIT.search(passage):
        return True
    lower = passage.lower()
    return any(word in lower for word in _AFTER_SPELLED)


def _is_term(match: re.Match[str], passage: str) -> bool:
    if match["number"].lower() == "a":
        return False  # "Two million tonnes a year"
    if "-" in match[0]:
        return not passage.startswith(("-old", " old", "-long"), match.end())
    return bool(_TERM_BEFORE.search(passage, max(0, match.start() - 40), match.start()))


def _amount(match: re.Match[str], passage: str, countries: Sequence[str]) -> Amount:
    spelled = match["money"] or match["number"]
    scale = (match["mscale"] or match["scale"] or "").lower()
    lower = spelled.lower()
    value = _WORDS_NUMBER[lower] if lower in _WORDS_NUMBER else float(spelled.replace(",", ""))
    value = round(value * _SCALES.get(scale, 1.0), 6)
    unit: str | None
    if match["sign"]:
        sign = match["sign"].strip().rstrip(".")
        unit = "rupees" if sign == "Rs" else _SIGNS.get(sign) or _SIGNS[sign.upper()]
    elif match["currency"]:
        unit = _WHOSE[match["whose"].lower()] if match["whose"] else _CURRENCIES[match["currency"].lower()]
    else:
        written = match["unit"].lower()
        unit = next(u for pattern, u in _UNITS.items() if re.fullmatch(pattern, written))
        if not unit:
            unit = "barrels per day" if re.search(r"day|daily|bpd|b/d", written) else "barrels"
    if unit == "rupees":
        unit = next((_RUPEES[country] for country in countries if country in _RUPEES), "rupees")
    if unit in ("years", "months"):
        return Amount(match[0].strip(), value, unit)
    share = _SHARE.match(passage, match.end()) if unit == "percent" else None
    if share:
        return Amount(match[0].strip(), value, unit, share[1].lower().replace("owned", "stake"))
    after = _ABOUT_AFTER.match(passage, match.end())
    before = _ABOUT_BEFORE.search(passage, max(0, match.start() - 80), match.start())
    about = (after[1] if after else before[1] if before else "").strip(" ’'-") or None
    if about:
        about = re.sub(r"^(?:the|its|a|an|their|his)(?:\s+|$)", "", about) or None
    return Amount(match[0].strip(), float(value), unit, about)
