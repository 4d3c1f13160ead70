from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from worker.config.keys import KEYS, REPEATED

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Config

    Loads = Callable[..., Config]
    Problems = Callable[..., list[str]]

SECRET = "whsec_" + "A" * 32


def test_variables_override_the_file(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-mounted-file")
    config = loads(
        '[service]\nlisten = "127.0.0.1:1"\ndatabase_url_env = "UNSET"\n[polling]\nper_host = 1\n',
        {
            "SEEDWIRE_LISTEN": "127.0.0.1:2",
            "SEEDWIRE_SERVICE_DATA_DIR": "/elsewhere",
            "SEEDWIRE_DATABASE_URL": "postgresql://db/x",
            "SEEDWIRE_API_TOKEN_FILE": str(tmp_path / "token"),
            "SEEDWIRE_POLLING_PER_HOST": "4",
            "SEEDWIRE_POLLING_MAX_BYTES": "1MB",
            "SEEDWIRE_POLLING_FIRST_POLL": "alert",
            "SEEDWIRE_LOG_LEVEL": "",
        },
    )
    assert str(config.service.listen) == "127.0.0.1:2"
    assert config.service.data_dir == Path("/elsewhere")
    assert config.service.database_url == "postgresql://db/x"
    assert config.service.api_token == "from-a-mounted-file"
    assert (config.polling.per_host, config.polling.max_bytes) == (4, 1_000_000)
    assert (config.service.log_level, config.warnings) == ("info", ())


@pytest.mark.parametrize("key", [key for key in KEYS if key.table not in REPEATED], ids=lambda key: key.name)
def test_every_key_of_the_single_tables_has_a_variable(key) -> None:
    assert f"SEEDWIRE_{key.table.upper()}_{key.name.upper()}" in key.variables
    if key.table == "service":
        assert f"SEEDWIRE_{key.name.upper()}" in key.variables


def test_no_two_keys_share_a_variable() -> None:
    variables = [variable for key in KEYS for variable in key.variables]
    assert len(variables) == len(set(variables))


def test_a_bad_variable_is_told_by_its_name(problems: Problems) -> None:
    env = {"SEEDWIRE_POLLING_PER_HOST": "many", "SEEDWIRE_LISTEN": "nowhere", "SEEDWIRE_API_TOKEN_FILE": "nope"}
    told = problems("", env)
    assert sorted(told) == [
        "SEEDWIRE_API_TOKEN_FILE: cannot read nope: No such file or directory",
        'SEEDWIRE_LISTEN: expected an address and a port such as "127.0.0.1:8600" or "[::1]:8600", got "nowhere"',
        'SEEDWIRE_POLLING_PER_HOST: expected a whole number from 1 to 100, without quotes, got "many"',
    ]


def test_a_variable_that_means_nothing_is_a_warning(loads: Loads) -> None:
    env = {
        "SEEDWIRE_LISTENS": "x",
        "SEEDWIRE_DESK": SECRET,
        "SEEDWIRE_CONFIG": "x",
        "SEEDWIRE_SHARED": "x",
        "HOME": "x",
    }
    text = '[[webhooks]]\nname = "x"\nurl = "https://x.example"\nsecret_env = "SEEDWIRE_DESK"\n'
    assert loads(text, env).warnings == (
        "SEEDWIRE_LISTENS: this variable means nothing to Seedwire; did you mean SEEDWIRE_LISTEN?",
    )
