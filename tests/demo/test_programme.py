"""What the newsroom prints leads, by the shipped model, to exactly the alerts it announces."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alerts.matching import decide, in_order
from alerts.story import Report, Story, outlet_of
from classifiers.model import Model
from feeds.item import Item
from worker.demo import articles

SEEDS = Path(__file__).parents[2] / "seeds"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_programme_opens_one_story_for_each_line_announced() -> None:
    model = Model.load()
    stories: dict[str, Story] = {}
    opened: list[str] = []
    for paper, seed in articles.programme(articles.read(SEEDS)):
        printed = articles.article(paper, seed.title, seed.text, articles.published(seed) or NOW)
        item = Item(printed.url, printed.title, printed.text, printed.url, printed.published)
        reports = [
            Report(
                item_id=item.id, index=i, feed_id=paper.slug, feed_title=paper.name, feed_url="", url=item.url,
                outlet=outlet_of(item.url, ""), title=item.title, text=item.text, language="en",
                published=item.published, seen=NOW, event=event,
            )
            for i, event in enumerate(model.classify(item).events)
        ]  # fmt: skip
        for one in in_order(reports):
            decision = decide(one, list(stories.values()))
            stories[decision.story.id] = decision.story
            if decision.opened:
                opened.append(paper.name)
    announced = [line.rsplit("(", 1)[1].split(",")[0].rstrip(")") for line in articles.EXPECTED]
    assert opened == announced
    assert sorted(len(story.outlets) for story in stories.values()) == [1, 1, 1, 3]


def test_the_back_catalogue_holds_an_event_that_is_old_news() -> None:
    model = Model.load()
    old = [a for _, a in articles.back_catalogue(articles.read(SEEDS), NOW)]
    assert any(model.classify(Item(a.url, a.title, a.text, a.url, a.published)).events for a in old)
