"""Who is let in. Peers that are not this machine are played to the application itself: tests touch loopback alone."""

from __future__ import annotations

import base64

import httpx
import pytest

from web.guard import SECURITY_HEADERS

TOKEN = "a-token-of-some-length"
GUARDED = ["/", "/metrics", "/api/v1/stories", "/api/v1/openapi.json", "/nothing-here"]


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


@pytest.mark.parametrize("path", GUARDED)
def test_with_a_token_set_everything_but_health_asks_for_it(serving, path):
    serving.token = TOKEN
    answer = serving.get(path)
    assert answer.status_code == 401
    assert answer.headers.get_list("www-authenticate") == ['Bearer realm="Seedwire"', 'Basic realm="Seedwire"']
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/login", "/static/page.css"])
def test_health_and_the_way_in_are_open_without_the_token(serving, path):
    serving.token = TOKEN
    assert serving.get(path).status_code in {200, 503}


@pytest.mark.parametrize("credentials", [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(TOKEN)])
def test_the_token_opens_as_bearer_and_as_a_browsers_password(serving, credentials):
    serving.token = TOKEN
    assert serving.get("/", authorization=credentials).status_code == 200


@pytest.mark.parametrize(
    "credentials",
    ["", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, f"Digest {TOKEN}", basic("wrong"),
     "Basic ????", "Basic /////w==", basic("")],
)  # fmt: skip
def test_anything_but_the_token_is_refused(serving, credentials):
    serving.token = TOKEN
    assert serving.get("/", authorization=credentials).status_code == 401


def test_a_token_set_while_running_is_asked_for_from_then_on(serving):
    assert serving.get("/").status_code == 200
    serving.token = TOKEN
    assert serving.get("/").status_code == 401


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8600", "[::1]:8600", "LOCALHOST:1"])
def test_without_a_token_loopback_names_are_served(serving, host):
    assert serving.get("/", host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["rebound.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1", "[::2]", "0.0.0.0"]
)
def test_without_a_token_a_rebound_name_is_refused(serving, host):
    answer = serving.get("/", host=host)
    assert answer.status_code == 403
    assert "service.api_token" in answer.json()["detail"]


def test_who_is_refused_in_a_browser_is_told_on_a_page(serving):
    answer = serving.get("/", host="rebound.example", accept="text/html")
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "is served under localhost" in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip"])
def test_without_a_token_what_a_proxy_passes_on_is_refused(serving, header):
    assert serving.get("/", **{header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("peer", "served"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.7", False), ("10.0.0.2", False),
     ("::ffff:192.0.2.7", False), ("", False)],
)  # fmt: skip
def test_without_a_token_only_this_machine_is_served(guarded_app, peer, served):
    status = guarded_app(peer).status_code
    assert (status == 200) is served
    assert served or status == 403


def test_with_a_token_other_machines_are_served(guarded_app):
    assert guarded_app("192.0.2.7", token=TOKEN, authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing-here", "/api/v1/stories?limit=x"])
def test_every_answer_carries_the_security_headers(serving, path):
    headers = serving.get(path).headers
    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_lets_the_page_use_nothing_but_its_own_files(serving):
    policy = dict(part.strip().split(" ", 1) for part in serving.get("/").headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert "unsafe" not in str(policy)


@pytest.fixture
def guarded_app(context):
    """Ask the application as a peer of any address."""
    import anyio

    from web.app import create_app

    def ask(peer: str, token: str | None = None, **headers: str) -> httpx.Response:
        app = create_app(context, token=lambda: token, ping_broker=lambda: True)

        async def get() -> httpx.Response:
            transport = httpx.ASGITransport(app=app, client=(peer, 50000))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get("/", headers=headers)

        return anyio.run(get)

    return ask
