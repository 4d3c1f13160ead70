"""What a receiver got of what was promised to it: what is missing, what came again, and whether a kill explains it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

#: An answer so long, in seconds, before a kill may not have been written down yet; a busy machine takes a while.
UNWRITTEN = 4.0
#: What somebody had sent before they were killed may be read by us so much later, in seconds.
UNREAD = 2.0
#: Kills that end a process that delivers.
OF_THE_COURIER = frozenset({"courier", "supervisor", "whole machine"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """One message that arrived, and how it was answered. Times are in seconds since 1970.

    ``way`` is how: "ok" is a 2xx in time, "late" a 2xx that nobody can have waited for, all else a failure.
    ``about`` names the event that it opens a story of, "" for other messages.
    """

    id: str
    way: str
    arrived: float
    answered: float
    about: str
    body: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A message that came again although it had been answered with 2xx; ``kill`` explains it, if any does."""

    id: str
    answered: float
    came: float
    kill: tuple[float, str] | None


@dataclass(frozen=True, slots=True)
class Account:
    """``lost`` were never taken. ``twice`` were told under more than one id. ``unexpected`` were not to be told.
    ``changed`` are ids whose bodies differed from one attempt to the next."""

    expected: int
    attempts: int
    failed: Mapping[str, int]
    taken: int
    lost: Sequence[str]
    twice: Sequence[str]
    unexpected: Sequence[str]
    changed: Sequence[str]
    repeats: Sequence[Repeat]
    last: float

    @property
    def unexplained(self) -> list[Repeat]:
        return [repeat for repeat in self.repeats if not repeat.kill]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.twice or self.unexpected or self.changed or self.unexplained)


def account(expected: Collection[str], receipts: Iterable[Receipt], kills: Iterable[tuple[float, str]]) -> Account:
    """``kills`` are (time, what was killed)."""
    ordered = sorted(receipts, key=lambda one: one.arrived)
    taken = [one for one in ordered if one.way in {"ok", "late"}]
    ids_of: dict[str, set[str]] = {}
    for one in taken:
        if one.about:
            ids_of.setdefault(one.about, set()).add(one.id)
    bodies: dict[str, set[str]] = {}
    for one in ordered:
        bodies.setdefault(one.id, set()).add(one.body)
    deadly = [(at, what) for at, what in kills if what in OF_THE_COURIER]
    return Account(
        expected=len(expected),
        attempts=len(ordered),
        failed=Counter(one.way for one in ordered if one.way != "ok"),
        taken=sum(event in ids_of for event in expected),
        lost=sorted(set(expected) - set(ids_of)),
        twice=sorted(event for event, ids in ids_of.items() if len(ids) > 1),
        unexpected=sorted(set(ids_of) - set(expected)),
        changed=sorted(message for message, several in bodies.items() if len(several) > 1),
        repeats=_repeats(ordered, deadly),
        last=max((one.answered for one in taken), default=0.0),
    )


def _repeats(ordered: Sequence[Receipt], deadly: Sequence[tuple[float, str]]) -> list[Repeat]:
    repeats: list[Repeat] = []
    answered: dict[str, Receipt] = {}
    for one in ordered:
        before = answered.get(one.id)
        if before is not None:
            repeats.append(Repeat(one.id, before.answered, one.arrived, _killed_between(before, one, deadly)))
        if one.way == "ok":
            answered[one.id] = one
    return repeats


def _killed_between(before: Receipt, again: Receipt, deadly: Sequence[tuple[float, str]]) -> tuple[float, str] | None:
    """The kill that left an answer unwritten: between the message's arrival and shortly after our answer."""
    until = min(before.answered + UNWRITTEN, again.arrived)
    return next(((at, what) for at, what in deadly if before.arrived - UNREAD <= at <= until), None)
