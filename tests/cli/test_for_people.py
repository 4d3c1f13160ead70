"""What people see and type: short ids, no control characters, plain words where nothing matches."""

from __future__ import annotations

import gzip
import json
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]


@given(st.text())
def test_nothing_shown_can_steer_a_terminal(text: str) -> None:
    shown = options.plain(text + "\x1b[2J\x9b1m\r\x07")
    assert not any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in shown)


def test_joiners_and_line_ends_stay() -> None:
    assert options.plain("می\u200cشود\nन\u200dम") == "می\u200cشود\nन\u200dम"


def test_numbers_agree_with_their_noun() -> None:
    assert [options.count(n, "feed") for n in (0, 1, 2)] == ["0 feeds", "1 feed", "2 feeds"]
    assert options.count(2, "delivery", "deliveries") == "2 deliveries"


def test_what_is_overdue_is_due_now() -> None:
    now = datetime.now(UTC)
    assert options.due(now - timedelta(hours=1)) == "now"
    assert options.due(now + timedelta(hours=5)).startswith("in ")
    assert options.due(None) == "-"


def test_the_start_of_an_id_is_enough(run: Run, stored: Context) -> None:
    item = run("items", "list", "--json").lines[0]["id"]
    alert = run("alerts", "list", "--json").lines[0]["id"]
    delivery = run("deliveries", "list", "--json").lines[0]["id"]
    assert item in run("items", "label", item[:12], "none").out
    assert run("alerts", "show", alert[:-4], "--json").code == 0
    assert "1 alert, 1 delivery" in run("alerts", "replay", alert[:-4]).out
    assert run("deliveries", "retry", delivery[:12]).code == 0
    assert len(run("deliveries", "list", "--alert", alert[:-4], "--json").lines) == 1
    for args in (("items", "label", "%", "none"), ("alerts", "show", "_"), ("deliveries", "retry", "")):
        wrong = run(*args)
        assert wrong.code == 1
        assert "shows the ids" in wrong.err


def test_an_ambiguous_start_of_an_id_says_so(stored: Context) -> None:
    from sqlalchemy import insert

    from store import prefixes
    from store.errors import AmbiguousId
    from store.tables import deliveries

    with stored.database.write() as transaction:
        connection = transaction.connection
        known = connection.exec_driver_sql("SELECT alert_id FROM deliveries").scalar_one()
        row = {"alert_id": known, "webhook": "w", "state": "pending", "tries": 0}
        for name in ("zz1", "zz12"):
            now = stored.now()
            connection.execute(
                insert(deliveries).values(**row | {"id": name, "webhook": name, "created": now, "due": now})
            )
        assert prefixes.delivery_id(connection, "zz1") == "zz1"
        with pytest.raises(AmbiguousId, match="more than one delivery starts with 'zz'"):
            prefixes.delivery_id(connection, "zz")


def test_an_item_is_shown_with_its_outcome_in_words(run: Run, stored: Context) -> None:
    meeting = next(i for i in run("items", "list", "--json").lines if i["outcome"] == "alerted")
    shown = run("items", "show", meeting["id"][:12]).out
    for part in (meeting["title"], "a webhook was called", meeting["stories"][0], "The two", "REPORTED"):
        assert part in shown
    told = json.loads(run("items", "show", meeting["id"], "--json").out)
    assert told["id"] == meeting["id"]
    assert "William Ruto" in told["text"]


def test_a_filter_that_matches_nothing_says_so(run: Run, stored: Context) -> None:
    assert "no item matches" in run("items", "list", "--near-misses").out
    assert "no delivery matches" in run("deliveries", "list", "--webhook", "nobody").out
    assert "no delivery matches" in run("deliveries", "list", "--state", "dead").out
    assert run("deliveries", "list", "--webhook", "desk", "--json").lines


def test_text_is_classified_without_its_control_characters(run: Run, folder: Path) -> None:
    (folder / "odd.txt").write_text(
        "Kenyan president meets\x1b]0;owned\x07 Ethiopian prime minister\n"
        "President William Ruto of Kenya met\x1b[31m Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday.\n"
    )
    for args in (("classify",), ("classify", "--explain")):
        out = run(*args, folder / "odd.txt").out
        assert "\x1b" not in out
        assert "\x07" not in out


def test_what_is_not_text_spares_the_others(run: Run, folder: Path) -> None:
    (folder / "a.gz").write_bytes(gzip.compress(b"text " * 100))
    (folder / "b.txt").write_text("Rain is expected over the weekend in the north of the country.")
    result = run("classify", "--json", folder / "a.gz", folder / "b.txt")
    assert result.code == 1
    assert result.err == f"seedwire: {folder / 'a.gz'}, line 1: a NUL byte; expected text in UTF-8\n"
    assert [line["id"] for line in result.lines] == ["b.txt"]


def test_a_check_uses_the_config_where_there_is_one(run: Run, folder: Path) -> None:
    configured = run("feeds", "check", "http://127.0.0.1:1/feed")
    assert configured.code == 1
    assert "!! http://127.0.0.1:1/feed" in configured.out
    assert "refused" in configured.out
    assert "--allow-private" in run("feeds", "check", "http://127.0.0.1:1/other").out
    (folder / "seedwire.toml").write_text("[polling]\nmax = 1\n")
    mended = run("feeds", "check", folder / "feed.xml")
    assert mended.code == 0
    assert "without the config" in mended.err
    assert run("feeds", "check", folder / "feed.xml", "--config", folder / "seedwire.toml").code == 1
    (folder / "seedwire.toml").unlink()
    alone = run("feeds", "check", folder / "feed.xml")
    assert (alone.code, alone.err) == (0, "")
    assert "starts with http://" in run("feeds", "check", "www.example.org").out


def test_a_warning_is_told_from_a_failure(run: Run, folder: Path) -> None:
    (folder / "odd.xml").write_text((folder / "feed.xml").read_text().replace("Rain", "Rain & hail"))
    odd = run("feeds", "check", folder / "odd.xml")
    assert odd.out.startswith("-- ")
    assert odd.code == 0
    lost = run("feeds", "check", folder / "lost.xml")
    assert lost.out.startswith("!! ")
    assert lost.code == 1
    assert run("feeds", "check", "--json", folder / "lost.xml").code == 0


def test_a_taken_port_of_the_newsroom_names_its_option(run: Run, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option in ("--port", "--catcher-port"):
            result = run("newsroom", "--host", "127.0.0.1", "--port", "0", "--catcher-port", "0", option, port)
            assert result.code == 1
            assert f"127.0.0.1:{port} is taken" in result.err
            assert f"set another {option}\n" in result.err
