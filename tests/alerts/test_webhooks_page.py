"""docs/webhooks.md is held to what is sent, and its snippets are run."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sample_reports import report, seed_table

from alerts import alert as kinds
from alerts.alert import CONTENT_TYPE, LARGEST_BODY
from alerts.condition import Standing
from alerts.delivery import LONGEST_WAIT
from alerts.digest import Entry, build_digest
from alerts.matching import FRONT, decide
from alerts.outcomes import ItemOutcome
from alerts.pacing import News
from alerts.service_alerts import build_service_degraded, build_webhook_disabled
from alerts.signing import signed_headers
from alerts.story_alerts import build_opened
from alerts.webhook import STANDARD_SCHEDULE, Webhook
from classifiers.event import Amount, Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
KEY = b"a key of at least 24 bytes"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found, language
    return found[1]


def shape(value: object) -> object:
    """Keys and kinds of values, all the way down; a list is as its first entry."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value)


def test_the_body_shown_has_the_fields_that_are_sent() -> None:
    said = report(
        "x", title="Sharif meets Putin", text="They met.", status="held", countries=("PK", "RU"), topics=("trade",),
        people=seed_table()["001"].event.people, place=seed_table()["001"].event.place, occasion="summit",
        date=seed_table()["001"].event.date, commodities=("oil",), amounts=(Amount("$1", 1.0, "USD", "trade"),),
        plover="CONSULT", evidence=(Evidence("They met.", 0, 9, 0.9, ("LEADER met LEADER",)),),
    )  # fmt: skip
    sent = json.loads(build_opened(decide(said, ()).story, [said], datetime.now(UTC), "urn:seedwire").body)
    shown = json.loads(block("json"))
    assert shape(shown) == shape(sent)
    evidence = shown["data"]["evidence"][0]
    assert evidence["end"] - evidence["start"] == len(evidence["text"])


def test_the_digest_and_the_messages_about_the_service_that_are_shown_have_the_fields_that_are_sent() -> None:
    shown = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    digest = next(one for one in shown if one.get("type") == kinds.DIGEST)
    said = seed_table()["001"]
    story = decide(said, ()).story
    now = datetime.now(UTC)
    entry = Entry(News(story.id, opens=True, changes=(), since=now), story, said)
    sent = json.loads(build_digest("desk", [entry], ["c07e5a389b2f64d1"], now, "urn:seedwire").body)
    for one in (digest, sent):
        one["data"]["stories"][0]["event"] = sorted(one["data"]["stories"][0]["event"])
    assert shape(digest) == shape(sent)
    disabled = build_webhook_disabled("desk", "answer 410: the receiver wants no more, webhook disabled", now, "s")
    trouble = Standing("poll-late", "feeds are due", datetime(2024, 7, 3, 14, tzinfo=UTC), now, told=True)
    degraded = build_service_degraded([trouble], now, "s")
    assert json.loads(disabled.body)["data"] in shown
    assert shape(json.loads(degraded.body)["data"]) in [shape(one) for one in shown]


def test_numbers_and_names_on_the_page_are_those_of_the_code() -> None:
    assert f"at most {LARGEST_BODY:,} bytes" in PAGE
    assert f"first {FRONT} characters" in PAGE
    assert CONTENT_TYPE in PAGE
    assert [w.total_seconds() for w in STANDARD_SCHEDULE] == [5, 300, 1800, *(h * 3600 for h in (2, 5, 10, 14, 20, 24))]
    assert timedelta(hours=24) == LONGEST_WAIT
    assert Webhook(name="x", url="x", secrets=()).timeout == timedelta(seconds=15)
    for kind in (*kinds.ABOUT_STORIES, *kinds.ABOUT_SERVICE):
        assert f"| `{kind}` |" in PAGE
    for outcome in ItemOutcome:
        if outcome.startswith("filtered-by-"):
            assert f"`{outcome}`" in PAGE or f"`-{outcome.rsplit('-', 1)[1]}`" in PAGE


