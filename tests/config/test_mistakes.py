from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.config.keys import KEYS, REPEATED
from worker.config.rows import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Problems = Callable[..., list[str]]

SECRET = "whsec_" + "A" * 32
A_SECRET = (
    'a signing secret "whsec_" + base64 of 24 to 64 random bytes (make one: echo whsec_$(openssl rand -base64 32))'
)
A_HOOK = 'an address such as "https://desk.example/hooks/news", or of Apprise\'s such as "slack://…" or "mailto://…"'
WEBHOOK = f'[[webhooks]]\nname = "desk"\nurl = "https://desk.example/hook"\nsecret = "{SECRET}"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[service]\nlisen = "x"', 'seedwire.toml:2: service.lisen: unknown key; did you mean "listen"?'),
        ("[service]\nzzz = 1", "seedwire.toml:2: service.zzz: unknown key"),
        (
            "[service]\nper_host = 1",
            "seedwire.toml:2: service.per_host: unknown key in [service]; it belongs in [polling]",
        ),
        ('[[feed]]\nurl = "x"', "seedwire.toml:1: feed: unknown table; did you mean [[feeds]]?"),
        ("[zzz]", "seedwire.toml:1: zzz: unknown table; the tables are [service], [polling], [[feeds]], [[webhooks]]"),
        ('listen = "x"', "seedwire.toml:1: listen: unknown key; it belongs under [service]"),
        ('[feeds]\nurl = "https://x.example"', "seedwire.toml:1: feeds: expected a list of tables: write [[feeds]]"),
        ("[[service]]", "seedwire.toml:1: service: expected a table: write [service]"),
        (
            "[[feeds]]\nname = 'x'",
            'seedwire.toml:1: feeds[0]: url is missing: expected an address such as "https://example.org/rss.xml"',
        ),
        (
            "[polling]\nper_host = 0",
            "seedwire.toml:2: polling.per_host: expected a whole number from 1 to 100, without quotes, got 0",
        ),
        (
            '\n\n[[feeds]]\nurl = "https://x.example"\n\n[[feeds]]\nfulltext = "yes"\nurl = "https://y.example"',
            'seedwire.toml:7: feeds[1].fulltext: expected true or false, without quotes, got "yes"',
        ),
        (
            '[polling]\nmin_interval = "1h"\nmax_interval = "1m"',
            "seedwire.toml:2: polling.min_interval: 1h is more than max_interval 1m",
        ),
        (
            '[polling]\ninterval = "10s"\nmin_interval = "1m"',
            "seedwire.toml:2: polling.interval: 10s is less than min_interval 1m",
        ),
        (
            '[polling]\ninterval = "7h"\nmax_interval = "6h"',
            "seedwire.toml:2: polling.interval: 7h is more than max_interval 6h",
        ),
        (
            '[[feeds]]\nurl = "https://x.example"\ninterval = "1s"',
            "seedwire.toml:3: feeds[0].interval: 1s is less than polling.min_interval 1m; lower that too",
        ),
        (
            '[[feeds]]\nurl = "https://x.example"\ninterval = "7h"',
            "seedwire.toml:3: feeds[0].interval: 7h is more than polling.max_interval 6h; raise that too",
        ),
        (
            '[[feeds]]\nurl = "https://x.example"\n[[feeds]]\nurl = "HTTPS://X.example:443/#top"',
            "seedwire.toml:4: feeds[1].url: feeds[0] has the same address; keep one of them",
        ),
        (
            f"{WEBHOOK}{WEBHOOK}",
            'seedwire.toml:6: webhooks[1].name: webhooks[0] is called "desk" too; rename one of them',
        ),
        (
            '[service]\nlisten = "0.0.0.0:80"',
            "seedwire.toml:2: service.listen: 0.0.0.0:80 is beyond loopback, so a token is needed: "
            "set SEEDWIRE_API_TOKEN, service.api_token_env or service.api_token_file, "
            "or make one: seedwire tokens create NAME",
        ),
        (
            '[service]\nmodel = "m.json"',
            'seedwire.toml:2: service.model: there is no file "m.json"; '
            "make it: seedwire learn --seeds DIR --out m.json",
        ),
        (
            '[[webhooks]]\nname = "desk"\nurl = "https://x.example"',
            f"seedwire.toml:1: webhooks[0]: secret or secret_env or secret_file is missing: expected {A_SECRET}",
        ),
        (
            '[[webhooks]]\nname = "desk"\nurl = "desk.example"\nsecret = ["hunter2", "whsec_hunter2", "whsec_aGk="]',
            [
                f"seedwire.toml:3: webhooks[0].url: expected {A_HOOK}: it must start with http:// or https://",
                f"seedwire.toml:4: webhooks[0].secret: expected {A_SECRET}: element 0: it does not start with whsec_, "
                "which stands in front of the base64; "
                "element 1: what follows whsec_ is not base64; "
                "element 2: it decodes to 2 bytes where 24 to 64 are needed",
            ],
        ),
        (
            f'{WEBHOOK}countries = ["PK", "UK", "Pakistan"]',
            "seedwire.toml:5: webhooks[0].countries: expected a list, each element a two-letter ISO 3166-1 country "
            "code such as \"PK\", got ['PK', 'UK', 'Pakistan']: "
            'element 1: the code of the United Kingdom is "GB"; element 2 is not one',
        ),
        ("a = 1\n[service]\na = 1\na = 2\n", "seedwire.toml:4: not TOML: the key is there twice"),
        ("[service]\n[service]\n", "seedwire.toml:2: not TOML: Cannot declare ('service',) twice"),
        ('[service]\nlisten = "', "seedwire.toml:2: not TOML: Unterminated string"),
    ],
)
def test_a_mistake_is_told_with_file_line_key_and_what_was_expected(
    text: str, expected: str | list[str], problems: Problems
) -> None:
    assert problems(text) == ([expected] if isinstance(expected, str) else expected)


def test_a_data_dir_that_is_a_file_is_told(problems: Problems, tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    expected = f"{tmp_path}/data is a file: name a folder, or move the file away".replace(f"{tmp_path}/", "")
    assert problems("[service]") == [f"seedwire.toml:1: service.data_dir: {expected}"]
    assert problems('[service]\ndata_dir = "data/deeper"') == [f"seedwire.toml:2: service.data_dir: {expected}"]


def test_all_mistakes_are_told_at_once_in_the_files_order(problems: Problems) -> None:
    told = problems(f'{WEBHOOK}\n[polling]\nper_host = 0\ntimeout = 5\n[service]\nlog_level = "loud"\nlistn = ""\n')
    assert [problem.split(": ")[1] for problem in told] == [
        "polling.per_host",
        "polling.timeout",
        "service.log_level",
        "service.listn",
    ]


@given(st.sampled_from(KEYS), st.sampled_from([None, 7, -1.5, True, "", "\x00", "x" * 3000, [], [[]], {}]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_any_value_is_taken_or_told_in_one_line_each(tmp_path: Path, key, value: object) -> None:
    content = {} if value is None else {key.name: value}
    reader = Reader(tmp_path / "seedwire.toml", json.dumps(content), {})
    reader.row(content, key.table, 0 if key.table in REPEATED else None)
    assert all("\n" not in problem and len(problem) < 500 + len(str(tmp_path)) for problem in reader.problems)
