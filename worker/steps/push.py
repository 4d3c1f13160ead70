"""Take articles that other programs push to us: stored as a poll's are, and classified through the same hint."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feeds.dates import parse_date
from feeds.entry import Entry
from feeds.fields import absolute, language_tag
from feeds.parse import MAX_TEXT
from feeds.poll import believable
from feeds.text import html_to_text, title_to_text
from store import pushed
from worker import logs, tracing
from worker.hints import Hint
from worker.steps.store_polls import MOST_IDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.pushed import State
    from worker.context import Context

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is pushed. ``id`` is its source's name for it; ``title`` and ``text`` may be HTML."""

    source: str
    title: str = ""
    text: str = ""
    id: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None


def push(context: Context, articles: Sequence[Article]) -> list[tuple[str, State]]:
    """Store articles in one step; returns the item of each, in order, and whether it is new. Again, nothing is new."""
    now, began = context.now(), time.time()
    entries = [_entry(article, now) for article in articles]
    with context.database.write() as transaction:
        connection = transaction.connection
        ids = {name: pushed.keep_source(connection, name, now) for name in {article.source for article in articles}}
        placed = [(ids[article.source], entry) for article, entry in zip(articles, entries, strict=True)]
        told = pushed.save_articles(connection, placed, now)
        if any(state != "known" for _, state in told):
            context.hint_after(transaction, Hint("classify"))
    new = [item_id for item_id, state in told if state == "new"]
    context.counts.add("seedwire_items_total", len(new))
    log.info(
        "articles pushed",
        sources=sorted(ids), items=len(new), updated=sum(state == "updated" for _, state in told), articles=len(told),
        ids=new[:MOST_IDS],
    )  # fmt: skip
    for item_id in new:
        tracing.record("push", item_id, began=began, about=tracing.SIGHT, attributes={"seedwire.item": item_id})
    return told


def _entry(article: Article, now: datetime) -> Entry:
    """As a feed's entry of the same words would be read."""
    return Entry(
        guid=article.id,
        link=absolute("", article.url) if article.url else None,
        title=title_to_text(article.title),
        text=html_to_text(article.text)[:MAX_TEXT],
        published=believable(parse_date(article.published or ""), now),
        language=language_tag(article.language),
    )
