"""``/api/v1/stream``: stories as they open and change."""

from __future__ import annotations

import json
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Connection

from store.views.stories import StoryView
from web.api.stories import story_to_dict
from web.live.news import Audience
from web.live.stream import After, EventStream, LastEventId
from web.problem import answers
from web.site import AtHand
from web.story_filters import Asked

router = APIRouter(prefix="/stream", tags=["stories"])


@dataclass(frozen=True, slots=True)
class AsJson:
    """A story as the list has it, and whether it is new."""

    def story(self, view: StoryView, *, opened: bool) -> str:
        return json.dumps({"change": "opened" if opened else "changed", **story_to_dict(view)}, ensure_ascii=False)

    def glance(self, _connection: Connection) -> str:
        return ""


@router.get(
    "",
    response_class=EventStream,
    responses=answers(401, 403, 422, 503),
    summary="Stories as they open and change, for as long as the client listens (server-sent events)",
)
async def stream(site: AtHand, filters: Asked, after: After = None, last_event_id: LastEventId = None) -> EventStream:
    """Events: `story` (a story of the list with `change`: `opened` or `changed`), `gone` (`id`; `into` where it is part
    of another story now, else null) and `reset` (read the list anew). Their ids are numbers to resume after."""
    return EventStream(site.hub, Audience(filters, AsJson()), after if last_event_id is None else last_event_id)
