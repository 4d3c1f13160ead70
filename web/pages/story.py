"""``/stories/{id}``: one story on its time line, and what a person may do with it."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from alerts.errors import StoryError
from store.views.deliveries import ListedDelivery
from store.views.one_story import living_id, near, one_story
from web.access import may_write, principal_of
from web.api.paging import Identity
from web.pages.rendering import page, see
from web.site import AtHand, Reading, Site
from worker.steps.edit_story import merge_stories, split_story

router = APIRouter(prefix="/stories/{story_id}")

_Id = Annotated[str, Form(max_length=64, pattern=r"^[^\x00]*$")]


@router.get("")
def story(request: Request, site: AtHand, connection: Reading, story_id: Identity) -> Response:
    living = living_id(connection, story_id)
    if living != story_id:
        # For the time being: a person may take the two apart again.
        return RedirectResponse(f"{request.scope.get('root_path', '')}/stories/{living}", status_code=307)
    return _shown(request, site, connection, story_id)


@router.post("/merge", dependencies=[Depends(may_write)])
def merge(request: Request, site: AtHand, story_id: Identity, into: _Id = "", other: _Id = "") -> Response:
    wanted = other.strip() or into
    if not wanted:
        return _refused(request, site, story_id, "Choose the story to merge it into, or give its id.")
    try:
        whole = merge_stories(site.context, story_id, wanted, principal_of(request).name)
    except StoryError as error:
        return _refused(request, site, story_id, str(error))
    return see(request, f"/stories/{whole.id}")


@router.post("/split", dependencies=[Depends(may_write)])
def split(
    request: Request,
    site: AtHand,
    story_id: Identity,
    item: Annotated[list[_Id], Form(max_length=500)] = [],  # noqa: B006 - FastAPI copies it
    alert: _Id = "",
) -> Response:
    if not item:
        return _refused(request, site, story_id, "Choose the reports that are about another event.")
    try:
        _, new = split_story(site.context, story_id, item, alert=bool(alert), who=principal_of(request).name)
    except StoryError as error:
        return _refused(request, site, story_id, str(error))
    return see(request, f"/stories/{new.id}")


def _refused(request: Request, site: Site, story_id: str, problem: str) -> Response:
    """The page again, with what was wrong."""
    with site.database.read() as connection:
        return _shown(request, site, connection, living_id(connection, story_id), problem, 409)


def _shown(
    request: Request,
    site: Site,
    connection: Connection,
    story_id: str,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    one = one_story(connection, story_id)
    deliveries: dict[str, list[ListedDelivery]] = {}
    for delivery in one.deliveries:
        deliveries.setdefault(delivery.alert, []).append(delivery)
    return page(
        request,
        connection,
        "story.html",
        status=status,
        one=one,
        deliveries=deliveries,
        near=near(connection, one.story) if principal_of(request).may_write else (),
        types=site.context.model.types,
        as_json=json.dumps(one.view.event, ensure_ascii=False, indent=2),
        problem=problem,
    )
