"""What other sites' pages may cause: that a link to here is followed, and nothing else."""

from __future__ import annotations

import pytest
from fastapi import Depends

from web.access import may_write

TOKEN = {"authorization": "Bearer the-token-of-the-config"}


@pytest.fixture
def change(serving, application):
    """Ask for a change as a browser or a program does; gives the status."""
    application.add_api_route("/change", lambda: None, methods=["POST"], dependencies=[Depends(may_write)])

    def send(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return serving.client.post(f"{serving.url}/change", headers=named).status_code

    return send


@pytest.fixture
def host(serving) -> str:
    return serving.url.removeprefix("http://")


@pytest.mark.parametrize("credentials", [{}, TOKEN], ids=["loopback", "token"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}, 403),
        ({"sec_fetch_site": "cross-site", "origin": "http://HOST"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": "https://evil.example"}, 200),
        ({"origin": "http://HOST"}, 200),
        ({"origin": "https://HOST"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://HOST.evil.example"}, 403),
        ({"origin": "http://localhost:1"}, 403),
        ({"origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_a_change_that_another_site_causes_is_refused_whatever_the_credentials(
    serving, change, host, headers, status, credentials
):
    serving.token = "the-token-of-the-config" if credentials else None
    assert change(**{name: value.replace("HOST", host) for name, value in headers.items()}, **credentials) == status


def test_a_session_s_change_must_say_whence_it_comes(serving, change, host):
    serving.token = "the-token-of-the-config"
    form = {"token": serving.token}
    answer = serving.client.post(f"{serving.url}/login", data=form, headers={"sec-fetch-site": "same-origin"})
    session = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert change(**session) == 403
    assert change(**session, sec_fetch_site="same-origin") == 200
    assert change(**session, origin=f"http://{host}") == 200
    assert change(**session, origin="http://evil.example") == 403


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_nobody_is_logged_in_or_out_by_another_site(serving, path):
    serving.token = "the-token-of-the-config"
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = serving.client.post(serving.url + path, data={"token": serving.token}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("mode", "status"), [("navigate", 200), ("cors", 403), ("no-cors", 403), ("websocket", 403), ("same-origin", 403)]
)
def test_another_site_may_lead_here_but_neither_embed_nor_read(serving, mode, status):
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode}
    for path in ("/", "/api/v1/stories", "/static/page.css"):
        assert serving.get(path, **headers).status_code == status


def test_a_program_that_says_nothing_of_sites_is_served(serving):
    assert serving.get("/api/v1/stories").status_code == 200


def test_hubs_deliver_as_they_like(serving):
    headers = {"sec-fetch-site": "cross-site", "origin": "https://hub.example"}
    assert serving.client.post(f"{serving.url}/websub/nobody", headers=headers).status_code == 404
