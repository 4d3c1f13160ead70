"""What is legal and probably not meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from worker.config.check import NO_WEBHOOK, doubts

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Config

    Loads = Callable[..., Config]

TYPES = ("bilateral_meeting", "energy_deal")
FEED = '[[feeds]]\nurl = "https://a.example/"\nname = "Paper A"\ntags = ["pakistan"]\n'
WEBHOOK = f'[[webhooks]]\nname = "desk"\nurl = "https://desk.example/hook"\nsecret = "whsec_{"A" * 32}"\n'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'events = ["bilateral_meating"]',
            'events: nothing is called "bilateral_meating"; did you mean "bilateral_mee',
        ),
        ('events = ["wedding", "energy_deal"]', 'events: nothing is called "wedding"; known are bilateral_meeting, '),
        ('events = ["seedwire.feed.failed"]', 'nothing is called "seedwire.feed.failed"; did you mean "seedwire.feed.'),
        ('events = ["seedwire.alert.opened"]', 'events: "seedwire.alert.opened" filters nothing: name kinds of event'),
        ('tags = ["pakisan", "pakistan"]', 'tags: no feed has the tag "pakisan"; did you mean "pakistan"?'),
        ('tags = ["x"]', 'tags: no feed has the tag "x"'),
        ('languages = ["fr", "en"]', 'languages: nothing is told in "fr": only English is read'),
        ('feeds = ["paper a"]', 'feeds: no feed has the name or url "paper a"; did you mean "Paper A"?'),
    ],
)
def test_a_filter_that_lets_nothing_through_is_told(line: str, expected: str, loads: Loads) -> None:
    (doubt,) = doubts(loads(f"{FEED}{WEBHOOK}{line}\n"), TYPES)
    assert 'seedwire.toml: webhook "desk": ' in doubt
    assert expected in doubt


@pytest.mark.parametrize(
    "line",
    [
        "",
        'events = ["energy_deal", "seedwire.feed.failing", "seedwire.webhook.test"]',
        'tags = ["pakistan"]',
        'feeds = ["Paper A", "https://a.example/"]\nlanguages = ["en"]',
    ],
)
def test_a_filter_that_can_let_something_through_is_no_doubt(line: str, loads: Loads) -> None:
    assert doubts(loads(f"{FEED}{WEBHOOK}{line}\n"), TYPES) == ()


def test_a_config_without_a_webhook_is_told(loads: Loads) -> None:
    assert doubts(loads(FEED), TYPES) == (NO_WEBHOOK,)
