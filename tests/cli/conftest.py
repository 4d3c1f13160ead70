"""The command line, called in this process on a service folder of its own."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from feeds.feed import FeedState, feed_id
from feeds.identity import identify, select
from feeds.parse import parse
from feeds.poll import Poll
from store import feeds, polls
from worker.cli.main import main
from worker.config.watch import Watcher
from worker.context import Context
from worker.steps.classify import classify_pending
from worker.steps.tick import apply_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from feeds.entry import Entry

SECRET = "whsec_" + base64.b64encode(b"a secret for the tests of seedwire").decode()


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    def called(*args: str | Path) -> Result:
        capsys.readouterr()
        handlers = logging.getLogger().handlers[:]
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in args])
        said = capsys.readouterr()
        # A command configures logging for a process of its own; this one's streams belong to pytest.
        logging.getLogger().handlers[:] = handlers
        structlog.reset_defaults()
        return Result(int(ended.value.code or 0), said.out, said.err)

    return called


FEED = """<rss version="2.0"><channel><title>Paper</title><link>https://paper.example</link>
<item><title>Kenyan president meets Ethiopian prime minister in Nairobi</title><link>https://paper.example/1</link>
<description>President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday. The two
leaders discussed trade and security.</description></item>
<item><title>Rain expected over the weekend</title><link>https://paper.example/2</link>
<description>Forecasters expect showers in the north.</description></item>
</channel></rss>"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config that names a feed nobody serves and a webhook nobody answers."""
    for name in ("SEEDWIRE_CONFIG", "SEEDWIRE_DATABASE_URL", "SEEDWIRE_REDIS_URL", "SEEDWIRE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "feed.xml").write_text(FEED)
    (tmp_path / "seedwire.toml").write_text(
        '[service]\ndata_dir = "data"\n'
        '[[feeds]]\nurl = "http://127.0.0.1:1/feed"\nname = "Nobody"\nallow_private = true\nfirst_poll = "alert"\n'
        f'[[webhooks]]\nname = "desk"\nurl = "http://127.0.0.1:1/hook"\nsecret = "{SECRET}"\nallow_private = true\n'
        'retry_schedule = ["1h"]\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stored(folder: Path, run: Callable[..., Result]) -> Iterator[Context]:
    """The folder's service after it has read one meeting and one weather report."""
    assert run("migrate").code == 0
    context = Context(Watcher(folder / "seedwire.toml", {}))
    apply_config(context)
    now = context.now()
    entries: tuple[Entry, ...] = parse((folder / "feed.xml").read_bytes(), url="https://paper.example/feed").entries
    with context.database.write() as transaction:
        connection = transaction.connection
        (claimed,) = feeds.claim_due(
            connection, now, limit=1, per_host=1, owner="t", lease=context.config.polling.timeout
        )
        new = select(identify(feed_id(claimed.feed.url), entries), {}).new
        poll = Poll(FeedState(polled=now, succeeded=now), now, new)
        polls.save_polls(connection, [(claimed.feed, poll)], owner="t", now=now)
    assert classify_pending(context) == 2
    yield context
    context.close()
