"""``seedwire tokens``: made, listed, revoked, forgotten; also where the config waits for the first one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[..., Result]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config nothing has run on."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "seedwire.toml"
    file.write_text("")
    return file


def test_a_token_is_printed_once_alone_and_listed_without_itself(run: Run, config: Path) -> None:
    made = run("tokens", "create", "desk", "--scope", "write", "--expires", "90d")
    assert re.fullmatch(r"swt_[A-Za-z0-9_-]{43}\n", made.out)
    assert '"desk" may write until' in made.err
    listed = run("tokens", "list")
    assert re.search(r"^valid +write .* never +in 90 d +desk$", listed.out, re.MULTILINE)
    (row,) = run("tokens", "list", "--json").lines
    assert (row["name"], row["scope"], row["state"], row["used"], row["revoked"]) == (
        "desk",
        "write",
        "valid",
        None,
        None,
    )
    token = made.out.strip()
    assert token not in listed.out + str(row)
    assert not any(token.encode() in file.read_bytes() for file in config.parent.rglob("*") if file.is_file())


def test_what_a_program_asks_for_is_one_line_of_json(run: Run, config: Path) -> None:
    (made,) = run("tokens", "create", "desk", "--json").lines
    assert (made["name"], made["scope"], made["expires"]) == ("desk", "read", None)
    assert made["token"].startswith("swt_")
    (revoked,) = run("tokens", "revoke", "desk", "--json").lines
    assert run("tokens", "revoke", "desk", "--json").lines == [revoked]
    assert run("tokens", "forget", "--json").lines == [{"forgotten": 1}]
    assert run("tokens", "list", "--json").out == ""


def test_a_token_is_revoked_once_and_then_forgotten(run: Run, config: Path) -> None:
    assert "no tokens yet" in run("tokens", "list").out
    run("tokens", "create", "desk")
    assert run("tokens", "revoke", "desk").out == '"desk" is revoked\n'
    assert '"desk" was revoked already' in run("tokens", "revoke", "desk").out
    assert run("tokens", "list").out.splitlines()[1].startswith("revoked")
    assert run("tokens", "forget").out == "1 token forgotten\n"
    assert "no tokens yet" in run("tokens", "list").out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["create", "-x"], 2, "-x"),
        (["create", ""], 2, "a name has up to 64"),
        (["create", "a\nb"], 2, "a name has up to 64"),
        (["create", "n" * 65], 2, "a name has up to 64"),
        (["create", "desk", "--scope", "all"], 2, "--scope"),
        (["create", "desk", "--expires", "soon"], 2, "such as 90d"),
        (["create", "desk", "--expires", "0d"], 2, "such as 90d"),
        (["create", "desk", "--expires", "9999999w"], 2, "such as 90d"),
        (["revoke", "nobody"], 1, 'no token "nobody"'),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(run: Run, config: Path, args: list[str], code: int, said: str) -> None:
    result = run("tokens", *args)
    assert result.code == code
    assert said in result.err
    assert len(result.err.splitlines()) == 1


def test_a_name_is_taken_only_while_its_token_is_valid(run: Run, config: Path) -> None:
    run("tokens", "create", "desk")
    taken = run("tokens", "create", "desk")
    assert (taken.code, taken.out) == (1, "")
    assert "revoke that one first" in taken.err
    run("tokens", "revoke", "desk")
    assert run("tokens", "create", "desk").code == 0


@pytest.mark.parametrize("key", ['listen = "0.0.0.0:8600"', 'public_url = "https://seedwire.example.org"'])
def test_a_service_that_others_reach_needs_a_token_of_either_kind(run: Run, config: Path, key: str) -> None:
    config.write_text(f"[service]\n{key}\n")
    refused = run("config", "check")
    assert refused.code == 1
    assert "or make one: seedwire tokens create NAME" in refused.err
    assert run("tokens", "create", "desk").code == 0, "the first one can be made"
    assert run("config", "check").code == 0
    run("tokens", "revoke", "desk")
    assert run("config", "check").code == 0, "who is let in is asked all the same"
    run("tokens", "forget")
    assert run("config", "check").code == 1
