"""``seedwire learn --with-feedback``: learning without and with the stored corrections, and what they did."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classifiers.feedback import Correction, Feedback, TypeChange
    from classifiers.learn import Learned, LeftOut
    from classifiers.seed import Seed


def learn_with(
    learn: Callable[[Sequence[Seed]], Learned], seeds: Sequence[Seed], corrections: Sequence[Correction]
) -> tuple[Learned, Feedback]:
    """Learn the seeds, then the corrections beside them. Raises FeedbackError, LearnError."""
    from classifiers.feedback import Feedback, as_seeds, compare

    used, unused = as_seeds(seeds, corrections)
    before = learn(seeds)
    if not used:
        return before, Feedback((), unused, ())
    after = learn((*seeds, *used))
    return after, Feedback(used, unused, compare(before.report, after.report, used))


def to_json(feedback: Feedback) -> dict[str, object]:
    return {
        "learned": len(feedback.used),
        "unused": [asdict(unused) for unused in feedback.unused],
        "types": [_change_json(change) for change in feedback.changes],
        "worse": feedback.worse,
    }


def _change_json(change: TypeChange) -> dict[str, object]:
    return {
        "type": change.type,
        "before": asdict(change.before),
        "after": asdict(change.after),
        "worse": change.worse,
        "corrections_missed": [_wrong_json(row) for row in change.missed],
        "corrections_alarmed": [_wrong_json(row) for row in change.alarmed],
    }


def _wrong_json(row: LeftOut) -> dict[str, object]:
    return {"id": row.seed.path.name, "title": row.seed.title, "score": row.score}


def show(feedback: Feedback) -> None:
    """What the corrections did, for a person."""
    many = options.count(len(feedback.used), "correction")
    if not feedback.used and not feedback.unused:
        click.echo("no corrections stored; `seedwire items label ID TYPE|none` makes one\n")
        return
    click.secho(f"with {many}: what was left out, before -> after", bold=True)
    for change in feedback.changes:
        click.echo(_line(change))
        for what, rows in (("not recognised", change.missed), (f"taken for {change.type}", change.alarmed)):
            for row in rows:
                title = " ".join((row.seed.title or row.seed.text).split())[:80]
                line = f"    {what} when left out: {row.seed.path.name[:12]} {row.score:.2f} {title}"
                click.echo(options.plain(line))
    for unused in feedback.unused:
        click.echo(options.plain(f"  not learned: item {unused.id[:12]} ({unused.label}): {unused.why}"))
    click.echo()


def _line(change: TypeChange) -> str:
    before, after = change.before, change.after
    verdict = click.style("WORSE", fg="red", bold=True) if change.worse else "no worse"
    return (
        f"  {change.type}: found {before.found:,} -> {after.found:,} of {before.examples:,}, "
        f"false alarms {before.alarms:,} -> {after.alarms:,} of {before.others:,}, "
        f"ordinary news {100 * before.ordinary:.2f} % -> {100 * after.ordinary:.2f} %: {verdict}"
    )