def python(secret: str, headers: dict[str, str], body: bytes, folder: Path) -> bool:
    script = folder / "check.py"
    script.write_text(
        block("python")
        + "import json, sys\nsecret, headers = json.loads(sys.argv[1])\n"
        + "print(verified(secret, headers, sys.stdin.buffer.read()))\n"
    )
    return _run([sys.executable, str(script), json.dumps([secret, headers])], body) == "True"


def node(secret: str, headers: dict[str, str], body: bytes, folder: Path) -> bool:
    program = _program("node")
    script = folder / "check.js"
    script.write_text(
        block("javascript")
        + "const [secret, headers] = JSON.parse(process.argv[2]);\n"
        + 'console.log(verified(secret, headers, require("fs").readFileSync(0)));\n'
    )
    return _run([program, str(script), json.dumps([secret, headers])], body) == "true"


def go(secret: str, headers: dict[str, str], body: bytes, folder: Path) -> bool:
    program = _program("go")
    (folder / "go.mod").write_text("module example/webhook\n")
    (folder / "webhook.go").write_text(block("go"))
    (folder / "webhook_test.go").write_text(
        """package webhook

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
)

func TestVerified(t *testing.T) {
	headers := map[string]string{}
	if err := json.Unmarshal([]byte(os.Getenv("HEADERS")), &headers); err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for name, value := range headers {
		header.Set(name, value)
	}
	if !Verified(os.Getenv("SECRET"), header, []byte(os.Getenv("BODY"))) {
		t.Fatal("refused")
	}
}
"""
    )
    told = {"SECRET": secret, "HEADERS": json.dumps(headers), "BODY": body.decode()}
    caches = {"GOCACHE": str(folder.parent / "go-build"), "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [program, "test", "-count=1", "-vet=off", "."], cwd=folder, env=os.environ | told | caches,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0 or "refused" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
    return found


def _run(command: list[str], body: bytes) -> str:
    done = subprocess.run(command, input=body, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@pytest.mark.parametrize("check", [python, node, go], ids=["python", "node", "go"])
def test_each_snippet_accepts_what_is_sent_and_refuses_what_is_not(
    check: Callable[[str, dict[str, str], bytes, Path], bool], tmp_path: Path
) -> None:
    def tried(name: str, headers: dict[str, str], body: bytes, secret: str = SECRET) -> bool:
        folder = tmp_path / name
        folder.mkdir()
        return check(secret, headers, body, folder)

    body = '{"text": "Präsident – talks"}'.encode()
    now = datetime.now(UTC)
    headers = signed_headers([KEY], "msg_1", now, body)
    assert tried("right", headers, body)
    assert tried("rotation", signed_headers([b"o" * 24, KEY], "msg_1", now, body), body)
    assert not tried("other-secret", signed_headers([b"o" * 24], "msg_1", now, body), body)
    assert not tried("changed-body", headers, body + b" ")
    assert not tried("changed-id", headers | {"webhook-id": "msg_2"}, body)
    assert not tried("old", signed_headers([KEY], "msg_1", now - timedelta(minutes=6), body), body)
    assert not tried("no-signature", {k: v for k, v in headers.items() if k != "webhook-signature"}, body)
    assert not tried("no-timestamp", {k: v for k, v in headers.items() if k != "webhook-timestamp"}, body)


def test_the_example_of_the_specification_is_printed_right() -> None:
    def printed(pattern: str) -> str:
        found = re.search(pattern, PAGE)
        assert found, pattern
        return found[1]

    body = printed(r"body\s+`([^`]+)`")
    headers: dict[str, Any] = signed_headers(
        [base64.b64decode(printed(r"`whsec_(\w+)`"))],
        printed(r"id `(msg_\w+)`, timestamp"),
        datetime.fromtimestamp(int(printed(r"timestamp `(\d+)`")), UTC),
        body.encode(),
    )
    assert headers["webhook-signature"] == printed(r"give `(v1,[^`]+)`")
    assert len(body) == int(printed(r"\((\d+) bytes"))
