"""``seedwire webhooks`` on real config files, against real receivers on loopback."""

from __future__ import annotations

import base64
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError

from alerts.signing import signed_headers
from store import alerts, tables
from worker.config.load import load
from worker.steps.whole_pass import whole_pass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]

KEY = b"a secret for the tests of seedwire"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver:
    """Takes what the ecosystem's library accepts by ``secret``; keeps what came, headers and body."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.answer: tuple[int, bytes] = (204, b"")
        self.came: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.came.append((headers, body))
                code, said = outer.answer
                try:
                    StandardWebhook(outer.secret).verify(body, headers)
                except WebhookVerificationError:
                    code, said = 401, b"bad\x1b[31m signature"
                self.send_response(code)
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?token=hush"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


@pytest.fixture
def config(folder: Path, receiver: Receiver) -> Path:
    path = folder / "seedwire.toml"
    path.write_text(path.read_text().replace("http://127.0.0.1:1/hook", receiver.url))
    return path


def test_a_test_is_signed_sent_at_once_and_kept_nowhere(run: Run, config: Path, receiver: Receiver) -> None:
    receiver.answer = (202, b"thanks")
    done = run("webhooks", "test", "desk")
    assert (done.code, done.err) == (0, "")
    ((headers, body),) = receiver.came
    event = json.loads(body)
    assert event["type"] == "seedwire.webhook.test"
    assert event["id"] == headers["webhook-id"]
    assert "answer 202 in " in done.out
    assert done.out.endswith(" ms: thanks\n")
    assert "hush" not in done.out
    (told,) = run("webhooks", "test", "desk", "--json").lines
    assert (told["ok"], told["code"], told["excerpt"], told["hint"]) == (True, 202, "thanks", "")
    assert len(receiver.came) == 2
    assert run("migrate").code == 0
    assert run("deliveries", "list", "--json").lines == []


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((302, b""), "redirects are not followed"),
        ((404, b"nothing here"), "takes nothing at this address"),
        ((410, b""), "takes nothing at this address"),
        ((503, b""), "trouble of its own"),
        ((400, b"no"), "wants something else"),
    ],
)
def test_a_test_that_is_not_taken_fails_and_says_what_to_do(
    run: Run, config: Path, receiver: Receiver, answer: tuple[int, bytes], hint: str
) -> None:
    receiver.answer = answer
    done = run("webhooks", "test", "desk")
    assert done.code == 1
    assert f"answer {answer[0]}" in done.out
    assert hint in done.err
    assert len(done.err.splitlines()) == 1


def test_a_test_that_nobody_takes_says_why(run: Run, config: Path, receiver: Receiver) -> None:
    receiver.secret = "whsec_" + base64.b64encode(b"o" * 24).decode()
    refused = run("webhooks", "test", "desk")
    assert (refused.code, "answer 401" in refused.out) == (1, True)
    assert "\x1b" not in refused.out
    assert "has it this webhook's secret? Check one message with `seedwire webhooks verify`" in refused.err
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    config.write_text(config.read_text().replace(receiver.url, f"http://127.0.0.1:{port}/"))
    nobody = run("webhooks", "test", "desk")
    assert (nobody.code, "refused" in nobody.out) == (1, True)
    config.write_text(config.read_text().replace("allow_private = true\nretry", "retry"))
    private = run("webhooks", "test", "desk", "--json")
    assert private.code == 1
    assert private.lines[0]["code"] == 0
    assert "private-address" in private.lines[0]["error"]
    assert "allow_private" in private.lines[0]["error"]
    unknown = run("webhooks", "test", "dest")
    assert unknown.code == 2
    assert 'no webhook "dest"' in unknown.err
    assert 'did you mean "desk"?' in unknown.err


def test_the_list_tells_health_and_filters_and_no_secret(run: Run, config: Path, receiver: Receiver) -> None:
    config.write_text(
        config.read_text()
        + 'events = ["bilateral_meeting"]\nmin_score = 0.5\ncountries = ["KE", "PK"]\n'
        + 'feeds = ["Nobody"]\nupdates = true\nmax_per_hour = 10\nquiet_period = "1h30m"\n'
    )
    (new,) = run("webhooks", "list", "--json").lines
    assert (new["state"], new["waiting"], new["succeeded"], new["secrets"]) == ("new", 0, None, 1)
    assert (new["asks"]["countries"], new["asks"]["quiet_period"]) == (["KE", "PK"], 5400.0)
    for shown in (run("webhooks", "list"), run("webhooks", "list", "--json")):
        assert shown.code == 0
        assert "hush" not in shown.out
        assert SECRET.removeprefix("whsec_") not in shown.out
    people = run("webhooks", "list").out
    assert "bilateral_meeting; score 0.5; KE or PK; feed Nobody; updates too; 10 an hour; " in people
    assert "10 an hour; quiet for 1h30m after an alert" in people
    config.write_text("[service]\n")
    assert run("webhooks", "list", "--json").out == ""
    assert "no webhooks yet" in run("webhooks", "list").out


def test_the_list_follows_a_webhook_from_waiting_to_dead(
    run: Run, config: Path, receiver: Receiver, stored: Context
) -> None:
    def listed() -> dict[str, Any]:
        (told,) = run("webhooks", "list", "--json").lines
        return told

    before = listed()
    assert (before["state"], before["waiting"], before["succeeded"]) == ("ok", 1, None)
    receiver.answer = (500, b"")
    assert run("poll").code == 0
    failing = listed()
    assert (failing["state"], failing["waiting"], failing["retrying"]) == ("retrying", 1, 1)
    assert "answer 500" in failing["note"]
    receiver.answer = (410, b"")
    assert run("deliveries", "retry", run("deliveries", "list", "--json").lines[0]["id"]).code == 0
    assert run("poll").code == 0
    gone = listed()
    assert (gone["state"], gone["resting"]) == ("disabled", 1)
    assert gone["command"] == "seedwire deliveries retry --disabled --webhook desk"
    assert gone["command"] in run("webhooks", "list").out
    receiver.answer = (204, b"")
    assert run("deliveries", "retry", "--disabled").code == 0
    assert run("poll").code == 0
    well = listed()
    assert (well["state"], well["waiting"], well["resting"]) == ("ok", 0, 0)
    assert well["succeeded"]


def test_a_replay_goes_to_the_webhooks_whose_filters_admit_it_now(run: Run, config: Path, stored: Context) -> None:
    (alert,) = run("alerts", "list", "--json").lines
    story = alert["alert"]["subject"]
    with stored.database.write() as transaction:  # two stories that turned out to be one: the alert keeps its own
        connection = transaction.connection
        connection.execute(tables.events.update().where(tables.events.c.story_id == story).values(story_id="other"))
        connection.execute(tables.stories.update().where(tables.stories.c.id == story).values(merged_into="other"))
    plain = config.read_text()
    for filters, many in (
        ('feeds = ["Nobody"]\nlanguages = ["en"]', 1), ('feeds = ["Somebody"]', 0), ('languages = ["fr"]', 0),
        ('feeds = ["http://127.0.0.1:1/feed"]', 1),
    ):  # fmt: skip
        config.write_text(f"{plain}{filters}\n")
        assert f"{many} deliver" in run("alerts", "replay", alert["id"]).out, filters


def message(folder: Path, headers: dict[str, str], body: bytes) -> list[str | Path]:
    (folder / "headers.txt").write_text(
        "POST /hook HTTP/1.1\r\nHost: desk.example\r\n" + "".join(f"{n.title()}: {v}\r\n" for n, v in headers.items())
    )
    (folder / "body").write_bytes(body)
    return [folder / "body", "--headers", folder / "headers.txt"]


def test_a_captured_message_is_checked_against_the_config(
    run: Run, config: Path, receiver: Receiver, stored: Context, tmp_path: Path
) -> None:
    whole_pass(stored, every_feed=False)
    ((headers, body),) = receiver.came
    good = run("webhooks", "verify", *message(tmp_path, headers, body))
    assert (good.code, good.err) == (0, "")
    assert good.out.startswith(f'good: {headers["webhook-id"]}, signed by webhook "desk", ')
    with stored.database.read() as connection:
        assert alerts.get(connection, headers["webhook-id"]).body == body
    sorted_again = json.dumps(json.loads(body), sort_keys=True).encode()
    altered = run("webhooks", "verify", *message(tmp_path, headers, sorted_again))
    assert (altered.code, altered.out) == (1, "")
    assert "altered on the way: it differs from what was sent from byte 2 on ('specversion\"' was sent" in altered.err
    spaced = run("webhooks", "verify", *message(tmp_path, headers, json.dumps(json.loads(body)).encode()), "--json")
    assert "its JSON was parsed and written again" in spaced.lines[0]["problems"][0]
    config.write_text(config.read_text().replace(SECRET, "whsec_" + "B" * 32) + hook("other", SECRET))
    wrong = run("webhooks", "verify", "--webhook", "desk", *message(tmp_path, headers, body))
    assert "another secret signed it: the body is what was sent" in wrong.err
    assert 'it is signed by webhook "other"' in wrong.err
    assert run("webhooks", "verify", *message(tmp_path, headers, body)).code == 0


def hook(name: str, secret: str) -> str:
    return f'[[webhooks]]\nname = "{name}"\nurl = "https://{name}.example/"\nsecret = "{secret}"\n'


def test_a_receiver_without_a_config_can_check_too(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEEDWIRE_CONFIG", raising=False)
    monkeypatch.setenv("DESK_SECRET", SECRET)
    now = datetime.now(UTC)
    headers = signed_headers([KEY], "msg_1", now - timedelta(hours=3), b"{}")
    given = message(tmp_path, headers, b"{}")
    old = run("webhooks", "verify", "--secret-env", "DESK_SECRET", *given)
    assert (old.code, len(old.err.splitlines())) == (1, 1)
    assert "too old: 3 hours before this clock" in old.err
    aged = run("webhooks", "verify", "--secret-env", "DESK_SECRET", "--any-age", *given)
    assert (aged.code, aged.out) == (0, "good: msg_1, signed by the secret given, 3 h ago\n")
    (tmp_path / "secret").write_text(f"whsec_{'B' * 32}\n{SECRET}\n")
    (tmp_path / "headers.json").write_text(json.dumps(headers))
    by_json = run(
        "webhooks", "verify", "--secret-file", tmp_path / "secret", "--any-age", tmp_path / "body",
        "--headers", tmp_path / "headers.json", "--json",
    )  # fmt: skip
    assert by_json.lines == [
        {"ok": True, "id": "msg_1", "signed_by": "the secret given (secret 2 of 2)", "problems": []}
    ]
    by_options = [
        "--id", "msg_1", "--timestamp", headers["webhook-timestamp"], "--signature", headers["webhook-signature"],
    ]  # fmt: skip
    assert run("webhooks", "verify", "--secret-env", "DESK_SECRET", "--any-age", given[0], *by_options).code == 0
    missing = run("webhooks", "verify", "--secret-env", "DESK_SECRET", given[0], *by_options[:4])
    assert "header webhook-signature is missing" in missing.err
    monkeypatch.setenv("DESK_SECRET", "hunter2")
    bad = run("webhooks", "verify", "--secret-env", "DESK_SECRET", *given)
    assert bad.code == 2
    assert "DESK_SECRET holds no signing secret: it does not start with whsec_" in bad.err
    assert "hunter2" not in bad.err
    nowhere = run("webhooks", "verify", *given)
    assert nowhere.code == 1
    assert run("webhooks", "verify", "--secret-file", "-", "-").code == 2
    assert run("webhooks", "verify", "--secret-env", "DESK_SECRET", tmp_path / "nothing").code == 2


def test_a_rotation_from_the_first_secret_to_the_second(run: Run, config: Path, receiver: Receiver) -> None:
    done = run("webhooks", "rotate", "desk")
    assert done.code == 0
    new = done.out.removesuffix("\n")
    assert len(load(config, {}).webhooks[0].secrets) == 2
    assert "seedwire.toml is changed\ndesk is signed by the new secret and the old" in done.err
    assert "`seedwire webhooks rotate desk --drop-old`" in done.err
    assert new not in done.err
    assert run("webhooks", "test", "desk").code == 0
    receiver.secret = new
    assert run("webhooks", "test", "desk").code == 0
    (dropped,) = run("webhooks", "rotate", "desk", "--drop-old", "--json").lines
    assert dropped == {"webhook": "desk", "secret": None, "written": "seedwire.toml", "to_do": None}
    assert run("webhooks", "test", "desk").code == 0
    receiver.secret = SECRET
    assert run("webhooks", "test", "desk").code == 1
    assert run("webhooks", "rotate", "desk", "--drop-old").code == 1
    assert run("webhooks", "rotate", "dusk").code == 2


def test_a_secret_of_the_environment_is_for_a_person_to_change(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_SECRET", SECRET)
    config.write_text(config.read_text().replace(f'secret = "{SECRET}"', 'secret_env = "DESK_SECRET"'))
    before = config.read_text()
    done = run("webhooks", "rotate", "desk")
    new = done.out.strip()
    assert f'nothing was changed: set DESK_SECRET="{new} $DESK_SECRET"' in done.err
    assert "once that is done and the service restarted, desk is signed by the new secret and the old" in done.err
    assert "\ndesk is signed" not in done.err
    assert SECRET not in done.err
    assert config.read_text() == before
