"""Push by WebSub, with a real hub and the real web application on loopback: from a hub's name in a feed to an alert."""

from __future__ import annotations

import gzip
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import uvicorn
from hub import Hub, call
from loopback import Article, Newspaper, Receiver
from running import free_port, wait_for
from sqlalchemy import func, select

from store import tables, websub
from store.feed_health import list_feeds
from web.app import create_app
from worker.steps.classify import classify_pending
from worker.steps.deliver import deliver_due
from worker.steps.poll import poll_due
from worker.steps.tick import apply_config
from worker.steps.websub import keep_subscriptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Service

MEETING = Article(
    "Kenya's president meets Ethiopia's prime minister in Nairobi",
    "The president of Kenya, William Ruto, held talks with the prime minister of Ethiopia, Abiy Ahmed, in Nairobi on "
    "Monday. The two leaders discussed trade between Kenya and Ethiopia, a statement said.",
)
#: Longer than any wait between polls of this feed while nobody pushes.
USUAL = timedelta(minutes=20)
OTHER = Article("Rain is expected along the coast over the coming week", "Fishermen are told to stay in harbour.")


@dataclass
class Pushed:
    """The service with its callback served, a newspaper that names a hub, and the hub."""

    service: Service
    hub: Hub
    newspaper: Newspaper
    topic: str

    def poll(self, **span: float) -> None:
        """Let time pass and poll what is due."""
        self.service.clock.pass_(**span)
        self.service.write()
        self.service.context.watcher.refresh()
        apply_config(self.service.context)
        poll_due(self.service.context)

    def poll_when_due(self) -> timedelta:
        """Let time pass until the next poll; returns how long it is from this one to the one after it."""
        self.service.clock.now = self.feed("next_poll")
        self.poll()
        return self.feed("next_poll") - self.feed("polled")

    def subscribe(self, **span: float) -> int:
        """Let time pass, and ask the hub for what is due."""
        self.service.clock.pass_(**span)
        answers, requests = len(self.hub.answers), len(self.hub.requests)
        asked = keep_subscriptions(self.service.context)
        if self.hub.asks_back == "after" and self.hub.status == 202:
            expected = answers + len(self.hub.requests) - requests
            wait_for(lambda: len(self.hub.answers) >= expected, "the hub to ask back", 10)
        return asked

    def start(self) -> None:
        self.poll()
        assert self.subscribe() == 1

    def rows(self) -> list[tables.Table]:
        with self.service.context.database.read() as connection:
            return list(connection.execute(select(tables.subscriptions)))

    def state(self) -> str | None:
        """As ``feeds list`` tells it."""
        with self.service.context.database.read() as connection:
            return next(iter(list_feeds(connection, self.service.clock.now))).push

    def items(self) -> list[str]:
        with self.service.context.database.read() as connection:
            return list(connection.scalars(select(tables.items.c.title).order_by(tables.items.c.title)))

    def feed(self, column: str) -> object:
        with self.service.context.database.read() as connection:
            return connection.scalar(select(tables.feeds.c[column]))


def document(*articles: Article, start: int = 0, head: str = "") -> bytes:
    items = "".join(a.rss(f"https://paper.example/{n}") for n, a in enumerate(articles, start))
    return f"<rss version='2.0'><channel><title>Paper</title>{head}{items}</channel></rss>".encode()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


