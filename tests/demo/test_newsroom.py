"""The demonstration's newsroom, over real HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import feedparser
import pytest

from feeds.dates import parse_date
from worker.demo.articles import REPORTS
from worker.demo.newsroom import Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    room = Newsroom("127.0.0.1", 0, SEEDS, pace=0.01)
    room.start()
    yield room
    room.stop()


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    return _ask(urllib.request.Request(url, headers=headers or {}))


def post(url: str, body: bytes) -> tuple[int, dict[str, Any]]:
    status, _, answer = _ask(urllib.request.Request(url, data=body, method="POST"))
    return status, json.loads(answer)


def _ask(request: urllib.request.Request) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, dict(answer.headers), answer.read()


def entries(room: Newsroom) -> dict[str, list[Any]]:
    return {name: feedparser.parse(get(url)[2]).entries for url, name in room.feeds}


def wait_until_done(room: Newsroom) -> None:
    limit = time.monotonic() + 20
    while not room.done:
        assert time.monotonic() < limit, "the newsroom never finished"
        time.sleep(0.02)


def test_the_feeds_are_sound_and_hold_old_news_only_until_each_was_read_once(newsroom: Newsroom) -> None:
    for url, name in newsroom.feeds[:-1]:
        status, _, body = get(url)
        read = feedparser.parse(body)
        assert (status, bool(read.bozo), read.feed.title) == (200, False, name)
        assert len(read.entries) >= 3
    before = get(newsroom.feeds[0][0])[2]
    time.sleep(0.1)
    assert get(newsroom.feeds[0][0])[2] == before
    assert not newsroom.done
    get(newsroom.feeds[-1][0])
    wait_until_done(newsroom)
    assert get(newsroom.feeds[0][0])[2] != before


def test_all_six_reports_appear_each_in_its_paper_and_dated_as_its_seed(newsroom: Newsroom) -> None:
    entries(newsroom)
    wait_until_done(newsroom)
    after = entries(newsroom)
    shown = {(name, entry.title) for name, those in after.items() for entry in those}
    for (start, end), paper in REPORTS.items():
        seed = next(p for p in SEEDS.glob("*.md") if p.stem.startswith(start) and p.stem.endswith(end))
        title = json.loads(next(x for x in seed.read_text().splitlines() if x.startswith("title"))[8:])
        assert (paper.name, title) in shown
    dates = {str(date.date()) for those in after.values() for e in those if (date := parse_date(e.published))}
    assert {"2024-07-03", "2026-01-11", "2025-09-02", "2023-10-18"} <= dates
    assert {REPORTS[k].name for k in [("000_", ""), ("001_", ""), ("002_", "-1")]} == {
        "Steppe Wire", "Indus Herald", "Gulf Courier",
    }  # fmt: skip


def test_every_article_has_an_address_of_its_own_at_its_paper(newsroom: Newsroom) -> None:
    entries(newsroom)
    wait_until_done(newsroom)
    links = [e.link for those in entries(newsroom).values() for e in those]
    assert len(links) == len(set(links))
    assert len({link.split("/")[2] for link in links}) == 4
    assert all(link.split("/")[2].endswith(".example") for link in links)


def test_an_unchanged_feed_answers_304(newsroom: Newsroom) -> None:
    url = newsroom.feeds[0][0]
    _, headers, _ = get(url)
    assert get(url, {"If-None-Match": headers["ETag"]})[0] == 304
    newsroom.publish("Fresh", "News.")
    assert get(url, {"If-None-Match": headers["ETag"]})[0] == 200


def test_an_article_sent_by_hand_is_printed_in_the_paper_named(newsroom: Newsroom) -> None:
    where = newsroom.feeds[0][0].rsplit("/", 1)[0]
    text = "One <b> & two.\n\nA second paragraph\x00 with a control character."
    status, answer = post(
        f"{where}/publish", json.dumps({"title": "By hand", "text": text, "feed": "Steppe Wire"}).encode()
    )
    assert status == 201
    newest = entries(newsroom)["Steppe Wire"][0]
    assert (newest.title, newest.link) == ("By hand", answer["url"])
    assert "One &lt;b&gt; &amp; two." in newest.content[0].value


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[]", 400),
        (b'{"title": 3}', 400),
        (b"{}", 400),
        (b'{"title": "x", "feed": "Nowhere Post"}', 404),
    ],
)
def test_what_cannot_be_printed_is_refused_with_a_reason(newsroom: Newsroom, body: bytes, status: int) -> None:
    where = newsroom.feeds[0][0].rsplit("/", 1)[0]
    answered, answer = post(f"{where}/publish", body)
    assert answered == status
    assert answer["error"]


def test_there_is_one_line_for_every_alert_to_expect(newsroom: Newsroom) -> None:
    assert len(newsroom.expected) == 4


def test_a_taken_port_is_an_error_at_once(newsroom: Newsroom) -> None:
    port = int(newsroom.feeds[0][0].split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="in use"):
        Newsroom("127.0.0.1", port, SEEDS)


def test_what_is_printed_after_the_back_catalogue_is_told() -> None:
    told: list[tuple[str, str]] = []
    room = Newsroom("127.0.0.1", 0, SEEDS, on_print=lambda paper, title: told.append((paper, title)))
    try:
        room.publish("By hand", "News.", "delta-dispatch")
    finally:
        room.stop()
    assert told == [("Delta Dispatch", "By hand")]
