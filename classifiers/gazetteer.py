"""Who and what has a name: countries, capitals, cities, leaders, roles and bodies, from the small tables in data/.

The tables are plain facts of general knowledge written for this project (data/README.md); the news itself is the
better source of roles, so a table's person is used only where the text does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

DATA: Final = Path(__file__).parent / "data"

Rank = Literal["leader", "minister", "official", "outside"]
NameKind = Literal["country", "nation", "capital", "city", "person", "body", "firm", "none"]

#: A word with its inner apostrophes, an abbreviation, a number, or one mark of punctuation.
TOKEN: Final = re.compile(
    r"(?:[A-Za-z]\.){2,}|[A-Z]\.(?=[A-Z ]?[A-Z])|[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)*"
    r"|\d+(?:[.,]\d+)*|['’]s\b|[$€£¥%]|[^\w\s]"
)


@dataclass(frozen=True, slots=True)
class Name:
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


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    rank: Rank


#: Phrases as token tuples, longest first, under their first token.
Names = dict[str, list[tuple[tuple[str, ...], tuple[Name, ...]]]]
Roles = dict[str, list[tuple[tuple[str, ...], Role]]]

#: International gatherings and bodies: they are no state's side, and name the occasion of a meeting.
BODIES: Final[dict[str, str]] = {
    "Shanghai Cooperation Organization": "Shanghai Cooperation Organization",
    "Shanghai Cooperation Organisation": "Shanghai Cooperation Organization",
    "SCO": "Shanghai Cooperation Organization",
    "Organization of Islamic Cooperation": "Organisation of Islamic Cooperation",
    "Organisation of Islamic Cooperation": "Organisation of Islamic Cooperation",
    "OIC": "Organisation of Islamic Cooperation",
    "United Nations": "United Nations",
    "UN": "United Nations",
    "U.N.": "United Nations",
    "UNGA": "United Nations General Assembly",
    "General Assembly": "United Nations General Assembly",
    "Security Council": "United Nations Security Council",
    "UNSC": "United Nations Security Council",
    "NATO": "NATO",
    "Nato": "NATO",
    "ASEAN": "ASEAN",
    "Asean": "ASEAN",
    "APEC": "APEC",
    "Apec": "APEC",
    "BRICS": "BRICS",
    "Brics": "BRICS",
    "Quad": "Quad",
    "OPEC": "OPEC",
    "Opec": "OPEC",
    "OPEC+": "OPEC+",
    "IAEA": "IAEA",
    "IMF": "IMF",
    "World Bank": "World Bank",
    "WTO": "WTO",
    "WHO": "WHO",
    "African Union": "African Union",
    "Arab League": "Arab League",
    "GCC": "Gulf Cooperation Council",
    "Gulf Cooperation Council": "Gulf Cooperation Council",
    "SAARC": "SAARC",
    "ECOWAS": "ECOWAS",
    "CIS": "Commonwealth of Independent States",
    "CSTO": "CSTO",
    "Commonwealth": "Commonwealth",
    "Mercosur": "Mercosur",
    "Caricom": "CARICOM",
    "CARICOM": "CARICOM",
    "BIMSTEC": "BIMSTEC",
    "TICAD": "TICAD",
    "World Economic Forum": "World Economic Forum",
    "Munich Security Conference": "Munich Security Conference",
    "Belt and Road Forum": "Belt and Road Forum",
    "Raisina Dialogue": "Raisina Dialogue",
    "Shangri-La Dialogue": "Shangri-La Dialogue",
    "Doha Forum": "Doha Forum",
    "Antalya Diplomacy Forum": "Antalya Diplomacy Forum",
    "Russian Energy Week": "Russian Energy Week",
    "Eastern Economic Forum": "Eastern Economic Forum",
    **{f"G{n}": f"G{n}" for n in (5, 7, 8, 20, 24, 77)},
    **{f"G-{n}": f"G{n}" for n in (5, 7, 8, 20, 24, 77)},
    **{f"COP{n}": f"COP{n}" for n in range(20, 36)},
}

#: Newspapers, companies and things whose names begin like a country or capital but mean neither.
NOT_COUNTRIES: Final = (
    "Washington Post|Washington Times|Washington State|Washington Nationals|Washington Wizards|Washington Commanders|"
    "China Daily|China Morning Post|South China Sea|South China Morning Post|East China Sea|Times of India|Indian Ocean|"
    "Times of Israel|Jerusalem Post|Moscow Times|Tehran Times|Bangkok Post|Japan Times|Japan Today|Korea Herald|"
    "Korea Times|Khaleej Times|Jakarta Post|Kyiv Post|Kyiv Independent|Daily Sabah|Paris Saint-Germain|Paris Agreement|"
    "Paris Olympics|Paris Club|Michael Jordan|Jordan Peterson|Jim Jordan|Jordan Spieth|Jordan Henderson|"
    "Georgia Tech|Atlanta Georgia|State of Georgia|Georgia Power|Georgia Bulldogs|Chad Smith|Chad Johnson|"
    "London Stock Exchange|Tokyo Stock Exchange|Bank of America|American Airlines|British Airways|British Gas|"
    "British Museum|British Steel|Air India|Air France|Air Canada|Air China|Bank of England|Bank of Japan|"
    "New England|New Mexico|New South Wales|New Caledonia|Gulf of Mexico|Gulf of Oman|Persian Gulf|Sea of Japan|"
    "US Open|U.S. Open|French Open|Australian Open|Latin America|South America|North America|Central America|"
    "Green Paper|Turkey Day|Thanksgiving Turkey|Wellington Boots|Paris Hilton|London Breed|Denver Broncos|"
    "Berlin Wall|Geneva Convention|Geneva Conventions|Vienna Convention|Oslo Accords|Oslo Accord|Abraham Accords|"
    "Bretton Woods|Bell Pottinger|Kiwi|Dutch Bros|Cuban Missile Crisis|Boston Dynamics|Victoria's Secret|"
    "American Express|American Petroleum Institute|English Premier League|Scottish Power|ScottishPower|"
    "Texas Instruments|Virginia Tech|Manchester United|Manchester City|Liverpool FC|Indiana Pacers|Santiago Bernabeu|"
    "Santiago Giménez|Panama Canal|Suez Canal|Nice guy|English Channel|Holland America|Jordan River|Ireland Baldwin"
)

#: Energy and trading companies by name; others are recognised by the words their names end in.
FIRMS: Final = (
    "Gazprom|Rosneft|Lukoil|Novatek|Rosatom|Transneft|Surgutneftegas|Tatneft|Aramco|Saudi Aramco|ADNOC|Adnoc|Masdar|"
    "ACWA Power|QatarEnergy|Qatar Petroleum|Qatargas|Kuwait Petroleum|KPC|NIOC|SOCAR|Socar|KazMunayGas|Kazatomprom|"
    "Uzbekneftegaz|Naftogaz|Energoatom|Shell|BP|bp|TotalEnergies|Total|Eni|ENI|Equinor|Statoil|ExxonMobil|Exxon|Exxon Mobil|"
    "Chevron|ConocoPhillips|Occidental|Texaco|Amoco|Mobil|Arco|Unocal|Conoco|Phillips Petroleum|Petronas|Pertamina|PTT|"
    "PetroVietnam|Petrovietnam|PetroChina|Sinopec|CNOOC|CNPC|ONGC|Indian Oil|BPCL|HPCL|GAIL|NTPC|Reliance|Adani|Tata Power|"
    "Petrobras|PDVSA|Pdvsa|Ecopetrol|YPF|Pemex|Sonatrach|Sonangol|NNPC|NOC|EGPC|EGAS|Repsol|Cepsa|Moeve|Iberdrola|Endesa|"
    "Naturgy|Galp|EDP|Enel|Enel X|Snam|Edison|EDF|Engie|Orano|Uniper|RWE|E.ON|EnBW|SEFE|VNG|OMV|MOL|Orlen|PGNiG|PGE|CEZ|"
    "Botas|BOTAS|TPAO|Bulgargaz|DEPA|Romgaz|Ørsted|Orsted|Vestas|Siemens Energy|Siemens Gamesa|GE Vernova|Westinghouse|"
    "Vattenfall|Statkraft|Fortum|Neste|Eneco|Octopus Energy|Centrica|SSE|ScottishPower|National Grid|Drax|OVO|Good Energy|"
    "Vitol|Trafigura|Gunvor|Glencore|Mercuria|Cheniere|Venture Global|Sempra|NextDecade|Freeport LNG|Woodside|Santos|Inpex|"
    "JERA|Jera|Tokyo Gas|Osaka Gas|Kogas|KOGAS|Kepco|KEPCO|KHNP|Mitsui|Mitsubishi|Marubeni|Sumitomo|Itochu|Eneos|"
    "Plug Power|TerraPower|Oklo|Vistra|Constellation|NextEra|Duke Energy|Dominion|Exelon|Southern Company|Entergy|"
    "Meta|Google|Amazon|Microsoft|Tesla|CATL|BYD|LG Energy Solution|SK On|Samsung SDI|Wärtsilä|Eaton|ABB|Schneider Electric|"
    "Halliburton|Schlumberger|SLB|Baker Hughes|Saipem|Technip|Petrofac|Wintershall|Dana Gas|Mubadala|TAQA|Kinder Morgan|"
    "Enbridge|TransCanada|Williams|Hydro-Quebec|Hydro One|Origin Energy|AGL|Fortescue|PPL|PSO|OGDCL|K-Electric|Wapda|"
    "Eskom|KenGen|Karpowership|Burisma|Yukos|YUKOS|Sibneft|Tupras|Edf Renewables|Lightsource bp|Neoen|Acciona|Ibereólica"
)
_FIRM_ENDINGS: Final = frozenset(
    [
        "corp",
        "corporation",
        "inc",
        "ltd",
        "limited",
        "plc",
        "llc",
        "ag",
        "sa",
        "nv",
        "co",
        "company",
        "group",
        "holdings",
        "energy",
        "petroleum",
        "oil",
        "gas",
        "power",
        "electric",
        "renewables",
        "resources",
        "solar",
        "refinery",
        "lng",
        "utilities",
        "partners",
        "capital",
        "industries",
        "technologies",
    ]
)


def words(phrase: str) -> tuple[str, ...]:
    return tuple(t for t in TOKEN.findall(phrase) if t not in "-–—'’,.")


@cache
def names() -> Names:
    """Every name by its first word, exactly as written (case decides "turkey" and "us")."""
    entries: dict[tuple[str, ...], list[Name]] = {}

    def add(phrases: str, **fields: object) -> None:
        for phrase in phrases.split("|"):
            weak = phrase.endswith("?")
            label = phrase.removesuffix("?")
            if not label:
                continue
            name = Name(weak=weak, label=fields.pop("label", None) or label, **fields)  # type: ignore[arg-type]
            fields["label"] = name.label if fields.get("kind") == "person" else None
            entries.setdefault(words(label), []).append(name)

    for code, country, nation, capital, cities in _rows("countries.tsv", 5):
        add(country, kind="country", country=code)
        add(nation, kind="nation", country=code)
        add(capital, kind="capital", country=code)
        add(cities, kind="city", country=code)
    for full, short, role, code, since, until in _rows("leaders.tsv", 6):
        rank = _rank_of(role)
        spans = {"since": int(since), "until": int(until)}
        label = full.split("|")[0]
        add(full, kind="person", label=label, country=code, role=role, rank=rank, **spans)
        add(short, kind="person", label=label, country=code, role=role, rank=rank, **spans)
    for phrase, label in BODIES.items():
        add(phrase, kind="body", label=label)
    add(FIRMS, kind="firm")
    add(NOT_COUNTRIES, kind="none")
    table: Names = {}
    for phrase, found in entries.items():
        table.setdefault(phrase[0], []).append((phrase, tuple(found)))
    for row in table.values():
        row.sort(key=lambda entry: -len(entry[0]))
    return table


@cache
def names_in_capitals() -> Names:
    """The same for text that is all capitals, where "US" still means the country."""
    table: Names = {}
    for row in names().values():
        for phrase, found in row:
            upper = tuple(word.upper() for word in phrase)
            table.setdefault(upper[0], []).append((upper, found))
    for entries in table.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return table


@cache
def roles() -> Roles:
    """Role words by their first word, in small letters."""
    table: Roles = {}
    for phrase, role, rank in _rows("roles.tsv", 3):
        split = words(phrase)
        table.setdefault(split[0], []).append((split, Role(role, rank)))  # type: ignore[arg-type]
    for row in table.values():
        row.sort(key=lambda entry: -len(entry[0]))
    return table


def is_firm_ending(word: str) -> bool:
    return word.lower().rstrip(".") in _FIRM_ENDINGS


def _rank_of(role: str) -> Rank:
    found = roles().get(words(role)[0], [])
    split = words(role)
    return next((r.rank for phrase, r in found if phrase == split), "minister")


def _rows(name: str, columns: int) -> list[list[str]]:
    rows = []
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            cells = line.split("\t")
            rows.append(cells + [""] * (columns - len(cells)))
    return rows
