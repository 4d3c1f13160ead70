"""The fault table: what was done to the service, and what arrived all the same."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.chaos_killer import KINDS, WIPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.chaos_ledger import Account

#: Rows of a kind that are listed one by one.
MOST = 10


def show(
    result: Account, harm: Mapping[str, int], restarts: int, refused: Sequence[str],
    *, seconds: float, behind: float, errors: Mapping[str, int],
) -> None:  # fmt: skip
    """Print it. ``behind`` is how long after the last event was printed the last alert was taken."""
    failed = sum(result.failed.values())
    repeats = len(result.repeats)
    rows = [
        ("processes killed (SIGKILL)", sum(harm[kind] for kind in KINDS)),
        *((f"  {kind}", harm[kind]) for kind in KINDS),
        ("broker wiped (FLUSHALL)", harm[WIPE]),
        ("service started again", restarts),
        ("attempts that arrived", result.attempts),
        ("  of them failed by the endpoint", f"{failed} ({failed / max(result.attempts, 1):.0%})"),
        *((f"    {way}", count) for way, count in sorted(result.failed.items(), key=lambda one: -one[1])),
        ("signatures that did not fit", len(refused)),
        ("alerts expected", result.expected),
        ("alerts taken", result.taken),
        ("lost", len(result.lost)),
        ("told twice under another id", len(result.twice)),
        ("told that nobody published", len(result.unexpected)),
        ("ids whose body changed", len(result.changed)),
        ("repeats under the same id", f"{repeats} ({repeats / max(result.expected, 1):.2%})"),
        ("  that no kill explains", len(result.unexplained)),
        ("last alert after the last event", f"{behind:.1f} s"),
        ("whole run", f"{seconds:.0f} s"),
    ]
    for name, value in rows:
        print(f"  {name:<36}{value:>12}")
    for repeat in result.repeats[:MOST]:
        why = f"{repeat.kill[1]} killed {_clock(repeat.kill[0])}" if repeat.kill else "NOT EXPLAINED"
        print(f"  repeat {repeat.id}: answered {_clock(repeat.answered)}, came again {_clock(repeat.came)}: {why}")
    for name, listed in (
        ("told twice", result.twice), ("unexpected", result.unexpected), ("body changed", result.changed),
        ("signature", sorted(Counter(refused))),
    ):  # fmt: skip
        for one in listed[:MOST]:
            print(f"  {name}: {one}")
    for event, count in sorted(errors.items()):
        print(f"  its log's errors: {event} ({count})")


def show_lost(fates: Mapping[str, str]) -> None:
    for event, fate in list(fates.items())[:MOST]:
        print(f"  lost: {event}: {fate}")


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%H:%M:%S.%f")[:-3]
