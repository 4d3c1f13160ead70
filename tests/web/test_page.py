"""The page, as a browser without scripts gets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from web_service import MEETING, NOW, add_feed

from classifiers.event import Event, Evidence, Person
from feeds.feed import Feed
from store import state, tables
from web.pages.rendering import ago, flag, http_url, long_date

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Elements(HTMLParser):
    """Every element with its attributes, the text, and whether everything opened was closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]


def page(serving) -> Elements:
    answer = serving.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    elements = Elements(answer.text)
    assert not elements.open
    return elements


def test_a_story_shows_what_who_where_when_and_the_sentence_that_proves_it(serving, report):
    report("Berg and Otieno talk harbour")
    text = page(serving).text
    for part in (
        "Berg and Otieno talk harbour", "Bilateral meeting", "held", "0.97", "NO", "KE", "🇳🇴", "Ada Berg",
        "prime minister", "Mombasa", "Blue Economy Forum", "4 March 2026", "$2 million", "lng", "Harbour Council",
        "Prime Minister Ada Berg met President Juma Otieno.", "LEADER met LEADER", "Coast Daily",
    ):  # fmt: skip
        assert part in text


def test_the_newest_story_comes_first_and_the_first_report_gives_its_headline(serving, report):
    story = report("Older story, first report", minutes_ago=50)
    report("Older story, second report", minutes_ago=40, story_id=story, feed_name="Evening Post")
    report("Newer story", minutes_ago=3)
    text = page(serving).text
    assert text.index("Newer story") < text.index("Older story, first report")
    assert "Older story, second report" not in text
    assert "2 reports" in " ".join(text.split())
    assert "Evening Post" in text


def test_cancelled_and_denied_are_marked_apart_from_what_happened(serving, report):
    report("Summit called off", event=replace(MEETING, status="cancelled"))
    classes = [attrs.get("class") for tag, attrs in page(serving).elements if tag == "article"]
    assert classes == ["negative"]


def test_evidence_that_the_headline_shows_already_is_not_shown_again(serving, report):
    title = "Berg meets Otieno"
    event = replace(MEETING, evidence=(Evidence(title, 0, 17, 0.9, ("LEADER meets",), "title"), *MEETING.evidence))
    report(title, event=event)
    quotes = [tag for tag, _ in page(serving).elements if tag == "blockquote"]
    assert len(quotes) == 1


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1)\' <!-- ]]> {{ 4321*1234 }}'


def test_what_feeds_say_is_shown_as_text_and_changes_nothing(serving, database, report):
    before = [tag for tag, _ in page_with_one_plain_story(serving, report).elements]
    event = Event(
        type="bilateral_meeting",
        score=0.9,
        status="held",
        countries=(HOSTILE,),
        people=(Person(HOSTILE, HOSTILE, HOSTILE),),
        occasion=HOSTILE,
        evidence=(Evidence(HOSTILE, 0, 5, 0.9, (HOSTILE,)),),
    )
    report(HOSTILE, event=event, feed_name=HOSTILE, url="javascript:alert(1)", minutes_ago=1)
    with database.write() as transaction:
        add_feed(
            transaction.connection,
            Feed("https://feeds.example/x.xml", name=HOSTILE),
            failures=1,
            problem="parse",
            problem_detail=HOSTILE,
        )
    after = page(serving)
    assert HOSTILE in after.text
    assert "img" not in {tag for tag, _ in after.elements}
    scripts = [attrs["src"] for tag, attrs in after.elements if tag == "script"]
    assert scripts
    assert all((src or "").startswith("/static/") for src in scripts)
    assert not [name for _, attrs in after.elements for name in attrs if name.startswith("on")]
    assert not [value for value in after.attributes("href") if value.startswith("javascript")]
    assert set(before) <= {tag for tag, _ in after.elements}


def page_with_one_plain_story(serving, report) -> Elements:
    report("A plain story", minutes_ago=9)
    return page(serving)


