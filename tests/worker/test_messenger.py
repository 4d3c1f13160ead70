"""Messages to people: what each medium is sent, and that nothing goes where it must not."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import answer
from media_servers import Chat, NotingDoor, dripping_server, mail_server

from alerts.alert import OPENED, Alert, make
from alerts.markup import Plain, render
from alerts.message import MOST_LINKS, MOST_QUOTES, message_of
from alerts.service_alerts import build_webhook_test
from alerts.webhook import Webhook
from classifiers.gazetteer import country_name
from feeds.door import Door
from worker.messenger import media, send
from worker.messenger.media import NoMedium, medium

if TYPE_CHECKING:
    from collections.abc import Iterator


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEST = build_webhook_test("desk", NOW, "urn:seedwire")

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
DISCORD = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"
TEAMS = "workflows://prod.example/643e69f83c8944/signature"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544"
NTFY = "ntfys://news.example/desk"
TWILIO = f"twilio://AC{'7' * 32}:{'e' * 32}@+15551112222/+15551113333"
MATRIX = "matrixs://token@matrix.example/!room:matrix.example"


def story(**changed: Any) -> Alert:
    """An alert about a meeting that three outlets report."""
    outlets = {"Paper": "Sharif meets Putin in Astana", "Dawn": "PM, Putin discuss trade", "TASS": "Talks held"}
    event = {
        "type": "bilateral_meeting",
        "score": 0.97,
        "status": "held",
        "countries": ["PK", "RU"],
        "people": [{"name": "Shehbaz Sharif", "role": "prime minister", "country": "PK"}],
        "organizations": [],
        "place": {"name": "Astana", "country": "KZ"},
        "occasion": "Shanghai Cooperation Organization summit",
        "date": "2024-07-03",
        "topics": ["trade"],
        "commodities": ["oil"],
        "amounts": [{"text": "$1 billion", "value": 1e9, "unit": "USD", "about": "bilateral trade"}],
        "plover": "CONSULT",
    }
    items = [
        {
            "id": outlet,
            "url": f"https://{outlet.lower()}.example/story?a=1&b=2",
            "title": title,
            "published": None,
            "language": "en",
            "feed": {"id": outlet, "title": outlet, "url": f"https://{outlet.lower()}.example/rss"},
        }
        for outlet, title in outlets.items()
    ]
    data: dict[str, Any] = {
        "story": {"id": "s", "opened": "2024-07-03T14:00:00.000Z", "items": 4, "outlets": 3},
        "event": event,
        "evidence": [{"text": "The two leaders met on the sidelines of the summit."}],
        "items": items,
    }
    return make("msg_1", OPENED, "s", data | changed, NOW, "urn:seedwire", story_id="s")


def webhook(url: str, *, allow_private: bool = True, seconds: float = 5) -> Webhook:
    return Webhook("desk", url, (), allow_private=allow_private, timeout=timedelta(seconds=seconds))


def told(url: str, alert: Alert) -> dict[str, Any]:
    """What the medium's server would have received."""
    door = NotingDoor(body=b"ok" if url is SLACK else b"{}")
    outcome, _ = send(cast("Door", door), webhook(url), alert)
    assert outcome.code == 200
    return door.sent()


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as door:
        yield door


# --- what each medium is sent ------------------------------------------------------------------------------------


def test_slack_is_sent_its_own_markup() -> None:
    (attachment,) = told(SLACK, story())["attachments"]
    assert attachment["title"] == "Sharif meets Putin in Astana"
    assert attachment["text"] == (
        "Bilateral meeting · held · Pakistan, Russia\n"
        "*Who:* Shehbaz Sharif (prime minister, Pakistan)\n"
        "*Where:* Astana, Kazakhstan · Shanghai Cooperation Organization summit\n"
        "*When:* 3 July 2024\n"
        "*Amounts:* $1 billion (bilateral trade)\n"
        "*About:* oil, trade\n"
        "*Reported by:* 3 outlets, 4 reports\n"
        "\n"
        "> The two leaders met on the sidelines of the summit.\n"
        "\n"
        "<https://paper.example/story?a=1&amp;b=2|Paper>\n"
        "<https://dawn.example/story?a=1&amp;b=2|Dawn: PM, Putin discuss trade>\n"
        "<https://tass.example/story?a=1&amp;b=2|TASS: Talks held>\n"
        "and 1 more"
    )


def test_discord_shows_no_previews_of_the_links() -> None:
    sent = told(DISCORD, story())
    assert sent["content"].startswith("**Sharif meets Putin in Astana**\n\nBilateral meeting · held")
    assert "[Dawn: PM, Putin discuss trade](https://dawn.example/story?a=1&b=2)" in sent["content"]
    assert sent["flags"] & 4


