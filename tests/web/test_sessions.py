"""The way in for people: a token for a session, its cookie, and its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from fastapi import Depends
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select, update

from store import access, tables
from web import credentials, failures
from web.access import may_write
from web.pages.login import MOST_BYTES, own_path

CONFIGURED = "the-token-of-the-config"
BROWSER = {"accept": "text/html,application/xhtml+xml", "sec-fetch-site": "none", "sec-fetch-mode": "navigate"}
FROM_A_FORM = BROWSER | {"sec-fetch-site": "same-origin"}
FROM_A_CHAT = BROWSER | {"sec-fetch-site": "cross-site"}


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    """What is valid is read anew for every request."""
    monkeypatch.setattr(credentials, "FRESH", -1.0)


@pytest.fixture
def log_in(serving):
    """Send the login form as a browser does; gives the answer."""

    def send(token: str, headers=FROM_A_FORM, **form: str):
        return serving.client.post(f"{serving.url}/login", data={"token": token, **form}, headers=headers)

    return send


def cookie_of(answer) -> dict[str, str]:
    """As the browser sends it back."""
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    return {"cookie": f"{morsel.key}={morsel.value}"}


def test_a_browser_without_a_session_is_led_to_the_login_and_back(serving, log_in):
    serving.token = CONFIGURED
    answer = serving.get("/feeds?q=a%20b&x=1", **BROWSER)
    assert answer.status_code == 303
    login = answer.headers["location"]
    assert urlsplit(login).path == "/login"
    assert parse_qs(urlsplit(login).query) == {"next": ["/feeds?q=a%20b&x=1"]}
    page = serving.get(login, **BROWSER)
    assert page.status_code == 200
    assert 'name="next" value="/feeds?q=a%20b&amp;x=1"' in page.text
    back = log_in(CONFIGURED, next="/feeds?q=a%20b&x=1")
    assert (back.status_code, back.headers["location"]) == (303, "/feeds?q=a%20b&x=1")
    assert serving.get("/", **BROWSER, **cookie_of(back)).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/stories", "/metrics", "/api/v1/alerts.rss"])
def test_programs_are_told_instead_even_where_a_browser_asks(serving, path):
    serving.token = CONFIGURED
    answer = serving.get(path, **BROWSER)
    assert answer.status_code == 401
    assert len(answer.headers.get_list("www-authenticate")) == 2


def test_a_form_that_is_sent_when_the_session_is_over_leads_to_the_login(serving):
    serving.token = CONFIGURED
    answer = serving.client.post(f"{serving.url}/feeds", headers=FROM_A_FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_the_login_page_tells_nothing_of_the_service(serving, report):
    serving.token = CONFIGURED
    report("Berg and Otieno talk harbour")
    page = serving.get("/login", **BROWSER).text
    assert "harbour" not in page
    assert "failing" not in page
    assert "<nav" not in page


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_addresses(serving, log_in):
    serving.token = CONFIGURED
    answer = log_in(CONFIGURED)
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert cookie.key == "seedwire"
    assert (cookie["httponly"], cookie["samesite"].lower(), cookie["path"]) == (True, "strict", "/")
    assert not cookie["domain"]
    assert not cookie["secure"]
    assert cookie.value not in answer.headers["location"]
    assert CONFIGURED not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "tls",
    [{"x-forwarded-proto": "https"}, {"host": "seedwire.example.org"}, {"host": "SEEDWIRE.example.org"}],
    ids=["the proxy says so", "public_url says so", "whatever the case"],
)
def test_behind_tls_the_cookie_is_secure_and_bound_to_this_host(serving, log_in, context, monkeypatch, tls):
    service = replace(context.config.service, public_url="https://seedwire.example.org")
    monkeypatch.setattr(context.watcher, "_current", replace(context.config, service=service))
    serving.token = CONFIGURED
    answer = log_in(CONFIGURED, FROM_A_FORM | tls)
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert cookie.key == "__Host-seedwire"
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert serving.get("/", **BROWSER, **tls, **cookie_of(answer)).status_code == 200
    # A neighbour domain, or whoever listens in on plain http, can set a cookie without the prefix.
    planted = {"cookie": f"seedwire={cookie.value}"}
    assert serving.get("/", **BROWSER, **tls, **planted).status_code == 303


def test_a_wrong_token_is_told_on_the_page_and_none_too(serving, log_in):
    serving.token = CONFIGURED
    for token, said in (("wrong", "This token is not known here."), ("", "Enter a token.")):
        answer = log_in(token, next="/feeds")
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers.get_list("www-authenticate") == ['Bearer realm="Seedwire"']
        assert said in answer.text
        assert 'value="/feeds"' in answer.text
        assert "set-cookie" not in answer.headers


def test_the_login_is_slowed_down_as_the_api_is_and_a_made_token_still_opens(serving, log_in, make_token, monkeypatch):
    monkeypatch.setattr(failures, "SECONDS_EACH", 600.0)  # however long the guesses take
    serving.token = CONFIGURED
    made = make_token()
    for n in range(failures.BURST):
        assert log_in(f"guess {n}").status_code == 401
    refused = log_in(CONFIGURED)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert "Too many wrong tokens" in refused.text
    assert f"Try again in {refused.headers['retry-after']} s." in refused.text
    assert log_in(made).status_code == 303


def test_who_is_logged_in_stays_so_while_their_neighbour_guesses(serving, log_in):
    serving.token = CONFIGURED
    session = cookie_of(log_in(CONFIGURED))
    for n in range(failures.BURST + 1):
        serving.get("/", authorization=f"Bearer guess-{n}")
    assert serving.get("/", **BROWSER, **session).status_code == 200


def test_nothing_that_was_sent_is_stored_as_it_is(serving, log_in, make_token, database):
    made = make_token()
    session = cookie_of(log_in(made))["cookie"].partition("=")[2]
    with database.read() as connection:
        stored = str(
            connection.execute(select(tables.tokens)).all() + connection.execute(select(tables.sessions)).all()
        )
    assert made not in stored
    assert session not in stored


def test_logging_out_ends_the_session_not_only_the_cookie(serving, log_in, make_token, monkeypatch):
    monkeypatch.undo()  # at once, in the process that ended it
    session = cookie_of(log_in(make_token()))
    page = serving.get("/", **BROWSER, **session)
    assert page.status_code == 200
    assert "Log out" in page.text
    answer = serving.client.post(f"{serving.url}/logout", headers=FROM_A_FORM | session)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert 'seedwire=""' in answer.headers["set-cookie"]
    assert serving.get("/", **BROWSER, **session).status_code == 303


def test_a_session_ends_with_its_token(serving, log_in, make_token, database):
    session = cookie_of(log_in(make_token(name="desk")))
    assert serving.get("/", **BROWSER, **session).status_code == 200
    with database.write() as transaction:
        access.revoke_token(transaction.connection, "desk", datetime.now(UTC))
    assert serving.get("/", **BROWSER, **session).status_code == 303


def test_a_session_expires_with_its_token(serving, log_in, make_token, database):
    session = cookie_of(log_in(make_token(lifetime=timedelta(days=1))))
    assert serving.get("/login", **BROWSER, **session).status_code == 303
    with database.write() as transaction:
        transaction.connection.execute(update(tables.tokens).values(expires=datetime.now(UTC)))
    assert serving.get("/", **BROWSER, **session).status_code == 303


def test_a_session_ends_when_the_token_of_the_config_is_another(serving, log_in):
    serving.token = CONFIGURED
    session = cookie_of(log_in(CONFIGURED))
    assert serving.get("/", **BROWSER, **session).status_code == 200
    serving.token = "another-token-of-the-config"
    assert serving.get("/", **BROWSER, **session).status_code == 303


@pytest.mark.parametrize(
    ("column", "ago", "served"),
    [("used", access.IDLE, False), ("created", access.LONGEST, False), ("used", access.IDLE / 2, True),
     ("created", access.LONGEST / 2, True)],
)  # fmt: skip
def test_a_session_ends_when_nobody_comes_and_after_two_weeks(serving, log_in, database, column, ago, served):
    serving.token = CONFIGURED
    session = cookie_of(log_in(CONFIGURED))
    with database.write() as transaction:
        values = {column: datetime.now(UTC) - ago}
        transaction.connection.execute(update(tables.sessions).values(values))
    assert (serving.get("/", **BROWSER, **session).status_code == 200) is served


def test_sessions_that_are_over_are_cleared_away(serving, log_in, database):
    serving.token = CONFIGURED
    log_in(CONFIGURED)
    with database.write() as transaction:
        transaction.connection.execute(update(tables.sessions).values(used=datetime.now(UTC) - access.IDLE))
    log_in(CONFIGURED)
    with database.read() as connection:
        assert len(connection.execute(select(tables.sessions)).all()) == 1


def test_a_login_ends_the_session_before(serving, log_in):
    serving.token = CONFIGURED
    first = cookie_of(log_in(CONFIGURED))
    second = cookie_of(log_in(CONFIGURED, FROM_A_FORM | first))
    assert first != second
    assert serving.get("/", **BROWSER, **first).status_code == 303
    assert serving.get("/", **BROWSER, **second).status_code == 200


def test_a_session_may_do_what_its_token_may(serving, application, log_in, make_token):
    application.add_api_route("/change", lambda: None, methods=["POST"], dependencies=[Depends(may_write)])
    for scope, status in (("read", 403), ("write", 200)):
        session = cookie_of(log_in(make_token(scope)))
        assert serving.client.post(f"{serving.url}/change", headers=FROM_A_FORM | session).status_code == status


def test_a_link_in_a_chat_finds_who_is_logged_in(serving, log_in):
    """A browser sends no SameSite=Strict cookie along with it, nor with the redirects it leads to, but with what our
    own page goes on to."""
    serving.token = CONFIGURED
    session = cookie_of(log_in(CONFIGURED))
    first = serving.get("/?type=energy_deal", **FROM_A_CHAT)
    assert first.status_code == 303
    second = serving.get(first.headers["location"], **FROM_A_CHAT)
    assert second.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/?type=energy_deal">' in second.text
    assert serving.get("/?type=energy_deal", **FROM_A_FORM, **session).status_code == 200
    # And who is not ends at the form, not in a circle.
    third = serving.get("/?type=energy_deal", **FROM_A_FORM)
    fourth = serving.get(third.headers["location"], **FROM_A_FORM)
    assert "<form" in fourth.text
    assert "refresh" not in fourth.text


def test_who_is_logged_in_or_needs_no_login_is_sent_on(serving, log_in):
    assert serving.get("/login?next=/feeds", **BROWSER).headers["location"] == "/feeds"
    assert log_in("anything", next="/feeds").headers["location"] == "/feeds"
    serving.token = CONFIGURED
    session = cookie_of(log_in(CONFIGURED))
    assert serving.get("/login?next=/feeds", **BROWSER, **session).headers["location"] == "/feeds"


ELSEWHERE = [
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)", "evil.example", "",
    "/%0a/x\r\nset-cookie: a=b", "http:evil.example", "/\x00//evil.example", "/é", "/login?next=/", "/logout",
]  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_elsewhere_by_a_login(serving, log_in, address):
    serving.token = CONFIGURED
    assert log_in(CONFIGURED, next=address).headers["location"] == "/"


def test_an_address_that_is_too_long_to_lead_back_to_leads_to_the_first_page(serving, log_in):
    serving.token = CONFIGURED
    asked = serving.get("/items?q=" + "x" * 5000, **BROWSER)
    page = serving.get(asked.headers["location"], **BROWSER)
    assert page.status_code == 200
    assert 'name="next" value="/"' in page.text


def as_browsers_read_it(location: str) -> str:
    """The WHATWG URL parser leaves out tabs and line ends, strips controls and spaces, and takes \\ for /."""
    bare = location.strip("".join(map(chr, range(0x21))))
    return "".join(c for c in bare if c not in "\t\r\n").replace("\\", "/")


@given(st.text(st.sampled_from("/\\:.?#@ \t\r\n\x00ahtps%2fe")) | st.text())
@example("/\t/evil.example")
def test_whatever_next_says_it_leads_to_this_host(address):
    location = own_path(address)
    landed = urljoin("https://seedwire.example/login", as_browsers_read_it(location))
    assert urlsplit(landed).netloc == "seedwire.example"
    assert urlsplit(landed).scheme == "https"
    assert "\r" not in location
    assert "\n" not in location


def test_a_login_of_a_gigabyte_is_not_read(serving):
    serving.token = CONFIGURED
    answer = serving.client.post(f"{serving.url}/login", content=b"token=" + b"x" * MOST_BYTES, headers=FROM_A_FORM)
    assert answer.status_code == 413
