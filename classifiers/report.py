"""What was learned, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from classifiers.learn import Learned, TypeReport

#: Missed examples that are shown, the worst first, and seeds that were not read.
_SHOWN: Final = 10


def render(learned: Learned) -> str:
    """One block a type: how well it is told when left out, what speaks for and against it, what to add."""
    return "\n\n".join([*(_block(report) for report in learned.report), *unread(learned)]) + "\n"


def unread(learned: Learned) -> list[str]:
    """A line that counts and names the seeds that were not learned from; none where all were."""
    if not learned.unread:
        return []
    count = len(learned.unread)
    files = ", ".join(f"{seed.path}:{seed.line}" for seed in learned.unread[:_SHOWN])
    more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
    return [f"not learned: {count} seed{'s' * (count > 1)} not taken for English: {files}{more}"]


def _block(report: TypeReport) -> str:
    lines = [
        f"{report.type}   threshold {report.threshold:.2f}",
        f"  left out, then recognised  {report.found} of {report.examples} examples",
        f"  left out, false alarms     {report.alarms} of {report.others} others",
        f"  ordinary news over it      {report.ordinary:.2%}",
        "  speaks for",
        *(f"    {weight:+7.2f}  {pattern}" for pattern, weight in report.strongest_for),
        "  speaks against",
        *(f"    {weight:+7.2f}  {pattern}" for pattern, weight in report.strongest_against),
    ]
    if report.missed:
        lines.append("  not recognised when left out")
        for row in report.missed[:_SHOWN]:
            title = " ".join((row.seed.title or row.seed.text[:60]).split())
            lines.append(f"    {row.score:6.2f}   {title[:80]}  ({row.seed.path.name}:{row.seed.line})")
    if report.confused:
        lines.append("  taken for it by mistake")
        lines.extend(f"    {count:4}     {kind}" for kind, count in report.confused)
    if report.advice:
        lines.append("  what would help")
        lines.extend(f"    {line}" for line in report.advice)
    return "\n".join(lines)
