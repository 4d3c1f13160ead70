"""``seedwire webhooks dry-run``: what a webhook would have been sent over the last days, and why all else was not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from worker.cli import options
from worker.config import keys
from worker.config.errors import BadValue
from worker.config.kinds import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from alerts.outcomes import ItemOutcome
    from alerts.rehearsal import Arrival, Message, Rehearsal
    from store.arrivals import SeenItem
    from worker.config.keys import Key

#: The keys of a webhook that can be tried otherwise than the config has them.
TRIED: tuple[Key[Any], ...] = (
    keys.WEBHOOK_EVENTS, keys.MIN_SCORE, keys.WEBHOOK_COUNTRIES, keys.WEBHOOK_STATUSES, keys.WEBHOOK_TAGS,
    keys.WEBHOOK_FEEDS, keys.WEBHOOK_LANGUAGES, keys.QUIET_PERIOD, keys.MAX_PER_HOUR,
)  # fmt: skip
#: Messages shown to a person.
SHOWN = 50


def _parse_since(_ctx: click.Context, _param: click.Parameter, said: str) -> timedelta:
    try:
        return parse_duration(said)
    except BadValue:
        raise click.BadParameter(f"expected a length of time such as 7d, got {said!r}") from None


def _parser(key: Key[Any]) -> Callable[[click.Context, click.Parameter, str | None], object]:
    def parse(_ctx: click.Context, _param: click.Parameter, said: str | None) -> object:
        if said is None:
            return None
        try:
            return key.kind.parse(_toml(key, said))
        except BadValue as wrong:
            told = f": {wrong}" if str(wrong) else ""
            raise click.BadParameter(f"expected {key.kind.expected}, got {said!r}{told}") from None

    return parse


def _toml(key: Key[Any], said: str) -> object:
    """The value as the config would have it; a list is written with commas."""
    if isinstance(key.default, list):
        return [word.strip() for word in said.split(",") if word.strip()]
    if isinstance(key.default, int | float):
        try:
            return type(key.default)(said)
        except ValueError:
            return said
    return said


def _with_filters(command: Callable[..., None]) -> Callable[..., None]:
    for key in reversed(TRIED):
        many = "A,B" if isinstance(key.default, list) else "VALUE"
        command = click.option(
            f"--{key.name.replace('_', '-')}", key.name, metavar=many, callback=_parser(key),
            help=f"As if the webhook had this `{key.name}`.",
        )(command)  # fmt: skip
    return command


@click.command(name="dry-run")
@options.config_option
@options.json_option
@click.argument("name")
@click.option("--since", default="7d", show_default=True, callback=_parse_since, help="How far to reach back.")
@_with_filters
@click.option("--updates/--no-updates", default=None, help="As if the webhook had `updates = true`, or false.")
def dry_run(config: str | None, as_json: bool, name: str, since: timedelta, **tried: object) -> None:
    """Show what a webhook, as it is configured now, would have been sent over the last days, and why each other item
    was not: one named reason for each. Nothing is sent and nothing is written.

    The stored reports are told once more, from the first of each story, to the same rules that decide live. With
    options such as --min-score other filters are tried, before they are written into the config.
    """
    from alerts.alert import DIGEST
    from alerts.filters import refusal
    from alerts.rehearsal import Rehearsal
    from store import arrivals

    with options.context(config) as context, context.database.read() as connection:
        changed: dict[str, Any] = {key: value for key, value in tried.items() if value is not None}
        webhook = replace(options.webhook(context.config, name), **changed)
        now = context.now()
        start = _before(now, since)
        run = _Run(Rehearsal(webhook))
        for arrival in arrivals.arrivals(connection, start):
            run.take(arrival)
        run.rehearsal.pass_to(now)
        decided = ((item, run.outcome(item)) for item in arrivals.items_since(connection, start))
        if as_json:
            _print_items(decided, run)
            return
        _print_summary(decided)
        _print_messages([message for message in run.rehearsal.messages if message.at >= start], run)
        about_service = arrivals.service_alerts_since(connection, start, DIGEST)
        wanted = Counter(kind for kind in about_service if refusal(webhook, kind, None) is None)
        for kind, count in sorted(wanted.items()):
            click.echo(f"and {options.count(count, 'message')} about the service: {kind}")


@dataclass(slots=True)
class _Run:
    """A rehearsal, and of each item that reports something its title and what followed from it."""

    rehearsal: Rehearsal
    titles: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, list[ItemOutcome]] = field(default_factory=dict)

    def take(self, arrival: Arrival) -> None:
        report = arrival.report
        self.titles[report.item_id] = report.title or report.text[:100]
        self.outcomes.setdefault(report.item_id, []).append(self.rehearsal.take(arrival))

    def outcome(self, item: SeenItem) -> ItemOutcome | None:
        """What would have become of it; what reports nothing is as the service decided it."""
        from alerts.outcomes import ItemOutcome, most_telling

        if item.id in self.outcomes:
            return most_telling(self.outcomes[item.id])
        return ItemOutcome(item.outcome) if item.outcome else None


def _before(now: datetime, since: timedelta) -> datetime:
    try:
        return now - since
    except OverflowError:
        raise click.UsageError("--since reaches back before the first year; expected a length such as 7d") from None


def _why(outcome: ItemOutcome | None) -> str:
    """The reason in a sentence about this webhook, where the stored one is about all."""
    if outcome is None:
        return "It waits to be classified."
    if outcome in _REFUSALS:
        return f"The webhook's `{_REFUSALS[outcome]}` leaves it out."
    if outcome == "updates-off":
        return "It told something new about a story the webhook knows, and its `updates` are off."
    return outcome.sentence


_REFUSALS = {
    "filtered-by-event": "events", "filtered-by-score": "min_score", "filtered-by-country": "countries",
    "filtered-by-status": "statuses", "filtered-by-tag": "tags", "filtered-by-feed": "feeds",
    "filtered-by-language": "languages",
}  # fmt: skip


def _print_items(decided: Iterator[tuple[SeenItem, ItemOutcome | None]], run: _Run) -> None:
    sent: dict[str, list[dict[str, object]]] = {}
    for message in run.rehearsal.messages:
        for told in message.stories:
            event = told.event
            what = {
                "type": message.type, "at": message.at, "story": told.story_id, "opens": told.opens,
                "changes": told.changes, "event": event.type, "status": event.status, "countries": event.countries,
                "score": event.score,
            }  # fmt: skip
            for item_id in told.items:
                sent.setdefault(item_id, []).append(what)
    for item, outcome in decided:
        told_of = {"outcome": outcome, "why": _why(outcome), "sent": sent.get(item.id, [])}
        click.echo(options.to_json(item._asdict() | told_of))


def _print_summary(decided: Iterator[tuple[SeenItem, ItemOutcome | None]]) -> None:
    from alerts.outcomes import ItemOutcome

    counts = Counter(outcome for _, outcome in decided)
    click.secho(options.count(counts.total(), "item"), bold=True)
    rows = [(f"{counts[o]:,}", o or "waiting", _why(o)) for o in (*ItemOutcome, None) if counts[o]]
    if rows:
        options.table(rows, ("ITEMS", "OUTCOME", "WHY"))


def _print_messages(messages: list[Message], run: _Run) -> None:
    many = options.count(len(messages), "message")
    held = f", and {options.count(run.rehearsal.held, 'story', 'stories')} to be told of later"
    click.secho(f"\n{many} would have been sent{held if run.rehearsal.held else ''}", bold=True)
    rows = [
        (
            options.ago(message.at),
            message.type.removeprefix("seedwire.alert."),
            f"{told.event.type} {told.event.status or ''}",
            " ".join(told.event.countries) or "-",
            f"{told.event.score:.2f}",
            run.titles.get(told.items[-1], "")[:100] + (f" ({'; '.join(told.changes)})" if told.changes else ""),
        )
        for message in reversed(messages[-SHOWN:])
        for told in message.stories
    ]
    if rows:
        options.table(rows, ("TIME", "ALERT", "EVENT", "SIDES", "SCORE", "HEADLINE"))
    if len(messages) > SHOWN:
        click.echo(f"and {len(messages) - SHOWN:,} before these; --json lists all")
