"""``seedwire deliveries``: every alert on its way, every attempt, and another try for what rests."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast, get_args

import click

from alerts.delivery import DeliveryState
from worker.cli import options

STATES = get_args(DeliveryState)


@click.group()
def deliveries() -> None:
    """List deliveries and retry those that rest."""


@deliveries.command(name="list")
@options.config_option
@options.json_option
@click.option("--all", "everything", is_flag=True, help="All of them, not just the newest.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--alert", "alert_id", help="Only those of one alert.")
@click.option("--webhook", help="Only those to this webhook.")
def list_(
    config: str | None,
    as_json: bool,
    everything: bool,
    limit: int,
    state: str | None,
    alert_id: str | None,
    webhook: str | None,
) -> None:
    """List deliveries, newest first, with their attempts."""
    from store import deliveries as stored
    from store import prefixes

    with options.context(config) as context, context.database.read() as connection:
        found = stored.newest(
            connection,
            limit=None if everything else limit,
            state=cast("DeliveryState | None", state),
            alert_id=prefixes.alert_id(connection, alert_id) if alert_id else None,
            webhook=webhook,
        )
    if as_json:
        for delivery in found:
            click.echo(options.to_json(asdict(delivery)))
        return
    if not found:
        click.echo("no delivery matches" if state or alert_id or webhook else "no deliveries yet")
        return
    rows = [
        (
            d.id,
            d.webhook,
            d.state,
            str(len(d.attempts)),
            options.ago(d.created),
            options.due(d.due),
            d.note or "",
        )
        for d in found
    ]
    options.table(rows, ("ID", "WEBHOOK", "STATE", "ATTEMPTS", "CREATED", "NEXT", "NOTE"))


@deliveries.command()
@options.config_option
@click.argument("delivery_ids", nargs=-1)
@click.option("--dead", is_flag=True, help="All that are dead.")
@click.option("--disabled", is_flag=True, help="All that rest because their webhook was disabled, which is enabled.")
@click.option("--webhook", help="With --dead or --disabled: only those to this webhook.")
@click.option("--since", metavar="TIME", help="With them: only those made since then: 2026-11-01T12:00, UTC.")
@click.option("--until", metavar="TIME", help="With them: only those made before then.")
def retry(
    config: str | None,
    delivery_ids: tuple[str, ...],
    dead: bool,
    disabled: bool,
    webhook: str | None,
    since: str | None,
    until: str | None,
) -> None:
    """Start the schedule of deliveries anew: same alert, same webhook-id."""
    from store import deliveries as stored
    from store import prefixes

    if not delivery_ids and not dead and not disabled:
        raise click.UsageError("name deliveries by id, or say --dead or --disabled")
    if (since or until or webhook) and not dead and not disabled:
        raise click.UsageError("--webhook, --since and --until choose among --dead or --disabled: say which")
    first = options.moment("--since", since) if since else None
    last = options.moment("--until", until) if until else None
    with options.context(config) as context, context.database.write() as transaction:
        connection = transaction.connection
        ids = [prefixes.delivery_id(connection, one) for one in delivery_ids]
        for state in [*["dead"] * dead, *["disabled"] * disabled]:
            ids += stored.ids_in_state(connection, cast("DeliveryState", state), webhook, since=first, until=last)
        stored.retry(connection, ids, datetime.now(UTC))
        if disabled:  # also where nothing rests
            names = stored.disabled_webhooks(connection)
            stored.enable_webhooks(connection, sorted(names & {webhook} if webhook else names))
    many = options.count(len(ids), "delivery is", "deliveries are")
    click.echo(f"{many} due again; sent with the next tick of the running service, or by `seedwire poll`")
