"""``seedwire who``: listed for people and programs, corrected, forgotten, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]


def test_who_lists_what_the_table_says_and_who_was_introduced(run: Run, stored: Context) -> None:
    listed = {row["name"]: row for row in run("who", "--json").lines}
    assert set(listed["Abiy Ahmed"]) == {
        "name", "role", "country", "standing", "from", "sightings", "feeds", "first_seen", "last_seen", "spellings",
        "surnames",
    }  # fmt: skip
    abiy = listed["Abiy Ahmed"]
    assert (abiy["role"], abiy["country"], abiy["standing"], abiy["from"]) == ("prime minister", "ET", "known", "table")
    assert (abiy["sightings"], abiy["feeds"]) == (1, 1)
    shown = run("who")
    assert shown.out.splitlines()[0].split() == [
        "COUNTRY", "NAME", "ROLE", "STANDING", "SIGHTINGS", "FEEDS", "LAST", "SEEN", "FROM",
    ]  # fmt: skip
    assert "--all or --limit shows them" in shown.out
    assert len(run("who", "--json").lines) == 50
    assert len(run("who", "--all", "--json").lines) > 150


def test_who_finds_a_name_and_a_country(run: Run, stored: Context) -> None:
    assert [row["name"] for row in run("who", "list", "abiy", "--json").lines] == ["Abiy Ahmed"]
    assert {row["country"] for row in run("who", "--country", "ke", "--json").lines} == {"KE"}
    assert "nobody known matches" in run("who", "Nobody Atall").out
    assert run("who", "--country", "Kenya").code == 2


def test_a_correction_is_set_and_taken_back(run: Run, stored: Context) -> None:
    assert (
        run("who", "set", "Elin  Varga", "--role", "PM", "--country", "no").out == "Elin Varga is prime minister, NO\n"
    )
    (varga,) = run("who", "varga", "--json").lines
    assert (varga["role"], varga["country"], varga["from"]) == ("prime minister", "NO", "correction")
    others = [p for p in run("who", "--country", "NO", "--json").lines if p["role"] == "prime minister"]
    assert [p["name"] for p in others] == ["Elin Varga"], "one prime minister at a time"
    assert "taken back" in run("who", "forget", "elin varga").out
    assert "nobody known matches" in run("who", "varga").out
    nobody = run("who", "forget", "Elin Varga")
    assert (nobody.code, len(nobody.err.splitlines())) == (1, 1)


def test_somebody_is_forgotten_and_brought_back(run: Run, stored: Context) -> None:
    assert "is forgotten" in run("who", "forget", "Abiy Ahmed").out
    assert [row["standing"] for row in run("who", "abiy", "--json").lines] == ["forgotten"]
    assert "forgotten already" in run("who", "forget", "Abiy Ahmed").out
    assert run("who", "set", "Abiy Ahmed", "--role", "former prime minister", "--country", "ET").code == 0
    assert [row["standing"] for row in run("who", "abiy", "--json").lines] == ["former"]
    assert run("who", "forget", "Abiy Ahmed").code == 0
    assert [row["from"] for row in run("who", "abiy", "--json").lines] == ["table"]


def test_what_is_no_role_country_or_name_is_said(run: Run, stored: Context) -> None:
    for args, said in (
        (["Elin Varga", "--role", "prime minster", "--country", "NO"], "did you mean 'prime minister'"),
        (["Elin Varga", "--role", "PM", "--country", "Norway"], "expected one of two letters"),
        (["7", "--role", "PM", "--country", "NO"], "is no name"),
        (["Elin Varga", "--role", "PM"], "--country"),
    ):
        result = run("who", "set", *args)
        assert result.code == 2
        assert said in result.err
        assert len(result.err.splitlines()) == 1