def test_the_page_asks_nothing_of_other_hosts(serving, report):
    report("A story")
    elements = page(serving)
    loaded = [
        attrs.get("src") or attrs.get("href")
        for tag, attrs in elements.elements
        if tag in {"link", "script", "img"} and attrs.get("rel") != "alternate"
    ]
    assert loaded
    assert all(address.startswith(("/static/", "data:")) for address in loaded)
    style = serving.get("/static/page.css")
    assert style.status_code == 200
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_feeds_with_problems_are_told_in_words(serving, database):
    with database.write() as transaction:
        add_feed(
            transaction.connection,
            Feed("https://feeds.example/x.xml", name="Harbour News"),
            failures=3,
            problem="not-a-feed",
            problem_detail="the address gives a web page, not a feed",
            succeeded=NOW - timedelta(hours=7),
        )
    text = " ".join(page(serving).text.split())
    assert "Harbour News the address gives a web page, not a feed" in text
    assert "failing: failed 3 times in a row" in text
    assert "7 h ago" in text
    assert "feeds1 failing1" in text


def test_a_feed_that_failed_twice_is_retried_and_not_yet_called_failing(serving, database):
    with database.write() as transaction:
        add_feed(transaction.connection, Feed("https://feeds.example/x.xml"), failures=2, problem="timeout")
    text = " ".join(page(serving).text.split())
    assert "retrying: failed 2 times in a row" in text
    assert "feeds1 failing0" in text


def test_webhooks_that_fail_are_told_with_the_command_that_sends_again(serving, database):
    with database.write() as transaction:
        connection = transaction.connection
        just_now = datetime.now(UTC)
        for name, more in (("calm", {}), ("shut", {"disabled": just_now, "disabled_reason": "410: wants no more"})):
            connection.execute(
                tables.webhooks.insert().values(name=name, url="https://x.example/token", active=True, **more)
            )
        connection.execute(
            tables.deliveries.insert().values(
                id="d", alert_id="a", webhook="shut", state="disabled", tries=1, created=NOW, due=NOW
            )
        )
    text = " ".join(page(serving).text.split())
    assert "Webhooks that need a look shut disabled just now: 410: wants no more 0 dead, 1 resting, 0 retrying" in text
    assert "seedwire deliveries retry --disabled --webhook shut" in text
    assert "calm" not in text
    assert "x.example/token" not in text


def test_a_webhook_that_does_not_answer_is_told_with_when_it_is_asked_again(serving, database):
    paused = {"failures": 7, "failing_since": NOW - timedelta(hours=3), "paused_until": NOW + timedelta(hours=2)}
    with database.write() as transaction:
        transaction.connection.execute(
            tables.webhooks.insert().values(name="desk", url="https://x.example/", active=True, **paused)
        )
    text = " ".join(page(serving).text.split())
    assert "desk does not answer since 3 h ago, asked again in 1 h" in text


def test_a_refused_config_is_told_at_the_top(serving, database):
    with database.write() as transaction:
        state.put(transaction.connection, "config", {"problem": "seedwire.toml: feeds[2].urll: unknown key"}, NOW)
    assert "feeds[2].urll: unknown key" in page(serving).text


@pytest.mark.parametrize(("feeds", "hint"), [(0, "Add [[feeds]]"), (2, "first poll of 2 feeds")])
def test_an_empty_page_says_what_comes_next(serving, database, feeds, hint):
    with database.write() as transaction:
        for number in range(feeds):
            add_feed(transaction.connection, Feed(f"https://feeds.example/{number}.xml"))
    assert hint in page(serving).text


def add_items(database, **outcomes):
    with database.write() as transaction:
        connection = transaction.connection
        add_feed(connection, Feed("https://feeds.example/x.xml"), polled=NOW, succeeded=NOW)
        for outcome, number in outcomes.items():
            for i in range(number):
                connection.execute(
                    tables.items.insert().values(
                        id=f"{outcome}{i}", feed_id="f", title="t", text="", first_seen=NOW - timedelta(days=3),
                        baseline=True, pending=outcome == "pending",
                        outcome=None if outcome == "pending" else outcome.replace("_", "-"),
                    )
                )  # fmt: skip


