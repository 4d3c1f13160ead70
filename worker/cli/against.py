"""``seedwire learn --against``: a new model beside the one in force, over stored items or a file of them."""

from __future__ import annotations

import codecs
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli import options
from worker.cli.item_lines import BadLines, read_item
from worker.config.errors import BadValue
from worker.config.kinds import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from classifiers.backtest import Backtest, Change, TypeCount
    from classifiers.model import Model
    from feeds.item import Item
    from worker.context import Context

#: Stored items read at once.
BATCH = 200
#: Changed items shown to a person, of those that would newly alert and of those that no longer would.
SHOWN = 50
#: Bad lines of a file that are told, each in a line.
_TOLD = 10


@dataclass(frozen=True, slots=True)
class Source:
    """The items to compare on: those first seen within ``age``, or the lines of ``file``."""

    said: str
    age: timedelta | None = None
    file: Path | None = None


def parse(_ctx: click.Context, _param: click.Parameter, said: str | None) -> Source | None:
    """What ``--against`` names."""
    if said is None:
        return None
    try:
        return Source(said, age=parse_duration(said))
    except BadValue:
        file = Path(said)
    if not file.is_file():
        raise click.BadParameter(f"{said!r} is neither a length of time such as 30d nor a file of items")
    return Source(said, file=file)


def check_lines(file: Path) -> int:
    """How many items a file holds. Raises BadLines."""
    count, bad = 0, []
    for number, line in _lines(file):
        try:
            _item(line)
        except ValueError as error:
            bad.append(f"{file}, line {number}: {error}")
        else:
            count += 1
    if bad:
        more = [f"{file}: {len(bad) - _TOLD} more bad lines"] if len(bad) > _TOLD else []
        raise BadLines("\n".join(bad[:_TOLD] + more))
    if not count:
        raise BadLines(f"{file}: no items; expected one JSON object a line: id, title, text")
    return count


def compare(old: Model, new: Model, source: Source, context: Context | None, count: int) -> Backtest:
    """Both models on every item of ``source``; ``count`` is how many lines a file has."""
    from classifiers.backtest import backtest
    from store import items

    if source.file:
        walk: Iterator[tuple[datetime | None, Item]] = _file_items(source.file)
    else:
        assert context is not None
        assert source.age is not None
        start = _before(context.now(), source.age)
        with context.database.read() as connection:
            count = items.count_seen_since(connection, start)
        walk = _stored_items(context, start)
    with _progress(walk, count) as shown:
        # As the service would decide them; a file may be of any time.
        return backtest(old, new, shown, None if source.file or context is None else context.who)


def to_json(source: Source, done: Backtest) -> dict[str, object]:
    return {"over": source.said} | asdict(done)


def show(source: Source, done: Backtest) -> None:
    """What would change, for a person: counts by type, then the items, newest first."""
    over = f"the lines of {source.said}" if source.file else f"the last {source.said}"
    of_these = f", {done.not_scored:,} of them not scored" if done.not_scored else ""
    click.secho(
        options.plain(f"beside the model in force, over {over}: {options.count(done.items, 'item')}{of_these}"),
        bold=True,
    )
    for count in done.types:
        click.echo(f"  {count.type}: {_counts(count)}")
    for direction, would in (("newly", "would newly alert"), ("no longer", "would no longer alert")):
        changes = [change for change in done.changes if change.change == direction]
        total = sum(c.newly if direction == "newly" else c.no_longer for c in done.types)
        if not changes:
            continue
        click.echo()
        click.secho(would, bold=True)
        options.table([_row(change) for change in changes[:SHOWN]], _HEADER)
        if total > SHOWN:
            click.echo(f"  and {total - SHOWN:,} more; --json lists up to 1,000 a type")


_HEADER = ("ID", "SEEN", "TYPE", "SCORE", "THRESHOLD", "WHY", "TITLE")


def _counts(count: TypeCount) -> str:
    if count.known_to == "new":
        return f"only the new model knows it; {options.count(count.new, 'item')} would alert"
    if count.known_to == "old":
        return f"the new model does not know it; {options.count(count.old, 'item')} would no longer alert"
    changed = f"{count.newly:,} newly, {count.no_longer:,} no longer"
    differs = f"; of {count.both:,} in both {count.status:,} with another status, {count.sides:,} with other sides"
    return f"{count.old:,} -> {options.count(count.new, 'item')} ({changed}{differs})"


def _row(change: Change) -> tuple[str, ...]:
    return (
        change.id[:12] or "-",
        options.ago(change.time) if change.time else "undated",
        change.type,
        f"{_number(change.old_score)} -> {_number(change.new_score)}",
        f"{_number(change.old_threshold)} -> {_number(change.new_threshold)}",
        change.reason[:60],
        change.title[:100],
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _before(now: datetime, age: timedelta) -> datetime:
    try:
        return now - age
    except OverflowError:
        raise click.UsageError("--against reaches back before the first year; expected a length such as 30d") from None


def _stored_items(context: Context, start: datetime) -> Iterator[tuple[datetime | None, Item]]:
    """Batch by batch, each read by itself: a read that lasts minutes would hold up the database's housekeeping."""
    from store import items

    last = None
    while True:
        with context.database.read() as connection:
            batch = items.seen_since(connection, start, limit=BATCH, after=last)
        for last in batch:
            yield last.first_seen, last.item
        if len(batch) < BATCH:
            return


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield number, line


def _item(line: bytes) -> Item:
    """Raises ValueError that says what is wrong with it."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8; save the file as UTF-8") from None
    return read_item(text)


def _file_items(file: Path) -> Iterator[tuple[datetime | None, Item]]:
    for number, line in _lines(file):
        try:
            item = _item(line)
        except ValueError as error:
            raise BadLines(f"{file}, line {number}: {error}; it has changed meanwhile") from None
        yield item.published, item


@contextmanager
def _progress(
    walk: Iterator[tuple[datetime | None, Item]], count: int
) -> Iterator[Iterator[tuple[datetime | None, Item]]]:
    hidden = not sys.stderr.isatty()
    with click.progressbar(walk, length=count, label="comparing", file=sys.stderr, hidden=hidden) as shown:
        yield iter(shown)
