"""How an alert looks in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from hypothesis import given
from hypothesis import strategies as st

from worker.demo.catcher import Received
from worker.demo.screen import NARROWEST, render

BODY: dict[str, Any] = {
    "type": "seedwire.alert.opened",
    "data": {
        "event": {
            "type": "bilateral_meeting", "score": 0.971, "status": "held", "countries": ["PK", "RU"],
            "people": [{"name": "Shehbaz Sharif", "role": "prime minister", "country": "PK"}],
            "organizations": [], "place": {"name": "Astana", "country": "KZ"}, "occasion": "SCO summit",
            "date": "2024-07-03", "commodities": ["oil"],
            "amounts": [{"text": "$1 billion", "about": "bilateral trade"}],
        },
        "evidence": [{"text": "The two met on Wednesday.", "patterns": ["LEADER met LEADER"]}],
        "items": [{"title": "Sharif meets Putin", "feed": {"title": "Indus Herald"}}],
    },
}  # fmt: skip


def shown(body: dict[str, Any], width: int = 100, times: int = 1) -> str:
    return click.unstyle(render(Received("msg_1", datetime.now(UTC), body, times), width))


def test_an_alert_tells_who_where_when_what_and_why() -> None:
    assert shown(BODY).splitlines()[1:] == [
        "BILATERAL MEETING HELD  PK – RU  score 0.97",
        "Sharif meets Putin",
        "who      Shehbaz Sharif (prime minister, PK)",
        "where    Astana, KZ; SCO summit",
        "when     2024-07-03",
        "what     $1 billion (bilateral trade); oil",
        "proof    “The two met on Wednesday.”",
        "         LEADER met LEADER",
        "outlets  Indus Herald",
        "webhook  msg_1  signature verified",
    ]


def test_what_is_not_known_takes_no_line() -> None:
    lines = shown({"type": "seedwire.alert.opened", "data": {"event": {"type": "court_ruling", "score": 0.5}}})
    assert [line.split()[0] for line in lines.splitlines()[1:]] == ["COURT", "webhook"]


def test_a_repeat_and_an_update_are_marked() -> None:
    body = BODY | {"type": "seedwire.alert.updated", "data": BODY["data"] | {"changes": ["status planned->held"]}}
    text = shown(body, times=3)
    assert "came 3 times" in text
    assert "new      status planned->held" in text


def test_a_message_about_the_service_is_shown_by_its_type() -> None:
    assert "seedwire.webhook.test" in shown({"type": "seedwire.webhook.test", "data": {"message": "hello"}})


hostile = st.text(alphabet=st.characters(), max_size=60)


@given(hostile, hostile, hostile, st.integers(NARROWEST, 120))
def test_no_text_from_outside_moves_the_cursor_or_leaves_its_width(
    title: str, name: str, proof: str, width: int
) -> None:
    event = BODY["data"]["event"] | {
        "people": [{"name": name + "\x1b[2J", "role": None, "country": None}],
        "place": None,
    }
    data = BODY["data"] | {
        "event": event,
        "items": [{"title": title, "feed": {"title": name}}],
        "evidence": [{"text": proof, "patterns": [title]}],
    }
    text = shown(BODY | {"data": data}, width)
    assert all(line.isprintable() for line in text.split("\n"))
    assert max(map(len, text.split("\n"))) <= width
