"""A story's own page and its API: everything behind it, and what a person may say of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from web_service import MEETING, NOW

from classifiers.event import Evidence, Person, Place
from store import held, stories, tables

PLANNED = replace(MEETING, status="planned", place=None, occasion=None)


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture
def grown(report):
    """A story that was planned, then held, as two outlets told."""
    story = report("Berg to meet Otieno", event=PLANNED, minutes_ago=90, url="https://coast.example/1")
    report("Berg met Otieno in Mombasa", minutes_ago=30, story_id=story, feed_name="Evening Post",
           url="https://evening.example/2")  # fmt: skip
    return story


class Tags(HTMLParser):
    """The names of all attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.attributes.update(name for name, _ in attrs)


def post(serving, path, **form):
    return serving.client.post(serving.url + path, data=form)


def test_the_page_tells_every_report_why_it_joined_and_what_it_added(serving, grown):
    text = text_of(serving.get(f"/stories/{grown}").text)
    assert text.index("Berg to meet Otieno") < text.index("Berg met Otieno in Mombasa")
    for part in (
        "2 reports", "Opened the story: no known story shares", "coast.example", "evening.example", "planned → held",
        "It added: status planned->held", "place", "Evening Post", "Mombasa, Kenya", "Blue Economy Forum",
        "Prime Minister Ada Berg met President Juma Otieno.", "desk", "waiting", '"plover"',
    ):  # fmt: skip
        assert part in text, part


def test_the_api_tells_the_same(serving, grown):
    told = serving.get(f"/api/v1/stories/{grown}").json()
    assert told["story"]["items"] == 2
    assert [report["outlet"] for report in told["reports"]] == ["coast.example", "evening.example"]
    assert told["reports"][0]["reasons"] == ["no known story shares its sides, people or words"]
    assert told["reports"][0]["gained"] == []
    assert "status planned->held" in told["reports"][1]["gained"]
    assert told["reports"][1]["event"]["place"] == {"name": "Mombasa", "country": "KE"}
    assert {alert["type"] for alert in told["alerts"]} == {"seedwire.alert.opened"}
    assert told["alerts"][0]["deliveries"][0]["state"] == "pending"
    assert told["merged"] == told["apart"] == told["held"] == []


def test_what_webhooks_are_told_later_is_shown(serving, database, grown):
    with database.write() as transaction:
        row = {"webhook": "night desk", "story_id": grown, "opens": False, "changes": ["place"], "why": "quiet",
               "since": NOW, "told": NOW, "due": NOW + timedelta(minutes=20)}  # fmt: skip
        transaction.connection.execute(tables.held.insert().values(row))
        assert held.of_webhook(transaction.connection, "night desk")
    assert "night desk: place" in text_of(serving.get(f"/stories/{grown}").text)
    assert serving.get(f"/api/v1/stories/{grown}").json()["held"][0]["why"] == "quiet"


@pytest.mark.parametrize(("path", "status"), [("/stories/none", 404), ("/stories/%00", 422), ("/nothing", 404)])
def test_mistakes_are_pages_for_people_and_problems_for_programs(serving, path, status):
    people = serving.get(path, accept="text/html")
    assert people.status_code == status
    assert people.headers["content-type"] == "text/html; charset=utf-8"
    assert "To the stories" in people.text
    programs = serving.get("/api/v1" + path, accept="text/html")
    assert programs.status_code == status
    assert programs.headers["content-type"] == "application/problem+json"


def test_two_stories_are_merged_and_taken_apart_again(serving, report):
    one = report("Berg met Otieno", minutes_ago=60)
    other = report("Otieno receives Berg", minutes_ago=30)
    assert "Otieno receives Berg" in text_of(serving.get(f"/stories/{one}").text)  # as one it may be
    answer = post(serving, f"/stories/{other}/merge", into=one)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/stories/{one}")
    gone = serving.get(f"/stories/{other}")
    assert (gone.status_code, gone.headers["location"]) == (307, f"/stories/{one}")
    html = serving.get(f"/stories/{one}").text
    assert "2 reports" in html
    assert "Take apart again" in html
    item = re.findall(r'<input type="hidden" name="item" value="([^"]+)"', html)
    answer = post(serving, f"/stories/{one}/split", item=item)
    assert answer.status_code == 303
    assert "Otieno receives Berg" in serving.get(answer.headers["location"]).text
    assert "1 report " in text_of(serving.get(f"/stories/{one}").text)
    assert "keeps it apart" in text_of(serving.get(f"/stories/{one}").text)


def test_the_api_tells_what_a_story_could_be_merged_with_as_the_page_does(serving, report):
    one = report("Berg met Otieno", minutes_ago=60)
    report("Otieno receives Berg", minutes_ago=30)
    report("Pipeline signed", event=replace(MEETING, type="energy_deal"))
    [near] = serving.get(f"/api/v1/stories/{one}/near").json()["stories"]
    assert (near["id"], near["title"], near["items"], near["apart"]) == ("story-1", "Otieno receives Berg", 1, False)
    html = serving.get(f"/stories/{one}").text
    assert near["reasons"]
    assert ", ".join(near["reasons"]) in text_of(html)
    assert serving.get("/api/v1/stories/nothing/near").status_code == 404


