"""The door: what it refuses, what it bounds, and that it holds while a server misbehaves."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import address
from feeds import url as addresses
from feeds.door import Door, Exchanges, Request, parse_url
from feeds.errors import (
    BadProtocol,
    BadUrl,
    ConnectionDropped,
    ConnectionFailed,
    DoorError,
    NameNotResolved,
    PrivateAddress,
    RedirectLoop,
    TimedOut,
    TlsFailed,
    TooLarge,
)

if TYPE_CHECKING:
    from tests.feeds.conftest import RawServer


def ask(url: str, **options: object) -> Request:
    return Request(url, **{"allow_private": True, "timeout": 5.0, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0.0.0.0",
        "0",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "198.18.0.1",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[::127.0.0.1]",
        "[fec0::1]",
        "127。0。0。1",
    ],
)
def test_refuses_addresses_that_are_not_public(door: Door, host: str) -> None:
    with pytest.raises(PrivateAddress) as refused:
        door.send(Request(f"http://{host}:1/feed?token=s3cret", timeout=5))
    assert refused.value.reason == "private-address"
    assert "\n" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "100.100.100.200",
        "[fd00:ec2::254]",
        "[fd00:ec2::254%1]",
        "[::ffff:100.100.100.200]",
        "[64:ff9b::6464:64c8]",
        "0.0.0.0",
        "224.0.0.1",
        "[fe80::1]",
        "[::]",
    ],
)
def test_allow_private_does_not_open_what_is_never_a_feed(door: Door, host: str) -> None:
    with pytest.raises(PrivateAddress):
        door.send(ask(f"http://{host}:1/"))


@pytest.mark.parametrize(
    "literal", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_permitted(literal: str) -> None:
    assert address.permitted(address.ipaddress.ip_address(literal), allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/feed",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "http:///feed",
        "http://user@example.org/",
        "http://user:pw@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http:\\\\example.org/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "http://example.org/\x00",
        " http://example.org/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:port/",
        "http://[::1/",
        "http://[zz]/",
        "http://exam%70le.org/",
        "http://a..b/",
        "http://①②⑦.0.0.1/",
        "http://*/",
        "http://xn--\u2603/",
        "http://example.org/" + "a" * 9_000,
        "javascript:alert(1)",
    ],
)
def test_refuses_addresses_that_parsers_may_read_differently(door: Door, url: str) -> None:
    with pytest.raises(BadUrl) as refused:
        door.send(ask(url))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600


@given(st.text(alphabet="htps:/.@\\[]#?%0123af-_ \x00é。xn", max_size=40).map("http://".__add__))
def test_an_address_is_understood_or_refused(url: str) -> None:
    try:
        understood = parse_url(url)
    except BadUrl:
        return
    assert understood.scheme in ("http", "https")
    assert understood.host
    assert str(parse_url(str(understood))) == str(understood)


@given(
    st.from_regex(
        r"https?://[a-z0-9-]{1,8}(\.[a-z0-9-]{1,5}){0,2}(:[0-9]{1,5})?(/[a-zA-Z0-9_~.-]{0,6}){0,3}(\?[a-z0-9/=&.-]{0,9})?",
        fullmatch=True,
    )
)
def test_a_plain_address_is_taken_as_httpx_would_take_it(address: str) -> None:
    try:
        expected: object = addresses._parse(address)
    except BadUrl:
        expected = None
    try:
        assert parse_url(address) == expected
    except BadUrl:
        assert expected is None


def test_a_name_is_judged_by_the_addresses_it_leads_to() -> None:
    with (
        Door(pinned=["rebound.example:80:10.0.0.7,93.184.216.34"]) as door,
        pytest.raises(PrivateAddress, match=r"10\.0\.0\.7"),
    ):
        door.send(Request("http://rebound.example/", timeout=5))


def test_connects_to_the_address_it_checked_not_to_the_name(server: RawServer) -> None:
    server.reply("/feed", b"here")
    with Door(pinned=[f"no-such-name.invalid:{server.port}:127.0.0.1"]) as door:
        answer = door.send(ask(f"http://no-such-name.invalid:{server.port}/feed"))
    assert answer.body == b"here"
    assert f"host: no-such-name.invalid:{server.port}".encode() in server.requests[0].lower()


def test_tries_the_next_address_when_one_does_not_answer(server: RawServer) -> None:
    server.reply("/feed", b"here")
    with Door(pinned=[f"two.example:{server.port}:127.0.0.99,127.0.0.1"]) as door:
        assert door.send(ask(f"http://two.example:{server.port}/feed")).body == b"here"


def test_a_connection_opened_for_a_permitted_request_never_serves_a_refused_one(door: Door, server: RawServer) -> None:
    url = server.reply("/feed", b"x")
    assert door.send(ask(url)).status == 200
    with pytest.raises(PrivateAddress):
        door.send(ask(url, allow_private=False))
    assert door.send(ask(url)).status == 200
    assert len(server.requests) == 2


def test_redirects_are_followed_and_recorded(door: Door, server: RawServer) -> None:
    server.reply("/new", b"the feed")
    server.reply("/mid", status="302 Found", headers={"Location": "/new"})
    url = server.reply("/old", status="301 Moved Permanently", headers={"Location": server.url("/mid")})
    answer = door.send(ask(url))
    assert answer.body == b"the feed"
    assert answer.url == server.url("/new")
    assert [(hop.status, hop.url) for hop in answer.redirects] == [
        (301, server.url("/mid")),
        (302, server.url("/new")),
    ]


def test_each_redirect_hop_is_judged_anew(door: Door, server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.reply("/old", status="302 Found", headers={"Location": "http://169.254.169.254/latest/meta-data"})
    with pytest.raises(PrivateAddress, match=r"169\.254"):
        door.send(ask(url))


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://a\\@b/", "gopher://x/", "http://user@h/", "//[/"])
def test_redirects_to_no_proper_address_are_refused(door: Door, server: RawServer, location: str) -> None:
    url = server.reply("/old", status="302 Found", headers={"Location": location})
    with pytest.raises(BadUrl):
        door.send(ask(url))


def test_redirect_loops_end(door: Door, server: RawServer) -> None:
    server.reply("/b", status="302 Found", headers={"Location": "/a"})
    url = server.reply("/a", status="302 Found", headers={"Location": "/b"})
    with pytest.raises(RedirectLoop):
        door.send(ask(url))
    for n in range(10):
        server.reply(f"/{n}", status="302 Found", headers={"Location": f"/{n + 1}"})
    with pytest.raises(RedirectLoop, match="more than 5"):
        door.send(ask(server.url("/0")))


def test_a_redirect_is_the_answer_when_none_is_to_be_followed(door: Door, server: RawServer) -> None:
    url = server.reply("/hook", b"moved", "307 Temporary Redirect", {"Location": "/x"})
    answer = door.send(ask(url, method="POST", body=b"{}", redirects=0))
    assert (answer.status, answer.body, answer.redirects) == (307, b"moved", ())


def test_credentials_stay_with_the_host_they_were_meant_for(
    door: Door, server: RawServer, elsewhere: RawServer
) -> None:
    elsewhere.reply("/there", b"x")
    server.reply("/same", status="302 Found", headers={"Location": elsewhere.url("/there")})
    url = server.reply("/old", status="302 Found", headers={"Location": "/same"})
    door.send(ask(url, headers={"Authorization": "Bearer t", "X-Other": "kept"}))
    assert [b"Bearer t" in head for head in server.requests] == [True, True]
    assert b"Bearer" not in elsewhere.requests[0]
    assert b"kept" in elsewhere.requests[0]


def test_says_who_it_is_and_keeps_no_cookies(door: Door, server: RawServer) -> None:
    url = server.reply("/feed", b"x", headers={"Set-Cookie": "id=1"})
    door.send(ask(url))
    door.send(ask(url))
    assert b"User-Agent: Seedwire/0.1 (+https://example.org/about-our-polling)" in server.requests[0]
    assert b"cookie" not in server.requests[1].lower()
    assert server.connections == 1


def test_proxies_of_the_environment_are_not_used(
    door: Door, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with Door() as fresh:
        assert fresh.send(ask(server.reply("/feed", b"x"))).body == b"x"


def test_post_sends_its_body_and_headers(door: Door, server: RawServer) -> None:
    url = server.reply("/hook", status="204 No Content")
    answer = door.send(ask(url, method="POST", headers={"webhook-id": "m1"}, body=b'{"a":1}', redirects=0))
    assert answer.status == 204
    assert server.requests[0].startswith(b"POST /hook HTTP/1.1")
    assert b"webhook-id: m1" in server.requests[0]
    assert server.requests[0].endswith(b'{"a":1}')


def test_a_post_is_never_sent_twice(door: Door, server: RawServer) -> None:
    url = server.raw("/hook", lambda connection, _: None)
    with pytest.raises(ConnectionDropped):
        door.send(ask(url, method="POST", body=b"{}"))
    assert len(server.requests) == 1


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def test_a_dripping_body_ends_at_the_deadline(door: Door, server: RawServer) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
        for _ in range(1_000):
            connection.sendall(b"x")
            server.wait(0.05)

    start = time.monotonic()
    with pytest.raises(TimedOut):
        door.send(ask(server.raw("/feed", drip), timeout=0.4))
    assert time.monotonic() - start < 20


def test_dripping_headers_end_at_the_deadline(door: Door, server: RawServer) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for n in range(1_000):
            connection.sendall(b"X-%d: y\r\n" % n)
            server.wait(0.05)

    start = time.monotonic()
    with pytest.raises(TimedOut):
        door.send(ask(server.raw("/feed", drip), timeout=0.4))
    assert time.monotonic() - start < 20


def test_endless_interim_answers_end_at_the_deadline(door: Door, server: RawServer) -> None:
    def interim(connection: socket.socket, _: bytes) -> None:
        for _ in range(100):
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            server.wait(0.05)

    with pytest.raises(TimedOut):
        door.send(ask(server.raw("/feed", interim), timeout=0.4))


def test_redirects_share_one_deadline(door: Door, server: RawServer) -> None:
    def slow(number: int) -> None:
        def answer(connection: socket.socket, _: bytes) -> None:
            server.wait(0.2)
            connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /%d\r\n\r\n" % (number + 1))

        server.raw(f"/{number}", answer)

    for n in range(6):
        slow(n)
    with pytest.raises(TimedOut):
        door.send(ask(server.url("/0"), timeout=0.5))


def test_an_endless_body_is_cut_off(door: Door, server: RawServer) -> None:
    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(10_000):
            connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    url = server.raw("/feed", endless)
    with pytest.raises(TooLarge):
        door.send(ask(url, max_bytes=100_000))
    answer = door.send(ask(url, max_bytes=100_000, overflow="cut"))
    assert len(answer.body) == 100_000
    assert answer.cut


def zstd_compress(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress(data)


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd_compress,
}


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_bomb_never_grows_beyond_the_cap(door: Door, server: RawServer, encoding: str) -> None:
    pack = partial(brotli.compress, quality=1) if encoding == "br" else PACKERS[encoding]  # its best takes seconds
    bomb = pack(b"\0" * 50_000_000)
    url = server.reply("/feed", bomb, headers={"Content-Encoding": encoding})
    with pytest.raises(TooLarge):
        door.send(ask(url, max_bytes=1_000_000))
    assert len(door.send(ask(url, max_bytes=1_000_000, overflow="cut")).body) == 1_000_000


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


FEED = b"<rss>" + b"news " * 5_000 + b"</rss>"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("GZIP", gzip.compress(FEED, mtime=0)),
        ("x-gzip", gzip.compress(FEED, mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", raw_deflate(FEED)),
        ("gzip", gzip.compress(FEED[:9_000], mtime=0) + gzip.compress(FEED[9_000:], mtime=0)),
        ("gzip", gzip.compress(FEED, mtime=0) + b"\0\0\0\0"),
        ("br", brotli.compress(FEED)),
        ("zstd", zstd_compress(FEED)),
        ("zstd", zstd_compress(FEED[:9_000]) + zstd_compress(FEED[9_000:])),
        ("gzip", FEED),
        ("deflate", FEED),
        ("utf-8", FEED),
        ("identity", FEED),
        ("", FEED),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_bodies_are_decoded_whatever_the_header_claims(
    door: Door, server: RawServer, encoding: str, body: bytes
) -> None:
    def in_pieces(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + f"Content-Encoding: {encoding}\r\nConnection: close\r\n\r\n".encode())
        for at in range(0, len(body), 7_001):
            connection.sendall(body[at : at + 7_001])

    answer = door.send(ask(server.raw("/feed", in_pieces)))
    assert answer.body == FEED
    assert not answer.cut


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip"])
def test_codings_that_were_not_asked_for_are_named(door: Door, server: RawServer, encoding: str) -> None:
    url = server.reply("/feed", b"\x1f\x8bxxxx", headers={"Content-Encoding": encoding})
    with pytest.raises(BadProtocol):
        door.send(ask(url))
    assert b"accept-encoding: gzip, deflate, br, zstd\r\n" in server.requests[0]


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_damaged_compression_is_named(door: Door, server: RawServer, encoding: str) -> None:
    damaged = bytearray(PACKERS[encoding](FEED))
    damaged[10:20] = b"\xff" * 10
    with pytest.raises(BadProtocol, match="damaged"):
        door.send(ask(server.reply("/feed", bytes(damaged), headers={"Content-Encoding": encoding})))


def test_a_body_cut_by_the_server_is_handed_over_as_cut(door: Door, server: RawServer) -> None:
    def cut(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n<rss>half")

    answer = door.send(ask(server.raw("/feed", cut)))
    assert (answer.body, answer.cut) == (b"<rss>half", True)
    for encoding in ("gzip", "br", "zstd"):
        half = PACKERS[encoding](FEED)[:-6]
        answer = door.send(ask(server.reply(f"/{encoding}", half, headers={"Content-Encoding": encoding})))
        assert answer.cut
        assert FEED.startswith(answer.body)


BROKEN_GZIP = b"\x1f\x8b\x08\x00" + b"\xff" * 40


@pytest.mark.parametrize(
    ("rest", "excerpt"),
    [
        (b"Content-Length: 10\r\n\r\n", b""),
        (b"Content-Length: 1000\r\n\r\nthanks", b"thanks"),
        (b"Content-Encoding: compress\r\nContent-Length: 4\r\n\r\nabcd", b""),
        (b"Content-Encoding: gzip\r\nContent-Length: 44\r\n\r\n" + BROKEN_GZIP, b""),
        (b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n", b""),
        (b"Transfer-Encoding: chunked\r\n\r\n6\r\nthanks\r\nzzz\r\n", b"thanks"),
    ],
    ids=["missing", "short", "other-coding", "damaged-coding", "no-chunk", "bad-chunk"],
)
def test_where_only_an_excerpt_is_wanted_the_status_stands_whatever_the_body_does(
    door: Door, server: RawServer, rest: bytes, excerpt: bytes
) -> None:
    url = server.raw("/hook", lambda connection, _: connection.sendall(b"HTTP/1.1 202 Accepted\r\n" + rest))
    answer = door.send(ask(url, method="POST", body=b"{}", redirects=0, overflow="cut"))
    assert (answer.status, answer.body, answer.cut) == (202, excerpt, True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("timeout", [1.5, 60.0])
def test_an_excerpt_is_not_waited_for_until_the_deadline(door: Door, server: RawServer, timeout: float) -> None:
    def hold(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"\r\nso far")
        server.wait(60)

    start = time.monotonic()
    answer = door.send(ask(server.raw("/hook", hold), method="POST", body=b"{}", overflow="cut", timeout=timeout))
    assert (answer.status, answer.body, answer.cut) == (200, b"so far", True)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"", ConnectionDropped),
        (b"HTTP/1.1 200 OK\r\nContent-", ConnectionDropped),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", BadProtocol),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n", BadProtocol),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", BadProtocol),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", BadProtocol),
        (b"\0" * 100, BadProtocol),
    ],
)
def test_what_is_not_http_is_named(door: Door, server: RawServer, written: bytes, expected: type[DoorError]) -> None:
    url = server.raw("/feed", lambda connection, _: connection.sendall(written))
    with pytest.raises(expected) as failed:
        door.send(ask(url))
    assert url in str(failed.value)


@pytest.mark.parametrize(
    ("written", "header", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nX: a,\r\n  b\r\nContent-Length: 1\r\n\r\nx", "a, b", b"x"),
        (b"HTTP/1.1 200 OK\r\nX: a\r\nx: b\r\nContent-Length: 1\r\n\r\nx", "a, b", b"x"),
        (
            b"HTTP/1.1 103 Early Hints\r\nX: no\r\n\r\nHTTP/1.1 200 OK\r\nX: yes\r\nContent-Length: 1\r\n\r\nx",
            "yes",
            b"x",
        ),
        (b"HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n1;e=1\r\nx\r\n0\r\nX: late\r\n\r\n", "y", b"x"),
        (b"HTTP/1.1 200 OK\nX: y\nContent-Length: 1\n\nx", "y", b"x"),
        (b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\nsmuggled", "y", b"x"),
        (b"HTTP/1.0 200 OK\r\nX: caf\xe9\r\n\r\nuntil the end", "caf\xe9", b"until the end"),
        ("HTTP/1.1 200\r\nX: café\r\nContent-Length: 0\r\n\r\n".encode(), "café", b""),
    ],
    ids=["folded", "repeated", "interim", "trailer", "bare-newlines", "more-than-asked", "until-close", "no-phrase"],
)
def test_answers_are_read_as_they_come(door: Door, server: RawServer, written: bytes, header: str, body: bytes) -> None:
    answer = door.send(ask(server.raw("/feed", lambda connection, _: connection.sendall(written))))
    assert (answer.status, answer.headers["x"], answer.body) == (200, header, body)


def test_a_flood_of_headers_ends(door: Door, server: RawServer) -> None:
    def flood(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for n in range(200_000):
            connection.sendall(b"X-%d: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" % n)

    with pytest.raises(BadProtocol):
        door.send(ask(server.raw("/feed", flood)))


def test_each_of_many_exchanges_at_once_takes_its_own_time_alone(door: Door, server: RawServer) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
        for _ in range(1_000):
            connection.sendall(b"x")
            server.wait(0.05)

    slow = [server.raw(f"/slow/{n}", drip) for n in range(20)]
    bomb = server.reply("/bomb", brotli.compress(b"\0" * 50_000_000, quality=1), headers={"Content-Encoding": "br"})
    fast = [server.reply(f"/fast/{n}", b"%d" % n) for n in range(50)]
    exchanges: Exchanges[str] = door.exchanges()
    start = time.monotonic()
    for url in (*slow, bomb, "ftp://x", *fast):
        exchanges.start(ask(url, timeout=8.0, max_bytes=1_000_000), url)
    assert len(exchanges) == 72
    came: dict[str, tuple[float, object]] = {}
    while len(exchanges):
        came |= {url: (time.monotonic() - start, outcome) for url, outcome in exchanges.finished(5.0)}
    exchanges.close()
    assert all(isinstance(came[url][1], TimedOut) for url in slow)
    assert isinstance(came[bomb][1], TooLarge)
    assert isinstance(came["ftp://x"][1], BadUrl)
    assert [came[url][1].body for url in fast] == [b"%d" % n for n in range(50)]  # type: ignore[attr-defined]
    assert max(came[url][0] for url in fast) < min(came[url][0] for url in slow)
    assert max(moment for moment, _ in came.values()) < 30


def test_https_is_trusted_by_the_authorities_given_and_no_others(tmp_path: Path) -> None:
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    command = [*made.split(), "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"https://127.0.0.1:{listener.getsockname()[1]}/feed"

    def serve() -> None:
        for _ in range(2):
            with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsafe")

    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve)
        with Door(authorities=str(tmp_path / "cert")) as trusting:
            assert trusting.send(ask(url)).body == b"safe"
        with Door() as wary, pytest.raises(TlsFailed, match="certificate"):
            wary.send(ask(url))
        served.result()
    listener.close()


def test_a_closed_port_and_a_missing_name_are_told_apart(door: Door) -> None:
    with socket.socket() as taken, pytest.raises(ConnectionFailed) as refused:
        taken.bind(("127.0.0.1", 0))  # ours, so that nobody else listens there
        door.send(ask(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
    assert refused.value.reason == "refused"
    with pytest.raises(NameNotResolved) as missing:
        door.send(ask("http://no-such-name.invalid/"))
    assert missing.value.reason == "dns"


def test_plain_http_where_tls_was_expected_is_named(door: Door, server: RawServer) -> None:
    with pytest.raises(TlsFailed):
        door.send(ask(f"https://127.0.0.1:{server.port}/"))


def test_a_connection_that_died_while_idle_is_replaced(door: Door, server: RawServer) -> None:
    url = server.raw("/feed", lambda c, _: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"))
    for _ in range(5):
        assert door.send(ask(url)).body == b"x"


def test_a_contact_no_header_can_hold_does_not_stop_the_polls(server: RawServer) -> None:
    with Door(contact="редакция\r\nX: y https://e.org") as door:
        door.send(ask(server.reply("/feed", b"x")))
    assert b"User-Agent: Seedwire/0.1 (+X: y https://e.org)\r\n" in server.requests[0]


def test_nothing_else_opens_connections() -> None:
    rooms = ("alerts", "classifiers", "feeds", "store", "web", "worker")
    root = Path(__file__).parents[2]
    touching = {
        str(path.relative_to(root))
        for room in rooms
        for path in (root / room).rglob("*.py")
        if re.search(
            r"^\s*(?:import|from) (?:pycurl|httpx|httpcore|requests|urllib3|urllib\.request|http\.client|aiohttp)\b",
            path.read_text("utf-8"),
            re.MULTILINE,
        )
    }
    # Apprise speaks HTTP through requests: there its transport is replaced by the door.
    assert touching == {"feeds/door.py", "feeds/transfer.py", "feeds/url.py", "worker/messenger/transport.py"}


def test_serves_many_threads_at_once(door: Door, server: RawServer) -> None:
    for n in range(40):
        server.reply(f"/{n}", b"%d" % n * 1_000)
    with ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda n: door.send(ask(server.url(f"/{n % 40}"))).body, range(200)))
    assert bodies == [b"%d" % (n % 40) * 1_000 for n in range(200)]
