"""``seedwire learn``: from seeds, from corrections, and beside the model in force, on real databases."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from classifiers.feedback import Tally, TypeChange
from feeds.feed import Feed, FeedState
from feeds.identity import NewEntry
from feeds.item import Item
from feeds.poll import Poll
from store import corrections, feeds, polls
from store.database import Database
from worker.cli import against

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result

    Run = Callable[..., Result]

RATES = [
    ("Bank of England holds rates at 4%", "The Bank of England left its key interest rate unchanged on Thursday."),
    ("Fed cuts interest rates by a quarter point", "The Federal Reserve lowered its benchmark rate on Wednesday."),
    ("ECB raises rates for the first time in a decade", "The European Central Bank raised its deposit rate."),
    ("Turkey's central bank slashes policy rate", "The central bank cut its one-week repo rate by 250 basis points."),
    ("State Bank of Pakistan keeps policy rate at 11%", "The monetary policy committee decided to keep the rate."),
]
STORED = [
    ("Norway's central bank raises interest rates", "Norges Bank raised its policy rate on Thursday."),
    ("Rain expected over the weekend", "Forecasters expect showers in the north on Saturday."),
    ("Mortgage rates fall for a third week", "Lenders cut the rates of fixed deals, a survey said."),
    ("Central bank governor opens museum", "The governor of the central bank opened a museum of coins."),
]
NOW = datetime.now(UTC)


def write_seeds(folder: Path, kind: str, rows: list[tuple[str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"title": title, "text": text, "events": [kind]}) for title, text in rows]
    (folder / f"{kind}.jsonl").write_text("\n".join(lines))
    return folder


@dataclass
class Desk:
    """A service folder whose database holds some items, and a folder of seeds."""

    folder: Path
    seeds: Path
    run: Run
    database: Database

    def store(self, item_id: str, title: str, text: str, days: int = 0) -> None:
        """As a poll would have, so many days ago."""
        feed = Feed("https://paper.example/feed", "Paper")
        with self.database.write() as transaction:
            connection = transaction.connection
            feeds.sync(connection, [feed], NOW)
            feeds.make_due(connection, NOW)
            feeds.claim_due(connection, NOW, limit=1, per_host=1, owner="t", lease=timedelta(seconds=60))
            new = [NewEntry(Item(id=item_id, title=title, text=text, feed_id=feed.id), (f"k{item_id}",), False)]
            poll = Poll(FeedState(), NOW, tuple(new))
            polls.save_polls(connection, [(feed, poll)], owner="t", now=NOW - timedelta(days=days))

    def label(self, **labels: str) -> None:
        for item, label in labels.items():
            with self.database.write() as transaction:
                corrections.record(transaction.connection, [item], label, by="ada", now=NOW)

    def learn(self, *args: str | Path) -> Result:
        return self.run("learn", "--config", self.folder / "seedwire.toml", *args)

    def learn_json(self, *args: str | Path) -> dict[str, Any]:
        result = self.learn("--seeds", self.seeds, "--json", *args)
        assert result.code == 0, result.err
        (said,) = result.lines
        return said


@pytest.fixture
def desk(folder: Path, database_url: str, run: Run) -> Iterator[Desk]:
    (folder / "seedwire.toml").write_text(f'[service]\ndatabase_url = "{database_url}"\n')
    database = Database(database_url)
    made = Desk(folder, write_seeds(folder / "seeds", "rate_decision", RATES), run, database)
    for number, (title, text) in enumerate(STORED):
        made.store(f"i{number}", title, text, days=number * 10)
    yield made
    database.close()


def test_corrections_are_learned_and_what_they_did_is_shown(desk: Desk) -> None:
    desk.label(i0="rate_decision", i2="none", i3="none")
    with desk.database.read() as connection:
        assert corrections.waiting(connection) == 3
    said = desk.learn_json("--with-feedback", "--out", desk.folder / "new.json", "--accept-worse")
    feedback = said["feedback"]
    assert (feedback["learned"], feedback["unused"]) == (3, [])
    (change,) = feedback["types"]
    assert (change["type"], change["before"]["examples"], change["after"]["examples"]) == ("rate_decision", 5, 5)
    assert (change["before"]["others"], change["after"]["others"]) == (0, 0)
    assert said["report"][0]["examples"] == 6
    assert (desk.folder / "new.json").exists()
    with desk.database.read() as connection:
        assert corrections.waiting(connection) == 0
    shown = desk.learn("--seeds", desk.seeds, "--with-feedback", "--accept-worse")
    assert shown.code == 0
    assert "with 3 corrections: what was left out, before -> after" in shown.out
    assert "rate_decision: found " in shown.out


def test_worse_is_said_and_written_only_when_accepted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.label(i0="rate_decision")
    worse = TypeChange("rate_decision", Tally(5, 5, 0, 0, 0.001), Tally(5, 3, 0, 0, 0.002), (), ())
    monkeypatch.setattr("classifiers.feedback.compare", lambda *_: (worse,))
    out = desk.folder / "new.json"
    refused = desk.learn("--seeds", desk.seeds, "--with-feedback", "--out", out)
    assert refused.code == 1
    assert (
        "rate_decision: found 5 -> 3 of 5, false alarms 0 -> 0 of 0, ordinary news 0.10 % -> 0.20 %: WORSE"
        in refused.out
    )
    assert "model written" not in refused.out
    assert refused.err == (
        "seedwire: the corrections made rate_decision worse; nothing written; --accept-worse keeps it\n"
    )
    assert not out.exists()
    assert desk.learn("--seeds", desk.seeds, "--with-feedback", "--json").code == 1
    accepted = desk.learn("--seeds", desk.seeds, "--with-feedback", "--out", out, "--accept-worse")
    assert accepted.code == 0
    assert "WORSE" in accepted.out
    assert out.exists()


def test_corrections_that_spoil_the_seeds_are_found_out(desk: Desk) -> None:
    """The folder says that rain is no rate decision; somebody says of the same rain in other words that it is one."""
    places = ("north", "south", "west", "east", "hills", "valleys")
    rain = [f"Rain expected in the {place} over the weekend" for place in places]
    lines = [json.dumps({"title": title, "text": "Forecasters expect showers.", "events": []}) for title in rain]
    (desk.seeds / "not.jsonl").write_text("\n".join(lines))
    for number, title in enumerate(rain):
        desk.store(f"x{number}", title, "Forecasters expect heavy showers.")
        desk.label(**{f"x{number}": "rate_decision"})
    result = desk.learn("--seeds", desk.seeds, "--with-feedback", "--out", desk.folder / "new.json")
    assert result.code == 1
    assert "WORSE" in result.out
    assert not (desk.folder / "new.json").exists()


def test_a_correction_of_a_type_that_no_seed_teaches_is_an_error(desk: Desk) -> None:
    desk.label(i0="wedding", i2="none")
    result = desk.learn("--seeds", desk.seeds, "--with-feedback", "--out", desk.folder / "new.json")
    assert result.code == 1
    assert result.err.startswith('seedwire: no seed teaches "wedding"')
    assert len(result.err.splitlines()) == 1
    assert not (desk.folder / "new.json").exists()


def test_without_a_usable_correction_it_says_so(desk: Desk) -> None:
    none = desk.learn("--seeds", desk.seeds, "--with-feedback")
    assert none.code == 0
    assert "no corrections stored" in none.out
    desk.store("empty", "", "")
    desk.label(empty="none")
    empty = desk.learn("--seeds", desk.seeds, "--with-feedback")
    assert empty.code == 0
    assert "with 0 corrections" in empty.out
    assert "not learned: item empty (none): no text" in empty.out


def test_a_new_model_is_shown_beside_the_one_in_force_over_stored_items(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(against, "BATCH", 1)
    out = desk.folder / "in-force.json"
    assert desk.learn("--seeds", desk.seeds, "--out", out).code == 0
    with (desk.folder / "seedwire.toml").open("a") as config:
        config.write('model = "in-force.json"\n')
    same = desk.learn_json("--against", "15d")["against"]
    assert (same["over"], same["items"], same["changes"]) == ("15d", 2, [])
    assert (same["types"][0]["known_to"], same["types"][0]["both"]) == ("both", 1)
    assert desk.learn_json("--against", "30d")["against"]["items"] == 3
    # One that takes nothing for it.
    deaf = json.loads(out.read_text())
    deaf["types"]["rate_decision"]["threshold"] = 0.9999
    deaf["types"]["other"] = deaf["types"]["rate_decision"]
    out.write_text(json.dumps(deaf))
    shown = desk.learn("--seeds", desk.seeds, "--against", "15d")
    assert shown.code == 0
    assert "beside the model in force, over the last 15d: 2 items" in shown.out
    assert "rate_decision: 0 -> 1 item (1 newly, 0 no longer; of 0 in both" in shown.out
    assert "other: the new model does not know it; 0 items would no longer alert" in shown.out
    assert "would newly alert" in shown.out
    assert "the threshold alone" in shown.out
    assert "Norway's central bank raises interest rates" in shown.out
    assert "nothing written" in shown.out
    (change,) = desk.learn_json("--against", "15d")["against"]["changes"]
    assert (change["id"], change["change"], change["new_score"] == change["old_score"]) == ("i0", "newly", True)


def test_a_model_that_exists_is_compared_over_a_file_without_learning(run: Run, folder: Path) -> None:
    """Needs no database, and no config: the shipped model is in force then."""
    (folder / "seedwire.toml").unlink()
    seeds = write_seeds(folder / "seeds", "rate_decision", RATES)
    assert run("learn", "--seeds", seeds, "--out", folder / "m.json").code == 0
    rows = [
        {"id": "a", "title": STORED[0][0], "text": STORED[0][1], "published": "2026-01-01"},
        {"id": "b", "title": STORED[0][0] + " again", "text": STORED[0][1], "published": "2026-01-02"},
        {"id": "c", "title": STORED[1][0], "text": STORED[1][1]},
        {"id": "d", "title": "Дождь", "text": "В понедельник ожидается дождь"},
    ]
    (folder / "items.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    result = run("learn", "--model", folder / "m.json", "--against", folder / "items.jsonl", "--json")
    assert result.code == 0, result.err
    said = result.lines[0]["against"]
    assert (said["items"], said["not_scored"]) == (4, 1)
    assert {c["type"]: c["known_to"] for c in said["types"]}["rate_decision"] == "new"
    newly = [change for change in said["changes"] if change["type"] == "rate_decision"]
    assert [change["id"] for change in newly] == ["b", "a"]
    assert newly[0]["time"] == "2026-01-02T00:00:00Z"
    shown = run("learn", "--model", folder / "m.json", "--against", folder / "items.jsonl")
    assert "only the new model knows it; 2 items would alert" in shown.out


def test_a_bad_file_names_its_lines_before_anything_is_learned(run: Run, folder: Path) -> None:
    (folder / "bad.jsonl").write_text('{"id": "a", "title": "T"}\nnot json\n\n{"title": ["x"]}\n')
    result = run("learn", "--seeds", write_seeds(folder / "s", "rate", RATES), "--against", folder / "bad.jsonl")
    assert result.code == 1
    assert result.out == ""
    first, second = result.err.splitlines()
    assert first.startswith(f"seedwire: {folder}/bad.jsonl, line 2: not JSON")
    assert second == f"seedwire: {folder}/bad.jsonl, line 4: title should be text"
    (folder / "latin.jsonl").write_bytes('{"title": "T"}\n{"title": "Café"}\n'.encode("cp1252"))
    latin = run("learn", "--seeds", folder / "s", "--against", folder / "latin.jsonl")
    assert (latin.code, latin.out) == (1, "")
    assert latin.err == f"seedwire: {folder}/latin.jsonl, line 2: not UTF-8; save the file as UTF-8\n"
    (folder / "empty.jsonl").write_text("\n")
    assert "no items" in run("learn", "--seeds", folder / "s", "--against", folder / "empty.jsonl").err


def test_several_folders_are_learned_together_each_seed_once(run: Run, folder: Path) -> None:
    rates, rain = write_seeds(folder / "a", "rate_decision", RATES), write_seeds(folder / "b", "rain", STORED[1:2])
    result = run("learn", "--seeds", rates, "--seeds", rain, "--seeds", rates, "--json")
    assert result.code == 0, result.err
    assert [(kind["type"], kind["examples"]) for kind in result.lines[0]] == [("rain", 1), ("rate_decision", 5)]


def test_seeds_that_are_not_english_are_told_beside_the_json(run: Run, folder: Path) -> None:
    rows = [*RATES, ("La banque", "La banque relève son taux pour la première fois dans les années.")]
    result = run("learn", "--seeds", write_seeds(folder / "s", "rate", rows), "--json")
    assert result.err == f"seedwire: not learned: 1 seed not taken for English: {folder}/s/rate.jsonl:6\n"


def test_where_the_model_goes_is_checked_before_learning(run: Run, folder: Path) -> None:
    seeds = write_seeds(folder / "s", "rate", [])
    (seeds / "rate.jsonl").write_text("would be an error")
    result = run("learn", "--seeds", seeds, "--out", folder / "none" / "x.json")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"seedwire: --out: {folder}/none is not a folder that can be written to")
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--against", "30d"], "say --seeds DIR"),
        (["--seeds", ".", "--model", "m.json", "--against", "30d"], "say --seeds DIR"),
        (["--model", "m.json"], "goes with --against"),
        (["--model", "m.json", "--against", "30d", "--with-feedback"], "goes with --against"),
        (["--seeds", ".", "--against", "30 days"], "neither a length of time such as 30d nor a file"),
    ],
)
def test_wrong_use_is_told(run: Run, folder: Path, args: list[str], told: str) -> None:
    result = run("learn", *args)
    assert result.code == 2
    assert told in result.err
    assert len(result.err.splitlines()) == 1


def test_a_time_before_all_times_is_told(desk: Desk) -> None:
    result = desk.learn("--seeds", desk.seeds, "--against", "999999w")
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "reaches back" in result.err