@pytest.fixture
def pushed(service: Service, hub: Hub, newspaper: Newspaper) -> Iterator[Pushed]:
    listener = socket.create_server(("127.0.0.1", 0))
    service.public_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    topic = newspaper.feed("/paper")
    newspaper.heads["/paper"] = hub.head(topic)
    newspaper.publish("/paper", OTHER)
    service.feed(topic)
    app = create_app(service.context, token=lambda: "a token of the API", ping_broker=lambda: True)
    server = uvicorn.Server(uvicorn.Config(app, interface="asgi3", log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield Pushed(service, hub, newspaper, topic)
    server.should_exit = True
    thread.join()
    listener.close()


# --- subscribing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asks_back", ["before", "after"])
def test_a_hub_named_by_a_feed_is_subscribed_to_and_its_question_answered(pushed: Pushed, asks_back: str) -> None:
    pushed.hub.asks_back = asks_back
    pushed.start()
    (request,) = pushed.hub.requests
    assert request["hub.mode"] == "subscribe"
    assert request["hub.topic"] == pushed.topic
    assert len(request["hub.secret"]) >= 40
    assert int(request["hub.lease_seconds"]) >= 86_400
    assert request["hub.callback"].startswith(f"{pushed.service.public_url}/websub/")
    assert pushed.hub.answers == [("subscribe", 200, True)]
    assert pushed.state() == "active"
    assert pushed.subscribe(minutes=5) == 0


def test_nobody_is_asked_without_a_public_address(pushed: Pushed) -> None:
    pushed.service.public_url = ""
    pushed.poll()
    assert pushed.subscribe() == 0
    assert pushed.state() == "offered"


def test_a_hub_that_is_named_in_the_headers_is_found(pushed: Pushed) -> None:
    pushed.newspaper.heads.clear()
    pushed.newspaper.headers["/paper"] = {"link": f'<{pushed.hub.url}/>; rel="hub", </canonical>; rel="self"'}
    pushed.start()
    assert pushed.hub.requests[0]["hub.topic"] == f"{pushed.newspaper.url}/canonical"
    assert pushed.state() == "active"


def test_hubs_on_private_networks_are_only_asked_for_feeds_that_may_be_there(pushed: Pushed) -> None:
    pushed.poll()
    with pushed.service.context.database.write() as transaction:
        transaction.connection.execute(tables.feeds.update().values(allow_private=False))
    pushed.subscribe()
    assert pushed.hub.requests == []
    assert pushed.rows()[0].problem == "private-address"


def test_a_hub_that_has_moved_is_followed_with_the_whole_request(pushed: Pushed) -> None:
    pushed.newspaper.heads["/paper"] = pushed.hub.head(pushed.topic).replace(
        f'{pushed.hub.url}/"', f'{pushed.hub.url}/moved"'
    )
    pushed.start()
    assert pushed.hub.requests[0]["hub.topic"] == pushed.topic
    assert pushed.state() == "active"


def test_only_what_was_asked_is_confirmed(pushed: Pushed) -> None:
    pushed.hub.asks_back = "never"
    pushed.start()
    (request,) = pushed.hub.requests
    token = request["hub.callback"].partition("?token=")[2]
    for callback in (
        request["hub.callback"].replace(token, "x" * len(token)),
        request["hub.callback"].partition("?")[0],
        request["hub.callback"] + "%00",
        request["hub.callback"].replace("/websub/", "/websub/0"),
    ):
        assert pushed.hub.ask_back(request | {"hub.callback": callback}) == 404
    assert pushed.hub.ask_back(request, topic="https://elsewhere.example/feed") == 404
    assert pushed.hub.ask_back(request, mode="unsubscribe") == 404
    assert pushed.hub.ask_back(request, challenge="") == 404
    assert pushed.hub.ask_back(request, challenge="x" * 5000) == 404
    assert pushed.state() == "asked"
    assert pushed.hub.ask_back(request) == 200
    assert pushed.hub.ask_back(request) == 200, "its first question may have gone unanswered"
    pushed.service.clock.pass_(hours=2)
    assert pushed.hub.ask_back(request) == 404, "nobody asked lately"


def test_a_challenge_is_echoed_as_plain_text(pushed: Pushed) -> None:
    pushed.hub.asks_back = "never"
    pushed.start()
    (request,) = pushed.hub.requests
    import urllib.request
    from urllib.parse import urlencode

    asked = {"hub.mode": "subscribe", "hub.topic": pushed.topic, "hub.challenge": "<script>", "hub.lease_seconds": "60"}
    with urllib.request.urlopen(f"{request['hub.callback']}&{urlencode(asked)}", timeout=10) as response:
        assert response.read() == b"<script>"
        assert response.headers["content-type"].startswith("text/plain")
        assert response.headers["x-content-type-options"] == "nosniff"


def test_a_lease_is_renewed_before_it_ends_under_the_same_address_and_secret(pushed: Pushed) -> None:
    pushed.hub.lease = 3600
    pushed.start()
    assert pushed.subscribe(minutes=40) == 0
    assert pushed.subscribe(minutes=12) == 1
    first, second = pushed.hub.requests
    assert (second["hub.callback"], second["hub.secret"]) == (first["hub.callback"], first["hub.secret"])
    assert pushed.subscribe(minutes=30) == 0
    assert pushed.state() == "active"


def test_a_hub_that_fails_is_asked_again_ever_more_seldom_and_polling_goes_on(pushed: Pushed) -> None:
    pushed.hub.status = 503
    pushed.start()
    assert pushed.state() == "failing"
    assert pushed.subscribe(seconds=20) == 0
    assert pushed.subscribe(seconds=20) == 1
    assert pushed.subscribe(seconds=50) == 0
    assert pushed.subscribe(seconds=30) == 1
    for _ in range(20):
        pushed.subscribe(days=1, hours=6)
    assert len(pushed.hub.requests) == 23
    pushed.newspaper.publish("/paper", MEETING)
    pushed.poll(days=1)
    assert MEETING.title in pushed.items()
    pushed.hub.status = 202
    pushed.subscribe(days=1, hours=6)
    assert pushed.state() == "active"


def test_a_hub_that_never_asks_back_counts_as_failed(pushed: Pushed) -> None:
    pushed.hub.asks_back = "never"
    pushed.start()
    assert pushed.subscribe(minutes=14) == 0
    assert pushed.subscribe(minutes=2) == 0
    (row,) = pushed.rows()
    assert (row.problem, row.failures) == ("unconfirmed", 1)
    assert pushed.subscribe(minutes=1) == 1


def test_the_next_hub_is_asked_where_the_first_does_not_answer(pushed: Pushed) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/"
    pushed.newspaper.heads["/paper"] = (
        f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="{nobody}"/>'
        + (pushed.newspaper.heads["/paper"])
    )
    pushed.start()
    assert pushed.hub.requests == []
    assert pushed.state() == "failing"
    assert pushed.subscribe(minutes=1) == 1
    assert pushed.state() == "active"


def test_denied_is_denied_for_a_day_at_least(pushed: Pushed) -> None:
    pushed.start()
    pushed.hub.push(document(MEETING, start=1))
    assert pushed.poll_when_due() > USUAL
    pushed.hub.deny("not\x1b your day")
    assert pushed.state() == "denied"
    (row,) = pushed.rows()
    assert row.problem_detail == "not your day"
    assert pushed.feed("next_poll") <= pushed.service.clock.now, "polling goes on at once"
    assert pushed.subscribe(hours=23) == 0
    assert pushed.subscribe(hours=6) == 1


def test_a_feed_that_leaves_is_unsubscribed_and_can_come_back(pushed: Pushed) -> None:
    pushed.start()
    left, pushed.service.feeds[:] = pushed.service.feeds[0], []
    pushed.poll(seconds=1)
    assert pushed.subscribe(seconds=11) == 1
    assert pushed.hub.answers[-1] == ("unsubscribe", 200, True)
    assert pushed.hub.requests[-1]["hub.callback"] == pushed.hub.requests[0]["hub.callback"]
    assert pushed.hub.granted == {}
    callback = pushed.hub.requests[0]["hub.callback"]
    assert call(callback, document(MEETING))[0] == 410
    assert pushed.items() == [OTHER.title]
    pushed.service.feeds.append(left)
    pushed.poll(seconds=1)
    assert pushed.subscribe(seconds=11) == 1
    assert pushed.hub.requests[-1]["hub.callback"] != callback
    assert pushed.state() == "active"
    pushed.subscribe(hours=2)
    assert len(pushed.rows()) == 1, "what was given back is forgotten after a while"
    assert call(callback, document(MEETING))[0] == 404


def test_a_hub_that_does_not_let_go_is_left_to_its_lease(pushed: Pushed) -> None:
    pushed.start()
    pushed.service.feeds.clear()
    pushed.hub.status = 500
    pushed.poll(seconds=1)
    for _ in range(6):
        pushed.subscribe(hours=2)
    assert [request["hub.mode"] for request in pushed.hub.requests] == ["subscribe"] + ["unsubscribe"] * 3
    assert pushed.rows() == []


def test_a_feed_that_names_another_hub_moves_there(pushed: Pushed) -> None:
    pushed.start()
    with Hub() as second:
        pushed.newspaper.heads["/paper"] = second.head(pushed.topic)
        pushed.newspaper.edits += 1
        pushed.poll(hours=1)
        keep_subscriptions(pushed.service.context)
        wait_for(lambda: second.answers and len(pushed.hub.answers) == 2, "both hubs to ask back", 10)
        assert second.answers == [("subscribe", 200, True)]
        assert pushed.hub.answers[-1] == ("unsubscribe", 200, True)


# --- delivering ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha384", "sha512"])
def test_a_delivery_is_stored_once_and_told_once(pushed: Pushed, receiver: Receiver, digest: str) -> None:
    pushed.service.webhook(receiver.url)
    pushed.start()
    assert pushed.hub.push(document(MEETING, start=1), digest=digest) == [200]
    assert pushed.hub.push(document(MEETING, start=1), digest=digest) == [200]
    pushed.newspaper.publish("/paper", MEETING)
    context = pushed.service.context
    classify_pending(context)
    deliver_due(context)
    pushed.poll(hours=7)
    classify_pending(context)
    deliver_due(context)
    assert pushed.items() == [MEETING.title, OTHER.title]
    assert len(receiver.taken) == 1
    assert receiver.taken[0].event["data"]["event"]["countries"] == ["KE", "ET"]


def test_a_delivery_changes_neither_validators_nor_the_next_poll(pushed: Pushed) -> None:
    pushed.start()
    before = [pushed.feed(name) for name in ("etag", "body_hash", "next_poll", "polled", "claims")]
    pushed.hub.push(document(MEETING, start=1))
    assert [pushed.feed(name) for name in ("etag", "body_hash", "next_poll", "polled", "claims")] == before
    assert pushed.feed("changed") == pushed.service.clock.now


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another secret"},
        {"x_hub_signature": ""},
        {"x_hub_signature": "sha256=00"},
        {"x_hub_signature": "md5=d41d8cd98f00b204e9800998ecf8427e"},
        {"x_hub_signature": "sha256"},
        {"x_hub_signature": "=" * 200},
    ],
)
def test_what_is_not_rightly_signed_is_ignored_and_counted(pushed: Pushed, changes: dict[str, str]) -> None:
    pushed.start()
    assert pushed.hub.push(document(MEETING, start=1), **changes) == [200]
    assert pushed.items() == [OTHER.title]
    assert pushed.feed("push_until") is None
    assert counted(pushed, "seedwire_pushes_total") == {'outcome="bad-signature"': 1}


