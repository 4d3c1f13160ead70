"""``seedwire learn``: a folder of articles becomes a model, and a report of what it can and cannot tell."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli import against as comparison
from worker.cli import feedback as correcting
from worker.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.backtest import Backtest
    from classifiers.feedback import Feedback
    from classifiers.learn import Learned
    from classifiers.model import Model
    from classifiers.seed import Seed
    from worker.cli.against import Source
    from worker.context import Context


@click.command()
@options.config_option
@click.option(
    "--seeds",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder. Given several times, all are learned together.",
)
@click.option("--with-feedback", is_flag=True, help="Also learn from stored corrections (`seedwire items label`).")
@click.option(
    "--against",
    callback=comparison.parse,
    metavar="AGE|FILE",
    help="Compare with the model in force: over the items stored in the last 30d, say, or a file of JSON Lines.",
)
@click.option(
    "--model",
    "model_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Instead of learning, compare this model (with --against).",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the model here.")
@click.option("--accept-worse", is_flag=True, help="Write it even where corrections made a type worse.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def learn(
    config: str | None, seeds: tuple[Path, ...], with_feedback: bool, against: Source | None, model_file: Path | None,
    out: Path | None, accept_worse: bool, as_json: bool,
) -> None:  # fmt: skip
    """Learn every event type found in a folder of seed files (docs/patterns.md).

    Prints what was learned. The model it writes is used by `[service] model = FILE` and `classify --model FILE`.

    With feedback it learns twice, without and with the corrections, and shows what they did to the folder's own seeds.
    Where they made a type worse nothing is written and the exit code is 1, unless you say --accept-worse.
    """
    if bool(seeds) == bool(model_file):
        raise click.UsageError("say --seeds DIR to learn, or --model FILE and --against to compare a model")
    if model_file and (against is None or with_feedback or out):
        raise click.UsageError("--model compares a model that exists: it goes with --against alone")
    if out and not (out.parent.is_dir() and os.access(out.parent, os.W_OK)):
        raise click.UsageError(f"--out: {out.parent} is not a folder that can be written to")
    learned: Learned | None = None
    feedback: Feedback | None = None
    backtest: Backtest | None = None
    with ExitStack() as stack:
        stored = with_feedback or (against is not None and against.age is not None)
        context = stack.enter_context(options.context(config)) if stored else None
        # Whatever can be wrong shows before minutes are spent on learning.
        count = comparison.check_lines(against.file) if against and against.file else 0
        in_force = _model_in_force(config, context) if against else None
        started = datetime.now(UTC)  # what is said meanwhile is not learned
        if seeds:
            learned, feedback = _learn(seeds, context if with_feedback else None)
        if against and in_force:
            new = learned.model if learned else _load(model_file)
            backtest = comparison.compare(in_force, new, against, context, count)
        refused = feedback is not None and bool(feedback.worse) and not accept_worse
        if learned and out and not refused:
            learned.model.save(out)
            if feedback and context:
                from store import corrections

                with context.database.write() as transaction:
                    corrections.save_learned(transaction.connection, started)
    if as_json:
        from classifiers.report import unread

        for line in unread(learned) if learned else ():
            click.echo(f"seedwire: {line}", err=True)
        _print_json(learned, feedback, against, backtest)
    else:
        _print(learned, feedback, against, backtest)
        if learned and not refused:
            click.echo(f"model written to {out}" if out else "nothing written; say --out FILE to keep the model")
    if feedback and refused:
        kinds = ", ".join(feedback.worse)
        raise click.ClickException(f"the corrections made {kinds} worse; nothing written; --accept-worse keeps it")


def _learn(folders: Sequence[Path], corrected: Context | None) -> tuple[Learned, Feedback | None]:
    """Learn the folders' seeds, each once, and the corrections stored in the database of ``corrected``."""
    from classifiers.learn import learn as learn_from
    from classifiers.seed import read_seeds

    def learn_aloud(seeds: Sequence[Seed]) -> Learned:
        start = time.monotonic()
        if sys.stderr.isatty():
            click.echo(f"learning from {options.count(len(seeds), 'seed')}; a large folder takes a minute…", err=True)
        learned = learn_from(seeds)
        if sys.stderr.isatty():
            kinds = options.count(len(learned.report), "kind of event", "kinds of event")
            click.echo(f"learned {kinds} in {time.monotonic() - start:.0f} s", err=True)
        return learned

    read = tuple(dict.fromkeys(seed for folder in folders for seed in read_seeds(folder)))
    if corrected is None:
        return learn_aloud(read), None
    from store import items

    with corrected.database.read() as connection:
        corrections = items.corrections(connection)
    return correcting.learn_with(learn_aloud, read, corrections)


def _load(file: Path | None) -> Model:
    from classifiers.model import Model

    return Model.load(file)


def _model_in_force(config: str | None, context: Context | None) -> Model:
    """The model of the config, the shipped one where there is no config: a file can be compared before there is one."""
    from worker.config.errors import ConfigNotFound

    if context is not None:
        return context.model
    try:
        return _load(options.watcher(config).current.service.model)
    except ConfigNotFound:
        if config or os.environ.get("SEEDWIRE_CONFIG"):
            raise
        return _load(None)


def _print_json(
    learned: Learned | None, feedback: Feedback | None, against: Source | None, backtest: Backtest | None
) -> None:
    report = [asdict(kind) for kind in learned.report] if learned else []
    if feedback is None and backtest is None:
        click.echo(options.to_json(report))
        return
    said: dict[str, object] = {"report": report}
    if feedback:
        said["feedback"] = correcting.to_json(feedback)
    if against and backtest:
        said["against"] = comparison.to_json(against, backtest)
    click.echo(options.to_json(said))


def _print(
    learned: Learned | None, feedback: Feedback | None, against: Source | None, backtest: Backtest | None
) -> None:
    from classifiers.report import render

    if learned:
        click.echo(options.plain(render(learned)))
    if feedback:
        correcting.show(feedback)
    if against and backtest:
        comparison.show(against, backtest)
