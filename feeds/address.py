"""Which addresses the door may connect to."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

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


@lru_cache(4_096)
def refused(address: str, *, allow_private: bool) -> str | None:
    """Why a connection to ``address``, an IP address as text, may not be opened; None when it may."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "not an address we know how to judge"
    return None if permitted(parsed, allow_private=allow_private) else "not a public address"
