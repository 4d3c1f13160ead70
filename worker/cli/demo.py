"""``seedwire demo`` and ``seedwire newsroom``: the service at work, with no network and nothing to set up."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from worker.cli import options


def _seeds_folder() -> Path:
    """The seeds beside the code (a checkout) or where the image keeps them."""
    beside = Path(__file__).parents[2] / "seeds"
    return beside if beside.is_dir() else Path("/usr/share/seedwire/seeds")


_seeds_option = click.option(
    "--seeds",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=_seeds_folder,
    help="Publish the articles of this folder (default: the project's own).",
)
_pace_option = click.option(
    "--pace", default=2.0, show_default=True, type=click.FloatRange(0.1, 600), help="Seconds between two articles."
)


@click.command()
@_seeds_option
@_pace_option
@click.option("--keep", is_flag=True, help="Go on running when all is shown, until Ctrl-C.")
def demo(seeds: Path, pace: float, keep: bool) -> None:
    """Start a newsroom, a webhook receiver and the whole service on loopback, and show the alerts as they arrive."""
    from worker.demo.show import show

    shown = show(seeds, pace=pace, keep=keep)
    click.secho(f"{options.count(shown.opened, 'alert')}, each for one event, every signature verified.", bold=True)
    click.echo("Next: put feeds of your own into seedwire.toml, then `make run` (README.md).")
    if shown.refused:
        click.echo(f"{options.count(shown.refused, 'message')} came with a wrong signature", err=True)
        sys.exit(1)


@click.command()
@options.config_option
@_seeds_option
@_pace_option
@click.option("--host", default="0.0.0.0", show_default=True, help="Where to listen.")  # noqa: S104 - for a container
@click.option("--port", default=8700, show_default=True, help="The papers' port.")
@click.option("--catcher-port", default=8701, show_default=True, help="The webhook receiver's port.")
def newsroom(config: str | None, seeds: Path, pace: float, host: str, port: int, catcher_port: int) -> None:
    """Publish the seeds as feeds and catch webhooks, verified with the secrets of the config, until SIGTERM."""
    from worker.demo.catcher import Catcher
    from worker.demo.newsroom import Newsroom
    from worker.demo.screen import render
    from worker.supervise.ports import check_free

    check_free(host, port, "--port")
    check_free(host, catcher_port, "--catcher-port")
    secrets = [secret for webhook in options.watcher(config).current.webhooks for secret in webhook.secrets]
    papers = Newsroom(host, port, seeds, pace)
    catcher = Catcher(host, catcher_port, secrets, lambda message: click.echo(render(message)))
    papers.start()
    catcher.start()
    click.echo(f"papers on port {port}, webhook receiver on port {catcher_port}")
    try:
        threading.Event().wait()
    finally:
        papers.stop()
        catcher.stop()
