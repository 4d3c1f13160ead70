"""What a person is told when a feed cannot be read: our words, the key that helps, and the address only once."""

from __future__ import annotations

import random
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from feeds.check import check
from feeds.feed import Feed, FeedState, PollingLimits
from feeds.fetch import Failed, Fetched, fetch
from feeds.poll import Poll, decide, read

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.door import Door
    from tests.feeds.conftest import RawServer

LIMITS = PollingLimits(timeout=timedelta(seconds=20), max_bytes=2_000)
NOW = datetime(2026, 8, 13, 12, 0, tzinfo=UTC)
FEED = b'<rss version="2.0"><channel><title>News</title><item><title>T</title></item></channel></rss>'


def failure(door: Door, url: str, *, allow_private: bool = True, limits: PollingLimits = LIMITS) -> Failed:
    found = fetch(door, Feed(url, allow_private=allow_private), FeedState(), limits)
    assert isinstance(found, Failed)
    return found


def polled(url: str, body: bytes) -> Poll:
    feed = Feed(url)
    return decide(feed, FeedState(), read(feed, Fetched(body, "", url)), {}, NOW, LIMITS, random.Random(7))


def test_what_is_too_large_or_too_slow_names_the_key(door: Door, server: RawServer) -> None:
    large = failure(door, server.reply("/large", FEED * 100))
    assert large.detail == "the answer is larger than 2,000 bytes; raise polling.max_bytes if this is really a feed"
    soon = replace(LIMITS, timeout=timedelta(seconds=0.3))
    slow = failure(door, server.raw("/slow", lambda _c, _r: server.wait(20)), limits=soon)
    assert slow.detail.startswith("the exchange was not over within 0.3 s; raise polling.timeout")


def test_network_failures_are_told_in_our_own_words(door: Door, server: RawServer) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refused = failure(door, f"http://127.0.0.1:{closed.getsockname()[1]}/feed")
    assert refused.detail == "nothing accepts connections at this host and port"
    dropped = failure(door, server.raw("/gone", lambda _c, _r: None))
    assert dropped.detail == "the server closed the connection before it had answered"


def test_a_status_is_told_once(door: Door, server: RawServer) -> None:
    assert failure(door, server.reply("/none", status="404 Not Found")).detail == "the server answered 404"
    url = server.reply("/old", status="301 Moved", headers={"Location": "/none"})
    assert failure(door, url).detail == f"redirected to {server.url('/none')}, where the server answered 404"


def test_a_redirect_to_a_refused_address_says_it_was_a_redirect(door: Door, server: RawServer) -> None:
    url = server.reply("/old", status="302 Found", headers={"Location": "http://169.254.169.254/latest"})
    found = failure(door, url)
    assert found.reason == "private-address"
    assert found.detail == "redirected to http://169.254.169.254/latest: 169.254.169.254 is not a public address"


def test_a_private_address_names_the_key_in_a_poll_and_the_option_in_a_check(door: Door, server: RawServer) -> None:
    url = server.reply("/feed", FEED)
    assert "allow_private = true" in failure(door, url, allow_private=False).detail
    (problem,) = check(url, door)["problems"]
    assert "--allow-private" in problem["detail"]
    assert url not in problem["detail"]


def test_a_check_keeps_the_limits_it_is_given(door: Door, server: RawServer) -> None:
    url = server.reply("/feed", FEED + b" " * 3_000)
    assert check(url, door, allow_private=True)["items"]
    (problem,) = check(url, door, allow_private=True, limits=LIMITS)["problems"]
    assert problem["code"] == "too-large"


def test_what_is_neither_file_nor_address_says_so(door: Door, tmp_path: Path) -> None:
    (problem,) = check("www.example.org/feed", door)["problems"]
    assert problem["detail"] == "no such file; an address starts with http:// or https://"
    (problem,) = check(str(tmp_path), door)["problems"]
    assert str(tmp_path) not in problem["detail"]


def test_the_problem_of_a_document_does_not_repeat_the_address() -> None:
    url = "https://news.example/feed"
    for body in (b"<html><title>Hello</title></html>", FEED[:60], FEED.replace(b"T<", b"&x<", 1)):
        state = polled(url, body).state
        assert state.problem
        assert url not in (state.problem_detail or url)


@pytest.mark.parametrize(("encoding", "problem"), [("cp1251", "encoding"), ("utf-8", None)])
def test_a_guessed_encoding_is_the_feeds_problem(encoding: str, problem: str | None) -> None:
    body = '<?xml version="1.0" encoding="utf-8"?>' + FEED.decode().replace("T<", "Встреча<", 1)
    poll = polled("https://news.example/feed", body.encode(encoding))
    assert (poll.state.problem, poll.state.failures) == (problem, 0)
    assert len(poll.new) == 1
