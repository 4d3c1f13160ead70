"""Finding stories on the first page and through the API: the same addresses, the same stories."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from web_service import MEETING

from classifiers.event import Event, Organization


class Shown(HTMLParser):
    """The headlines of cards, the links, the values chosen in the form, and the words marked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stories: list[str] = []
        self.links: dict[str, str] = {}
        self.chosen: list[str] = []
        self.marked: list[str] = []
        self._within: list[tuple[str, str, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "article":
            self.stories.append(given["id"].removeprefix("story-"))
        if tag == "option" and "selected" in given:
            self.chosen.append(given["value"])
        if tag in {"a", "mark"}:
            self._within.append((tag, given.get("href", ""), []))

    def handle_endtag(self, tag):
        if tag in {"a", "mark"}:
            _, href, data = self._within.pop()
            text = " ".join("".join(data).split())
            if tag == "mark":
                self.marked.append(text)
            else:
                self.links[text] = href

    def handle_data(self, data):
        for _, _, text in self._within:
            text.append(data)


@pytest.fixture
def three(report):
    deal = Event("energy_deal", 0.6, "signed", ("NO", "DE"), organizations=(Organization("Nordlicht Gas", "NO"),))
    met = report("Berg and Otieno talk harbour", minutes_ago=30, feed_name="Coast Daily")
    signed = report("Gas for Germany", event=deal, minutes_ago=20, feed_name="Evening Post")
    off = report("Visit called off", event=replace(MEETING, status="cancelled"), minutes_ago=10)
    return {"met": met, "signed": signed, "off": off}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["off", "signed", "met"]),
        ("type=&status=&country=&feed=&q=&min_score=", ["off", "signed", "met"]),
        ("type=energy_deal", ["signed"]),
        ("country=ke", ["off", "met"]),
        ("country=DE&country=KE&status=held&status=signed", ["signed", "met"]),
        ("feed=Evening%20Post", ["signed"]),
        ("q=BERG%20mombasa", ["off", "met"]),
        ("q=nordlicht&min_score=0.6", ["signed"]),
        ("q=nothing%25", []),
    ],
)
def test_page_and_api_admit_the_same_stories(serving, three, query, found):
    page = Shown(serving.get(f"/?{query}").text)
    told = serving.get(f"/api/v1/stories?{query}").json()["stories"]
    assert page.stories == [story["story"]["id"] for story in told] == [three[name] for name in found]


def test_what_is_in_force_is_shown_and_each_can_be_taken_away(serving, three):
    page = Shown(serving.get("/?type=bilateral_meeting&country=KE&q=talk").text)
    assert page.stories == [three["met"]]
    assert {"bilateral_meeting", "KE"} <= set(page.chosen)
    away = {name: address for name, address in page.links.items() if name.endswith("take away")}
    assert away == {
        "Bilateral meeting × take away": "/?country=KE&q=talk",
        "Kenya × take away": "/?type=bilateral_meeting&q=talk",
        "“talk” × take away": "/?type=bilateral_meeting&country=KE",
    }
    assert page.links["Take all away"] == "/"


def test_nothing_found_says_what_to_do(serving, three):
    answer = serving.get("/?country=FR").text
    assert "No story fits these filters" in answer
    assert Shown(answer).chosen == ["FR"]


def test_older_stories_are_a_link_away_and_keep_the_filters(serving, report):
    expected = [report(f"Talks {n}", minutes_ago=n) for n in range(45)]
    seen, address = [], "/?country=KE"
    while address:
        page = Shown(serving.get(address).text)
        seen += page.stories
        address = page.links.get("Older")
    assert seen == expected
    assert page.links["Newest"] == "/?country=KE"


@pytest.mark.parametrize(
    "query", ["country=Kenya", "min_score=2", "min_score=-1", "min_score=nan", "q=%00", "cursor=x",
              "q=" + "x" * 501, "&".join(["feed=x"] * 21)]
)  # fmt: skip
def test_a_wrong_filter_is_said_to_people_and_to_programs(serving, query):
    people = serving.get(f"/?{query}", accept="text/html,*/*")
    programs = serving.get(f"/api/v1/stories?{query}")
    assert people.status_code == programs.status_code == 422
    assert people.headers["content-type"].startswith("text/html")
    assert programs.headers["content-type"] == "application/problem+json"


def test_what_matched_is_marked_in_its_sentence(serving, report):
    report("Talks at sea")
    marked = Shown(serving.get("/").text).marked
    assert marked == ["Prime Minister Ada Berg met President Juma Otieno"]


def test_a_hostile_sentence_is_marked_and_stays_text(serving, report):
    hostile = "<script>alert(1)</script> Ada Berg met <img src=x onerror=alert(2)> & \" ' Juma Otieno <!--"
    evidence = replace(MEETING.evidence[0], text=hostile, start=0, end=len(hostile), patterns=("<b>LEADER</b> ‹MEET›",))
    report("Talks at sea", event=replace(MEETING, evidence=(evidence,)))
    html = serving.get("/").text
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "<!--" not in html
    assert Shown(html).marked


def test_a_card_is_made_again_only_when_the_story_changed(serving, report):
    story = report("First headline")
    assert "1 report:" in serving.get("/").text
    report("Second headline", story_id=story, feed_name="Evening Post")
    assert "2 reports:" in serving.get("/").text


def test_a_card_tells_no_time_that_grows_old(serving, report):
    report("A story", minutes_ago=90)
    card = serving.get("/").text.split("<article")[1].split("</article>")[0]
    assert " ago" not in card
    assert "data-ago" in card


def test_who_may_only_read_gets_no_forms_and_spoils_no_cached_card(serving, report, make_token):
    report("A story")
    reader, writer = make_token("read"), make_token("write")
    for _ in range(2):
        pages = [serving.get("/", authorization=f"Bearer {token}").text for token in (reader, writer)]
        assert ["/correction" in page for page in pages] == [False, True]


def test_an_answer_that_did_not_change_is_not_sent_again(serving, report):
    story = report("First headline")
    first = serving.get("/api/v1/stories")
    tag = first.headers["etag"]
    again = serving.client.get(serving.url + "/api/v1/stories", headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    report("Second headline", story_id=story)
    changed = serving.client.get(serving.url + "/api/v1/stories", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.json()["stories"][0]["story"]["items"] == 2
    other = serving.client.get(serving.url + "/api/v1/stories?country=FR", headers={"if-none-match": tag})
    assert other.status_code == 200
