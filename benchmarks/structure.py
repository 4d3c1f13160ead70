"""Who, where, when, how much: what is told of every labelled event, whether or not it is over the threshold.

``dev_structure.jsonl`` has one row for each positive of ``corpus/dev.jsonl`` and type, by item id: names and figures,
no text. The labels were made by reading the items, by one reader; what the item does not tell is null. The rules that
are measured here were mended by what they got wrong here, so that unseen news will show less. What counts as right:

- ``alt``: other answers that a reader could give as well; any of them is right.
- ``optional``: a party or figure that may be told and need not; told it is neither right nor wrong.
- ``generic``: a party without a name ("a consortium"); as optional.
- status: as labelled; "signed" and "agreed" are often one in a headline and are shown apart and taken as one.
- people: the same country and name, where one may give more of it; their role is asked of those who were found.
- parties: a name that contains the other or is contained in it; a state that is a side by its country.
- amounts: the same value; their unit is asked of those that were found.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import labelled
from benchmarks.scoring import Counts, Share
from classifiers.event_json import event_to_dict
from classifiers.gate import OPEN
from classifiers.model import Model
from classifiers.scoring import TypeWeights

if TYPE_CHECKING:
    from collections.abc import Mapping

LABELS = Path(__file__).with_name("dev_structure.jsonl")
Row = dict[str, Any]


class Judged:
    """What was told right, by what was asked: shares of items, and counts of what an item may have several of."""

    def __init__(self) -> None:
        self.shares: defaultdict[str, Share] = defaultdict(Share)
        self.counts: defaultdict[str, Counts] = defaultdict(Counts)

    def judge(self, label: Row, told: Row) -> None:
        """``told`` is an event as event_to_dict() writes it, ``label`` a row of LABELS."""
        alike = {"signed": "agreed"}
        allowed = _alternatives(label, "status")
        self.shares["status"].add(told["status"] in allowed)
        if label["type"] == "energy_deal":
            merged = {alike.get(status, status) for status in allowed}
            self.shares["status, signed and agreed as one"].add(alike.get(told["status"], told["status"]) in merged)
            self._deal(label, told)
        else:
            self._meeting(label, told)

    def _meeting(self, label: Row, told: Row) -> None:
        sides = [sorted(found) for found in _alternatives(label, "countries")]
        self.shares["sides, both right"].add(sorted(told["countries"]) in sides)
        found = list(told["people"])
        named = [person for person in label["people"] if person["name"]]
        pairs = [(one, other) for one in named for other in found if _same_person(one, other)]
        right = {id(one): other for one, other in pairs}
        self.counts["people (name, country)"].add(len(right), len(found) - len(right), len(named) - len(right))
        for person in named:
            if id(person) in right and person["role"] is not None:
                role = right[id(person)]["role"]
                self.shares["roles of the people found"].add(role in (person["role"], person.get("implied_role")))
        self._place(_alternatives(label, "place"), told["place"])
        if label["date"]:
            self.shares["date, where one is told"].add(told["date"] in _alternatives(label, "date"))

    def _place(self, allowed: list[Row | None], told: Row | None) -> None:
        right = any(_same_place(place, told) for place in allowed)
        self.shares["place, or none told"].add(right)
        if right:
            self.counts["place"].add(right=told is not None)
        else:
            self.counts["place"].add(extra=told is not None, missed=allowed[0] is not None)

    def _deal(self, label: Row, told: Row) -> None:
        self.shares["countries, exactly"].add(
            sorted(told["countries"]) in [sorted(c) for c in _alternatives(label, "countries")]
        )
        self._parties(label, told)
        kinds = [set(found) for found in _alternatives(label, "commodities")]
        found = set(told["commodities"])
        nearest = max(kinds, key=lambda kind: (len(kind & found) - len(kind ^ found), sorted(kind)))
        self.shares["energy kind, exactly"].add(found in kinds)
        self.counts["energy kind"].add(len(nearest & found), len(found - nearest), len(nearest - found))
        self._amounts(label["amounts"], told["amounts"])

    def _parties(self, label: Row, told: Row) -> None:
        names = [_plain(o["name"]) for o in told["organizations"]]
        allowed: list[str] = []
        for party in label["parties"]:
            spellings = [_plain(name) for name in (party["name"], *party.get("aka", ()))]
            allowed += spellings
            if party.get("optional") or party.get("generic"):
                continue
            state = party["country"] in label["countries"] and party["country"] in told["countries"]
            ok = state or any(_overlap(name, spelling) for name in names for spelling in spellings)
            self.counts["parties"].add(right=ok, missed=not ok)
        self.counts["parties"].add(extra=sum(not any(_overlap(n, a) for a in allowed) for n in names))

    def _amounts(self, labels: list[Row], told: list[Row]) -> None:
        found = [(_rounded(a["value"]), a["unit"]) for a in told]
        values = [value for value, _ in found]
        for amount in labels:
            value = _rounded(amount["value"])
            if amount.get("optional"):
                continue
            self.counts["amounts"].add(right=value in values, missed=value not in values)
            if value in values:
                self.shares["units of the amounts found"].add((value, amount["unit"]) in found)
        known = {_rounded(a[key]) for a in labels for key in ("value", "min") if key in a}
        self.counts["amounts"].add(extra=sum(value not in known for value in values))

    def show(self) -> None:
        lines: Mapping[str, Share | Counts] = {**self.shares, **self.counts}
        for name, result in lines.items():
            print(f"  {name:<34} {result}")


def run() -> None:
    if not labelled.present():
        return
    items = {row["id"]: item for row, item in labelled.items("dev.jsonl")}
    model = _open(Model.load())
    judged: defaultdict[str, Judged] = defaultdict(Judged)
    silent: defaultdict[str, int] = defaultdict(int)
    total: defaultdict[str, int] = defaultdict(int)
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        name = label["type"]
        total[name] += 1
        events = [e for e in model.classify(items[label["id"]]).events if e.type == name]
        if events:
            judged[name].judge(label, event_to_dict(max(events, key=lambda event: event.score)))
        else:
            silent[name] += 1
    for name, result in judged.items():
        left = f", {silent[name]} of them not read at all (not counted below)" if silent[name] else ""
        print(f"{name}: {total[name]} labelled events{left}")
        result.show()


def _open(model: Model) -> Model:
    """The same model, describing whatever it is given."""
    kinds = {name: model.weights(name) for name in model.types}
    return Model(
        {
            name: replace(kind, threshold=0.0, gate=OPEN)
            if isinstance(kind, TypeWeights)
            else replace(kind, threshold=0.0)
            for name, kind in kinds.items()
        }
    )


def _alternatives(label: Row, key: str) -> list[Any]:
    return [label[key], *(label.get("alt") or {}).get(key, ())]


def _surname(name: str) -> str:
    return re.sub(r"\W+", "", name.split()[-1].lower()) if name.split() else ""


def _same_person(label: Row, told: Row) -> bool:
    """One name may be the fuller ("Xi", "Xi Jinping"): what ends the one stands in the other."""
    one, other = (re.findall(r"\w+", person["name"].lower()) for person in (label, told))
    return label["country"] == told["country"] and bool(one and other) and (one[-1] in other or other[-1] in one)


def _plain(name: str) -> str:
    return re.sub(r"\W+", "", name.lower())


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one


def _same_place(label: Row | None, told: Row | None) -> bool:
    if label is None or told is None:
        return label is told
    named = label["name"].lower() in told["name"].lower() or _surname(label["name"]) == _surname(told["name"])
    return named and told["country"] in (label["country"], None)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
