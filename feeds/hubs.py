"""Which hubs a feed names, and what it is called there (https://www.w3.org/TR/websub/, section 4). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MOST_HUBS = 4
_LONGEST_URL = 2_000
_LONGEST_HEADER = 16_384
_PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;,"]*)))?')


@dataclass(frozen=True, slots=True)
class Offer:
    """The hubs a feed names, the first one first, and its ``topic``: the name by which hubs know it."""

    hubs: tuple[str, ...]
    topic: str


def offer(url: str, link_header: str | None, hubs: Iterable[str], self_link: str | None) -> Offer | None:
    """What a document found at ``url`` offers: its ``Link`` header rules over ``hubs`` and ``self_link`` in it."""
    header_hubs, header_self = links_in_header(link_header)
    found = _addresses(url, header_hubs or hubs)
    topic = _addresses(url, [one for one in (header_self, self_link) if one]) or (url,)
    return Offer(found, topic[0]) if found else None


def links_in_header(header: str | None) -> tuple[tuple[str, ...], str | None]:
    """The hubs and the document's own address among the links of a ``Link`` header, as written."""
    return _named((target, rel) for target, rels in _links(header or "") for rel in rels)


def links_in(links: Iterable[Mapping[str, str]]) -> tuple[tuple[str, ...], str | None]:
    """The hubs and the feed's own address among its ``atom:link`` elements, as written."""
    return _named((link.get("href") or "", link.get("rel") or "") for link in links)


def absolute_address(base: str, written: str) -> str | None:
    """``written`` as seen from ``base``; ``None`` where that is no address to send anything to."""
    return next(iter(_addresses(base, [written])), None)


def _named(links: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], str | None]:
    hubs: list[str] = []
    own: str | None = None
    for target, rel in links:
        if rel.lower() == "hub" and target.strip():
            hubs.append(target.strip())
        elif rel.lower() == "self" and own is None and target.strip():
            own = target.strip()
    return tuple(hubs), own


def _addresses(base: str, written: Iterable[str]) -> tuple[str, ...]:
    """Absolute http(s) addresses without spaces or fragments, each once."""
    found: list[str] = []
    for one in written:
        try:
            address = urljoin(base, one).partition("#")[0]
            named = urlsplit(address).scheme in ("http", "https") and urlsplit(address).hostname
        except ValueError:
            continue
        if named and len(address) <= _LONGEST_URL and re.fullmatch(r"[!-~]+", address) and address not in found:
            found.append(address)
    return tuple(found[:_MOST_HUBS])


def _links(header: str) -> Iterable[tuple[str, list[str]]]:
    """Target and relations of each link of a ``Link`` header (RFC 8288); what is no link is passed over."""
    at = 0
    header = header[:_LONGEST_HEADER]
    while (start := header.find("<", at)) >= 0 and (end := header.find(">", start)) >= 0:
        at = _end_of_parameters(header, end + 1)
        told = _PARAMETER.finditer(header, end + 1, at)
        rel = next((found[2] or found[3] for found in told if found[1].lower() == "rel"), None)
        if rel:
            yield header[start + 1 : end].strip(), rel.split()


def _end_of_parameters(header: str, at: int) -> int:
    """The next comma outside quotes."""
    quoted = False
    for position in range(at, len(header)):
        quoted ^= header[position] == '"'
        if header[position] == "," and not quoted:
            return position
    return len(header)


def same_address(one: str, other: str) -> bool:
    """Equal but for http and https, the case of the host, default ports, fragment and closing slash."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> tuple[str, int | None, str, str]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url, None, "", ""
    return parts.hostname or "", None if port in (80, 443) else port, parts.path.rstrip("/"), parts.query
