"""Server-sent events as bytes (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import json

#: The first of every stream: how soon a client that lost it opens it again, in milliseconds.
OPENING = b"retry: 2000\n\n"


def event(name: str, data: str, revision: int | None = None) -> bytes:
    """One event; ``revision`` is what its reader resumes after."""
    number = "" if revision is None else f"id: {revision}\n"
    lines = "".join(f"data: {line}\n" for line in data.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return f"{number}event: {name}\n{lines}\n".encode()


def gone(story_id: str, into: str | None, revision: int) -> bytes:
    """A story is not, or no longer, among those asked for: it is part of another, or the filters do not admit it."""
    return event("gone", json.dumps({"id": story_id, "into": into}), revision)


def reset(revision: int) -> bytes:
    """Too much happened since the reader last heard, or its number is none of ours: the list is to be read anew."""
    return event("reset", "{}", revision)


def heartbeat(revision: int) -> bytes:
    """Nothing happened up to ``revision``. It has no data, so readers dispatch nothing, but resume after it."""
    return f": still here\nid: {revision}\n\n".encode()
