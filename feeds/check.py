"""What a poll would see at an address or in a file, without remembering anything of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from feeds.door import Request
from feeds.errors import DoorError
from feeds.feed import FeedState, feed_id
from feeds.fetch import Failed, Fetched, outcome
from feeds.identity import select
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


def check(path_or_url: str, door: Door, *, allow_private: bool = False) -> Checked:
    """What is unreadable becomes a problem in the answer, never an error."""
    if "://" in path_or_url:
        return _check_url(path_or_url, door, allow_private)
    path = Path(path_or_url)
    try:
        body = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return _result(path_or_url, _nothing("unreadable", f"{path_or_url}: {reason}"))
    try:
        base = path.resolve().as_uri()
    except (OSError, ValueError):
        base = "file:///"
    return _result(path_or_url, parse(body, url=base))


def _check_url(url: str, door: Door, allow_private: bool) -> Checked:
    try:
        answer = door.send(Request(url, allow_private=allow_private))
    except DoorError as error:
        return _result(url, _nothing(error.reason, str(error)))
    found = outcome(answer, FeedState())
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
    selection = select(feed_id(asked), parsed.entries, {})
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
