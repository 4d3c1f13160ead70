"""What people and programs type, and what they get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from worker.cli.main import COMMANDS
from worker.cli.reference import reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]

DOCS = Path(__file__).parents[2] / "docs"


def test_every_command_is_documented() -> None:
    assert (DOCS / "commands.md").read_text() == reference(), "run `python -m worker.cli.reference > docs/commands.md`"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.code == 0
    assert result.out.startswith("Usage: ")


def test_wrong_use_is_two_and_one_clear_line(run: Run, folder: Path) -> None:
    for args in (["nonsense"], ["deliverie", "list"], ["deliveries", "retry"], ["items", "label", "x"], ["worker"]):
        result = run(*args)
        assert result.code == 2, args
        assert result.err.startswith("seedwire: ")
        assert len(result.err.splitlines()) == 1
    assert "did you mean 'deliveries'?" in run("deliverie", "list").err
    assert "seedwire up" in run("worker").err


def test_failure_is_one_and_one_clear_line(run: Run, folder: Path, tmp_path: Path) -> None:
    for args in (
        ["items", "list"],  # no tables yet
        ["items", "list", "--config", tmp_path / "missing.toml"],
        ["learn", "--seeds", tmp_path / "empty"],
        ["classify", "--model", tmp_path / "missing.json", tmp_path / "feed.xml"],
        ["classify", tmp_path / "missing.txt"],
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        result = run(*args)
        assert result.code == 1, args
        assert len(result.err.splitlines()) == 1, result.err
        assert result.err.startswith("seedwire: ")


def test_config_check_and_schema(run: Run, folder: Path) -> None:
    good = run("config", "check", "--json")
    assert (good.code, good.lines[0]["feeds"], good.lines[0]["webhooks"]) == (0, 1, 1)
    assert "1 feeds, 1 webhooks" in run("--config", folder / "seedwire.toml", "config", "check").out
    assert good.lines[0]["warnings"] == []
    (folder / "doubtful.toml").write_text(
        (folder / "seedwire.toml").read_text() + 'events = ["bilateral_meating"]\ntags = ["pakistan"]\n'
    )
    doubtful = run("config", "check", "--config", folder / "doubtful.toml", "--json")
    assert doubtful.code == 0
    assert 'did you mean "bilateral_meeting"?' in doubtful.lines[0]["warnings"][0]
    assert 'no feed has the tag "pakistan"' in doubtful.lines[0]["warnings"][1]
    (folder / "silent.toml").write_text("")
    assert (
        "no webhook yet" in run("config", "check", "--config", folder / "silent.toml", "--json").lines[0]["warnings"][0]
    )
    assert "warning: no webhook yet" in run("config", "check", "--config", folder / "silent.toml").err
    (folder / "bad.toml").write_text('[polling]\nintervall = "5m"\nper_host = 0\n')
    bad = run("config", "check", "--config", folder / "bad.toml")
    assert bad.code == 1
    assert len(bad.err.splitlines()) == 2
    assert "did you mean" in bad.err
    assert "bad.toml:2" in bad.err
    schema = json.loads(run("config", "schema").out)
    assert set(schema["properties"]) == {"service", "polling", "feeds", "webhooks"}


def test_items_alerts_and_deliveries_are_listed_for_people_and_programs(run: Run, stored: Context) -> None:
    items = {item["title"]: item for item in run("items", "list", "--json").lines}
    meeting = items["Kenyan president meets Ethiopian prime minister in Nairobi"]
    assert set(meeting) == {
        "id", "url", "title", "published", "first_seen", "feed", "scores", "outcome", "stories",
    }  # fmt: skip
    assert meeting["outcome"] == "alerted"
    assert set(meeting["scores"]) == set(stored.model.types)
    assert items["Rain expected over the weekend"]["outcome"] == "below-threshold"
    (alert,) = run("alerts", "list", "--json").lines
    assert alert["alert"]["subject"] == meeting["stories"][0]
    assert alert["deliveries"] == {"pending": 1}
    (delivery,) = run("deliveries", "list", "--json").lines
    assert (delivery["alert"], delivery["webhook"], delivery["state"]) == (alert["id"], "desk", "pending")
    for shown in (run("items", "list"), run("alerts", "list"), run("deliveries", "list"), run("feeds", "list")):
        assert shown.code == 0
        assert shown.out.splitlines()[0].isupper()
    for name in (alert["id"], meeting["stories"][0]):
        story = json.loads(run("alerts", "show", name, "--json").out)
        assert story["alert"]["id"] == alert["id"]
        assert story["reports"][0]["item"] == meeting["id"]
        assert story["reports"][0]["why"]
    (feed,) = run("feeds", "list", "--json").lines
    assert (feed["name"], feed["health"]) == ("Nobody", "ok")


def test_a_poll_that_reaches_nobody_says_so_and_records_why(run: Run, stored: Context) -> None:
    tally = run("poll", "--all", "--json").lines[-1]
    assert (tally["feeds"], tally["failed"], tally["attempts"]) == (1, 1, 1)
    (feed,) = run("feeds", "list", "--json").lines
    assert (feed["health"], feed["problem"]) == ("retrying", "refused")
    (delivery,) = run("deliveries", "list", "--json").lines
    assert delivery["attempts"][0]["code"] == 0
    assert "refused" in delivery["attempts"][0]["error"]


def test_a_delivery_is_retried_and_an_alert_replayed(run: Run, stored: Context) -> None:
    (delivery,) = run("deliveries", "list", "--json").lines
    assert "1 delivery is due again" in run("deliveries", "retry", delivery["id"]).out
    assert run("deliveries", "retry", "--since", "2026-01-01").code == 2
    unknown = run("deliveries", "retry", "--dead", "--webhook", "dest")
    assert (unknown.code, unknown.out) == (2, "")
    assert 'no webhook "dest" in seedwire.toml; did you mean "desk"?' in unknown.err
    assert run("deliveries", "retry", "--dead", "--webhook", "desk").code == 0
    config = stored.config.path
    config.write_text(config.read_text().replace('"desk"', '"post"'))  # its deliveries are there still
    assert run("deliveries", "retry", "--dead", "--webhook", "desk").code == 0
    assert "1 alert, 1 delivery due" in run("alerts", "replay", delivery["alert"]).out
    assert "1 alert, 1 delivery due" in run("alerts", "replay", "--since", "2020-01-01").out
    assert run("alerts", "replay", "msg_none").code == 1
    assert run("alerts", "replay", delivery["alert"], "--webhook", "nobody").code == 2


def test_an_item_is_labelled(run: Run, stored: Context) -> None:
    item = run("items", "list", "--json").lines[0]["id"]
    assert run("items", "label", item, "energy_deal").code == 0
    assert "1 correction to learn" in run("items", "label", item, "none").out
    assert f"{item} is no longer labelled none" in run("items", "label", item, "--undo").out
    assert run("items", "label", item, "--undo").code == 0  # again, it changes nothing
    assert run("items", "label", item).code == run("items", "label", item, "none", "--undo").code == 2
    wrong = run("items", "label", item, "wedding")
    assert wrong.code == 2
    assert "bilateral_meeting" in wrong.err


def test_the_doctor_tells_good_from_bad(run: Run, stored: Context, folder: Path) -> None:
    findings = {f["what"]: f["state"] for f in run("doctor", "--json").lines}
    assert findings["config"] == findings["database"] == findings["model"] == findings["broker"] == "good"
    (folder / "lost.toml").write_text('[service]\nredis_url = "redis://127.0.0.1:1"\ndata_dir = "other"\n')
    result = run("doctor", "--config", folder / "lost.toml", "--json")
    assert result.code == 1
    assert {f["what"] for f in result.lines if f["state"] == "bad"} == {"broker"}
    (database,) = (f for f in result.lines if f["what"] == "database")
    assert database["state"] == "warning"
    assert "nothing has run yet" in database["detail"]


def test_a_file_is_checked_as_a_poll_would_see_it(run: Run, folder: Path) -> None:
    (folder / "page.html").write_text("<html><body>no feed</body></html>")
    result = run("feeds", "check", "--json", folder / "feed.xml", folder / "page.html", folder / "missing.xml")
    good, page, missing = result.lines
    assert result.code == 0
    assert set(good) == {"url", "format", "title", "encoding", "problems", "items"}
    assert [i["title"] for i in good["items"]][1] == "Rain expected over the weekend"
    assert set(good["items"][0]) == {"id", "url", "title", "published", "text"}
    assert page["items"] == missing["items"] == []
    assert page["problems"]
    assert missing["problems"]
    assert missing["url"] == str(folder / "missing.xml")


def test_lines_are_classified_in_order_and_a_bad_one_spares_the_others(run: Run, folder: Path) -> None:
    lines = [
        json.dumps({"id": "a", "title": "Kenyan president meets Ethiopian prime minister in Nairobi", "text": ""}),
        "not json",
        json.dumps({"id": "b", "title": "Rain expected", "text": "Showers in the north of the country on Monday."}),
        json.dumps({"id": "c", "title": None, "text": ""}),
    ]
    (folder / "in.jsonl").write_text("\n".join(lines))
    result = run("classify", "--jsonl", folder / "in.jsonl")
    assert result.code == 1
    assert "in.jsonl, line 2: not JSON" in result.err
    a, bad, b, c = result.lines
    assert [a["id"], b["id"], c["id"]] == ["a", "b", "c"]
    assert "line 2" in bad["error"]
    assert a["events"][0]["type"] == "bilateral_meeting"
    assert a["events"][0]["evidence"]
    assert set(a["scores"]) == set(b["scores"]) == set(c["scores"])
    assert b["events"] == c["events"] == []


def test_a_text_is_classified_and_explained_for_a_person(run: Run, folder: Path) -> None:
    (folder / "story.txt").write_text(
        "Kenyan president meets Ethiopian prime minister in Nairobi\n"
        "President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday.\n"
    )
    assert "bilateral_meeting, held: KE, ET in Nairobi" in run("classify", folder / "story.txt").out
    assert run("classify", "--explain", folder / "story.txt").code == 0
    assert json.loads(run("classify", "--json", folder / "story.txt").out)["id"] == "story.txt"
