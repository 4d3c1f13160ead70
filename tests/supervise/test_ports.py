from __future__ import annotations

import socket

import pytest

from worker.supervise.errors import PortTaken
from worker.supervise.ports import check_free


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            check_free("127.0.0.1", port)
    assert str(taken.value) == (f"127.0.0.1:{port} is taken by another program: stop it, or set another service.listen")


def test_a_port_is_free_again_when_its_server_and_connections_are_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            pass
    check_free("127.0.0.1", port)
    check_free("localhost", port)


def test_checking_does_not_take_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    check_free("127.0.0.1", port)
    check_free("127.0.0.1", port)
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize(
    ("host", "reason"),
    [("192.0.2.1", "is not an address of this machine"), ("host.invalid", "no such host"), ("a..b", "no such host")],
)
def test_an_address_that_is_not_ours_is_told(host: str, reason: str) -> None:
    with pytest.raises(PortTaken, match=f"{host}:8600 .*{reason}"):
        check_free(host, 8600)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_an_ipv6_address_is_shown_in_brackets() -> None:
    with pytest.raises(PortTaken, match=r"^\[2001:db8::1\]:8600 "):
        check_free("2001:db8::1", 8600)
