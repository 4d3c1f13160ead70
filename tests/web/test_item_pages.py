"""Items, near misses, corrections and pushed articles, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from web_service import NOW

from store import tables

BORDER = (
    "Prime Minister Narendra Modi said on Tuesday that India hopes for talks with China over the border, in an "
    "interview with reporters in Delhi. Analysts said that Beijing would not be in a hurry."
)


@pytest.fixture
def near_miss(database):
    """Store an item that came close to a meeting."""

    def store(name: str = "near", *, title: str = "Modi hopes to talk with China", minutes: float = 5, **more) -> str:
        with database.write() as transaction:
            transaction.connection.execute(
                tables.items.insert().values(
                    {
                        "id": name, "feed_id": "gone", "url": f"https://news.example/{name}", "title": title,
                        "text": BORDER, "published": NOW, "first_seen": NOW - timedelta(minutes=minutes),
                        "baseline": False, "pending": False, "outcome": "below-threshold", "near_miss": True,
                        "scores": {"bilateral_meeting": 0.3, "energy_deal": 0.01},
                    }
                    | more
                )
            )  # fmt: skip
        return name

    return store


def label_of(database, item: str) -> str | None:
    with database.read() as connection:
        return connection.scalar(select(tables.items.c.label).where(tables.items.c.id == item))


def post(serving, path: str, body: object):
    return serving.client.post(serving.url + path, json=body)


# --- lists ---------------------------------------------------------------------------------------------------------


def test_items_are_listed_newest_first_with_what_became_of_them(serving, report, near_miss):
    near_miss(minutes=9)
    story = report("Berg and Otieno talk harbour")
    told, near = serving.get("/api/v1/items").json()["items"]
    assert (told["outcome"], told["types"], told["stories"]) == ("alerted", ["bilateral_meeting"], [story])
    assert told["feed"]["title"] == "Coast Daily"
    assert (near["outcome"], near["near_miss"], near["scores"]["bilateral_meeting"]) == ("below-threshold", True, 0.3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("outcome=alerted", {"item-0"}),
        ("outcome=waiting&outcome=below-threshold", {"near", "dull", "new"}),
        ("near_misses=true", {"near"}),
        ("near_misses=true&type=bilateral_meeting", {"near"}),
        ("near_misses=true&type=energy_deal", set()),
        ("type=bilateral_meeting", {"near", "item-0"}),
        ("type=unheard_of", set()),
        ("feed=Coast+Daily", {"item-0"}),
        ("feed=nobody", set()),
        ("q=HOPES+modi", {"near"}),
        ("q=100%25", set()),
        ("label=any", {"dull"}),
        ("label=none", {"dull"}),
        ("label=energy_deal", set()),
        pytest.param(
            f"since={(NOW - timedelta(minutes=7)).strftime('%Y-%m-%dT%H:%M:%SZ')}", {"near", "item-0"}, id="since"
        ),
        ("outcome=&type=&feed=&label=&q=", {"near", "dull", "new", "item-0"}),
    ],
)
def test_filters_choose(serving, report, near_miss, query, found):
    report("Berg and Otieno talk harbour")
    near_miss()
    near_miss("dull", title="Weather", near_miss=False, label="none", minutes=20, scores={})
    near_miss("new", title="Unread", near_miss=False, pending=True, outcome=None, minutes=30, scores=None)
    answer = serving.get(f"/api/v1/items?{query}")
    assert answer.status_code == 200, answer.text
    assert {item["id"] for item in answer.json()["items"]} == found
    assert serving.get(f"/items?{query}").status_code == 200


def test_cursors_walk_through_all(serving, near_miss):
    expected = [near_miss(f"i{number}", minutes=number // 2) for number in range(7)]
    seen, cursor = [], ""
    while cursor is not None:
        answer = serving.get(f"/api/v1/items?limit=2&cursor={cursor}").json()
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
    assert sorted(seen) == expected
    assert len(seen) == len(expected)


@pytest.mark.parametrize("query", ["outcome=nonsense", "q=%00", "since=yesterday", "near_misses=maybe", "cursor=x"])
def test_a_bad_filter_is_named(serving, query):
    answer = serving.get(f"/api/v1/items?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"].startswith("query." + query.split("=")[0])


# --- one item ------------------------------------------------------------------------------------------------------


def test_one_item_tells_why_and_what_was_missing(serving, near_miss):
    near_miss()
    item = serving.get("/api/v1/items/near").json()
    assert item["text"] == BORDER
    assert item["why"] == "No kind of event scored high enough."
    assert item["now"]["events"] == []
    [short] = item["shortfalls"]
    assert short["type"] == "bilateral_meeting"
    assert short["score"] < short["threshold"]
    assert "It names states, but nobody who acts for them." in short["missing"]
    near = short["nearest"]
    assert item[near["source"]][near["start"] : near["end"]] == near["text"]


def test_one_item_tells_its_stories_and_alerts(serving, report):
    story = report("Berg and Otieno talk harbour")
    item = serving.get("/api/v1/items/item-0").json()
    assert item["events"][0]["story"] == story
    assert item["events"][0]["event"]["countries"] == ["NO", "KE"]
    assert [alert["id"] for alert in item["alerts"]] == ["alert-0"]


@pytest.mark.parametrize("path", ["/api/v1/items/nothing", "/items/nothing"])
def test_what_there_is_not_is_not_found(serving, path):
    assert serving.get(path).status_code == 404


# --- corrections ---------------------------------------------------------------------------------------------------


def test_a_correction_of_an_item_and_its_undo(serving, database, near_miss):
    near_miss()
    made = post(serving, "/api/v1/items/near/correction", {"label": "bilateral_meeting"}).json()
    assert made["correction"]["items"] == ["near"]
    assert (made["correction"]["label"], made["waiting"]) == ("bilateral_meeting", 1)
    said = serving.get("/api/v1/items/near").json()["correction"]
    assert (said["id"], said["label"], said["story"]) == (made["correction"]["id"], "bilateral_meeting", None)
    assert "--with-feedback" in made["learn"]
    assert label_of(database, "near") == "bilateral_meeting"
    assert post(serving, "/api/v1/items/near/correction", {"label": "bilateral_meeting"}).json() == made
    undone = serving.client.delete(serving.url + "/api/v1/items/near/correction").json()
    assert undone["correction"]["undone"]
    assert undone["waiting"] == 0
    assert label_of(database, "near") is None
    assert serving.client.delete(serving.url + "/api/v1/items/near/correction").json() == undone


def test_a_story_is_corrected_with_all_its_items_and_undone_as_one(serving, database, report):
    story = report("Berg and Otieno talk harbour")
    report("Berg meets Otieno", story_id=story)
    made = post(serving, f"/api/v1/stories/{story}/correction", {"label": "wrong"}).json()["correction"]
    assert (made["label"], made["story"], made["items"]) == ("none", story, ["item-0", "item-1"])
    assert [label_of(database, item) for item in made["items"]] == ["none", "none"]
    post(serving, "/api/v1/items/item-1/correction", {"label": "energy_deal"})
    assert serving.client.delete(f"{serving.url}/api/v1/corrections/{made['id']}").status_code == 200
    assert [label_of(database, item) for item in made["items"]] == [None, "energy_deal"]
    listed = serving.get("/api/v1/corrections").json()["corrections"]
    assert [one["label"] for one in listed] == ["energy_deal", "none"]
    assert [one["label"] for one in serving.get("/api/v1/corrections?in_force=true").json()["corrections"]] == [
        "energy_deal"
    ]
    first = serving.get("/api/v1/corrections?limit=1").json()
    second = serving.get(f"/api/v1/corrections?limit=1&cursor={first['next']}").json()
    assert [*first["corrections"], *second["corrections"]] == listed


def test_right_is_what_was_decided(serving, report, near_miss):
    story = report("Berg and Otieno talk harbour")
    near_miss()
    for path, label in (
        (f"stories/{story}", "bilateral_meeting"),
        ("items/item-0", "bilateral_meeting"),
        ("items/near", "none"),
    ):
        assert post(serving, f"/api/v1/{path}/correction", {"label": "right"}).json()["correction"]["label"] == label


def test_what_is_not_decided_yet_was_not_decided_rightly(serving, database, near_miss):
    near_miss("new", pending=True, outcome=None, scores=None, near_miss=False)
    for said in ("right", "wrong"):
        answer = post(serving, "/api/v1/items/new/correction", {"label": said})
        assert answer.status_code == 422
        assert "not decided yet" in answer.json()["detail"]
    assert label_of(database, "new") is None
    page = serving.get("/items/new").text
    assert "Rightly left out" not in page
    assert "No event" in page
    assert post(serving, "/api/v1/items/new/correction", {"label": "energy_deal"}).status_code == 200


def test_an_open_page_hears_of_a_correction(serving, database, report):
    story = report("Berg and Otieno talk harbour")

    def revision() -> int:
        with database.read() as connection:
            return connection.scalar(select(tables.stories.c.revision).where(tables.stories.c.id == story))

    before = revision()
    post(serving, f"/api/v1/stories/{story}/correction", {"label": "right"})
    assert revision() > before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/v1/items/near/correction", {"label": "unheard_of"}, 422),
        ("POST", "/api/v1/items/near/correction", {"label": "wrong"}, 422),
        ("POST", "/api/v1/items/near/correction", {}, 422),
        ("POST", "/api/v1/items/none/correction", {"label": "none"}, 404),
        ("POST", "/api/v1/stories/none/correction", {"label": "none"}, 404),
        ("DELETE", "/api/v1/items/near/correction", None, 404),
        ("DELETE", "/api/v1/stories/none/correction", None, 404),
        ("DELETE", "/api/v1/corrections/77", None, 404),
        ("DELETE", "/api/v1/corrections/0", None, 422),
        ("DELETE", "/api/v1/corrections/99999999999999", None, 422),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(serving, near_miss, method, path, body, status):
    near_miss()
    answer = serving.client.request(method, serving.url + path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


# --- pages ---------------------------------------------------------------------------------------------------------


def test_near_misses_say_what_was_missing_and_can_be_corrected_without_a_script(serving, database, near_miss):
    near_miss(title="Modi hopes to <b>talk</b> with China")
    html = serving.get("/near-misses").text
    assert "Modi hopes to &lt;b&gt;talk&lt;/b&gt; with China" in html
    assert "It names states, but nobody who acts for them." in html
    assert "<mark>" in html
    assert 'action="/items/near/correction"' in html
    done = serving.client.post(f"{serving.url}/items/near/correction", data={"label": "bilateral_meeting"})
    assert (done.status_code, done.headers["location"]) == (303, "/items/near")
    page = serving.get("/items/near").text
    assert "Should have been: Bilateral meeting" in page
    assert "1 correction waits to be learned" in page
    undone = serving.client.post(f"{serving.url}/items/near/correction/undo", data={"correction": "1"})
    assert undone.status_code == 303
    assert label_of(database, "near") is None


def test_a_story_is_corrected_from_its_page(serving, database, report):
    story = report("Berg and Otieno talk harbour")
    done = serving.client.post(f"{serving.url}/stories/{story}/correction", data={"label": "right"})
    assert (done.status_code, done.headers["location"]) == (303, f"/stories/{story}")
    assert label_of(database, "item-0") == "bilateral_meeting"
    undone = serving.client.post(f"{serving.url}/stories/{story}/correction/undo", data={"correction": "1"})
    assert undone.status_code == 303
    assert label_of(database, "item-0") is None


def test_empty_pages_say_what_to_do_next(serving):
    assert "Nothing came close" in serving.get("/near-misses").text
    assert "No near miss is so." in serving.get("/near-misses?q=nothing").text
    assert "Nothing was read so far." in serving.get("/items").text


def test_every_outcome_has_words_and_can_be_asked_for(serving, near_miss):
    from typing import get_args

    from alerts.outcomes import ItemOutcome
    from web.item_filters import OUTCOMES, Outcome
    from web.pages.items import OUTCOME_WORDS

    assert set(OUTCOMES) == set(OUTCOME_WORDS) == set(get_args(Outcome)) - {""}
    assert {*ItemOutcome} < set(OUTCOMES)