def test_telegram_is_sent_the_html_it_takes() -> None:
    sent = told(TELEGRAM, story())
    assert sent["parse_mode"] == "HTML"
    assert sent["text"].startswith("<b>Sharif meets Putin in Astana</b>")
    assert '<a href="https://dawn.example/story?a=1&amp;b=2">Dawn: PM, Putin discuss trade</a>' in sent["text"]
    assert "<blockquote>The two leaders met" in sent["text"]
    assert not re.search(r"<(?!/?(?:b|a|blockquote)\b)", sent["text"])


def test_teams_is_sent_a_card_whose_lines_stay_apart() -> None:
    title, body = told(TEAMS, story())["attachments"][0]["content"]["body"]
    assert title["text"] == "Sharif meets Putin in Astana"
    assert "**Where:** Astana, Kazakhstan · Shanghai Cooperation Organization summit\n\n**When:**" in body["text"]


def test_a_text_message_keeps_the_headline_and_one_link() -> None:
    door = NotingDoor(status=201)
    send(cast("Door", door), webhook(TWILIO), story())
    (text,) = parse_qs((door.requests[-1].body or b"").decode())["Body"]
    assert text == (
        "Sharif meets Putin in Astana\n\nBilateral meeting · held · Pakistan, Russia\n\n"
        "Paper\nhttps://paper.example/story?a=1&b=2\nand 3 more"
    )


def test_ntfy_receives_a_message(door: Door) -> None:
    tapped: list[str | None] = []

    def reply(request: Any) -> None:
        tapped.append(request.headers["x-click"])
        answer(request, 200)

    with Chat(reply=reply) as chat:
        outcome, _ = send(door, webhook(f"ntfy://{chat.host}/desk"), story())
    assert outcome.code == 200
    assert tapped == ["https://paper.example/story?a=1&b=2"]
    (sent,) = chat.bodies
    assert (sent["topic"], sent["title"]) == ("desk", "Sharif meets Putin in Astana")
    assert sent["message"].startswith("Bilateral meeting · held · Pakistan, Russia\nWho: Shehbaz Sharif")


def test_a_mail_says_the_same_as_html_and_as_text(door: Door) -> None:
    hostile = story()
    hostile_body = json.loads(hostile.body)
    hostile_body["data"]["items"][0]["title"] = "Sharif\r\nBcc: all@victim.example\r\n\r\nmeets <b>Putin</b> – وزیر"
    hostile = Alert("i", OPENED, "s", NOW, json.dumps(hostile_body).encode())
    with mail_server() as server:
        url = f"mailto://127.0.0.1:{server.port}?from=seedwire@h.example&to=desk@h.example&cc=chief@h.example"
        outcome, _ = send(door, webhook(url), hostile)
    assert outcome.code == 250
    (mail,) = server.received
    assert sorted(server.recipients) == ["chief@h.example", "desk@h.example"]
    assert mail["Subject"].startswith("Sharif Bcc: all@\u200bvictim.\u200bexample meets ‹b›Putin‹/b› – وزیر")
    assert mail["Bcc"] is None
    html = mail.get_body(("html",))
    text = mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert '<a href="https://dawn.example/story?a=1&amp;b=2">Dawn: PM, Putin discuss trade</a>' in html.get_content()
    assert "\nWho: Shehbaz Sharif (prime minister, Pakistan)\n" in text.get_content().replace("\r\n", "\n")
    assert (mail["References"], mail["Auto-Submitted"]) == ("<s@seedwire>", "auto-generated")


# --- hostile feeds, and limits -----------------------------------------------------------------------------------

HOSTILE = st.lists(
    st.sampled_from(
        [
            "@everyone", "@here", "<!channel>", "<!here|x>", "<@U1>", "<@&9>", "[bank](https://evil.example)",
            "<https://evil.example|bank>", "<a href='//evil.example'>x</a>", "*b*", "_i_", "`c`", "```", "||", "~~",
            "&lt;!channel&gt;", "&amp;", "\\", "\u202e", "\x00", "\ud800", "\n\n# h", "x" * 300, "ماسکو" * 60, "👩‍👩‍👧",
        ]
    )
    | st.text(max_size=20),
    max_size=12,
).map(" ".join)  # fmt: skip

#: By medium: the address, where the message is in what is sent, and the most it takes.
LIMITS = {
    SLACK: (lambda sent: sent["attachments"][0]["text"], 3_000),
    DISCORD: (lambda sent: sent["content"], 2_000),
    TEAMS: (lambda sent: sent["attachments"][0]["content"]["body"][-1]["text"], 1_000),
    TELEGRAM: (lambda sent: sent["text"], 4_096),
    NTFY: (lambda sent: sent["message"], 4_096),
}


