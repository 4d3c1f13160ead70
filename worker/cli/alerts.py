"""``seedwire alerts``: what was told, about which story, to whom; and telling it again."""

from __future__ import annotations

import json
from typing import Any

import click

from worker.cli import options


@click.group()
def alerts() -> None:
    """List alerts, show one with everything behind it, replay."""


@alerts.command(name="list")
@options.config_option
@options.json_option
@click.option("--all", "everything", is_flag=True, help="All of them, not just the newest.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
def list_(config: str | None, as_json: bool, everything: bool, limit: int) -> None:
    """List alerts, newest first. With --json each is the whole CloudEvent and how its deliveries stand."""
    from store.views.alerts import newest_alerts

    with options.context(config) as context, context.database.read() as connection:
        found = newest_alerts(connection, limit=None if everything else limit)
    if as_json:
        for listed in found:
            said = {"items": listed.items, "deliveries": listed.deliveries, "alert": json.loads(listed.alert.body)}
            click.echo(options.to_json({"id": listed.alert.id} | said))
        return
    if not found:
        click.echo("no alerts yet; `seedwire items list` shows what was read and why nothing came of it")
        return
    rows = []
    for listed in found:
        event, sides, headline = _in_brief(json.loads(listed.alert.body).get("data", {}))
        rows.append(
            (
                listed.alert.id,
                options.ago(listed.alert.time),
                listed.alert.type.removeprefix("seedwire."),
                event,
                sides,
                ", ".join(f"{n} {state}" for state, n in sorted(listed.deliveries.items())) or "no webhook",
                headline[:90],
            )
        )
    options.table(rows, ("ID", "TIME", "ALERT", "EVENT", "SIDES", "DELIVERIES", "HEADLINE"))


def _in_brief(data: dict[str, Any]) -> tuple[str, str, str]:
    """What an alert is about in a line: event, sides, headline; of one about the service, what it says."""
    if "stories" in data:
        titles = [str((told.get("item") or {}).get("title", "")) for told in data["stories"]]
        return options.count(data["alerts"], "story", "stories"), "-", " · ".join(titles)
    if "event" not in data:
        reasons = "; ".join(str(r["detail"]) for r in data.get("reasons", ()))
        said = data.get("reason") or data.get("detail") or reasons
        about = (data.get("feed") or {}).get("title") or (data.get("webhook") or {}).get("name") or ""
        return "-", "-", ": ".join(part for part in (about, said or data.get("message", "")) if part)
    event, items = data["event"], data.get("items") or [{}]
    kind = f"{event.get('type', '-')} {event.get('status') or ''}".strip()
    return kind, " ".join(event.get("countries") or ()) or "-", str(items[0].get("title", ""))


@alerts.command()
@options.config_option
@options.json_option
@click.argument("alert_id")
def show(config: str | None, as_json: bool, alert_id: str) -> None:
    """Show one alert (by its id or its story's): the body sent, every report and why it joined, every attempt."""
    from store import alerts as stored
    from store import prefixes
    from store.views.alerts import show_alert

    with options.context(config) as context, context.database.read() as connection:
        whole = show_alert(connection, stored.get(connection, prefixes.alert_id(connection, alert_id)))
    reports, tried, shown = whole.reports, whole.deliveries, whole.to_dict()
    if as_json:
        click.echo(options.to_json(shown))
        return
    click.echo(options.plain(json.dumps(shown["alert"], indent=2, ensure_ascii=False)))
    click.secho(f"\n{options.count(len(reports), 'report')}", bold=True)
    for report, why in reports:
        headline = " ".join((report.title or report.text[:80]).split())
        click.echo(options.plain(f"  {options.ago(report.seen):<12} {report.feed_title}: {headline}"))
        click.secho(options.plain(f"               {'; '.join(why)}"), dim=True)
    click.secho(f"\n{options.count(len(tried), 'delivery', 'deliveries')}", bold=True)
    for delivery in tried:
        click.echo(options.plain(f"  {delivery.webhook}: {delivery.state} ({delivery.note or 'waiting'})"))
        for attempt in delivery.attempts:
            said = attempt.error or attempt.excerpt or ""
            line = f"    {options.ago(attempt.at):<12} {attempt.code} in {attempt.latency_ms:.0f} ms {said}"
            click.echo(options.plain(line))


@alerts.command(name="replay")
@options.config_option
@click.argument("alert_ids", nargs=-1)
@click.option("--since", metavar="TIME", help="Every alert since then: 2026-11-01 or 2026-11-01T12:00, UTC.")
@click.option("--webhook", help="To this webhook alone (default: every webhook whose filters admit the alert).")
def replay_(config: str | None, alert_ids: tuple[str, ...], since: str | None, webhook: str | None) -> None:
    """Send alerts again: the same body under the same webhook-id."""
    from store import alerts as stored
    from store import prefixes
    from worker.steps.replay import replay

    start = options.moment("--since", since) if since else None
    if not alert_ids and start is None:
        raise click.UsageError("name alerts by id, or say --since")
    with options.context(config) as context:
        if webhook:
            options.webhook(context.config, webhook)
        with context.database.write() as transaction:
            connection = transaction.connection
            chosen = [stored.get(connection, prefixes.alert_id(connection, alert_id)) for alert_id in alert_ids]
            if start:
                chosen += [stored.get(connection, alert_id) for alert_id in stored.since(connection, start)]
            made = len(replay(context, transaction, chosen, webhook=webhook or ""))
    many = f"{options.count(len(chosen), 'alert')}, {options.count(made, 'delivery', 'deliveries')} due"
    click.echo(f"{many}; sent with the next tick of the running service, or by `seedwire poll`")
