"""``seedwire deliveries``: every alert on its way, every attempt, and another try for what rests."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, cast, get_args

import click

from alerts.delivery import DeliveryState
from worker.cli import options

if TYPE_CHECKING:
    from worker.steps.retry import Resting

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
    from store import prefixes
    from store.views.deliveries import newest_deliveries

    with options.context(config) as context, context.database.read() as connection:
        found = newest_deliveries(
            connection,
            limit=None if everything else limit,
            state=cast("DeliveryState | None", state),
            alert=prefixes.alert_id(connection, alert_id) if alert_id else None,
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


@deliveries.command(name="retry")
@options.config_option
@click.argument("delivery_ids", nargs=-1)
@click.option("--dead", is_flag=True, help="All that are dead.")
@click.option("--disabled", is_flag=True, help="All that rest because their webhook was disabled, which is enabled.")
@click.option("--webhook", help="With --dead or --disabled: only those to this webhook.")
@click.option("--since", metavar="TIME", help="With them: only those made since then: 2026-11-01T12:00, UTC.")
@click.option("--until", metavar="TIME", help="With them: only those made before then.")
def retry_(
    config: str | None,
    delivery_ids: tuple[str, ...],
    dead: bool,
    disabled: bool,
    webhook: str | None,
    since: str | None,
    until: str | None,
) -> None:
    """Start the schedule of deliveries anew: same alert, same webhook-id. What arrived is left alone
    (`seedwire alerts replay` tells it again)."""
    from store import prefixes
    from store.views.deliveries import newest_deliveries
    from worker.steps.retry import retry, retry_resting

    if not delivery_ids and not dead and not disabled:
        raise click.UsageError("name deliveries by id, or say --dead or --disabled")
    if (since or until or webhook) and not dead and not disabled:
        raise click.UsageError("--webhook, --since and --until choose among --dead or --disabled: say which")
    first = options.moment("--since", since) if since else None
    last = options.moment("--until", until) if until else None
    with options.context(config) as context, context.database.write() as transaction:
        # One that has left the config may have deliveries still.
        if webhook is not None and not newest_deliveries(transaction.connection, limit=1, webhook=webhook):
            options.webhook(context.config, webhook)
        ids = [prefixes.delivery_id(transaction.connection, one) for one in delivery_ids]
        many = retry(context, transaction, ids).deliveries if ids else 0
        states = [state for state, wanted in (("dead", dead), ("disabled", disabled)) if wanted]
        if states:
            resting = retry_resting(
                context, transaction, cast("list[Resting]", states), webhook=webhook, since=first, until=last
            )
            many += resting.deliveries
    told = options.count(many, "delivery is", "deliveries are")
    click.echo(f"{told} due again; sent with the next tick of the running service, or by `seedwire poll`")
