"""The commands that run the service, whole or in parts."""

from __future__ import annotations

import os
import sys

import click

from worker.cli import options


@click.command()
@options.config_option
def up(config: str | None) -> None:
    """Run everything on this machine until Ctrl-C: broker, workers, tick, web page. State lies in service.data_dir."""
    from worker.up import up as run_up

    run_up(options.watcher(config))


@click.command()
@options.config_option
@options.json_option
@click.option("--all", "every_feed", is_flag=True, help="Poll every feed, due or not.")
def poll(config: str | None, as_json: bool, every_feed: bool) -> None:
    """Poll due feeds, classify what is new, deliver what is due, then exit. For cron; needs no broker.

    May run beside `seedwire up` on the same database: each piece of work is done once.
    """
    from dataclasses import asdict

    from store import migrate, state
    from worker import logs
    from worker.context import Context
    from worker.garbage import collect_rarely
    from worker.steps.whole_pass import whole_pass

    watcher = options.watcher(config)
    service = watcher.current.service
    logs.configure(service.log_format, service.log_level)
    context = Context(watcher)
    collect_rarely()
    try:
        migrate.upgrade(context.database)
        tally = whole_pass(context, every_feed=every_feed)
        with context.database.write() as transaction:
            state.put(transaction.connection, "pass", {}, context.now())
    finally:
        context.close()
    if as_json:
        click.echo(options.to_json(asdict(tally)))
        return
    click.echo(
        f"{options.count(tally.feeds, 'feed')} polled ({tally.failed} failed), "
        f"{options.count(tally.new_items, 'new item')}, {tally.classified} classified, "
        f"{options.count(tally.attempts, 'delivery attempt')}" + (f"; still due: {tally.left}" if tally.left else "")
    )


@click.command()
@options.config_option
def migrate(config: str | None) -> None:
    """Create the tables or bring them up to this version. Safe to run at any time, and from several places at once."""
    from store import migrate as schema
    from store.database import Database

    database = Database(options.watcher(config).current.service.database_url)
    done = schema.upgrade(database)
    click.echo(f"{database.shown}: " + ("tables brought up to date" if done else "tables are up to date"))


@click.command()
@options.config_option
def worker(config: str | None) -> None:
    """Run the workers (poller, classifier, courier) with the broker and database of the config, until SIGTERM."""
    from worker.up import workers

    watcher = options.watcher(config)
    _needs_broker(watcher.current.service.redis_url, "worker")
    workers(watcher)


@click.command()
@options.config_option
def beat(config: str | None) -> None:
    """Run the tick, until SIGTERM. A second one does no harm."""
    from worker.run import run_part

    _needs_broker(options.watcher(config).current.service.redis_url, "beat")
    run_part("beat", config)


@click.command()
@options.config_option
def web(config: str | None) -> None:
    """Run the web page, the API and the metrics, until SIGTERM."""
    path = options.watcher(config).current.path
    # The web room stands above this one, so it is started, not imported.
    os.execv(sys.executable, [sys.executable, "-m", "web", "--config", str(path)])  # noqa: S606


def _needs_broker(redis_url: str, command: str) -> None:
    if not redis_url:
        raise click.UsageError(
            f"`seedwire {command}` needs service.redis_url (or SEEDWIRE_REDIS_URL); "
            "without a broker of your own, `seedwire up` brings one"
        )
