"""Feeds come and go by command while the service runs, and it needs no restart."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from loopback import SECRET, Article, Newspaper, Receiver
from running import SEEDWIRE, Up, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to find the parts"),
]

MEETING = Article(
    "Kenya's president meets Ethiopia's prime minister in Nairobi",
    "The president of Kenya, William Ruto, held talks with the prime minister of Ethiopia, Abiy Ahmed, in Nairobi on "
    "Monday. The two leaders discussed trade between Kenya and Ethiopia, a statement said.",
)


def test_a_feed_added_while_it_runs_alerts_and_one_removed_is_polled_no_more(tmp_path: Path) -> None:
    def feeds(*args: str) -> None:
        subprocess.run([*SEEDWIRE, "feeds", *args, "--config", str(up.config)], check=True, timeout=60)

    with Newspaper() as newspaper, Receiver() as receiver:
        webhook = (
            f'# remarks stay\n[[webhooks]]\nname = "desk"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\n'
            "allow_private = true\n"
        )
        with Up(tmp_path, extra=webhook) as up:
            wait_for(up.ready, "the service to be ready")
            url = newspaper.feed("/paper")
            newspaper.publish("/paper", MEETING)
            feeds("add", url, "--allow-private", "--first-poll", "alert", "--name", "Paper")
            wait_for(lambda: receiver.taken, "the alert")
            feeds("remove", "Paper")
            wait_for(lambda: "removed=1" in up.log.read_text(), "the change to be in force")
            polls = newspaper.polls["/paper"]
            time.sleep(3)  # it was polled every second
            assert newspaper.polls["/paper"] <= polls + 1
            assert "# remarks stay" in up.config.read_text()
        assert [one.event["data"]["event"]["countries"] for one in receiver.taken] == [["KE", "ET"]]
