"""``/patterns`` and ``/api/v1/patterns``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from web_service import MEETING, NOW

from classifiers.event import Evidence
from classifiers.model import Model, Taught
from classifiers.scoring import TypeWeights
from store import tables

HOSTILE = "<script>alert(1)</script>"
KIND = TypeWeights(
    bias=-1.0,
    threshold=0.4,
    weights={"LEADER[A] ‹MEET› LEADER[B]": 2.0, "deal": 0.5, "parliament": -1.5, HOSTILE: 0.1},
    signs={"title urges": -0.5, "lead ~met": 0.25},
)


@pytest.fixture
def own_model(tmp_path, context):
    """A model of our own in force, read anew by the service."""
    file = tmp_path / "own.json"
    Model({"bilateral_meeting": KIND}, {"bilateral_meeting": Taught(12, 30)}).save(file)
    config = tmp_path / "seedwire.toml"
    config.write_text(config.read_text() + f'model = "{file}"\n')
    context.watcher.refresh()
    return file


def test_the_patterns_are_told_by_weight_with_what_they_were_learned_from(serving, own_model):
    answer = serving.get("/api/v1/patterns").json()
    assert answer["model"] == "own.json"
    assert answer["learned"]
    assert answer["problem"] is None
    [kind] = answer["types"]
    assert (kind["type"], kind["way"], kind["threshold"]) == ("bilateral_meeting", "patterns", 0.4)
    assert kind["seeds"] == {"examples": 12, "others": 30}
    assert kind["patterns"] == 6
    assert [row["pattern"] for row in kind["speaks_for"]] == [
        "LEADER[A] ‹MEET› LEADER[B]", "deal", "lead ~met", HOSTILE,
    ]  # fmt: skip
    assert [row["pattern"] for row in kind["speaks_against"]] == ["parliament", "title urges"]
    assert kind["speaks_for"][0]["classes"][0].startswith("‹MEET›: meet, meets, met")


def test_matches_are_told_with_the_sentences_they_stood_in(serving, own_model, report, database):
    evidence = (Evidence(HOSTILE + " met", 0, 5, 0.9, ("LEADER[A] ‹MEET› LEADER[B]", "deal")),)
    report("One", event=replace(MEETING, evidence=evidence))
    with database.write() as transaction:
        transaction.connection.execute(
            tables.items.insert().values(
                id="near", feed_id="f", title="Parliament meets", text="", first_seen=NOW - timedelta(hours=1),
                baseline=False, pending=False, near_miss=True, outcome="below-threshold",
                scores={"bilateral_meeting": 0.3},
            )
        )  # fmt: skip
    [kind] = serving.get("/api/v1/patterns").json()["types"]
    assert (kind["events"], kind["near_misses"]) == (1, 1)
    assert [row["matched"] for row in kind["speaks_for"]] == [1, 1, None, 0]
    assert kind["speaks_for"][0]["examples"] == [{"text": HOSTILE + " met", "item": "item-0"}]
    assert kind["speaks_against"][0]["matched"] == 1
    assert kind["speaks_against"][0]["examples"] == [{"text": "Parliament meets", "item": "near"}]
    page = serving.get("/patterns")
    assert HOSTILE not in page.text
    assert "/items/item-0" in page.text


def test_patterns_are_found_by_a_part_of_them(serving, own_model):
    [kind] = serving.get("/api/v1/patterns?q=%20DEAL&limit=1").json()["types"]
    assert kind["found"] == 1
    assert [row["pattern"] for row in kind["speaks_for"]] == ["deal"]
    assert "parliament" not in serving.get("/patterns?q=deal").text
    assert HOSTILE not in serving.get(f"/patterns?q={HOSTILE}").text


def test_a_model_that_is_not_there_is_told(serving, own_model):
    own_model.unlink()
    answer = serving.get("/api/v1/patterns").json()
    assert answer["types"] == []
    assert "no model there" in answer["problem"]
    assert "There is no model in force." in serving.get("/patterns").text


@pytest.mark.parametrize(
    "path",
    ["/items", "/items/item-0", "/near-misses", "/stories/story-0", "/api/v1/items/item-0", "/api/v1/items?type=a"],
)
def test_without_a_model_what_needs_one_says_why(serving, own_model, report, path):
    report("One")
    own_model.write_text("{}")
    answer = serving.get(path)
    assert answer.status_code == 503
    assert "own.json" in answer.json()["detail"]


def test_the_shipped_model_is_readable(serving):
    page = serving.get("/patterns")
    assert page.status_code == 200
    for part in ("Bilateral meeting", "Energy deal", "counter-examples", "shipped with Seedwire"):
        assert part in page.text
    assert len(page.content) < 100_000
    assert all(kind["seeds"]["examples"] > 1000 for kind in serving.get("/api/v1/patterns").json()["types"])
