"""Whether it is us who are offline. Pure: what the hosts polled last did comes in, a verdict goes out.

When no host answers any more, no feed is to blame: none is counted as failed, none begins to fail, and all are asked
again soon after the first host answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The reasons of a poll to which nobody answered. Anything that came back over HTTP shows that the network works.
NO_ANSWER = frozenset({"dns", "refused", "timeout", "tls", "closed"})

#: What is remembered as a feed's problem while we are offline.
OFFLINE = "offline"

_FEWEST = 3
_MOST = 10


def hosts_needed(hosts: int) -> int:
    """How many hosts in a row have to stay silent before all are taken for out of reach, of ``hosts`` that are polled.

    All of them where there are two or three; a tenth of many, so that dead hosts that happen to be polled one after the
    other say nothing. One host alone is its own fault, which 0 stands for.
    """
    if hosts < 2:
        return 0
    return min(hosts, _MOST, max(_FEWEST, -(-hosts // 10)))


def is_offline(answered: Sequence[bool], hosts: int) -> bool:
    """``answered``: of the hosts polled last, each once and the latest first, whether it answered."""
    needed = hosts_needed(hosts)
    return 0 < needed <= len(answered) and not any(answered[:needed])
