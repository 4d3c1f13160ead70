"""The command line, called in this process on a service folder of its own."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from worker.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
        'retry_schedule = ["1s"]\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path