def test_a_delivery_of_another_topic_is_refused(pushed: Pushed) -> None:
    pushed.start()
    elsewhere = "https://elsewhere.example/feed"
    assert pushed.hub.push(document(MEETING, start=1), self_link=elsewhere) == [200]
    assert pushed.hub.push(document(MEETING, start=1, head=pushed.hub.head(elsewhere)), link="") == [200]
    assert pushed.items() == [OTHER.title]
    assert counted(pushed, "seedwire_pushes_total") == {'outcome="other-topic"': 2}
    assert pushed.hub.push(document(MEETING, start=1, head=pushed.hub.head(elsewhere))) == [200]
    assert pushed.items() == [MEETING.title, OTHER.title], "headers rule over what stands in the document"


@pytest.mark.parametrize(
    "body", [b"", b"<rss version='2.0'><channel><title>Paper</title></channel></rss>", b"ping", b"\0"]
)
def test_a_push_without_content_makes_the_feed_due(pushed: Pushed, body: bytes) -> None:
    pushed.start()
    pushed.service.clock.pass_(minutes=1)
    assert pushed.hub.push(body) == [200]
    assert pushed.feed("next_poll") <= pushed.service.clock.now
    pushed.newspaper.publish("/paper", MEETING)
    pushed.poll()
    assert pushed.items() == [MEETING.title, OTHER.title]


