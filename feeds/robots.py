"""What a site's robots.txt asks of us (RFC 9309), parsed by Protego, which Scrapy uses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feeds.door import Request

if TYPE_CHECKING:
    from protego import Protego

    from feeds.exchange import Answer

#: What we go by in robots.txt: the start of the door's User-Agent.
AGENT = "Seedwire"
#: As much of it as RFC 9309 asks to be read; the rest is left out.
MAX_BYTES = 512_000
#: How long what was read of it is kept to before it is asked for again (RFC 9309, 2.4).
GOOD_FOR = timedelta(hours=24)
#: The wait between two pages of one host where it names none, and the longest Crawl-delay that is kept to.
SPACING, LONGEST_SPACING = timedelta(seconds=2), timedelta(minutes=1)


def request(origin: str, *, timeout: float, allow_private: bool) -> Request:
    """``timeout`` in seconds. Its redirects are followed wherever they lead, as RFC 9309 asks."""
    return Request(
        url=f"{origin}/robots.txt",
        headers={"accept": "text/plain, */*;q=0.1"},
        timeout=timeout,
        max_bytes=MAX_BYTES,
        allow_private=allow_private,
        overflow="cut",
    )


def rules(answer: Answer) -> str | None:
    """The text that counts until it is asked for again: "" where there is none and everything is allowed.

    ``None`` where the site cannot tell at present, and nothing is allowed (RFC 9309, 2.3.1.4).
    """
    status = answer.status
    if 200 <= status < 300:
        if answer.cut and len(answer.body) < MAX_BYTES:
            return None
        return answer.body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\0", "")
    return "" if 400 <= status < 500 and status != 429 else None


def allows(text: str, url: str) -> bool:
    """Whether a site with this robots.txt lets us ask for a page of it."""
    return not text or bool(_parsed(text).can_fetch(url, AGENT))


def spacing(text: str) -> timedelta:
    """The wait between two pages that it asks for, within reason."""
    if not text:
        return SPACING
    said = _parsed(text)
    delay = said.crawl_delay(AGENT) or 0.0
    rate = said.request_rate(AGENT)
    if rate is not None and rate.requests > 0:
        delay = max(delay, rate.seconds / rate.requests)
    return min(max(SPACING, timedelta(seconds=min(delay, 1e6))), LONGEST_SPACING)


def _parsed(text: str) -> Protego:
    from protego import Protego

    return Protego.parse(text)
