"""One person in an office: what is said of them, whether enough say so, and against whom it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from classifiers.gazetteer import FORMER, Name
from classifiers.who import KnownPerson, OfficeCorrection, Sighted, Source, Standing
from classifiers.wordsets import word_set

_LEAST: Final = 3
_LEAST_FEEDS: Final = 2
_LEAST_ALONE: Final = 10
#: So many times as much is clearly more.
_CLEARLY: Final = 2.0
#: Who was last named so long ago is not just coming in.
_COMING_IN: Final = timedelta(days=20)
#: Said of somebody whose office has a name too; that one is kept where it is said at all.
_VAGUE: Final = word_set("leader minister")
_INTERIM: Final = ("interim ", "acting ", "transitional ", "caretaker ", "state ")


@dataclass(slots=True)
class OfficeHolder:
    """Somebody of whom the table, the stream or a correction tells; settle() says what comes of it."""

    name: str
    country: str
    tabled: Name | None = None
    #: The table has the person, out of office.
    past: bool = False
    correction: OfficeCorrection | None = None
    #: role -> [sightings, weight]
    roles: dict[str, list[float]] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)
    feeds: int = 0
    first: datetime | None = None
    last: datetime | None = None
    role: str = ""
    standing: Standing = "unsure"
    since: int = 0
    surnames: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return int(sum(count for count, _ in self.roles.values()))

    @property
    def weight(self) -> float:
        return sum(weight for _, weight in self.roles.values())

    @property
    def sure(self) -> bool:
        return self.tabled is not None or self.correction is not None

    def add(self, row: Sighted) -> None:
        said = self.roles.setdefault(row.role, [0, 0.0])
        said[0] += row.count
        said[1] += row.weight
        self.names[row.name] = self.names.get(row.name, 0.0) + row.count
        # A lower bound: which feeds they were is not asked again.
        self.feeds = max(self.feeds, row.feeds)
        self.first = min(self.first or row.first_seen, row.first_seen)
        self.last = max(self.last or row.last_seen, row.last_seen)

    def absorb(self, other: OfficeHolder) -> None:
        for role, (count, weight) in other.roles.items():
            said = self.roles.setdefault(role, [0, 0.0])
            said[0] += count
            said[1] += weight
        for name, count in other.names.items():
            self.names[name] = self.names.get(name, 0.0) + count
        self.feeds = max(self.feeds, other.feeds)
        self.first = min(filter(None, (self.first, other.first)), default=None)
        self.last = max(filter(None, (self.last, other.last)), default=None)

    def settle(self) -> None:
        """The office that is said most lately, and whether enough have said so."""
        if self.correction is not None:
            self.role = self.correction.role or ""
        else:
            named = {role: said for role, said in self.roles.items() if role.removeprefix(FORMER) not in _VAGUE}
            offices = named or self.roles
            self.role = max(offices, key=lambda role: (offices[role][1], role)) if offices else ""
            if self.tabled is not None:
                self.role = self._tabled_role()
        enough = (self.count >= _LEAST and self.feeds >= _LEAST_FEEDS) or self.count >= _LEAST_ALONE
        # A surname alone is half of somebody; it counts with its full name.
        enough = enough and " " in self.name
        self.standing = "unsure"
        if enough or self.sure:
            self.standing = "former" if self.role.startswith(FORMER) else "known"
        began = self.correction.at if self.correction is not None else self.first
        self.since = began.year if began is not None else 0

    def _tabled_role(self) -> str:
        """The table's, unless another is said clearly more often, and often enough to believe it."""
        assert self.tabled is not None
        ours = self.tabled.role or ""
        if not self.role or plain_office(self.role) == plain_office(ours) or self.role.removeprefix(FORMER) in _VAGUE:
            return ours
        count, weight = self.roles[self.role]
        _, same = self.roles.get(ours, (0, 0.0))
        return self.role if count >= _CLEARLY * _LEAST and weight > _CLEARLY * same else ours

    def beats(self, other: OfficeHolder) -> bool:
        if self.correction is not None or other.correction is not None:
            return other.correction is None
        if other.tabled is not None and self.count < (_LEAST if self.tabled is not None else _CLEARLY * _LEAST):
            return False
        return self.weight > _CLEARLY * other.weight

    def comes_after(self, holder: OfficeHolder) -> bool:
        """Somebody new in an office is named less than the holder at first; whom the table knows as past is not new."""
        if (
            holder.correction is not None
            or self.past
            or not (self.first and self.last and holder.first and holder.last)
        ):
            return False
        return self.first > holder.first and holder.last - self.last < _COMING_IN

    def frozen(self) -> KnownPerson:
        source: Source = "stream"
        if self.correction is not None:
            source = "correction"
        elif self.tabled is not None and self.role == self.tabled.role and self.standing == "known":
            source = "table"
        spellings = tuple(dict.fromkeys((self.name, *(name for name in self.names if " " in name))))
        return KnownPerson(
            self.name, self.role, self.country, source, self.standing, self.count, self.feeds,
            self.first, self.last, self.since, spellings, () if source == "table" else self.surnames,
        )  # fmt: skip


def plain_office(role: str) -> str:
    """The office itself, whoever holds it for a while and whatever it is called."""
    for beginning in _INTERIM:
        role = role.removeprefix(beginning)
    return "foreign minister" if role == "external affairs minister" else role