def test_reports_from_before_the_first_poll_are_told_with_the_key_that_decides(serving, database):
    add_items(database, first_poll_baseline=2, below_threshold=3)
    text = " ".join(page(serving).text.split())
    assert "2 of 5 items report an event that is watched for, but stood in their feeds before the first poll" in text
    assert "first_poll" in text
    assert "none of them" not in text


def test_what_is_still_to_be_read_is_not_said_to_report_nothing(serving, database):
    add_items(database, pending=2, below_threshold=1)
    text = " ".join(page(serving).text.split())
    assert "2 of 3 items still wait to be read" in text
    assert "none of them" not in text


def test_where_nothing_is_reported_the_page_says_so_however_old_the_items_are(serving, database):
    add_items(database, below_threshold=3)
    assert "3 items were read, none of them reports an event" in " ".join(page(serving).text.split())


@pytest.mark.parametrize(
    ("remembered", "hint"),
    [
        ({"polled": NOW, "failures": 1, "problem": "timeout"}, "No feed could be read so far"),
        ({"polled": NOW, "succeeded": NOW}, "The feeds were read and hold no items"),
    ],
)
def test_without_items_the_page_says_why(serving, database, remembered, hint):
    with database.write() as transaction:
        add_feed(transaction.connection, Feed("https://feeds.example/x.xml"), **remembered)
    text = page(serving).text
    assert hint in text
    assert "is on its way" not in text


def test_the_page_stays_small(serving, report):
    for number in range(50):
        report(f"Story number {number} about two sides", minutes_ago=number)
    weight = len(serving.get("/").content) + len(serving.get("/static/page.css").content)
    assert weight < 100_000


@pytest.mark.parametrize(
    ("url", "kept"),
    [("https://a.example/b?c=d", True), ("http://a.example", True), ("javascript:alert(1)", False),
     ("data:text/html,x", False), ("//a.example", False), ("JavaScript:alert(1)", False),
     (" javascript:alert(1)", False), ("http://[", False), ("", False), (None, False)],
)  # fmt: skip
def test_only_web_addresses_become_links(url, kept):
    assert http_url(url) == (url if kept else None)


@pytest.mark.parametrize(("code", "shown"), [("PK", "🇵🇰"), ("no", "🇳🇴"), ("", ""), ("EUR", ""), ("1a", ""), ("éé", "")])
def test_a_flag_needs_two_letters(code, shown):
    assert flag(code) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "just now"), (59, "just now"), (60, "1 min ago"), (3599, "59 min ago"), (7200, "2 h ago"),
     (200_000, "2 d ago"), (-1, "in a moment"), (-59, "in a moment"), (-300, "in 5 min"), (-7200, "in 2 h")],
)  # fmt: skip
def test_times_are_told_in_the_largest_unit_that_says_enough(seconds, shown):
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert ago(now - timedelta(seconds=seconds), now) == shown


@pytest.mark.parametrize(("value", "shown"), [("2024-07-03", "3 July 2024"), ("soon", "soon")])
def test_dates_are_written_out(value, shown):
    assert long_date(value) == shown


@pytest.mark.parametrize("path", ["/", "/near-misses", "/items", "/feeds", "/patterns"])
def test_a_browser_that_goes_back_fills_in_no_filter_that_is_not_in_force(serving, report, path):
    report("Berg and Otieno talk harbour")
    elements = Elements(serving.get(path).text).elements
    filters = [attrs for tag, attrs in elements if tag == "form" and attrs.get("class") == "filters"]
    assert [form.get("autocomplete") for form in filters] == ["off"]


def test_stylesheet_and_scripts_are_kept_and_asked_about(serving):
    first = serving.get("/static/page.css")
    assert first.headers["cache-control"] == "no-cache"
    assert serving.get("/static/page.css", **{"if-none-match": first.headers["etag"]}).status_code == 304
