"""A hint says that there may be work. It is sent after a commit, may be lost, and may come twice: the rows decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

TaskName = Literal["poll", "classify", "deliver", "websub", "fulltext"]


#: The channel of Redis on which web processes hear that stories changed.
STORIES_CHANNEL = "seedwire:stories"


@dataclass(frozen=True, slots=True)
class Hint:
    """Which task may find work; ``stories`` is none: it tells whoever shows them that there is more to show."""

    task: TaskName | Literal["stories"]


class Hints(Protocol):
    def send(self, hint: Hint) -> None:
        """Pass a hint on. Never raises: a hint that cannot be sent is made up for by the sweep on the tick."""


class NoHints:
    """For a pass that works off the rows itself (``seedwire poll``, the in-process tests)."""

    def send(self, hint: Hint) -> None:
        del hint