@pytest.mark.parametrize("url", LIMITS)
@settings(deadline=None, max_examples=15)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_feed_can_ring_a_channel_forge_a_link_or_make_a_message_too_long(
    url: str, title: str, outlet: str, passage: str
) -> None:
    item = {
        "id": "i",
        "url": "https://paper.example/?q=" + quote(title[:90], errors="replace"),
        "title": title,
        "published": None,
    }
    item |= {"language": "en", "feed": {"id": "f", "title": outlet, "url": "https://paper.example/rss"}}
    alert = story(items=[item] * 6, evidence=[{"text": passage}] * 8)
    where, most = LIMITS[url]
    sent = told(url, alert)
    whole = json.dumps(sent, ensure_ascii=False)
    whole.encode()
    assert len(where(sent).encode()) <= most
    assert not re.search(r"@(everyone|here|channel|&|U1)|<[!@#]|&lt;[!@#]", whole)
    assert set(re.findall(r"://([a-z.]+)", where(sent))) <= {"paper.example"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", whole)


# --- what came of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [204, 302, 400, 404, 410, 500])
def test_the_mediums_status_is_told(door: Door, status: int) -> None:
    with Chat(reply=lambda request: answer(request, status, location="/elsewhere")) as chat:
        outcome, _ = send(door, webhook(f"json://{chat.host}/x"), TEST)
    assert outcome.code == status
    assert len(chat.bodies) == 1


def test_a_medium_that_asks_for_more_time_is_not_asked_again_in_the_same_attempt(door: Door) -> None:
    with Chat(reply=lambda request: answer(request, 429, retry_after="120")) as chat:
        outcome, _ = send(door, webhook(f"ntfy://{chat.host}/desk"), TEST)
    assert (outcome.code, outcome.retry_after) == (429, "120")
    assert outcome.date
    noting = NotingDoor(status=429)
    begin = time.monotonic()
    assert send(cast("Door", noting), webhook(DISCORD), TEST)[0].code == 429
    assert len(noting.requests) == 1
    assert time.monotonic() - begin < 2


def test_a_refusal_within_a_success_is_a_failure_told_in_its_words() -> None:
    outcome, body = send(cast("Door", NotingDoor(body=b'{"ok": false, "error": "no_team"}')), webhook(SLACK), TEST)
    assert outcome.code == 0
    assert outcome.error == 'Slack did not take the message: {"ok": false, "error": "no_team"}'
    assert b"no_team" in body


def test_what_is_told_of_a_failure_holds_no_credentials(door: Door) -> None:
    def echo(request: Any) -> None:
        answer(request, 400, f'{request.path} tk_Secret123 "access_token": "syt_9876"'.encode())

    with Chat(reply=echo) as chat:
        outcome, body = send(door, webhook(f"mmost://{chat.host}/tk_Secret123"), TEST)
    assert outcome.code == 400
    assert "Secret123" not in f"{outcome}{body!r}"
    assert "syt_9876" not in f"{outcome}{body!r}"
    assert "Secret123" not in repr(webhook("slack://Secret123/Secret123/Secret123"))


def test_a_mail_servers_refusal_is_told_by_its_code(door: Door) -> None:
    with mail_server(refuse="550 no such mailbox") as server:
        url = f"mailto://127.0.0.1:{server.port}?from=seedwire@h.example&to=desk@h.example"
        outcome, body = send(door, webhook(url), TEST)
    assert outcome.code == 550
    assert b"no such mailbox" in body


def test_what_happened_outside_a_medium_is_told(door: Door) -> None:
    def error(url: str, *, allow_private: bool = True) -> str:
        outcome, _ = send(door, webhook(url, allow_private=allow_private), TEST)
        assert outcome.code == 0
        return outcome.error or ""

    who = "from=a@h.example&to=b@h.example"
    assert error("ntfy://127.0.0.1:1/desk").startswith("refused: ")
    assert error(f"mailto://127.0.0.1:1?{who}") == "refused: 127.0.0.1 does not accept connections at 1"
    assert error(f"mailto://mail.invalid:25?{who}") == "dns: the name mail.invalid does not resolve"
    with mail_server() as server:
        assert error(f"mailtos://127.0.0.1:{server.port}?mode=ssl&{who}").startswith("tls: no trusted")
        assert error(f"mailtos://127.0.0.1:{server.port}?mode=starttls&{who}").startswith("tls: no trusted")


# --- where it may go ---------------------------------------------------------------------------------------------


def test_private_addresses_are_refused_unless_allowed(door: Door) -> None:
    with Chat() as chat, mail_server() as server:
        mail = f"mailto://127.0.0.1:{server.port}?from=a@h.example&to=b@h.example"
        for url in (f"ntfy://{chat.host}/desk", f"json://{chat.host.replace('127.0.0.1', 'localhost')}/x", mail):
            outcome, _ = send(door, webhook(url, allow_private=False), TEST)
            assert (outcome.error or "").startswith("private-address: ")
    assert (chat.bodies, server.received) == ([], [])


def test_a_redirect_is_followed_where_the_address_asks_for_it_and_judged_anew(door: Door) -> None:
    to_metadata = "http://169.254.169.254/latest/"
    with Chat(reply=lambda request: answer(request, 307, location=to_metadata)) as chat:
        outcome, _ = send(door, webhook(f"json://{chat.host}/x?redirect=yes"), TEST)
    assert (outcome.error or "").startswith("private-address: ")


def test_proxies_and_passwords_of_the_environment_are_passed_over(
    door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login x password y")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    asked: list[str | None] = []

    def reply(request: Any) -> None:
        asked.append(request.headers["authorization"])
        answer(request, 200)

    with Chat(reply=reply) as chat:
        assert send(door, webhook(f"ntfy://{chat.host}/desk"), TEST)[0].code == 200
    assert asked == [None]


def test_outside_an_attempt_nothing_goes_out() -> None:
    medium(SLACK)
    with pytest.raises(OSError, match="outside an attempt"):
        requests.get("http://127.0.0.1:1", timeout=1)


# --- time and size -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "line"), [("ntfy", b""), ("mailto", b""), ("mailto", b"2"), ("mailtos", b"")])
def test_an_attempt_ends_in_time_whatever_the_server_does(door: Door, scheme: str, line: bytes) -> None:
    with dripping_server(line) as port:
        path = "/desk" if scheme == "ntfy" else "?from=a@h.example&to=b@h.example"
        begin = time.monotonic()
        outcome, _ = send(door, webhook(f"{scheme}://127.0.0.1:{port}{path}", seconds=0.6), TEST)
    assert time.monotonic() - begin < 3
    assert outcome.code == 0
    assert (outcome.error or "").startswith("timeout: ")


def test_an_endless_answer_is_not_read_to_its_end(door: Door) -> None:
    def endless(request: Any) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            for _ in range(100_000):
                request.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    with Chat(reply=endless) as chat:
        begin = time.monotonic()
        outcome, _ = send(door, webhook(f"ntfy://{chat.host}/desk", seconds=20), TEST)
    assert outcome.code == 200
    assert time.monotonic() - begin < 5


# --- which addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [*LIMITS, TWILIO, MATRIX, "mailtos://user:password@gmail.com", "jsons://h.example/x"])
def test_these_addresses_can_be_used(url: str) -> None:
    assert medium(url).most > 0


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("slak://T1/A1/x", "slak:// is no medium that Apprise knows; did you mean slack://?"),
        ("slack://Sesame", "Apprise cannot read this slack:// address (https://appriseit.com/services/slack/)"),
        ("syslog://", "syslog:// is neither spoken over HTTP nor e-mail, so it cannot be guarded: take another way"),
        ("ircs://irc.example/#x", "ircs:// is neither spoken over HTTP nor e-mail, so it cannot be guarded: "),
        ("tgram://123456789:abcdefg_hij/1/2", "it names 2 recipients, and a retry would reach those again that had it"),
        ("ntfys://h.example/x?verify=no", "verify=no: certificates are always checked"),
    ],
)
def test_other_addresses_are_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(NoMedium) as told:
        medium(url)
    assert str(told.value).startswith(why)
    assert "Sesame" not in str(told.value)


