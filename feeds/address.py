"""Which addresses the door may connect to, and what a host name leads to within the time allowed."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA special-purpose registries, October 2026 (https://www.iana.org/assignments/iana-ipv4-special-registry).
# Spelled out: what `ipaddress.is_private` covers differs between patch releases of Python.
_INSIDE = [
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, also overlay networks
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks; some local proxies answer every name from it
        "::1/128",
        "fc00::/7",
    )
]
_NEVER = [
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep credentials
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",
        "3fff::/20",
    )
]
# Inside networks that may be one's own, but clouds hand out credentials there.
_METADATA = [ipaddress.ip_network(address) for address in ("100.100.100.200", "fd00:ec2::254")]
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")


def permitted(address: Address, *, allow_private: bool) -> bool:
    """Whether a connection to ``address`` may be opened.

    Public unicast always; networks of one's own only with ``allow_private``; link-local, multicast, unspecified and
    reserved addresses and the metadata services of clouds never. An IPv4 address inside an IPv6 one (mapped, NAT64,
    6to4) is judged by itself.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return permitted(address.ipv4_mapped, allow_private=allow_private)
        if address in _NAT64:
            return permitted(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF), allow_private=allow_private)
        if address in _6TO4:
            return permitted(ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF), allow_private=allow_private)
    if any(address in network for network in _METADATA):
        return False
    if any(address in network for network in _INSIDE):
        return allow_private
    if any(address in network for network in _NEVER):
        return False
    return address.version == 4 or address in _GLOBAL_V6


def resolve(host: str, port: int, timeout: float) -> list[Address]:
    """The addresses ``host`` leads to, in the order the system would try them.

    Raises ``OSError`` when there is none and ``TimeoutError`` after ``timeout`` seconds. The system's resolver cannot
    be interrupted, so it runs in a thread of its own that is left behind when it is too slow.
    """
    try:  # literals, in all the forms the system takes (127.1, 0x7f000001, 2130706433)
        return _lookup(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    answers: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(_lookup(host, port, 0))
        except (OSError, UnicodeError, ValueError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=work, name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=max(timeout, 0.001))
    except queue.Empty:
        raise TimeoutError(f"no address for {host} within {timeout:.1f} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _lookup(host: str, port: int, flags: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=flags)
    # A scope (fe80::1%eth0) names a link, never a public address; ip_address keeps it, so it is judged too.
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
