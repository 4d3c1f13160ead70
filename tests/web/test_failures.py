"""The limit on wrong credentials, against a model that remembers every try."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from web import failures
from web.failures import BURST, SECONDS_EACH, FailureLimit

#: Few enough that the memory is full in any run.
REMEMBERED = 4
PEERS = [f"192.0.2.{n}" for n in range(6)]


class Limit(RuleBasedStateMachine):
    """Peers try, time goes by. A try is looked at where the limit says no wait."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.limit = FailureLimit(lambda: self.now)
        self.looked_at: dict[str, list[float]] = {peer: [] for peer in PEERS}

    @rule(peer=st.sampled_from(PEERS), times=st.integers(1, 2 * BURST))
    def try_wrong_ones(self, peer: str, times: int) -> None:
        for _ in range(times):
            if self.limit.wait(peer) == 0:
                self.limit.failed(peer)
                self.looked_at[peer].append(self.now)

    @rule(seconds=st.floats(0, 3 * BURST * SECONDS_EACH))
    def let_time_pass(self, seconds: float) -> None:
        self.now += seconds

    @rule(peer=st.sampled_from(PEERS))
    def wait_as_told(self, peer: str) -> None:
        wait = self.limit.wait(peer)
        assert wait <= BURST * SECONDS_EACH
        self.now += wait + 1e-6
        assert self.limit.wait(peer) == 0

    @invariant()
    def memory_is_bounded(self) -> None:
        assert len(self.limit) <= REMEMBERED

    @invariant()
    def who_never_failed_never_waits(self) -> None:
        for peer, tries in self.looked_at.items():
            assert tries or self.limit.wait(peer) == 0

    @invariant()
    def no_more_are_looked_at_than_the_rate_allows(self) -> None:
        """In any span of time, as long as the peer was not forgotten for others' sake."""
        if sum(bool(tries) for tries in self.looked_at.values()) > REMEMBERED:
            return
        for tries in self.looked_at.values():
            for first, at in enumerate(tries):
                for last in range(first, len(tries)):
                    assert last - first + 1 <= BURST + (tries[last] - at) / SECONDS_EACH + 1e-6


Limit.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


class TestLimit(Limit.TestCase):
    def setUp(self) -> None:
        self._most, failures.MOST_PEERS = failures.MOST_PEERS, REMEMBERED
        super().setUp()

    def tearDown(self) -> None:
        failures.MOST_PEERS = self._most
        super().tearDown()


def test_addresses_of_one_ipv6_network_are_one_peer_and_a_mapped_one_is_its_ipv4():
    limit = FailureLimit(lambda: 0.0)
    for n in range(BURST):
        limit.failed(f"2001:db8::{n:x}")
        limit.failed("::ffff:192.0.2.1")
    assert limit.wait("2001:db8::ffff") > 0
    assert limit.wait("192.0.2.1") > 0
    assert limit.wait("2001:db8:0:1::1") == limit.wait("192.0.2.2") == 0


def test_what_has_been_made_good_is_forgotten():
    now = 0.0
    limit = FailureLimit(lambda: now)
    limit.failed("192.0.2.1")
    now = SECONDS_EACH
    limit.failed("192.0.2.2")
    assert len(limit) == 1