@pytest.mark.parametrize("scheme", ["dbus", "glib", "gnome", "macosx", "windows", "syslog", "rsyslog", "mqtt", "xmpp"])
def test_nothing_that_acts_on_this_machine_can_be_reached(scheme: str) -> None:
    with pytest.raises(NoMedium):
        medium(f"{scheme}://x.example/y")


# --- docs/webhooks.md --------------------------------------------------------------------------------------------

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
SECTION = PAGE.partition("## Slack, e-mail and others\n")[2]


def test_the_message_the_page_shows_is_that_of_the_body_it_shows() -> None:
    body = PAGE.partition("```json\n")[2].partition("```")[0].encode()
    shown = SECTION.partition("```text\n")[2].partition("```")[0].strip()
    message = message_of(Alert("i", OPENED, "s", NOW, body), country_name)
    assert render(message, Plain(), titled=False) == shown


def test_the_addresses_the_page_shows_can_be_used() -> None:
    shown = re.findall(r"`(\w+://[^`]+)` ?(?:of|at|\||,)", SECTION.partition("| others")[0])
    assert len(shown) == 8
    for url in shown:
        assert medium(url.replace("BotToken", "abcdefg_hijklmnop").replace("ChatID", "123456789")).most > 0
    for limit in (media.LONGEST, MOST_QUOTES, MOST_LINKS):
        assert f"{limit:,}" in SECTION or {3: "three", 5: "five"}[limit] in SECTION
