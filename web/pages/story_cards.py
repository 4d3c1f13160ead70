"""A story as a card: on the first page, and in what open pages are sent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from web.pages.rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup
    from sqlalchemy import Connection

    from store.views.stories import StoryMark, StoryView
    from web.story_cache import StoryCache


def render_card(view: StoryView, *, root: str, may_write: bool) -> Markup:
    """The card's HTML. It holds no time relative to now, so that it stays true until the story changes."""
    return render("story_card.html", story=view, root=root, may_write=may_write)


def cards_of(
    cache: StoryCache[Markup], connection: Connection, marks: Sequence[StoryMark], *, root: str, may_write: bool
) -> list[Markup]:
    """The cards of these stories, each rendered once for as long as the story does not change."""
    make = partial(render_card, root=root, may_write=may_write)
    return cache.of(connection, marks, make, variant=(root, may_write))
