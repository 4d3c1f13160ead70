"""Feeds that move: permanent redirects are followed for good once they have been seen often enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feeds import moving
from tests.feeds.watching import document

if TYPE_CHECKING:
    from tests.feeds.conftest import RawServer
    from tests.feeds.watching import Watch


def redirect(server: RawServer, path: str, target: str, status: str = "301 Moved Permanently") -> None:
    server.reply(path, status=status, headers={"Location": target})


def asked(server: RawServer) -> list[str]:
    return [request.split(b" ")[1].decode() for request in server.requests]


@pytest.mark.parametrize("status", ["301 Moved Permanently", "308 Permanent Redirect"])
def test_a_permanent_redirect_seen_three_times_is_asked_directly(watch: Watch, server: RawServer, status: str) -> None:
    redirect(server, "/feed", "/new", status)
    server.reply("/new", document(1))
    for _ in range(4):
        poll = watch.poll()
    assert asked(server) == ["/feed", "/new"] * 3 + ["/new"]
    assert (poll.state.moved_to, poll.state.failures) == (server.url("/new"), 0)
    assert len(watch.items) == 1


def test_a_temporary_redirect_is_asked_again_and_again(watch: Watch, server: RawServer) -> None:
    redirect(server, "/feed", "/now", "302 Found")
    server.reply("/now", document(1))
    for _ in range(4):
        poll = watch.poll()
    assert asked(server) == ["/feed", "/now"] * 4
    assert (poll.state.moved_to, poll.state.moved_seen) == (None, 0)


def test_only_the_permanent_start_of_the_way_is_remembered(watch: Watch, server: RawServer) -> None:
    redirect(server, "/feed", "/new")
    redirect(server, "/new", "/today", "307 Temporary Redirect")
    server.reply("/today", document(1))
    for _ in range(4):
        watch.poll()
    assert asked(server)[-2:] == ["/new", "/today"]
    assert watch.state.moved_to == server.url("/new")


def test_a_redirect_that_ends_is_forgotten(watch: Watch, server: RawServer) -> None:
    redirect(server, "/feed", "/new")
    server.reply("/new", document(1))
    watch.poll()
    watch.poll()
    server.reply("/feed", document(1))
    assert watch.poll().state.moved_to is None


def test_what_fails_at_its_new_address_is_asked_at_the_configured_one(watch: Watch, server: RawServer) -> None:
    redirect(server, "/feed", "/new")
    server.reply("/new", document(1))
    for _ in range(3):
        watch.poll()
    server.reply("/new", status="404 Not Found")
    server.reply("/feed", document(2, 1))
    assert watch.poll().state.failures == 1
    poll = watch.poll()
    assert [new.item.title for new in poll.new] == ["Report 2"]
    assert moving.address(watch.feed, poll.state) == watch.feed.url


def test_being_asked_to_wait_at_the_new_address_does_not_send_us_back(watch: Watch, server: RawServer) -> None:
    redirect(server, "/feed", "/new")
    server.reply("/new", document(1))
    for _ in range(3):
        watch.poll()
    server.reply("/new", status="429 Too Many Requests", headers={"Retry-After": "60"})
    watch.poll()
    assert moving.address(watch.feed, watch.state) == server.url("/new")


def test_an_address_that_moves_on_is_followed_after_as_many_polls_again(watch: Watch, server: RawServer) -> None:
    redirect(server, "/feed", "/new")
    server.reply("/new", document(1))
    for _ in range(4):
        watch.poll()
    redirect(server, "/new", "/newest")
    server.reply("/newest", document(1))
    for _ in range(4):
        watch.poll()
    assert asked(server)[-1] == "/newest"
    assert watch.state.moved_to == server.url("/newest")
