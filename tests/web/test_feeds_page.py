"""``/feeds`` and ``/api/v1/feeds``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from page_seen import Seen
from web_service import NOW, add_feed

from feeds.feed import Feed
from feeds.opml import read
from store import tables
from store.feed_health import feed_rows
from worker.hints import Hint

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e{{ 4321*1234 }}"


def page(serving, path="/feeds", status=200) -> Seen:
    answer = serving.get(path)
    assert answer.status_code == status
    return Seen(answer.text)


@pytest.fixture
def put(database):
    def store(name: str, url: str | None = None, tags=(), **remembered) -> str:
        feed = Feed(url or f"https://{name.lower()}.example/rss", name=name, tags=tuple(tags))
        with database.write() as transaction:
            add_feed(transaction.connection, feed, tags=list(tags), **remembered)
        return feed.id

    return store


@pytest.fixture
def bring(database):
    def store(feed_id: str, number: int = 1, **more) -> None:
        rows = [
            {
                "id": f"{feed_id}-{n}", "feed_id": feed_id, "title": f"Item {n}", "text": "x", "url": None,
                "first_seen": NOW - timedelta(minutes=n), "baseline": False, "pending": False,
                "outcome": "below-threshold",
            } | more
            for n in range(number)
        ]  # fmt: skip
        with database.write() as transaction:
            transaction.connection.execute(tables.items.insert(), rows)

    return store


def test_without_feeds_the_page_says_how_to_add_some(serving):
    text = page(serving).text
    for way in ("seedwire feeds add URL", "seedwire feeds import FILE.opml", "[[feeds]]", "POST /api/v1/items"):
        assert way in text


def test_a_feed_is_shown_with_health_problem_advice_rhythm_and_times(serving, put, bring):
    now = datetime.now(UTC)
    feed = put(
        "Harbour", tags=["gulf"], failures=4, problem="not-found", problem_detail="the server answered 404",
        polled=now - timedelta(minutes=5), succeeded=now - timedelta(hours=7), moved_to="https://new.example/rss",
        next_poll=now + timedelta(hours=1), moved_seen=2, added=now - timedelta(days=30), hubs="https://hub.example/",
        topic="x",
    )  # fmt: skip
    bring(feed, 3)
    seen = page(serving)
    for part in (
        "Harbour", "failing", "failed 4 times in a row", "the server answered 404", "Look for the feed's present",
        "https://new.example/rss", "5 min ago", "7 h ago", "in 59 min", "longer with every failure", "gulf",
    ):  # fmt: skip
        assert part in seen.text
    [chart] = [svg for svg in seen.all("svg") if svg.get("class") == "chart"]
    assert chart["aria-label"].startswith("Items a day over 14 days: 3 in all")
    assert any(rect.get("class") == "s1" for rect in seen.all("rect"))


def test_feeds_come_in_pages_that_lose_none(serving, put):
    for number in range(120):
        put(f"Feed{number:03}")
    names, path, pages = [], "/feeds", 0
    while path:
        seen = page(serving, path)
        names += [a["href"] for a in seen.all("a") if (a.get("href") or "").startswith("/feeds/")]
        path = next((a["href"] for a in seen.all("a") if a.get("rel") == "next"), None)
        pages += 1
    assert pages == 3
    assert len(names) == len(set(names)) == 120


def test_filters_keep_each_other(serving, put):
    put("Calm", tags=["gulf"], polled=NOW, succeeded=NOW)
    put("Bad", tags=["gulf"], failures=3, problem="dns", polled=NOW)
    put("Far", polled=NOW, succeeded=NOW)
    seen = page(serving, "/feeds?tag=gulf&q=a")
    assert "Far" not in seen.text
    assert "/feeds?health=failing&tag=gulf&q=a" in [a["href"] for a in seen.all("a")]
    assert "Calm" not in page(serving, "/feeds?tag=gulf&health=failing").text
    assert "No feed is so" in page(serving, "/feeds?q=nothing").text


def test_what_a_feed_says_of_itself_stays_text(serving, put, bring):
    feed = put(
        HOSTILE, url="https://x.example/" + HOSTILE, tags=[HOSTILE], problem="dns", problem_detail=HOSTILE,
        failures=1, polled=NOW, title=HOSTILE, moved_to="javascript:alert(1)", moved_seen=1,
    )  # fmt: skip
    bring(feed, title=HOSTILE, url="javascript:alert(1)", outcome=HOSTILE[:60])
    for path in ("/feeds", f"/feeds/{feed}", "/feeds?q=%3Cscript%3E&tag=%22%3E%3Cscript%3E"):
        seen = page(serving, path)
        assert {script.get("src", "inline")[:8] for script in seen.all("script")} <= {"/static/"}
        assert not [img for img in seen.all("img") if img.get("src") == "x"]
        assert not [a for a in seen.all("a") if (a.get("href") or "").lower().startswith("javascript")]
        assert not [1 for _, attrs in seen.elements if "style" in attrs or "onerror" in attrs]
    assert HOSTILE[:20] in page(serving, f"/feeds/{feed}").text
    assert serving.get("/api/v1/feeds").json()["feeds"][0]["name"] == HOSTILE


def test_the_page_of_one_feed_shows_its_items_with_their_outcomes_and_its_stories(serving, put, bring, report):
    feed = put("Calm", polled=NOW, succeeded=NOW)
    bring(feed, 2)
    seen = page(serving, f"/feeds/{feed}")
    assert "Item 1" in seen.text
    assert "No kind of event scored high enough." in seen.text
    report("Berg and Otieno talk harbour")
    other = Feed("https://feeds.example/0.xml").id
    assert "Berg and Otieno talk harbour" in page(serving, f"/feeds/{other}").text
    assert "/stories/story-0" in [a.get("href") for a in page(serving, f"/feeds/{other}").all("a")]


def test_a_source_that_pushes_is_shown_as_such(serving, put):
    feed = put("Crawler", pushed=True, active=False)
    seen = page(serving)
    assert "pushes to us" in seen.text
    assert "never: it pushes" in seen.text
    seen = page(serving, f"/feeds/{feed}")
    assert "POST /api/v1/items" in seen.text
    assert not [form for form in seen.all("form") if (form.get("action") or "").endswith("/poll")]
    assert serving.get(f"/api/v1/feeds/{feed}").json()["next_poll"] is None
    assert serving.client.post(f"{serving.url}/api/v1/feeds/{feed}/poll").status_code == 404


def test_poll_now_makes_the_feed_due_hints_and_comes_back(serving, put, database, context):
    class Heard:
        def __init__(self):
            self.hints = []

        def send(self, hint):
            self.hints.append(hint)

    context.hints = heard = Heard()
    now = datetime.now(UTC)
    feed = put("Calm", polled=now - timedelta(hours=1), succeeded=now, next_poll=now + timedelta(hours=3))
    answer = serving.client.post(f"{serving.url}/feeds/{feed}/poll")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/feeds/{feed}?told=due"
    assert "It is due." in page(serving, answer.headers["location"]).text
    with database.read() as connection:
        [row] = feed_rows(connection, now, feed_id=feed)
    assert row.health.next_poll < now + timedelta(hours=1)
    assert heard.hints == [Hint("poll")]
    first, again = (serving.client.post(f"{serving.url}/api/v1/feeds/{feed}/poll").json() for _ in range(2))
    assert first == again == {"outcome": "due", "next_poll": row.health.next_poll.isoformat()}


@pytest.mark.parametrize("path", ["/feeds/nothing", "/api/v1/feeds/nothing"])
def test_an_unknown_feed_is_not_found(serving, path):
    assert serving.get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["health=bad", "tag=%00", "q=%00", "q=" + "x" * 201, "limit=0", "cursor=x", "cursor=WzEsMl0",
     "cursor=WzEsIDIsICJhIiwgIlx1ZDgwMCJd", "cursor=WzEsIDk5OTk5OTk5OTk5OTk5OTk5OTk5OSwgImEiLCAiYiJd"],
)  # fmt: skip
def test_a_bad_parameter_is_named(serving, query):
    answer = serving.get(f"/api/v1/feeds?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "query." + query.split("=")[0]


def test_the_api_walks_through_all_feeds_worst_first(serving, put):
    for number in range(5):
        put(f"Feed{number}", polled=NOW, succeeded=NOW)
    put("Bad", failures=3, problem="dns", polled=NOW)
    found, cursor = [], ""
    while cursor is not None:
        answer = serving.get(f"/api/v1/feeds?limit=2&cursor={cursor}").json()
        found += answer["feeds"]
        cursor = answer["next"]
    assert [feed["name"] for feed in found] == ["Bad", *(f"Feed{number}" for number in range(5))]
    assert (answer["counts"]["failing"], answer["counts"]["ok"], answer["tags"]) == (1, 5, [])
    assert found[0]["problem"]["reason"] == "dns"
    assert found[0]["problem"]["advice"]
    assert len(found[0]["days"]) == 14


def test_answers_are_as_the_description_says(serving, put, bring):
    document = serving.get("/api/v1/openapi.json").json()
    feed = put("Calm", polled=NOW)
    bring(feed)
    for path, model in ((f"/api/v1/feeds/{feed}", "FeedDetail"), ("/api/v1/feeds", "FeedPage")):
        described = document["components"]["schemas"][model]["properties"]
        assert set(serving.get(path).json()) == set(described)


def test_every_problem_of_the_manual_has_its_advice():
    """Those whose own detail names a key of the config need none."""
    from feeds.advice import ADVICE

    manual = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text(encoding="utf-8")
    part = manual.split("## Failures and warnings")[1].split("\n## ")[0]
    first = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    codes = {code.strip("` ") for cell in first for code in cell.split(",")}
    told_elsewhere = {"private-address", "timeout", "too-large", "content-type", "control-characters", "unreadable"}
    assert codes - told_elsewhere == set(ADVICE) - {"internal-error"}


def test_the_configured_feeds_are_exported_for_other_readers(serving, context, tmp_path):
    config = tmp_path / "seedwire.toml"
    config.write_text(config.read_text() + '[[feeds]]\nurl = "https://a.example/?b=1&c=2"\nname = "A <&> B"\n')
    context.watcher.refresh()
    answer = serving.get("/api/v1/feeds.opml")
    assert answer.headers["content-type"].startswith("text/x-opml")
    [outline] = read(answer.content)
    assert (outline.address, outline.name) == ("https://a.example/?b=1&c=2", "A <&> B")
