"""How often a peer may show credentials that are wrong before it is made to wait."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: So many wrong ones at once, and one more for every so many seconds.
BURST = 10
SECONDS_EACH = 6.0
#: Peers remembered; beyond that, those whose last failure is the longest ago are forgotten.
MOST_PEERS = 10_000


class FailureLimit:
    """A token bucket for each peer that failed. ``clock`` counts seconds and never runs backwards. Not thread-safe.

    An IPv6 peer is its /64, since whoever has one address there has them all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Peer -> failures not yet made good, and when that was so; the one that failed last stands last.
        self._peers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._peers)

    def wait(self, peer: str) -> float:
        """Seconds until another try is looked at; 0 while one is."""
        return max(0.0, (self._spent(_network(peer)) - (BURST - 1)) * SECONDS_EACH)

    def failed(self, peer: str) -> None:
        network = _network(peer)
        self._peers[network] = (self._spent(network) + 1, self._clock())
        self._peers.move_to_end(network)
        while len(self._peers) > MOST_PEERS or self._spent(next(iter(self._peers))) == 0:
            self._peers.popitem(last=False)

    def _spent(self, network: str) -> float:
        spent, at = self._peers.get(network, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - at) / SECONDS_EACH)


def _network(peer: str) -> str:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
