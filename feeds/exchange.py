"""What goes out through the door, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """One exchange. ``timeout`` is for all of it, in seconds, redirects included; ``max_bytes`` counts after
    decompression. With ``overflow`` "cut" the body is no more than an excerpt: it is cut there instead of refused, also
    where it breaks off, cannot be decoded or takes longer than two seconds. ``redirects`` 0 makes a 3xx the answer."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    timeout: float = 20.0
    max_bytes: int = 15_000_000
    allow_private: bool = False
    redirects: int = 5
    overflow: Literal["error", "cut"] = "error"


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: the status that sent us on, and the address it sent us to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``headers`` have lower-case names, repeated ones joined by ", ". ``url`` is the last hop's.

    ``cut`` is true when the body ended before it should have: the server hung up in the middle, or "cut" was asked for.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    redirects: tuple[Redirect, ...] = ()
    cut: bool = False