def test_pings_in_a_row_do_not_poll_in_a_row(pushed: Pushed) -> None:
    pushed.start()
    pushed.service.clock.pass_(seconds=1)
    pushed.hub.push(b"")
    assert pushed.feed("next_poll") - pushed.feed("polled") == timedelta(seconds=10)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity", "odd"])
def test_what_hubs_say_of_compression_need_not_be_so(pushed: Pushed, coding: str, packed: bool) -> None:
    pushed.start()
    body = document(MEETING, start=1)
    assert pushed.hub.push(gzip.compress(body) if packed and coding == "gzip" else body, content_encoding=coding) == [
        200
    ]
    assert pushed.items() == [MEETING.title, OTHER.title]


def test_a_body_that_unpacks_beyond_the_limit_is_not_read(pushed: Pushed) -> None:
    pushed.service.polling = 'max_bytes = "50kB"'
    pushed.start()
    assert pushed.hub.push(gzip.compress(document(MEETING, start=1) + b" " * 1_000_000), content_encoding="gzip") == [
        200
    ]
    assert pushed.items() == [OTHER.title]
    assert counted(pushed, "seedwire_pushes_total") == {'outcome="ping"': 1}


def test_a_body_beyond_the_limit_is_not_read(pushed: Pushed) -> None:
    pushed.service.polling = 'max_bytes = "20kB"'
    pushed.start()
    assert pushed.hub.push(b"x" * 20_001) == [413]
    unannounced = [b"x" * 1000] * 21
    assert call(pushed.hub.requests[0]["hub.callback"], unannounced)[0] == 413
    assert pushed.hub.push(document(MEETING, start=1)) == [200]


