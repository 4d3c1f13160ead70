"""Webhooks for people: addresses of Apprise's in the config."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from worker.messenger import media

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from worker.config import Config

    Loads = Callable[..., Config]
    Problems = Callable[..., list[str]]

EXPECTED = 'expected an address such as "https://desk.example/hooks/news", or of Apprise\'s such as "slack://…" or'
SECRET = "whsec_" + "A" * 32
TOKEN = "xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d"


def hook(line: str) -> str:
    return f'[[webhooks]]\nname = "desk"\n{line}\n'


def test_an_address_for_people_needs_no_secret_and_may_come_from_a_variable_or_a_file(
    loads: Loads, tmp_path: Path
) -> None:
    (tmp_path / "mail").write_text("mailtos://seedwire:password@mail.example?to=desk@paper.example\n")
    config = loads(
        hook(f'url = "slack://{TOKEN}/#news"')
        + hook('url_env = "CHAT"').replace("desk", "chat")
        + hook('url_file = "mail"').replace("desk", "mail"),
        {"CHAT": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"},
    )
    assert [w.secrets for w in config.webhooks] == [(), (), ()]
    assert [w.for_people for w in config.webhooks] == [True] * 3
    assert [w.shown for w in config.webhooks] == ["slack://…", "discord://…", "mailtos://…"]
    assert TOKEN not in repr(config)
    assert not any(TOKEN in w.recorded or "password" in w.recorded for w in config.webhooks)


def test_another_address_of_the_same_chat_is_another_config(loads: Loads) -> None:
    signatures = {loads(hook(f'url = "slack://{TOKEN}/#{channel}"')).signature for channel in ("news", "ops")}
    assert len(signatures) == 2


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            f'url = "slack://{TOKEN}/#news"\nsecret = "{SECRET}"',
            "seedwire.toml:4: webhooks[0].secret: nothing signs a message to people: leave it out",
        ),
        (
            f'url = "slak://{TOKEN}/#news"',
            f'seedwire.toml:3: webhooks[0].url: {EXPECTED} "mailto://…": '
            "slak:// is no medium that Apprise knows; did you mean slack://?",
        ),
        (
            'url = "slack://Sesame"',
            f'seedwire.toml:3: webhooks[0].url: {EXPECTED} "mailto://…": '
            "Apprise cannot read this slack:// address (https://appriseit.com/services/slack/)",
        ),
        (
            f'url = "https://hooks.slack.com/services/T1/A1/x"\nsecret = "{SECRET}"',
            f'seedwire.toml:3: webhooks[0].url: {EXPECTED} "mailto://…": '
            "a chat takes no signed requests: write slack://TokenA/TokenB/TokenC to send it messages",
        ),
    ],
)
def test_a_mistake_is_told_without_the_address(lines: str, problem: str, problems: Problems) -> None:
    assert problems(hook(lines)) == [problem]


def test_without_apprise_it_is_said_how_to_get_it(problems: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    media._apprise.cache_clear()
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert problems(hook(f'url = "slack://{TOKEN}"')) == [
        f'seedwire.toml:3: webhooks[0].url: {EXPECTED} "mailto://…": '
        "chats and e-mail need Apprise, which is not installed: pip install 'seedwire[people]'"
    ]
