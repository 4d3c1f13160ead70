"""What the buttons of ``correction.html`` do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse

from web.access import may_write
from web.api.corrections import Who
from web.api.paging import Identity
from web.pages.rendering import see
from web.site import AtHand
from worker.steps import correct

router = APIRouter(dependencies=[Depends(may_write)])

Label = Annotated[str, Form(min_length=1, max_length=128)]
Number = Annotated[int, Form(ge=1, le=2**31 - 1)]


@router.post("/items/{item_id}/correction")
def correct_item(request: Request, site: AtHand, who: Who, item_id: Identity, label: Label) -> RedirectResponse:
    correct.correct_item(site.context, item_id, label, who.name)
    return see(request, f"/items/{item_id}")


@router.post("/items/{item_id}/correction/undo")
def undo_of_item(request: Request, site: AtHand, who: Who, item_id: Identity, correction: Number) -> RedirectResponse:
    correct.undo(site.context, correction, who.name)
    return see(request, f"/items/{item_id}")


@router.post("/stories/{story_id}/correction")
def correct_story(request: Request, site: AtHand, who: Who, story_id: Identity, label: Label) -> RedirectResponse:
    correct.correct_story(site.context, story_id, label, who.name)
    return see(request, f"/stories/{story_id}")


@router.post("/stories/{story_id}/correction/undo")
def undo_of_story(request: Request, site: AtHand, who: Who, story_id: Identity, correction: Number) -> RedirectResponse:
    correct.undo(site.context, correction, who.name)
    return see(request, f"/stories/{story_id}")
