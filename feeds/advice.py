"""What a person can do about a feed's problem, by its reason code (docs/feeds.md, "Failures and warnings")."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PASSES = "Usually passes by itself; Seedwire keeps asking."
_PRESENT = "Look for the feed's present address, and put it into the config."

#: A sentence or two a reason, addressed to whoever keeps the config. What a key of the config mends (``timeout``,
#: ``too-large``, ``private-address``) is said by the problem's own detail.
ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bad-url": "Use an http or https address without user name and password.",
        "dns": "Check the host name, and whether this machine can look names up.",
        "refused": f"{_PASSES} If not, check host and port.",
        "tls": "The publisher's certificate is wrong or has run out: tell them, or use another address of the feed.",
        "closed": _PASSES,
        "protocol": "The publisher's server is at fault: tell them.",
        "redirect-loop": _PRESENT,
        "unauthorized": "The publisher asks for a login, which a feed cannot give: look for a public address.",
        "forbidden": "The publisher does not want us: a longer interval may help, or asking them.",
        "not-found": _PRESENT,
        "gone": "The publisher says it is gone for good: remove the feed. Until then it is asked once a day.",
        "offline": "Nobody answers this machine: check its network and DNS.",
        "too-many-requests": "Nothing: Seedwire waits as long as the publisher asks.",
        "unavailable": "Nothing: Seedwire waits as long as the publisher asks.",
        "server-error": _PASSES,
        "http-error": _PASSES,
        "empty": _PASSES,
        "html-page": "Open the address in a browser: the feed has probably moved.",
        "html-with-feed-link": "Put the address that the message names into the config.",
        "challenge-page": "The publisher wants to see a person: poll less often, or ask them to let Seedwire in.",
        "not-a-feed": "Check the address: it gives something else than a feed.",
        "truncated-empty": _PASSES,
        "unparsable": "Please report it to Seedwire, with the document.",
        "internal-error": "A mistake in Seedwire: the log says where; please report it.",
        "truncated": "Nothing: what was whole was read, and the rest is fetched anew next time.",
        "malformed": "Nothing: it is read as far as it makes sense. The publisher may like to know.",
        "no-entries": "Nothing, unless it stays empty: then look for another feed of the publisher.",
        "too-many-entries": "Nothing: the first entries are read, and they are the newest in most feeds.",
        "long-tag": "Nothing: it is read without the attributes of the long tags.",
        "junk-before-feed": "Nothing: it is read all the same. The publisher may like to know.",
        "encoding": "Nothing: letters beyond ASCII may be wrong. The publisher may like to know.",
    }
)


def advice(problem: str | None) -> str | None:
    """What to do about it; None where there is no problem, or nothing is known to help."""
    return ADVICE.get(problem) if problem else None
