"""What the buttons of ``correction.html`` do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse

from web.access import may_write
from web.api.corrections import Who, bad_label
from web.api.paging import Identity
from web.pages.rendering import see
from web.site import AtHand
from worker.steps import correct
from worker.steps.correct import BadLabel

router = APIRouter(dependencies=[Depends(may_write)])

Label = Annotated[str, Form(min_length=1, max_length=128)]
Number = Annotated[int, Form(ge=1, le=2**31 - 1)]


@router.post("/items/{item_id}/correction")
def correct_item(request: Request, site: AtHand, who: Who, item_id: Identity, label: Label) -> RedirectResponse:
    return _done(request, f"/items/{item_id}", lambda: correct.correct_item(site.context, item_id, label, who.name))


@router.post("/items/{item_id}/correction/undo")
def undo_of_item(request: Request, site: AtHand, who: Who, item_id: Identity, correction: Number) -> RedirectResponse:
    return _done(request, f"/items/{item_id}", lambda: correct.undo(site.context, correction, who.name))


@router.post("/stories/{story_id}/correction")
def correct_story(request: Request, site: AtHand, who: Who, story_id: Identity, label: Label) -> RedirectResponse:
    return _done(
        request, f"/stories/{story_id}", lambda: correct.correct_story(site.context, story_id, label, who.name)
    )


@router.post("/stories/{story_id}/correction/undo")
def undo_of_story(request: Request, site: AtHand, who: Who, story_id: Identity, correction: Number) -> RedirectResponse:
    return _done(request, f"/stories/{story_id}", lambda: correct.undo(site.context, correction, who.name))


def _done(request: Request, back: str, act: Callable[[], object]) -> RedirectResponse:
    try:
        act()
    except BadLabel as error:
        raise bad_label(error) from None
    return see(request, back)
