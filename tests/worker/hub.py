"""A little WebSub hub on loopback: it takes subscriptions, asks back whether they are meant, and delivers."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlencode

from loopback import _Server, answer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from http.server import BaseHTTPRequestHandler


def call(url: str, body: bytes | Iterable[bytes] | None = None, **headers: str) -> tuple[int, bytes]:
    """GET, or POST where there is a body: status and body of the answer, whatever it is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named = {"content-type": "application/rss+xml"} | named
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, named), timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@dataclass
class Granted:
    """What a subscriber has confirmed."""

    callback: str
    topic: str
    secret: str


@dataclass
class Hub(_Server):
    """``asks_back`` "before" it answers a request, "after", or "never"; ``status`` is its answer to requests."""

    lease: int = 864_000
    status: int = 202
    asks_back: Literal["before", "after", "never"] = "after"
    requests: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[str, int, bool]] = field(default_factory=list)
    granted: dict[str, Granted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def head(self, topic: str) -> str:
        """What a feed says that offers pushes by this hub."""
        return (
            f'<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="{self.url}/"/>'
            f'<link xmlns="http://www.w3.org/2005/Atom" rel="self" href="{topic}"/>'
        )

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        if request.path == "/moved":
            answer(request, 307, location=f"{self.url}/")
            return
        form = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
        self.requests.append(form)
        if self.asks_back == "before":
            self.ask_back(form)
        answer(request, self.status)
        if self.asks_back == "after" and self.status == 202:
            threading.Thread(target=self.ask_back, args=(form,), daemon=True).start()

    def ask_back(self, form: dict[str, str], **changed: str) -> int:
        """Ask the subscriber whether it meant this; what is ``changed`` is what a liar would."""
        challenge = secrets.token_hex(8)
        asked = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": challenge}
        if form["hub.mode"] == "subscribe":
            asked["hub.lease_seconds"] = str(self.lease)
        asked |= {f"hub.{name}": value for name, value in changed.items()}
        status, said = call(f"{form['hub.callback']}&{urlencode(asked)}")
        meant = status == 200 and said.decode() == asked["hub.challenge"]
        if meant and form["hub.mode"] == "subscribe":
            self.granted[form["hub.callback"]] = Granted(
                form["hub.callback"], form["hub.topic"], form.get("hub.secret", "")
            )
        elif meant:
            self.granted.pop(form["hub.callback"], None)
        self.answers.append((form["hub.mode"], status, meant))
        return status

    def deny(self, reason: str = "") -> None:
        for one in list(self.granted.values()):
            said = urlencode({"hub.mode": "denied", "hub.topic": one.topic, "hub.reason": reason})
            assert call(f"{one.callback}&{said}")[0] == 200

    def push(
        self, body: bytes, *, digest: str = "sha256", secret: str | None = None, self_link: str | None = None,
        **headers: str,
    ) -> list[int]:  # fmt: skip
        """Deliver to everybody who subscribed; returns what they answered."""
        statuses = []
        for one in list(self.granted.values()):
            proof = hmac.new((secret or one.secret).encode(), body, getattr(hashlib, digest)).hexdigest()
            links = f'<{self.url}/>; rel="hub", <{self_link or one.topic}>; rel="self"'
            named = {"x_hub_signature": f"{digest}={proof}", "link": links} | headers
            statuses.append(call(one.callback, body, **{k: v for k, v in named.items() if v})[0])
        return statuses
