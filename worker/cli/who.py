"""``seedwire who``: who holds which office, what that rests on, and a person's corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from classifiers.who import KnownPerson


class _ListByDefault(click.Group):
    """``seedwire who Varga`` is short for ``seedwire who list Varga``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListByDefault)
def who() -> None:
    """List who is known to hold which office (`list` may be left out), set an office, forget a name."""


@who.command(name="list")
@options.config_option
@options.json_option
@click.argument("name", required=False)
@click.option("--country", help="Only this country: its code, such as NO.")
@click.option("--all", "everything", is_flag=True, help="Former holders and those seen too little too, without limit.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
def list_(
    config: str | None, as_json: bool, name: str | None, country: str | None, everything: bool, limit: int
) -> None:
    """List people, the most named lately first; with NAME those of that name.

    FROM says what it rests on: the table that comes with Seedwire, the stream of items, or a correction.
    """
    from classifiers.person_names import folded
    from store import who as stored

    code = _country(country) if country else None
    with options.context(config) as context, context.database.read() as connection:
        people = stored.people(connection, context.now())
    found = [
        person
        for person in people
        if (name is None or folded(name) in folded(" ".join((person.name, *person.spellings))))
        and code in (None, person.country)
        and (everything or name is not None or person.standing == "known" or person.source == "correction")
    ]
    shown = found if everything else found[:limit]
    if as_json:
        for person in shown:
            click.echo(options.to_json(_json(person)))
        return
    if not shown:
        click.echo("nobody known matches" if everything or name else "nobody known matches; --all looks further")
        return
    rows = [
        (
            person.country or "-",
            person.name,
            person.role or "-",
            "" if person.standing == "known" else person.standing,
            f"{person.sightings:,}",
            f"{person.feeds:,}",
            options.ago(person.last_seen),
            person.source,
        )
        for person in shown
    ]
    options.table(rows, ("COUNTRY", "NAME", "ROLE", "STANDING", "SIGHTINGS", "FEEDS", "LAST SEEN", "FROM"))
    if len(found) > len(shown):
        click.secho(f"{len(found) - len(shown):,} more; --all or --limit shows them", dim=True)


@who.command(name="set")
@options.config_option
@click.argument("name")
@click.option("--role", required=True, help="The office, such as `prime minister` or `former president`.")
@click.option("--country", required=True, help="Whose: a country's code, such as NO.")
def set_(config: str | None, name: str, role: str, country: str) -> None:
    """Say what office somebody holds. It beats the table and the stream, until `forget` takes it back.

    In force within two minutes, for items that are read from then on.
    """
    from classifiers.who import OfficeCorrection, canonical_role
    from store import who as stored

    office, code, name = canonical_role(role), _country(country), " ".join(name.split())
    if office is None:
        raise click.UsageError(f"{role!r} is no role that is known; expected one such as 'prime minister'{_near(role)}")
    if not 1 < len(name) <= 60 or not any(c.isalpha() for c in name):
        raise click.UsageError(f"{name!r} is no name; expected one of 2 to 60 characters")
    with options.context(config) as context, context.database.write() as transaction:
        stored.correct(transaction.connection, OfficeCorrection(name, office, code, context.now()))
    click.echo(f"{name} is {office}, {code}")


@who.command()
@options.config_option
@click.argument("name")
def forget(config: str | None, name: str) -> None:
    """Take a correction back; without one, do not know NAME any more, whatever the table and the stream say."""
    from classifiers.person_names import folded
    from classifiers.who import OfficeCorrection
    from store import who as stored
    from store.errors import NotFound

    with options.context(config) as context, context.database.write() as transaction:
        connection = transaction.connection
        if stored.undo(connection, name):
            click.echo(f"the correction of {name} is taken back")
            return
        known = [p for p in stored.people(connection, context.now()) if folded(name) in map(folded, _spellings(p))]
        if not known:
            raise NotFound(f"nobody is known as {name!r}; `seedwire who --all` lists everybody, with full names")
        if known[0].standing == "forgotten":
            click.echo(f"{name} is forgotten already; `seedwire who set` says who it is")
            return
        stored.correct(connection, OfficeCorrection(known[0].name, None, None, context.now()))
    click.echo(f"{known[0].name} is forgotten; `seedwire who set`, and `forget` once more, brings back what was known")


def _spellings(person: KnownPerson) -> tuple[str, ...]:
    return (person.name, *person.spellings)


def _country(said: str) -> str:
    from worker.config.countries import COUNTRY_CODES

    if said.upper() not in COUNTRY_CODES:
        raise click.UsageError(f"{said!r} is no country code; expected one of two letters, such as NO (ISO 3166-1)")
    return said.upper()


def _near(role: str) -> str:
    from difflib import get_close_matches

    from classifiers.gazetteer import roles

    known = sorted({found.name for row in roles().values() for _, found in row})
    near = get_close_matches(role.lower(), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _json(person: KnownPerson) -> dict[str, object]:
    return {
        "name": person.name,
        "role": person.role or None,
        "country": person.country or None,
        "standing": person.standing,
        "from": person.source,
        "sightings": person.sightings,
        "feeds": person.feeds,
        "first_seen": person.first_seen,
        "last_seen": person.last_seen,
        "spellings": person.spellings,
        "surnames": person.surnames,
    }
