"""Alerts as RSS, Atom and JSON Feed: read as readers read them, and as we read feeds ourselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from web_service import MEETING, NOW

from alerts.alert import UPDATED
from classifiers.event import Event, Evidence, Person
from feeds.parse import parse
from store import tables

FORMATS = {
    "rss": ("application/rss+xml", "rss"),
    "atom": ("application/atom+xml", "atom"),
    "json": ("application/feed+json", "json"),
}
DEAL = Event(type="energy_deal", score=0.9, status="signed", countries=("KZ", "CN"))
HOSTILE = "<script>alert(1)</script> ]]> &amp; \x00\x0b\x1b[31m\ufffe\ud800\"'"


@pytest.fixture(params=sorted(FORMATS))
def form(request) -> str:
    return request.param


def get(serving, form: str, query: str = "", **headers: str):
    return serving.get(f"/api/v1/alerts.{form}{query}", **headers)


def titles(serving, form: str, query: str = "") -> list[str]:
    answer = get(serving, form, query)
    assert answer.status_code == 200, answer.text
    return [entry.title for entry in parse(answer.content, url=str(answer.url)).entries]


def test_a_reader_is_told_what_happened_with_a_link_and_the_proof(serving, report, form):
    report("Berg and Otieno talk harbour", url="https://news.example/harbour")
    answer = get(serving, form)
    assert answer.headers["content-type"].partition(";")[0] == FORMATS[form][0]
    read = parse(answer.content, url=str(answer.url), content_type=answer.headers["content-type"])
    assert not read.problems
    (entry,) = read.entries
    assert entry.title == "Berg and Otieno talk harbour"
    assert entry.link == f"{serving.url}/stories/story-0"
    assert entry.published == NOW - timedelta(minutes=5)
    for part in ("Ada Berg (prime minister, Norway)", "Mombasa, Kenya", "4 March 2026", "Prime Minister Ada Berg met"):
        assert part in entry.text
    assert "https://news.example/harbour" in answer.text


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_feedparser_finds_nothing_wrong(serving, report, form):
    report("Berg and Otieno talk harbour")
    report(HOSTILE.replace("\ud800", ""), event=replace(MEETING, people=(Person(HOSTILE[:-3], "x", "NO"),)))
    read = feedparser.parse(get(serving, form).content)
    assert not read.bozo
    assert read.feed.title == "Seedwire alerts"
    assert {entry.id for entry in read.entries} == {"urn:seedwire:alert-0", "urn:seedwire:alert-1"}
    first = next(entry for entry in read.entries if entry.id == "urn:seedwire:alert-0")
    assert {tag.term for tag in first.tags} == {"bilateral_meeting", "held", "NO", "KE", "lng"}
    assert [link.href for link in first.links if link.rel == "related"] == ["https://news.example/0"]
    assert [link.href for link in read.feed.links if link.rel == "self"] == [f"{serving.url}/api/v1/alerts.{form}"]


def test_json_feed_says_what_its_version_asks_for(serving, report):
    report("Berg and Otieno talk harbour")
    feed = get(serving, "json").json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["home_page_url"], feed["feed_url"]) == (f"{serving.url}/", f"{serving.url}/api/v1/alerts.json")
    (item,) = feed["items"]
    assert (item["id"], item["external_url"]) == ("urn:seedwire:alert-0", "https://news.example/0")
    assert item["content_html"].startswith("Bilateral meeting · held · Norway, Kenya<br>")


def test_hostile_words_stay_words(serving, report, form):
    hostile = HOSTILE.replace("\ud800", "").replace("\x00", "")
    event = replace(MEETING, evidence=(Evidence(hostile, 0, 5, 0.9, ("x",)),), occasion=hostile)
    report(hostile, event=event, url="javascript:alert(1)")
    answer = get(serving, form)
    (entry,) = parse(answer.content, url=str(answer.url)).entries
    assert "script" in entry.title
    for forbidden in ("<script", "javascript:", "\x0b", "\x1b", "\ufffe"):
        assert forbidden not in answer.text
        assert forbidden not in entry.text


def test_updates_are_told_where_asked_for_and_filters_hold(serving, database, report, form):
    report("Berg and Otieno talk harbour", minutes_ago=9)
    report("Pipeline signed", event=DEAL, minutes_ago=8)
    with database.write() as transaction:
        row = transaction.connection.execute(tables.alerts.select().where(tables.alerts.c.id == "alert-1")).one()
        later = row._asdict() | {"id": "alert-u", "type": UPDATED, "time": NOW - timedelta(minutes=1)}
        later["body"] = row.body.replace('"data":{', '"data":{"changes":["amounts"],')
        transaction.connection.execute(tables.alerts.insert().values(later))
    assert titles(serving, form) == ["Pipeline signed", "Berg and Otieno talk harbour"]
    assert titles(serving, form, "?updates=true")[0] == "Update: Pipeline signed"
    assert titles(serving, form, "?type=energy_deal") == ["Pipeline signed"]
    assert titles(serving, form, "?country=ke&country=US") == ["Berg and Otieno talk harbour"]
    assert titles(serving, form, "?type=energy_deal&country=NO") == []
    assert get(serving, form, "?country=Kenya").status_code == 422


def test_what_a_reader_has_is_not_sent_again(serving, report, form):
    report("Berg and Otieno talk harbour", minutes_ago=9)
    first = get(serving, form)
    assert first.headers["cache-control"] == "private, max-age=60"
    mark, moment = first.headers["etag"], first.headers["last-modified"]
    for known in ({"if-none-match": f'"x", W/{mark}'}, {"if-modified-since": moment}):
        again = get(serving, form, **known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == mark
    assert get(serving, form, "?updates=true", **{"if-none-match": mark}).status_code == 200
    assert get(serving, form, **{"if-modified-since": "no date"}).status_code == 200
    report("Something newer", minutes_ago=1)
    assert get(serving, form, **{"if-none-match": mark}).status_code == 200
    assert get(serving, form, **{"if-modified-since": moment}).status_code == 200


def test_an_empty_feed_is_a_feed(serving, form):
    answer = get(serving, form)
    assert parse(answer.content, url=str(answer.url)).entries == ()
    if form != "json":
        assert not feedparser.parse(answer.content).bozo


def test_links_lead_to_the_public_address_where_there_is_one(serving, context, report, form):
    file = context.config.path
    public = 'public_url = "https://seedwire.example/news"\napi_token = "0123456789abcdef0123456789abcdef"\n'
    file.write_text(file.read_text() + public)
    context.watcher.refresh()
    serving.token = "0123456789abcdef0123456789abcdef"
    report("Berg and Otieno talk harbour")
    assert get(serving, form).status_code == 401
    answer = serving.client.get(f"{serving.url}/api/v1/alerts.{form}", auth=("reader", serving.token))
    (entry,) = parse(answer.content, url=str(answer.url)).entries
    assert entry.link == "https://seedwire.example/news/stories/story-0"
    assert "https://seedwire.example/news/api/v1/alerts." in answer.text


def test_pages_name_the_feeds_to_readers(serving, report):
    text = serving.get("/").text
    for form, (kind, _) in FORMATS.items():
        assert f'<link rel="alternate" type="{kind}"' in text
        assert f'href="/api/v1/alerts.{form}"' in text
