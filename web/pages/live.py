"""``/live``: what an open page hears, as the HTML it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request
from sqlalchemy import Connection

from store.views import glance
from store.views.stories import StoryView
from web.access import principal_of
from web.live.news import Audience
from web.live.stream import After, EventStream, LastEventId
from web.pages.rendering import render
from web.pages.story_cards import render_card
from web.site import AtHand
from web.story_filters import Asked

router = APIRouter()


@dataclass(frozen=True, slots=True)
class AsCards:
    """The card of the list, as it is rendered for this reader; and the header's numbers."""

    root: str
    may_write: bool

    def story(self, view: StoryView, *, opened: bool) -> str:
        del opened
        return render_card(view, root=self.root, may_write=self.may_write)

    def glance(self, connection: Connection) -> str:
        return render("glance.html", glance=glance.summary(connection, datetime.now(UTC) - timedelta(days=1)))


@router.get("/live", response_class=EventStream)
async def live(
    request: Request, site: AtHand, filters: Asked, after: After = None, last_event_id: LastEventId = None
) -> EventStream:
    cards = AsCards(request.scope.get("root_path", ""), principal_of(request).may_write)
    return EventStream(site.hub, Audience(filters, cards), after if last_event_id is None else last_event_id)
