"""One page: how it is asked for, what the answer means, and when it or its host is asked again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from feeds import sniff
from feeds.article import is_about, main_text
from feeds.door import Request, parse_url
from feeds.errors import DoorError
from feeds.fetch import STATUS_REASONS
from feeds.retry_after import retry_after
from feeds.url import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.exchange import Answer
    from feeds.feed import PollingLimits
    from feeds.url import Url

#: Bytes of a page, unpacked; large ones of large papers have three million.
MAX_BYTES = 5_000_000
#: A page that sends us on more often is left.
MOST_HOPS = 5
#: A page that did not come is asked for so often at most.
MOST_TRIES = 3
_LONGEST_REST = timedelta(days=1)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: The host does not want us, or wants a person: its page is not asked for again, the host itself only after a rest.
_UNWELCOME = frozenset({"unauthorized", "payment-required", "forbidden", "challenge-page"})
#: The host did not say anything of the page.
_NO_WORD = frozenset(
    {"too-many-requests", "unavailable", "server-error", "robots-unreachable"}
    | {"timeout", "dns", "refused", "closed", "protocol", "tls"}
)
_REST = {"unwelcome": timedelta(hours=1), "no-word": timedelta(minutes=10)}

_COUNTS_READERS = re.compile(
    r"(?:^|(?<=&))(?:utm_\w+|fbclid|gclid|mc_[ce]id|ns_\w+|cmpid|ref_src)=[^&]*(?:&|$)", re.IGNORECASE
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CONSENT = re.compile(
    r"before you continue|we (?:value|care about|respect) your privacy|cookie (?:consent|preferences|settings|policy)|"
    r"accept (?:all )?(?:the )?cookies|we (?:and our partners )?use cookies|consent to the use|privacy choices",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(r"(?:^|\.)(?:consent|guce|cmp)\.")


@dataclass(frozen=True, slots=True)
class Teaser:
    """What a feed gave of the article: the item's id, its title, and how many characters of text it has."""

    item_id: str
    title: str
    length: int


@dataclass(frozen=True, slots=True)
class Article:
    """The text of the page, which ``fits`` at least one item that waits for it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The page sends us on to this address."""

    url: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No article came; ``reason`` is one of docs/feeds.md, ``wait`` what the server asked for."""

    reason: str
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """When the page is asked for again, ``None`` for never; how long its host rests, ``None`` for not at all."""

    page_again: timedelta | None
    host_rest: timedelta | None


def origin(url: Url) -> str:
    """Scheme, host and port: what a robots.txt speaks for."""
    return str(url).removesuffix(url.target)


def identity(url: Url) -> str:
    """What two addresses of one page have in common: all but the parameters that only count readers."""
    path, _, query = url.target.partition("?")
    query = _COUNTS_READERS.sub("", query).rstrip("&")
    return f"{url.host}:{url.port}{path}" + (f"?{query}" if query else "")


def request(url: str, limits: PollingLimits, *, allow_private: bool) -> Request:
    """Without following redirects: each address on the way is another that its host's robots.txt speaks for."""
    return Request(
        url=url,
        headers={"accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"},
        timeout=limits.timeout.total_seconds(),
        max_bytes=min(limits.max_bytes, MAX_BYTES),
        allow_private=allow_private,
        redirects=0,
    )


def understand(answer: Answer, teasers: Sequence[Teaser]) -> Article | Elsewhere | Refused:
    """What an answer is to the items that wait for it."""
    status, target = answer.status, answer.headers.get("location", "")
    if status in _REDIRECTS and target:
        try:
            return Elsewhere(str(join(parse_url(answer.url), target)))
        except DoorError as error:
            return Refused(error.reason)
    if not 200 <= status < 300:
        reason = {**STATUS_REASONS, 402: "payment-required"}.get(status)
        wait = retry_after(answer.headers) if status in (429, 503) else None
        return Refused(reason or ("server-error" if status >= 500 else "http-error"), wait)
    content_type = answer.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("text/html", "application/xhtml+xml", ""):
        return Refused("not-html")
    body = sniff.single_bytes(answer.body)[0]
    if not kind and not sniff.is_page(sniff.root_name(body), body):
        return Refused("not-html")
    text = _without_headline(main_text(_decoded(body, content_type)), teasers)
    if any(fits(text, teaser) for teaser in teasers):
        return Article(text)
    if any(is_about(text, teaser.title) for teaser in teasers):
        return Refused("nothing-more")
    return Refused(_what_else(answer, body, text))


def fits(text: str, teaser: Teaser) -> bool:
    """Whether a text is the teaser's article, and more than it."""
    return len(text) > teaser.length and is_about(text, teaser.title)


def consequence(refused: Refused, *, tries: int, refusals: int) -> Consequence:
    """``tries`` counts how often this page did not come, this time too; ``refusals`` how often in a row before this
    its host did not want us or did not answer. A host's rests double up to a day."""
    if refused.reason in _UNWELCOME:
        return Consequence(None, _rest("unwelcome", refused.wait, refusals))
    if refused.reason in _NO_WORD:
        rest = _rest("no-word", refused.wait, refusals)
        return Consequence(rest if tries < MOST_TRIES else None, rest)
    return Consequence(None, None)


def _rest(kind: str, wait: timedelta | None, refusals: int) -> timedelta:
    rest = _REST[kind] * (1 << min(refusals, 10))
    return min(max(rest, wait or timedelta()), _LONGEST_REST)


def _decoded(body: bytes, content_type: str) -> str:
    body, codec = sniff.charset(body, content_type)
    said = _META_CHARSET.search(body[:8_192])
    for name in (codec, said[1].decode("ascii") if said else None, "windows-1252"):
        try:
            return body.decode(name) if name else body.decode("utf-8")
        except (LookupError, UnicodeError, ValueError):
            continue
    return body.decode("utf-8", "replace")


def _without_headline(text: str, teasers: Sequence[Teaser]) -> str:
    first, _, rest = text.partition("\n")
    return rest if first.casefold() in {teaser.title.casefold() for teaser in teasers} else text


def _what_else(answer: Answer, body: bytes, text: str) -> str:
    """What stands where the article should."""
    if sniff.page_problem(body, answer.url).code == "challenge-page":
        return "challenge-page"
    host = parse_url(answer.url).host
    if _CONSENT_HOST.search(host) or _CONSENT.search(text[:2_000] or body[:65_536].decode("utf-8", "replace")):
        return "consent-wall"
    return "another-article" if text else "no-article"
