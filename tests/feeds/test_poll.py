"""Polls over real HTTP, one after the other, as the service makes them."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from feeds.check import check
from feeds.feed import FAILING_AFTER, Feed
from feeds.fetch import Failed, Fetched, NotModified, fetch
from feeds.retry_after import retry_after
from tests.feeds.watching import LIMITS, NOW, Watch, document, titles

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.door import Door
    from tests.feeds.conftest import RawServer


def test_what_was_there_before_is_baseline_and_what_follows_is_news(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", document(2, 1))
    assert [new.baseline for new in watch.poll().new] == [True, True]
    server.reply("/feed", document(3, 2, 1))
    second = watch.poll()
    assert titles(second) == ["Report 3"]
    assert not second.new[0].baseline


@pytest.mark.parametrize(
    ("rule", "baselines"),
    [("baseline", [True, True]), ("alert", [False, False]), (timedelta(hours=5), [False, True])],
)
def test_the_first_poll_rule_decides_what_is_baseline(
    watch: Watch, server: RawServer, rule: object, baselines: list[bool]
) -> None:
    server.reply("/feed", document(2, 9))
    watch.feed = replace(watch.feed, first_poll=rule)  # type: ignore[arg-type]
    assert [new.baseline for new in watch.poll().new] == baselines


def test_an_age_rule_takes_undated_items_for_old(watch: Watch) -> None:
    watch.feed = replace(watch.feed, first_poll=timedelta(days=1))
    (new,) = watch.poll(b"<rss><channel><item><title>T</title></item></channel></rss>").new
    assert new.baseline


def test_a_feed_that_starts_empty_alerts_on_its_first_item(watch: Watch) -> None:
    first = watch.poll(document())
    assert (first.state.failures, first.state.problem, first.state.baseline_done) == (0, "no-entries", True)
    assert [new.baseline for new in watch.poll(document(1)).new] == [False]


def test_an_entry_that_says_nothing_is_no_item(watch: Watch) -> None:
    assert len(watch.poll(document(1).replace(b"</channel>", b"<item><author>A</author></item></channel>")).new) == 1


def test_validators_are_sent_back_as_they_came(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", document(1), headers={"ETag": 'W/"odd, one', "Last-Modified": "yesterday"})
    watch.poll()
    server.reply("/feed", status="304 Not Modified")
    poll = watch.poll()
    assert b'if-none-match: W/"odd, one\r\n' in server.requests[1]
    assert b"if-modified-since: yesterday\r\n" in server.requests[1]
    assert (poll.new, poll.updated, poll.state.failures) == ((), (), 0)
    assert poll.state.etag == 'W/"odd, one'


def test_an_unchanged_body_is_not_read_again(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", document(1))
    watch.poll()
    server.reply("/feed", gzip.compress(document(1)), headers={"Content-Encoding": "gzip", "ETag": "now"})
    assert isinstance(fetch(watch.door, watch.feed, watch.state, LIMITS), NotModified)
    assert watch.poll().state.etag == "now"


def test_an_edited_entry_is_an_update(watch: Watch) -> None:
    first = watch.poll(document(2, 1))
    second = watch.poll(document(2, 1, text="Corrected"))
    assert second.new == ()
    assert [u.item.id for u in second.updated] == [n.item.id for n in first.new]
    assert second.updated[0].item.text == "Corrected 2"


@pytest.mark.parametrize(
    ("status", "headers", "reason", "wait"),
    [
        ("401 Unauthorized", {}, "unauthorized", None),
        ("403 Forbidden", {}, "forbidden", None),
        ("404 Not Found", {}, "not-found", None),
        ("410 Gone", {}, "gone", None),
        ("418 Teapot", {}, "http-error", None),
        ("304 Not Modified", {}, "http-error", None),
        ("500 Oops", {}, "server-error", None),
        ("429 Slow Down", {"Retry-After": "7200"}, "too-many-requests", timedelta(hours=2)),
        ("503 Busy", {"Retry-After": "0"}, "unavailable", timedelta(0)),
    ],
)
def test_refusals_are_named(
    watch: Watch, server: RawServer, status: str, headers: dict[str, str], reason: str, wait: timedelta | None
) -> None:
    server.reply("/feed", b"<html>no</html>", status, headers)
    outcome = fetch(watch.door, watch.feed, watch.state, LIMITS)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry_after) == (reason, wait)
    assert outcome.detail == f"the server answered {status[:3]}"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "120"}, timedelta(minutes=2)),
        ({"retry-after": "1.5"}, timedelta(seconds=1.5)),
        (
            {"retry-after": "Wed, 21 Oct 2015 07:30:00 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"},
            timedelta(minutes=2),
        ),
        (
            {"retry-after": "Wed, 21 Oct 2015 07:20:00 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"},
            timedelta(0),
        ),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -0100"}, None),
    ],
)
def test_retry_after_is_read_on_the_servers_clock(headers: dict[str, str], wait: timedelta | None) -> None:
    assert retry_after(headers) == wait


def test_redirects_are_recorded(watch: Watch, server: RawServer) -> None:
    server.reply("/new", document(1))
    server.reply("/feed", status="308 Permanent Redirect", headers={"Location": "/new"})
    outcome = fetch(watch.door, watch.feed, watch.state, LIMITS)
    assert isinstance(outcome, Fetched)
    assert [(hop.status, hop.url) for hop in outcome.redirects] == [(308, server.url("/new"))]
    assert outcome.url == server.url("/new")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>Access denied</title>", "challenge-page"),
        (b"<html><body>Sorry</body></html>", "html-page"),
        (document(1)[:60], "truncated-empty"),
        (b"Bad gateway", "not-a-feed"),
    ],
)
def test_an_unreadable_answer_is_a_failure_that_loses_nothing(
    watch: Watch, server: RawServer, body: bytes, problem: str
) -> None:
    server.reply("/feed", document(2, 1), headers={"ETag": "good"})
    watch.poll()
    server.reply("/feed", body, headers={"ETag": "bad"})
    failed = watch.poll()
    assert (failed.state.problem, failed.state.failures, failed.state.etag) == (problem, 1, "good")
    assert failed.next_poll >= NOW + LIMITS.interval
    server.reply("/feed", document(3, 2, 1), headers={"ETag": "good2"})
    after = watch.poll()
    assert titles(after) == ["Report 3"]
    assert (after.state.failures, after.state.problem, after.state.etag) == (0, None, "good2")


def test_a_cut_document_gives_what_it_has_and_is_fetched_again(watch: Watch, server: RawServer) -> None:
    whole = document(3, 2, 1)
    half = whole[: whole.index(b"Report 1")]
    server.reply("/feed", half, headers={"ETag": "same"})
    first = watch.poll()
    assert titles(first) == ["Report 3", "Report 2"]
    assert (first.state.problem, first.state.etag, first.state.body_hash) == ("truncated", None, None)
    server.reply("/feed", whole, headers={"ETag": "same"})
    second = watch.poll()
    assert titles(second) == ["Report 1"]
    assert second.new[0].baseline, "the rest of a cut first document is its back catalogue too"
    assert second.state.etag == "same"


@pytest.mark.parametrize(("cut_off", "problem", "items"), [(0, None, 2), (60, "truncated", 1)])
def test_a_transfer_that_breaks_off_is_judged_by_what_arrived(
    watch: Watch, server: RawServer, cut_off: int, problem: str | None, items: int
) -> None:
    body = document(2, 1)
    head = b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: %d\r\n\r\n" % (len(body) + 500)
    server.raw("/feed", lambda connection, _: connection.sendall(head + body[: len(body) - cut_off]))
    poll = watch.poll()
    assert len(poll.new) == items
    assert (poll.state.problem, poll.state.etag) == (problem, None if problem else "x")


def test_a_feed_that_is_always_cut_still_brings_news(watch: Watch) -> None:
    def cut(*numbers: int) -> bytes:
        return document(*numbers).removesuffix(b"</channel></rss>")

    watch.poll(cut(1))
    watch.poll(cut(2, 1))
    assert [new.baseline for new in watch.poll(cut(3, 2, 1)).new] == [False]


def test_network_failures_back_off_to_a_day_and_never_stop(watch: Watch, server: RawServer) -> None:
    server.raw("/feed", lambda connection, _: None)
    waits = []
    for _ in range(14):
        poll = watch.poll()
        assert poll.state.problem == "closed"
        assert poll.started_failing == (poll.state.failures == FAILING_AFTER)
        waits.append(poll.next_poll - NOW)
    assert waits == sorted(waits)
    assert LIMITS.interval <= waits[0] <= LIMITS.interval * 1.1
    assert timedelta(days=1) <= waits[-1] <= timedelta(days=1.1)
    server.reply("/feed", document(1))
    assert watch.poll().recovered
    assert not watch.poll().recovered


def test_a_first_poll_that_fails_leaves_the_baseline_to_the_first_that_works(watch: Watch) -> None:
    watch.poll(b"<html/>")
    assert [new.baseline for new in watch.poll(document(1)).new] == [True]


def test_retry_after_is_kept_to(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", status="429 Slow Down", headers={"Retry-After": "7200"})
    assert timedelta(hours=2) <= watch.poll().next_poll - NOW <= timedelta(hours=2.2)
    server.reply("/feed", status="503 Busy", headers={"Retry-After": "0"})
    assert LIMITS.interval <= watch.poll().next_poll - NOW <= LIMITS.interval * 1.1
    server.reply("/feed", status="410 Gone")
    assert watch.poll().next_poll - NOW >= timedelta(days=1)


def test_a_feed_that_is_gone_rests_at_once_with_a_look_a_day(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", document(1))
    watch.poll()
    server.reply("/feed", status="410 Gone")
    first, second = watch.poll(), watch.poll()
    assert (first.started_failing, second.started_failing) == (True, False)
    assert timedelta(days=1) <= first.next_poll - NOW <= timedelta(days=1.1)
    server.reply("/feed", document(2, 1))
    assert watch.poll().recovered


@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many Requests"])
def test_a_refusal_slows_us_down_for_longer_than_itself(watch: Watch, server: RawServer, status: str) -> None:
    def wait() -> timedelta:
        return watch.poll().next_poll - watch.now

    server.reply("/feed", document(1))
    watch.feed = replace(watch.feed, interval=timedelta(minutes=5))
    assert wait() < timedelta(minutes=6)
    server.reply("/feed", status=status)
    watch.now += timedelta(minutes=5)
    assert wait() >= timedelta(minutes=10)
    server.reply("/feed", document(1))
    watch.now += timedelta(minutes=10)
    waits = [wait()]
    assert waits[0] >= timedelta(minutes=9)
    for _ in range(30):
        watch.now += waits[-1]
        waits.append(wait())
    assert waits[-1] < timedelta(minutes=6)


def test_a_first_poll_that_is_refused_says_nothing_of_how_often_to_come(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", status="403 Forbidden")
    assert watch.poll().state.floor_seconds == 0


def test_too_large_and_private_are_recorded_problems(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", b"x" * (LIMITS.max_bytes + 1))
    assert watch.poll().state.problem == "too-large"
    watch.feed = replace(watch.feed, allow_private=False)
    assert watch.poll().state.problem == "private-address"


def test_unbelievable_dates_are_left_out(watch: Watch) -> None:
    body = document(1, 2, 3).replace(b"<pubDate>Thu, 13 Aug 2026 11", b"<pubDate>Thu, 13 Aug 2037 11")
    body = body.replace(b"<pubDate>Thu, 13 Aug 2026 10", b"<pubDate>Thu, 01 Jan 1970 00")
    assert [new.item.published for new in watch.poll(body).new] == [None, None, NOW - timedelta(hours=3)]


def test_a_feed_that_changes_its_format_keeps_its_items(watch: Watch) -> None:
    watch.poll(document(2, 1))
    items = [
        {"id": f"g{n}", "url": f"https://e.org/2026/{n:04}", "title": f"Report {n}", "content_text": "Text"}
        for n in (3, 2, 1)
    ]
    assert titles(watch.poll(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode())) == [
        "Report 3"
    ]


#: Distinct articles in each sequence of real polls, counted by guid, and checked by reading what differs. In
#: foxnews one article moved from /world/ to /politics/ (guid and link both changed, title and time did not):
#: 53 guids, 52 articles. In rnz one article got another slug under its guid.
ARTICLES = {"bbc-home": 70, "foxnews": 52, "mehr-iran": 37, "nytimes-us": 60, "rnz": 83}


@pytest.mark.parametrize("outlet", ARTICLES)
def test_successive_real_polls_bring_every_article_once(shared: Path, door: Door, outlet: str) -> None:
    watch = Watch(door, Feed(f"https://{outlet}.example/feed"))
    polls = sorted((shared / "feeds/real/seq" / outlet).glob("*.xml"))
    assert len(polls) >= 7
    listed: set[str] = set()
    for path in polls:
        watch.now = datetime.strptime(path.stem.split("-")[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        body = path.read_bytes()
        poll = watch.poll(body)
        listed |= set(poll.seen.values())
        assert timedelta(minutes=1) <= poll.next_poll - watch.now <= timedelta(days=1.1)
        again = watch.poll(body)
        assert (again.new, again.updated) == ((), ())
    assert len(watch.items) == ARTICLES[outlet]
    assert listed == set(watch.items)
    if outlet != "rnz":
        assert len(set(watch.items.values())) == len(watch.items), "no title came twice"


def test_edits_in_real_polls_are_updates(shared: Path, door: Door) -> None:
    """Each edit in changes.jsonl between two whole polls comes out as an update of the item it was made to."""
    lines = map(json.loads, (shared / "feeds/real/seq/changes.jsonl").read_text("utf-8").splitlines())
    edits = {(line["path"], line["id"]) for line in lines if line["outlet"] != "foxnews"}
    found = 0
    for outlet in ("bbc-home", "nytimes-us", "rnz"):
        watch = Watch(door, Feed(f"https://{outlet}.example/feed"))
        for path in sorted((shared / "feeds/real/seq" / outlet).glob("*.xml")):
            updates = len(watch.poll(path.read_bytes()).updated)
            expected = {entry for where, entry in edits if where.endswith(f"{outlet}/{path.name}")}
            assert updates >= len(expected), path
            found += len(expected)
    assert found == len(edits) > 50


def test_check_reads_addresses_and_files_and_never_aborts(door: Door, server: RawServer, tmp_path: Path) -> None:
    server.reply("/feed", document(1))
    seen = check(server.url("/feed"), door, allow_private=True)
    assert (seen["format"], seen["title"], seen["encoding"], seen["problems"]) == ("rss20", "News", "utf-8", [])
    (item,) = seen["items"]
    assert item["published"] == "2026-08-13T11:00:00+00:00"
    assert (item["title"], item["text"], item["url"]) == ("Report 1", "Text 1", "https://e.org/2026/0001")
    path = tmp_path / "feed.xml"
    path.write_bytes(document(1, 2))
    assert len(check(str(path), door)["items"]) == 2
    for bad, code in [
        (str(tmp_path), "unreadable"),
        (str(tmp_path / "none"), "unreadable"),
        ("\0", "unreadable"),
        (server.url("/feed"), "private-address"),
        ("http://", "bad-url"),
    ]:
        answer = check(bad, door)
        assert [problem["code"] for problem in answer["problems"]] == [code]
        assert (answer["url"], answer["items"]) == (bad, [])
        json.dumps(answer)


def unchanged_polls(watch: Watch, server: RawServer, polls: int) -> timedelta:
    """The wait after so many polls that brought nothing, each as late as it was due."""
    server.reply("/feed", b"<rss><channel><item><title>T</title></item></channel></rss>", headers={"ETag": '"a"'})
    due = watch.poll().next_poll
    server.reply("/feed", status="304 Not Modified")
    for _ in range(polls):
        watch.now = due
        due = watch.poll().next_poll
    return due - watch.now


def test_what_is_added_by_chance_does_not_add_up(watch: Watch, server: RawServer) -> None:
    """A hundred polls ten minutes apart are less than a day, a hundredth of which is no reason to wait longer."""
    assert unchanged_polls(watch, server, 100) <= 1.1 * LIMITS.interval


def test_a_service_that_was_down_for_hours_polls_no_less_often_after(watch: Watch, server: RawServer) -> None:
    unchanged_polls(watch, server, 3)
    watch.now += timedelta(hours=5)
    assert watch.poll().next_poll - watch.now <= 1.1 * LIMITS.interval


def test_a_failure_does_not_make_a_feed_forget_its_rhythm(watch: Watch, server: RawServer) -> None:
    server.reply("/feed", document(*range(1, 9)), headers={"ETag": '"a"'})  # one an hour
    watch.poll()
    server.reply("/feed", status="500 Oops")
    watch.poll()
    server.reply("/feed", status="304 Not Modified")
    assert watch.poll().next_poll - watch.now < timedelta(minutes=9)
