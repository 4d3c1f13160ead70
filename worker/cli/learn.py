"""``seedwire learn``: a folder of articles becomes a model, and a report of what it can and cannot tell."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

from worker.cli import options


@click.command()
@click.option(
    "--seeds", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="The folder."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the model here.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def learn(seeds: Path, out: Path | None, as_json: bool) -> None:
    """Learn every event type found in a folder of seed files (docs/patterns.md).

    Prints what was learned. The model it writes is used by `[service] model = FILE` and `classify --model FILE`.
    """
    from classifiers.learn import learn as learn_from
    from classifiers.report import render
    from classifiers.seed import read_seeds

    read, start = read_seeds(seeds), time.monotonic()
    if sys.stderr.isatty():
        click.echo(f"learning from {options.count(len(read), 'seed')}; a large folder takes a minute…", err=True)
    learned = learn_from(read)
    if sys.stderr.isatty():
        kinds = options.count(len(learned.report), "kind of event", "kinds of event")
        click.echo(f"learned {kinds} in {time.monotonic() - start:.0f} s", err=True)
    if out is not None:
        learned.model.save(out)
    click.echo(options.to_json([asdict(report) for report in learned.report]) if as_json else render(learned))
    if not as_json:
        click.echo(f"model written to {out}" if out else "nothing written; say --out FILE to keep the model")