def test_a_hub_that_overdoes_it_is_told_to_wait(pushed: Pushed) -> None:
    pushed.start()
    statuses = [pushed.hub.push(b"", x_hub_signature="sha1=0")[0] for _ in range(200)]
    assert statuses[:50] == [200] * 50
    assert 429 in statuses


def test_hubs_come_by_any_name_and_through_proxies_without_a_token_and_see_nothing_else(pushed: Pushed) -> None:
    pushed.start()
    callback, proxied = pushed.hub.requests[0]["hub.callback"], {"x_forwarded_for": "192.0.2.7"}
    assert pushed.hub.push(document(MEETING, start=1), host="seedwire.example.org", **proxied) == [200]
    assert pushed.items() == [MEETING.title, OTHER.title]
    assert call(f"{pushed.service.public_url}/metrics", **proxied)[0] == 401
    assert call(callback.replace("/websub/", "/websub/../metrics/"), **proxied)[0] == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_hubs_get_and_post(pushed: Pushed, method: str) -> None:
    import http.client

    pushed.start()
    where = pushed.hub.requests[0]["hub.callback"].removeprefix("http://")
    host, _, path = where.partition("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request(method, "/" + path)
    assert connection.getresponse().status == 405
    connection.close()


def test_secrets_are_neither_logged_nor_shown(pushed: Pushed, capsys: pytest.CaptureFixture[str]) -> None:
    pushed.start()
    pushed.hub.push(document(MEETING, start=1))
    pushed.hub.push(document(MEETING, start=1), secret="wrong")
    pushed.hub.status = 500
    pushed.subscribe(days=9)
    pushed.hub.deny("no")
    (row,) = pushed.rows()
    logged = capsys.readouterr()
    for secret in (row.token, row.secret):
        assert secret not in logged.out + logged.err
        with pushed.service.context.database.read() as connection:
            assert secret not in repr(websub.find(connection, row.feed_id, row.token))


# --- identity --------------------------------------------------------------------------------------------------


def test_a_push_of_one_entry_and_the_poll_after_it_are_one_item_though_guids_rotate(pushed: Pushed) -> None:
    pushed.start()
    entry = (
        "<item><title>Short</title><link>https://paper.example/2024/a-story-of-some-length</link><guid>{}</guid></item>"
    )
    rss = "<rss version='2.0'><channel><title>Paper</title>{}</channel></rss>"
    for guid in ("a#0", "a#1"):
        pushed.hub.push(rss.format(entry.format(guid)).encode())
    pushed.newspaper.bodies["/paper"] = document(OTHER).replace(
        b"</channel>", entry.format("a#2").encode() + b"</channel>"
    )
    pushed.poll(hours=7)
    assert pushed.items() == [OTHER.title, "Short"]


def test_a_pushed_edit_is_an_update(pushed: Pushed) -> None:
    pushed.start()
    edited = Article(OTHER.title + ", and fog", OTHER.text)
    pushed.hub.push(document(edited))
    assert pushed.items() == [edited.title]


def test_pushes_at_once_are_one_item(pushed: Pushed) -> None:
    pushed.start()
    body = document(MEETING, start=1)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda _: pushed.hub.push(body), range(12))) == [[200]] * 12
    assert pushed.items() == [MEETING.title, OTHER.title]


