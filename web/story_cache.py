"""What is made of stories, kept for as long as they do not change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from store.views.stories import views_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from sqlalchemy import Connection

    from store.views.stories import StoryMark, StoryView

T = TypeVar("T")

#: How much is kept, in stories: some forty pages of them, a few megabytes.
MOST = 2_000


class StoryCache(Generic[T]):
    """Cards or JSON by story and revision. ``variant`` is whatever else it depends on. Safe to share between threads.

    A feed that gets another name in the config is shown by it from the story's next change on.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, int, Hashable], T] = OrderedDict()
        self._lock = threading.Lock()

    def of(
        self,
        connection: Connection,
        marks: Sequence[StoryMark],
        make: Callable[[StoryView], T],
        variant: Hashable = None,
    ) -> list[T]:
        """What ``make`` gives for each of these stories, made now only of those that changed."""
        found: dict[str, T] = {}
        with self._lock:
            for mark in marks:
                key = (mark.id, mark.revision, variant)
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[mark.id] = self._kept[key]
        missing = [mark.id for mark in marks if mark.id not in found]
        if missing:
            made = {(view.id, view.revision, variant): make(view) for view in views_of(connection, missing)}
            found |= {story_id: one for (story_id, _, _), one in made.items()}
            with self._lock:
                self._kept.update(made)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return [found[mark.id] for mark in marks if mark.id in found]
