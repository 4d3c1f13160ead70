"""``service.public_url``: where hubs reach us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from worker.config.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Config

    Loads = Callable[..., Config]

TOKEN = 'api_token = "a-token-of-at-least-32-characters"\n'


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("", ""),
        ("https://seedwire.example.org", "https://seedwire.example.org"),
        ("https://seedwire.example.org/", "https://seedwire.example.org"),
        ("http://seedwire.example.org:8600/below/it/", "http://seedwire.example.org:8600/below/it"),
    ],
)
def test_it_is_an_address_without_a_slash_at_its_end(loads: Loads, written: str, address: str) -> None:
    assert loads(f'[service]\n{TOKEN}public_url = "{written}"\n').service.public_url == address


@pytest.mark.parametrize(
    "written", ["seedwire.example.org", "ftp://a.example", "https://", "https://a.example/?b", "https://u:p@a.example"]
)
def test_anything_else_is_refused_and_named(loads: Loads, written: str) -> None:
    with pytest.raises(ConfigError, match=r"service\.public_url"):
        loads(f'[service]\n{TOKEN}public_url = "{written}"\n')


def test_who_is_reached_by_others_needs_a_token(loads: Loads) -> None:
    with pytest.raises(ConfigError, match=r"so a token is needed: set SEEDWIRE_API_TOKEN"):
        loads('[service]\npublic_url = "https://seedwire.example.org"\n')
    for own in ("http://127.0.0.1:8600", "http://localhost:8600", "http://[::1]:8600"):
        assert loads(f'[service]\npublic_url = "{own}"\n').service.public_url == own
