"""Who is who: sightings added up by name, role, country and feed, and what people corrected.

A sentence counts once a feed: ten copies of an agency's report are one report.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, func, select

from classifiers.known_people import known_people
from classifiers.person_names import folded
from classifiers.who import KnownPerson, OfficeCorrection, Sighted, Who, weight_at
from store.database import insert
from store.ids import derive
from store.tables import office_corrections, sighted_sentences, sightings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from classifiers.event import Sighting

_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Tally:
    """The sightings of a batch of items, to be saved at once; none is later than ``now``."""

    now: datetime
    #: By sentence of a feed: the first sighting there, the feed, and its time.
    seen: dict[str, tuple[Sighting, str, datetime]] = field(default_factory=dict)

    def add(self, found: Iterable[Sighting], feed_id: str, time: datetime) -> None:
        """What one item of a feed says, published at ``time``."""
        for sighting in found:
            words = " ".join(_WORD.findall(sighting.words.casefold()))
            sentence = derive(feed_id, sighting.name, sighting.role, sighting.country, words)
            self.seen.setdefault(sentence, (sighting, feed_id, min(time, self.now)))


def save(connection: Connection, tally: Tally) -> None:
    """Add a batch of sightings to what is known, but for those whose sentence their feed has told before."""
    if not tally.seen:
        return
    # In one order everywhere, so that two processes cannot wait for each other's rows.
    heard = [{"id": sentence, "at": tally.now} for sentence in sorted(tally.seen)]
    unless_known = insert(connection, sighted_sentences).on_conflict_do_nothing().returning(sighted_sentences.c.id)
    new_ones = connection.execute(unless_known, heard).scalars()
    said: defaultdict[tuple[Sighting, str], list[datetime]] = defaultdict(list)
    for sighting, feed_id, time in map(tally.seen.__getitem__, new_ones):
        said[sighting, feed_id].append(time)
    if not said:
        return
    rows = [
        {
            "name": sighting.name, "role": sighting.role, "country": sighting.country, "feed_id": feed_id,
            "count": len(times), "weight": sum(map(weight_at, times)),
            "first_seen": min(times), "last_seen": max(times),
        }
        for (sighting, feed_id), times in said.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["country"], row["name"], row["role"], row["feed_id"]))
    statement = insert(connection, sightings)
    new, old = statement.excluded, sightings.c
    statement = statement.on_conflict_do_update(
        index_elements=["name", "role", "country", "feed_id"],
        set_={
            "count": old["count"] + new["count"],
            "weight": old.weight + new.weight,
            "first_seen": case((new.first_seen < old.first_seen, new.first_seen), else_=old.first_seen),
            "last_seen": case((new.last_seen > old.last_seen, new.last_seen), else_=old.last_seen),
        },
    )
    connection.execute(statement, rows)


def people(connection: Connection, now: datetime) -> tuple[KnownPerson, ...]:
    """Everybody the table, the stream or a correction tells of, the most named lately first."""
    c = sightings.c
    total = select(
        c.name, c.role, c.country,
        func.sum(c["count"]), func.sum(c.weight), func.count(), func.min(c.first_seen), func.max(c.last_seen),
    ).group_by(c.name, c.role, c.country).order_by(c.country, c.name, c.role)  # fmt: skip
    sighted = [Sighted(*row) for row in connection.execute(total)]
    said = connection.execute(select(office_corrections).order_by(office_corrections.c.at))
    return known_people(sighted, [OfficeCorrection(row.name, row.role, row.country, row.at) for row in said], now)


def snapshot(connection: Connection, now: datetime) -> Who:
    """What reading goes by now."""
    return Who(people(connection, now))


def correct(connection: Connection, correction: OfficeCorrection) -> None:
    """Keep what a person said of somebody; the last word counts."""
    values = {
        "key": folded(correction.name), "name": correction.name, "role": correction.role,
        "country": correction.country, "at": correction.at,
    }  # fmt: skip
    statement = insert(connection, office_corrections).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def undo(connection: Connection, name: str) -> bool:
    """Take a correction back that gave somebody an office; False where there is none."""
    done = connection.execute(
        delete(office_corrections).where(
            office_corrections.c.key == folded(name), office_corrections.c.role.is_not(None)
        )
    )
    return done.rowcount > 0
