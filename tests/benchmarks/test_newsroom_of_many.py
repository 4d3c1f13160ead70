"""The newsroom of the chaos and latency runs serves feeds as papers do, and knows when it first served what."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

from benchmarks.newsroom import Article, Newsroom

LINK = "https://paper1.example/FR-KE"
ARTICLE = Article("Kenya & France meet", "They <met> & talked.", LINK, datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


def get(url: str, etag: str = "") -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"If-None-Match": etag}), timeout=5) as answer:
            return answer.status, answer.headers["etag"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["etag"], error.read()


def test_what_is_published_is_in_its_papers_feed_and_first_served_when_that_was_asked_for() -> None:
    with Newsroom(2) as newsroom:
        empty = get(newsroom.feeds[1])
        assert not newsroom.all_read
        newsroom.publish(1, ARTICLE)
        assert LINK not in newsroom.served
        get(newsroom.feeds[0])
        before = time.time()
        status, etag, body = get(newsroom.feeds[1], empty[1])
        after = time.time()
        assert newsroom.all_read
        assert (status, b"Kenya &amp; France" in body) == (200, True)
        assert before <= newsroom.served[LINK] <= after
        assert get(newsroom.feeds[1], etag)[::2] == (304, b"")
