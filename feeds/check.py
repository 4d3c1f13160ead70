"""What a poll would see at an address or in a file, without remembering anything of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from feeds.feed import Feed, FeedState, PollingLimits, feed_id
from feeds.fetch import Failed, Fetched, fetch
from feeds.identity import identify, select
from feeds.parse import ParsedFeed, parse
from feeds.sniff import Problem

if TYPE_CHECKING:
    from feeds.door import Door


class CheckedItem(TypedDict):
    id: str
    url: str | None
    title: str
    published: str | None
    text: str


class Checked(TypedDict):
    """One line of ``seedwire feeds check --json``."""

    url: str
    format: str | None
    title: str | None
    encoding: str | None
    problems: list[dict[str, str]]
    items: list[CheckedItem]


def check(path_or_url: str, door: Door, *, allow_private: bool = False, limits: PollingLimits | None = None) -> Checked:
    """What is unreadable becomes a problem in the answer, never an error."""
    if "://" in path_or_url:
        return _check_url(path_or_url, door, allow_private, limits or PollingLimits())
    path = Path(path_or_url)
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return _result(path_or_url, _nothing("unreadable", "no such file; an address starts with http:// or https://"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return _result(path_or_url, _nothing("unreadable", f"cannot be read: {reason}"))
    try:
        base = path.resolve().as_uri()
    except (OSError, ValueError):
        base = "file:///"
    return _result(path_or_url, parse(body, url=base))


def _check_url(url: str, door: Door, allow_private: bool, limits: PollingLimits) -> Checked:
    feed = Feed(url, allow_private=allow_private)
    found = fetch(door, feed, FeedState(), limits, own_network="say --allow-private if it is on a network of your own")
    if isinstance(found, Failed):
        return _result(url, _nothing(found.reason, found.detail))
    assert isinstance(found, Fetched)
    return _result(
        url,
        parse(found.body, url=found.url, content_type=found.content_type, content_language=found.content_language),
    )


def _nothing(code: str, detail: str) -> ParsedFeed:
    return ParsedFeed(problems=(Problem(code, detail),))


def _result(asked: str, parsed: ParsedFeed) -> Checked:
    selection = select(identify(feed_id(asked), parsed.entries), {})
    return Checked(
        url=asked,
        format=parsed.format or None,
        title=parsed.title,
        encoding=parsed.encoding,
        problems=[{"code": problem.code, "detail": problem.detail} for problem in parsed.problems],
        items=[
            CheckedItem(
                id=new.item.id,
                url=new.item.url,
                title=new.item.title,
                published=new.item.published.isoformat() if new.item.published else None,
                text=new.item.text,
            )
            for new in selection.new
        ],
    )
