"""When nobody answers it is us who are offline."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.connectivity import OFFLINE, hosts_needed, is_offline
from feeds.feed import FAILING_AFTER
from tests.feeds.watching import NOW, document

if TYPE_CHECKING:
    from tests.feeds.conftest import RawServer
    from tests.feeds.watching import Watch


@pytest.mark.parametrize(("hosts", "needed"), [(0, 0), (1, 0), (2, 2), (3, 3), (30, 3), (55, 6), (10_000, 10)])
def test_so_many_hosts_in_a_row_have_to_be_silent(hosts: int, needed: int) -> None:
    assert hosts_needed(hosts) == needed
    assert is_offline([False] * needed, hosts) == (needed > 0)
    assert not is_offline([False] * max(needed - 1, 0), hosts)


@given(st.lists(st.booleans()), st.integers(0, 20_000))
def test_an_answer_among_the_latest_says_that_the_network_works(answered: list[bool], hosts: int) -> None:
    if any(answered[: hosts_needed(hosts)]):
        assert not is_offline(answered, hosts)


def test_offline_no_feed_is_blamed_and_each_is_asked_again_soon(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", document(1))
    watch.poll()
    server.raw("/feed", lambda _connection, _request: None)
    for _ in range(5):
        poll = watch.poll(offline=True)
        assert poll.state.failures == 0
        assert poll.state.problem == OFFLINE
        assert not poll.started_failing
        assert poll.next_poll - NOW <= timedelta(minutes=3)
    server.reply("/feed", document(2, 1))
    poll = watch.poll()
    assert (poll.state.problem, poll.recovered, len(poll.new)) == (None, False, 1)


def test_a_feed_that_was_failing_before_stays_so(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", status="500 Oops")
    for _ in range(FAILING_AFTER):
        watch.poll()
    server.raw("/feed", lambda _connection, _request: None)
    assert watch.poll(offline=True).state.failures == FAILING_AFTER
    server.reply("/feed", document(1))
    assert watch.poll().recovered


def test_what_a_server_says_is_its_own_fault_also_when_offline_is_suspected_elsewhere(
    watch: Watch, server: RawServer
) -> None:
    server.reply("/feed", status="404 Not Found")
    poll = watch.poll(offline=True)
    assert (poll.state.failures, poll.state.problem) == (1, "not-found")
