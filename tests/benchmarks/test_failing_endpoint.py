"""The endpoint of the chaos run: keeps what was signed, refuses the rest, fails in ways that a sender must survive."""

from __future__ import annotations

import http.client
import json
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from alerts.signing import parse_secret, signed_headers
from benchmarks.failing_endpoint import FAILURES, SECRET, Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY = json.dumps({"type": "seedwire.alert.opened", "data": {"event": {"countries": ["KE", "FR"]}}}).encode()


def headers(message: str, body: bytes = BODY, age: timedelta = timedelta()) -> dict[str, str]:
    return signed_headers([parse_secret(SECRET)], message, datetime.now(UTC) - age, body)


def post(endpoint: Endpoint, head: Mapping[str, str], body: bytes = BODY) -> tuple[int, str | None]:
    """The status and Retry-After; 0 where no whole answer came."""
    address = urlsplit(endpoint.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request("POST", "/", body, dict(head))
        answer = connection.getresponse()
        return answer.status, answer.getheader("retry-after")
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        connection.close()


def test_a_signed_message_is_kept_with_what_it_is_about() -> None:
    with Endpoint(failing=0.0) as endpoint:
        assert post(endpoint, headers("m1"))[0] == 204
    kept = endpoint.receipts[0]
    assert (kept.id, kept.way, kept.about) == ("m1", "ok", "FR-KE")
    assert kept.answered >= kept.arrived


@pytest.mark.parametrize(
    "head",
    [headers("m1", b"another body"), headers("m1", age=timedelta(minutes=6)), headers("m1") | {"webhook-id": "m2"}, {}],
    ids=["body", "time", "id", "unsigned"],
)
def test_what_the_library_does_not_verify_is_counted_and_not_kept(head: dict[str, str]) -> None:
    with Endpoint(failing=0.0) as endpoint:
        assert post(endpoint, head)[0] == 401
    assert (len(endpoint.refused), endpoint.receipts) == (1, [])


def test_a_sender_killed_in_the_middle_of_its_request_has_sent_nothing() -> None:
    with Endpoint(failing=0.0) as endpoint:
        address = urlsplit(endpoint.url)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers("m1").items())
        with socket.create_connection((address.hostname, address.port)) as sender:
            sender.sendall(
                f"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {len(BODY)}\r\n{head}\r\n".encode() + BODY[:9]
            )
            sender.shutdown(socket.SHUT_WR)
            assert sender.recv(100) == b""
    assert (endpoint.refused, endpoint.receipts) == ([], [])


def test_it_fails_in_every_way_and_every_failure_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.failing_endpoint.TIMEOUT", -1.0)
    monkeypatch.setattr("benchmarks.failing_endpoint.HANGS", 0.01)
    wanted = {
        "500": (500, None), "503 with Retry-After": (503, "1"), "closed without an answer": (0, None),
        "closed in the answer": (0, None), "hung, then closed": (0, None), "late": (204, None),
    }  # fmt: skip
    assert set(wanted) == set(FAILURES)
    seen = {}
    with Endpoint(failing=1.0, seed=1) as endpoint:
        for number in range(200):
            answer = post(endpoint, headers(f"m{number}"))
            seen[endpoint.receipts[number].way] = answer
            assert endpoint.receipts[number].id == f"m{number}"
    assert seen == wanted


def test_a_third_of_the_attempts_fail_unless_told_otherwise() -> None:
    with Endpoint(seed=1) as endpoint:
        ways = [endpoint.draw() for _ in range(3000)]
    assert 0.30 < 1 - ways.count("ok") / len(ways) < 0.37