def test_a_push_while_the_feed_is_polled_is_one_item(pushed: Pushed) -> None:
    pushed.start()
    pushed.newspaper.publish("/paper", MEETING)
    pushed.newspaper.open.clear()
    polls = pushed.newspaper.polls["/paper"]
    poll = threading.Thread(target=pushed.poll, kwargs={"hours": 1})
    poll.start()
    wait_for(lambda: pushed.newspaper.polls["/paper"] > polls, "the poll", 10)
    assert pushed.hub.push(document(MEETING, start=1)) == [200]
    pushed.newspaper.open.set()
    poll.join()
    assert pushed.items() == [MEETING.title, OTHER.title]
    assert pushed.feed("push_until") is not None


# --- polling and pushing ---------------------------------------------------------------------------------------


def test_polling_relaxes_once_pushes_have_come_and_not_before(pushed: Pushed) -> None:
    pushed.start()
    assert pushed.poll_when_due() < USUAL
    pushed.hub.push(document(MEETING, start=1))
    pushed.newspaper.publish("/paper", MEETING)
    for _ in range(5):
        assert USUAL < pushed.poll_when_due() <= timedelta(minutes=66)


def test_a_feed_with_an_interval_of_its_own_keeps_to_it(pushed: Pushed) -> None:
    pushed.service.feeds[0] += 'interval = "5m"\n'
    pushed.start()
    pushed.hub.push(document(MEETING, start=1))
    assert pushed.poll_when_due() < timedelta(minutes=6)


def test_polling_resumes_when_a_poll_finds_what_was_not_pushed(pushed: Pushed) -> None:
    pushed.start()
    pushed.hub.push(document(MEETING, start=1))
    pushed.newspaper.publish("/paper", MEETING)
    assert pushed.poll_when_due() > USUAL
    pushed.newspaper.publish("/paper", Article("A second report that the hub has kept to itself", "Text."))
    assert pushed.poll_when_due() < USUAL
    assert pushed.poll_when_due() < USUAL
    pushed.hub.push(document(Article("A third report, and the hub is back in time", "Text."), start=3))
    assert pushed.poll_when_due() > USUAL


def test_polling_resumes_when_the_lease_ends(pushed: Pushed) -> None:
    pushed.hub.lease = 7200
    pushed.start()
    pushed.hub.push(document(MEETING, start=1))
    pushed.newspaper.publish("/paper", MEETING)
    pushed.hub.status = 500
    assert pushed.poll_when_due() > USUAL
    assert pushed.poll_when_due() > USUAL
    pushed.subscribe(minutes=30)
    assert pushed.feed("next_poll") > pushed.service.clock.now, "the lease is not over"
    pushed.service.clock.now = pushed.feed("push_until")
    pushed.subscribe()
    assert pushed.feed("next_poll") <= pushed.service.clock.now
    assert pushed.state() == "failing"
    assert pushed.poll_when_due() < USUAL


def counted(pushed: Pushed, name: str) -> dict[str, float]:
    with pushed.service.context.database.read() as connection:
        rows = connection.execute(
            select(tables.counters.c.labels, func.sum(tables.counters.c.value))
            .where(tables.counters.c.name == name)
            .group_by(tables.counters.c.labels)
        )
        return {row[0]: row[1] for row in rows}
