"""A part: one process that is kept running, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

State = Literal["waiting", "starting", "up", "stopping", "stopped"]


@dataclass(frozen=True, slots=True)
class Part:
    """``env`` is added to our own environment.

    ``ready`` tells at once, without blocking, whether the part does its work; the next part is first started when
    it says so. Without it a part is ready once it runs. One that is not ready ``start_within`` seconds after its start
    is started anew. ``grace`` is what it gets, in seconds, to stop by itself. A ``quiet`` part's lines are only kept
    for the moment it dies. One that ``outlives`` is stopped when the others are gone: they still talk to it.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    ready: Callable[[], bool] | None = None
    grace: float = 8.0
    start_within: float = 30.0
    quiet: bool = False
    outlives: bool = False


@dataclass(frozen=True, slots=True)
class PartStatus:
    """A part as it is now. ``pid`` is None while it does not run; ``restarts`` counts since the supervisor began."""

    name: str
    state: State
    pid: int | None
    restarts: int
