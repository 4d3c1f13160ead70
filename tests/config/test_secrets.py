from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from worker.config import Config

    Loads = Callable[..., Config]
    Problems = Callable[..., list[str]]

SECRET = "whsec_" + "A" * 32
OTHER_SECRET = "whsec_" + "B" * 32
WEBHOOK = f'[[webhooks]]\nname = "desk"\nurl = "https://desk.example/hook"\nsecret = "{SECRET}"\n'


def test_secrets_come_from_variables_and_files(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "desk").write_text(f"{OTHER_SECRET}\n{SECRET}\n")
    (tmp_path / "database").write_text("postgresql://u:p@db/x\n")
    config = loads(
        '[service]\ndatabase_url_file = "database"\nredis_url_env = "MY_REDIS"\napi_token_env = "MY_TOKEN"\n'
        '[[webhooks]]\nname = "file"\nurl_env = "DESK_URL"\nsecret_file = "secrets/desk"\n'
        '[[webhooks]]\nname = "variables"\nurl = "https://y.example"\nsecret_env = ["NEW", "OLD"]\n',
        {
            "MY_REDIS": "redis://:p@redis/0",
            "MY_TOKEN": "0123456789abcdef",
            "DESK_URL": "https://desk.example/T0/B0",
            "NEW": SECRET,
            "OLD": OTHER_SECRET,
        },
    )
    service = config.service
    assert (service.database_url, service.redis_url) == ("postgresql://u:p@db/x", "redis://:p@redis/0")
    assert service.api_token == "0123456789abcdef"
    assert config.webhooks[0].url == "https://desk.example/T0/B0"
    assert config.webhooks[0].secrets == tuple(reversed(config.webhooks[1].secrets))
    assert config.files == (tmp_path / "seedwire.toml", tmp_path / "database", tmp_path / "secrets" / "desk")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('secret_env = "DESK_SECRET"', "webhooks[0].secret_env: the environment variable DESK_SECRET is not set"),
        ('secret_env = "EMPTY"', "webhooks[0].secret_env: the environment variable EMPTY is not set"),
        ('secret_file = "desk.secret"', "webhooks[0].secret_file: cannot read desk.secret: No such file or directory"),
        ('secret_file = "empty"', "webhooks[0].secret_file: empty is empty"),
        ('secret_file = "binary"', "webhooks[0].secret_file: binary does not hold text"),
        ("secret_env = 5", "webhooks[0].secret_env: expected the name of a variable that holds the value, got 5"),
        (
            f'secret_env = "{SECRET}"',
            "webhooks[0].secret_env: it holds a secret, not where to find one: write secret = … for that",
        ),
        ("secret_file = []", "webhooks[0].secret_file: expected the name of a file that holds the value, got []"),
        (
            f'secret = "{SECRET}"\nsecret_env = "EMPTY"',
            "webhooks[0].secret: is given more than once: keep one of secret, secret_env",
        ),
    ],
)
def test_a_secret_that_is_not_there_is_told(line: str, expected: str, problems: Problems, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (problem,) = problems(f'[[webhooks]]\nname = "x"\nurl = "https://x.example"\n{line}\n', {"EMPTY": " "})
    assert problem == f"seedwire.toml:4: {expected}"


@pytest.mark.parametrize(
    ("secret", "wrong"),
    [
        ("A" * 32, "it does not start with whsec_, which stands in front of the base64"),
        ("whsec_AAAA", "it decodes to 3 bytes where 24 to 64 are needed"),
        ("whsec_" + "A" * 88, "it decodes to 66 bytes where 24 to 64 are needed"),
        ("whsec_hush hush", "it decodes to"),
        ("whsec_hush!", "what follows whsec_ is not base64"),
    ],
)
@pytest.mark.parametrize("form", ["secret", "secret_env", "secret_file"])
def test_a_secret_that_is_none_is_refused_by_key_and_not_shown(
    form: str, secret: str, wrong: str, problems: Problems, tmp_path: Path
) -> None:
    (tmp_path / "desk.secret").write_text(secret)
    written = {"secret": secret, "secret_env": "DESK_SECRET", "secret_file": "desk.secret"}[form]
    config = f'[[webhooks]]\nname = "x"\nurl = "https://x.example"\n{form} = "{written}"\n'
    (problem,) = problems(config, {"DESK_SECRET": secret})
    assert problem.startswith(f'seedwire.toml:4: webhooks[0].{form}: expected a signing secret "whsec_" + base64')
    assert wrong in problem
    assert secret.removeprefix("whsec_") not in problem


def test_the_token_may_be_missing_on_loopback(loads: Loads) -> None:
    assert loads('[service]\napi_token_env = "SEEDWIRE_API_TOKEN"\n').warnings == ()
    config = loads('[service]\napi_token_env = "MY_TOKEN"\n')
    assert config.service.api_token is None
    assert "the environment variable MY_TOKEN is not set; no token guards page and API" in config.warnings[0]


def test_no_secret_is_shown(loads: Loads, problems: Problems) -> None:
    hidden = "hush4hush4hush4hush4"
    config = loads(
        f'[service]\ndatabase_url = "postgresql://u:{hidden}@db/x"\nredis_url = "redis://:{hidden}@r"\n'
        f'api_token = "{hidden}"\n' + WEBHOOK
    )
    assert hidden not in repr(config)
    assert "AAAA" not in repr(config)
    told = problems(
        f'[service]\ndatabase_url = "mysql://u:{hidden}@db/x"\nredis_url = "amqp://:{hidden}@r"\n'
        f'api_token = "{hidden} {hidden}"\n'
        f'[[webhooks]]\nname = "x"\nurl = "https://u:{hidden}@x.example"\nsecret = "{hidden}!"\n'
        f'[[webhooks]]\nname = "y"\nurl = "https://y.example"\nsecret_env = "S"\n',
        {"S": hidden},
    )
    assert len(told) == 6
    assert not any(hidden in problem for problem in told)
