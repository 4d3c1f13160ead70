"""``seedwire learn --with-feedback``: learning without and with the stored corrections, and what they did."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classifiers.feedback import Correction, Feedback, TypeChange
    from classifiers.learn import Learned
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
    return after, Feedback(used, unused, compare(before.report, after.report, seeds, used))


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
        "exact": change.exact,
        "worse": change.worse,
        "corrections_missed": [
            {"id": row.seed.path.name, "title": row.seed.title, "score": row.score} for row in change.missed
        ],
        "corrections_alarms": change.alarms,
    }


def show(feedback: Feedback) -> None:
    """What the corrections did, for a person."""
    many = options.count(len(feedback.used), "correction")
    if not feedback.used and not feedback.unused:
        click.echo("no corrections stored; `seedwire items label ID TYPE|none` makes one\n")
        return
    click.secho(f"with {many}: what was left out, before -> after", bold=True)
    for change in feedback.changes:
        click.echo(_line(change))
        for row in change.missed:
            title = row.seed.title or row.seed.text
            click.echo(
                options.plain(
                    f"    not recognised when left out: {row.seed.path.name[:12]} {row.score:.2f} "
                    + " ".join(title.split())[:80]
                )
            )
        if change.alarms:
            click.echo(f"    taken for {change.type} when left out: {options.count(change.alarms, 'correction')}")
    for unused in feedback.unused:
        click.echo(options.plain(f"  not learned: item {unused.id[:12]} ({unused.label}): {unused.why}"))
    click.echo()


def _line(change: TypeChange) -> str:
    before, after = change.before, change.after
    # What cannot be told apart counts against the corrections.
    least, most = ("", "") if change.exact else ("at least ", "at most ")
    verdict = click.style("WORSE", fg="red", bold=True) if change.worse else "no worse"
    return (
        f"  {change.type}: found {before.found:,} -> {least}{after.found:,} of {before.examples:,}, "
        f"false alarms {before.alarms:,} -> {most}{after.alarms:,} of {before.others:,}, "
        f"ordinary news {100 * before.ordinary:.2f} % -> {100 * after.ordinary:.2f} %: {verdict}"
    )