def test_the_api_tells_what_a_merged_story_brought_and_which_report_opened_it(serving, report):
    one, other = report("Berg met Otieno", minutes_ago=60), report("Otieno receives Berg", minutes_ago=30)
    assert post(serving, f"/stories/{other}/merge", into=one).status_code == 303
    told = serving.get(f"/api/v1/stories/{one}").json()
    assert told["came_with"] == {other: ["item-1"]}
    assert [report["opened"] for report in told["reports"]] == [True, True]
    split = serving.client.post(f"{serving.url}/api/v1/stories/{one}/split", json={"items": told["came_with"][other]})
    near = serving.get(f"/api/v1/stories/{one}/near").json()["stories"]
    assert [(story["id"], story["apart"]) for story in near] == [(split.json()["new"]["id"], True)]


def test_reports_are_split_off_and_put_together_again(serving, grown):
    answer = post(serving, f"/stories/{grown}/split", item="item-1")
    new = answer.headers["location"]
    assert answer.status_code == 303
    html = serving.get(new).text
    assert "Berg met Otieno in Mombasa" in html
    assert "Put together again" in html
    assert post(serving, f"{new}/merge", into=grown).headers["location"] == f"/stories/{grown}"
    assert "2 reports" in serving.get(f"/stories/{grown}").text


def test_what_cannot_be_done_is_said_on_the_page(serving, grown):
    for path, form, said in (
        ("split", {}, "Choose the reports"),
        ("split", {"item": ["item-0", "item-1"]}, "nothing would be left"),
        ("merge", {}, "Choose the story"),
        ("merge", {"into": grown}, "into itself"),
    ):
        answer = post(serving, f"/stories/{grown}/{path}", **form)
        assert answer.status_code == 409
        assert said in answer.text
        assert "2 reports" in answer.text
    assert post(serving, f"/stories/{grown}/merge", other="nothing").status_code == 404


def test_the_api_merges_and_splits_and_a_repeat_answers_alike(serving, database, report):
    one, other = report("Berg met Otieno", minutes_ago=60), report("Otieno receives Berg", minutes_ago=30)
    url = f"{serving.url}/api/v1/stories"
    for _ in range(2):
        merged = serving.client.post(f"{url}/{other}/merge", json={"into": one})
        assert (merged.status_code, merged.json()) == (200, {"id": one, "items": 2})
    assert serving.get(f"/api/v1/stories/{other}").json()["story"]["id"] == one
    assert serving.get(f"/api/v1/stories/{one}").json()["merged"] == [other]
    revisions, told = set(), []
    for _ in range(2):
        split = serving.client.post(f"{url}/{one}/split", json={"items": ["item-1"]})
        told.append(split.json())
        with database.read() as connection:
            revisions.add(connection.scalar(tables.stories.select().with_only_columns(tables.stories.c.revision)
                                            .where(tables.stories.c.id == one)))  # fmt: skip
    assert len(revisions) == 1
    assert told[0] == told[1] == {"id": one, "items": 1, "new": {"id": told[0]["new"]["id"], "items": 1}}
    assert serving.client.post(f"{url}/{one}/merge", json={"into": one}).status_code == 409
    assert serving.client.post(f"{url}/{one}/merge", json={"into": "gone"}).status_code == 404
    assert serving.client.post(f"{url}/{one}/split", json={"items": []}).status_code == 422


def test_who_may_only_read_changes_nothing(serving, grown, make_token):
    reader = {"authorization": f"Bearer {make_token('read')}"}
    make_token("write")
    html = serving.get(f"/stories/{grown}", **reader).text
    assert "<form" not in html.replace('action="/logout"', "") or "/split" not in html
    for path in (f"/stories/{grown}/split", f"/api/v1/stories/{grown}/split"):
        refused = serving.client.post(serving.url + path, json={"items": ["item-1"]}, headers=reader)
        assert refused.status_code == 403


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1)\' <!-- ]]> {{ 4321*1234 }}'


def test_a_story_whose_every_field_is_hostile_changes_nothing(serving, database, report):
    event = replace(
        MEETING, countries=(HOSTILE,), people=(Person(HOSTILE, HOSTILE, HOSTILE),), occasion=HOSTILE,
        place=Place(HOSTILE, HOSTILE), evidence=(Evidence(HOSTILE, 0, 5, 0.9, (HOSTILE,)),), topics=(HOSTILE,),
        commodities=(HOSTILE,),
    )  # fmt: skip
    story = report(HOSTILE, event=event, feed_name=HOSTILE, url="javascript:alert(1)")
    report(HOSTILE, event=event, feed_name=HOSTILE, url="javascript:alert(1)", story_id=story)
    with database.write() as transaction:
        stories.save_event(transaction.connection, "item-0", 0, event, story_id=story, reasons=[HOSTILE], now=NOW)
    html = serving.get(f"/stories/{story}").text
    assert "alert(1)" in html
    assert "<script>" not in html
    assert "<img" not in html
    assert "<!--" not in html
    assert 'href="javascript' not in html
    tags = Tags(html)
    assert not [name for name in tags.attributes if name.startswith("on")]
    assert "5332114" not in html
