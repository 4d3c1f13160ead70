"""Text and addresses from outside made harmless in any medium where people read them.

What feeds say is hostile. Marks that some medium takes for markup, a mention or a link are exchanged for look-alikes or
parted by a character of no width, so that what is said cannot ring a whole channel, hide an address or draw a link:
not even in a medium that reads more markup than it says.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

_PART = "\u200b"  # zero width space
_LOOK_ALIKES: Final = str.maketrans(
    {"<": "‹", ">": "›", "*": "∗", "`": "'", "~": "∼", "|": "¦", "[": "(", "]": ")", "\\": "∖", "@": f"@{_PART}"}
)
#: An underscore within a word is none of markup's; one at its edge is.
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
#: What media make a link of by themselves, a scheme and a dot with a domain behind it; and what some decode once more.
_PARTED = re.compile(r":(?=//)|(?<=\w)\.(?=[^\W\d_]{2})|&(?=#?\w{1,32};)")
#: Joiners that Persian, Urdu and Indian scripts are spelled with.
_JOINERS = "\u200c\u200d"
_LONGEST_URL = 1_000
_URL_KEPT = "!#$%&+,-./:;=?_~"


def harmless(text: str) -> str:
    """``text`` in one line that is text and nothing else, whatever reads it."""
    seen = "".join(
        c if c in _JOINERS else " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if c in _JOINERS or unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"}
    )
    plain = _EDGE_UNDERSCORE.sub("‗", " ".join(seen.split())).translate(_LOOK_ALIKES)
    return _PARTED.sub(lambda found: found[0] + _PART, plain)


def safe_url(url: str | None) -> str | None:
    """An address that leads where it seems to lead, in characters that no markup reads; None where there is none."""
    if not url or not url.isprintable() or len(url) > _LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or "\\" in url:
        return None
    return quote(url.encode("utf-8", "replace"), safe=_URL_KEPT)


def shorten(text: str, most: int) -> str:
    """``text`` in at most ``most`` bytes, between words where that is possible, with an ellipsis where it is cut."""
    if len(text.encode()) <= most:
        return text
    head = text.encode()[: max(most - len("…".encode()), 0)].decode("utf-8", "ignore")
    cut = head.rsplit(" ", 1)[0] if " " in head[len(head) // 2 :] else head
    return f"{cut.rstrip()}…" if cut.strip() else ""
