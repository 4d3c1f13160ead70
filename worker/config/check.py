"""What a config says that is legal and probably not meant: told to a person, never a reason not to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.alert import ABOUT_SERVICE, ABOUT_STORIES
from worker.config.rows import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from alerts.webhook import Webhook
    from worker.config.config import Config

NO_WEBHOOK = "no webhook yet: alerts are stored (`seedwire alerts list`) and sent nowhere; see docs/webhooks.md"


def doubts(config: Config, types: Collection[str]) -> tuple[str, ...]:
    """A line for each webhook filter that lets nothing through, and for having no webhook at all.

    ``types`` are the kinds of event the model knows.
    """
    if not config.webhooks:
        return (NO_WEBHOOK,)
    tags = {tag for feed in config.feeds for tag in feed.tags}
    feeds = {name for feed in config.feeds for name in (feed.name, feed.url) if name}
    lines: list[str] = []
    for webhook in config.webhooks:
        place = f'{config.path}: webhook "{webhook.name}"'
        lines += [f"{place}: events: {doubt}" for doubt in _about_events(webhook, types)]
        lines += [f"{place}: tags: no feed has the tag {doubt}" for doubt in _unknown(webhook.tags, tags)]
        lines += [f"{place}: feeds: no feed has the name or url {doubt}" for doubt in _unknown(webhook.feeds, feeds)]
        lines += [
            f'{place}: languages: nothing is told in "{language}": only English is read'
            for language in webhook.languages
            if language != "en"
        ]
    return tuple(lines)


def _unknown(wanted: Iterable[str], known: Collection[str]) -> Iterator[str]:
    for word in wanted:
        if word not in known:
            yield f'"{word}"' + did_you_mean(word, sorted(known), '"{}"')


def _about_events(webhook: Webhook, types: Collection[str]) -> Iterator[str]:
    known = [*sorted(types), *ABOUT_SERVICE]
    for event in webhook.events:
        if event in ABOUT_STORIES:
            yield f'"{event}" filters nothing: name kinds of event, and set `updates` to hear of more than openings'
        elif event not in known:
            close = did_you_mean(event, known, '"{}"') or f"; known are {', '.join(known)}"
            yield f'nothing is called "{event}"{close}'
