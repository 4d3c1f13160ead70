"""Values of single fields as documents write them: links and language tags."""

from __future__ import annotations

import re
from urllib.parse import urljoin

_MAX_LINK = 8_192
# What joining would give back as it is: most links. The rest may need a base, or be no link at all.
_ABSOLUTE = re.compile(r"https?://[\w.-]++(?::\d++)?(?:[/?#][!-Z\\^-~]*+)?(?<![?#;])", re.ASCII)


def absolute(base: str, link: str) -> str | None:
    """``link`` as an absolute http(s) address, ``None`` when it is none."""
    if not link:
        return None
    if len(link) <= _MAX_LINK and _ABSOLUTE.fullmatch(link):
        return link
    try:
        joined = urljoin(base, link.strip())
    except ValueError:
        return None
    if len(joined) > _MAX_LINK or not joined.isprintable():
        return None
    return joined if joined[:8].lower().startswith(("http://", "https://")) else None


def language_tag(written: object) -> str | None:
    """A BCP 47 tag in its usual form, ``None`` for what is none."""
    if not written:
        return None
    text = str(written).strip().replace("_", "-")[:36]
    return text if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}", text) else None
