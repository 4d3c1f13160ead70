"""Push through real processes: what a hub posts reaches the webhook within a second, on hints alone."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest
from hub import Hub
from loopback import SECRET, Newspaper, Receiver
from running import Up, wait_for
from test_processes import meeting

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Article

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to find the parts"),
]


def document(article: Article, number: int) -> bytes:
    return f"<rss version='2.0'><channel><title>Paper</title>{article.rss(f'https://paper.example/{number}')}</channel></rss>".encode()


@pytest.mark.timeout(180)
def test_a_pushed_article_reaches_the_webhook_within_a_second(tmp_path: Path) -> None:
    with Newspaper() as newspaper, Receiver() as receiver, Hub() as hub:
        topic = newspaper.feed("/paper")
        up = Up(
            tmp_path,
            extra=f'[[feeds]]\nurl = "{topic}"\nallow_private = true\n'
            f'[[webhooks]]\nname = "desk"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\nallow_private = true\n',
        )
        up.service = f'public_url = "http://127.0.0.1:{up.port}"\n'
        with up:
            wait_for(up.ready, "the service to be ready", 90)
            newspaper.heads["/paper"] = hub.head(topic)  # a hub that asks back before anybody answers asks once
            newspaper.edits += 1
            wait_for(lambda: hub.answers, "the hub to have asked back")
            assert hub.answers == [("subscribe", 200, True)]
            took = []
            for number in range(10):
                body, began = document(meeting(number), number), time.perf_counter()
                assert hub.push(body) == [200]
                wait_for(lambda number=number: len(receiver.taken) > number, "the alert", 20)
                took.append(time.perf_counter() - began)
            print("seconds from push to alert:", [round(one, 3) for one in took])
            metrics = up.get("/metrics")[1]
            assert 'seedwire_push_feeds{state="active"} 1' in metrics
    # The first has the model to load, and a machine that is busy with other tests has moments of its own.
    assert sorted(took)[len(took) // 2] < 1
