"""What a person says of stories, done in one transaction: command line, page and API all come here.

Repeating either changes nothing more and answers alike. ``who`` is logged, where it is not the person at the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.matching import Decision
from store import stories, story_edits
from worker import logs
from worker.hints import Hint
from worker.steps.tell_story import tell

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from alerts.story import Story
    from worker.context import Context

log = logs.get(__name__)


def merge_stories(context: Context, story_id: str, into_id: str, who: str = "") -> Story:
    """Say that a story is the same event as another; returns the whole. Raises NotFound, StoryError."""
    with context.database.write() as transaction:
        stories.begin_matching(transaction.connection)
        whole = story_edits.merge(transaction.connection, story_id, into_id, context.now())
        context.hint_after(transaction, Hint("stories"))
    if who:
        log.info("stories merged", story=story_id, into=whole.id, by=who)
    return whole


def split_story(
    context: Context, story_id: str, item_ids: Collection[str], *, alert: bool = False, who: str = ""
) -> tuple[Story, Story]:
    """Say that these items of a story report another event; returns what is left of it, and the story they make.

    With ``alert`` the webhooks are told that the new story opened. Raises NotFound, StoryError.
    """
    with context.database.write() as transaction:
        connection = transaction.connection
        stories.begin_matching(connection)
        done = _split_before(connection, story_id, item_ids)
        if done:
            return done
        rest, new = story_edits.split(connection, story_id, item_ids, context.now(), as_told=not alert)
        context.hint_after(transaction, Hint("stories"))
        if alert:
            report, why = stories.reports_of(connection, new.id)[0]
            tell(context, transaction, Decision(new, opened=True, reasons=why), report)
    if who:
        log.info("story split", story=rest.id, new=new.id, items=new.items, by=who)
    return rest, new


def _split_before(connection: Connection, story_id: str, item_ids: Collection[str]) -> tuple[Story, Story] | None:
    """The two stories, where these very items were split off before."""
    rest = story_edits.living(connection, story_id)
    for new in stories.by_id(connection, sorted(rest.apart)).values():
        if item_ids and new.into is None and {item_id for item_id, _ in new.reports} == set(item_ids):
            return rest, new
    return None
