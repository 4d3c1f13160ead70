"""``…/correction`` of items and stories, and ``/api/v1/corrections``: what people said of what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from store import corrections as journal
from store.corrections import Correction
from web.access import Principal, may_write, principal_of
from web.api.moments import iso
from web.api.paging import DEFAULT_PAGE, Identity, Limit
from web.problem import answers
from web.site import AtHand, Reading
from worker.steps import correct

router = APIRouter(tags=["corrections"])

#: What teaches Seedwire what was said.
LEARN = "seedwire learn --seeds DIR --with-feedback --out FILE"
_LARGEST = 2**31 - 1

Who = Annotated[Principal, Depends(principal_of)]
Number = Annotated[int, Path(ge=1, le=_LARGEST, description="The number of a correction")]


class Saying(BaseModel):
    """What an item or a story is."""

    label: str = Field(
        description="An event type, `none`, `right` (what was decided) or `wrong` (none of what was decided)",
        min_length=1,
        max_length=128,
    )


class ToldCorrection(BaseModel):
    """One entry of the journal: of one item, or of all the items that a story had then."""

    id: int
    at: datetime
    by: str = Field(description="The name of the token it was said with")
    label: str = Field(description="An event type or `none`")
    story: str | None = Field(description="The story it was said of; null where it was said of an item")
    items: list[str]
    undone: datetime | None
    undone_by: str | None


class Corrected(BaseModel):
    """A correction as it stands now, and what is still to be done about it."""

    correction: ToldCorrection
    waiting: int = Field(description="Items whose label no model has learned yet")
    learn: str = Field(description="The command that learns them; until then nothing is decided otherwise")


class CorrectionPage(BaseModel):
    """A page of the journal."""

    corrections: list[ToldCorrection]
    waiting: int = Field(description="Items whose label no model has learned yet")
    learn: str = Field(description="The command that learns them")
    next: str | None = Field(description="The cursor of the next page; null on the last one")


_SAID = answers(401, 403, 404, 422, 503)


@router.get(
    "/corrections",
    response_model=CorrectionPage,
    responses=answers(401, 403, 422, 503),
    summary="What people said, the newest first",
)
def corrections(
    connection: Reading,
    limit: Limit = DEFAULT_PAGE,
    cursor: Annotated[
        str, Query(description="`next` of the page before; empty for the first", pattern=r"^([1-9][0-9]{0,8})?$")
    ] = "",
    in_force: Annotated[
        bool | None, Query(description="Only those in force, or only those that were taken back")
    ] = None,
) -> Response:
    found = journal.newest(connection, limit=limit + 1, before=int(cursor) if cursor else None, in_force=in_force)
    following = str(found[limit - 1].id) if len(found) > limit else None
    told = [correction_to_dict(one) for one in found[:limit]]
    return JSONResponse(
        {"corrections": told, "waiting": journal.waiting(connection), "learn": LEARN, "next": following}
    )


@router.delete(
    "/corrections/{number}",
    response_model=Corrected,
    responses=_SAID,
    dependencies=[Depends(may_write)],
    summary="Take one back, whatever was said since",
)
def undo(site: AtHand, who: Who, number: Number) -> Response:
    return _corrected(site, correct.undo(site.context, number, who.name))


@router.post(
    "/items/{item_id}/correction",
    response_model=Corrected,
    responses=_SAID,
    dependencies=[Depends(may_write)],
    summary="Say what an item is",
)
def correct_item(site: AtHand, who: Who, item_id: Identity, saying: Saying) -> Response:
    return _corrected(site, correct.correct_item(site.context, item_id, saying.label, who.name))


@router.delete(
    "/items/{item_id}/correction",
    response_model=Corrected,
    responses=_SAID,
    dependencies=[Depends(may_write)],
    summary="Take back the last that was said of an item",
)
def undo_of_item(site: AtHand, who: Who, item_id: Identity) -> Response:
    return _corrected(site, correct.undo_of_item(site.context, item_id, who.name))


@router.post(
    "/stories/{story_id}/correction",
    response_model=Corrected,
    responses=_SAID,
    dependencies=[Depends(may_write)],
    summary="Say what a story is, and so all the items it has now",
)
def correct_story(site: AtHand, who: Who, story_id: Identity, saying: Saying) -> Response:
    return _corrected(site, correct.correct_story(site.context, story_id, saying.label, who.name))


@router.delete(
    "/stories/{story_id}/correction",
    response_model=Corrected,
    responses=_SAID,
    dependencies=[Depends(may_write)],
    summary="Take back the last that was said of a story",
)
def undo_of_story(site: AtHand, who: Who, story_id: Identity) -> Response:
    return _corrected(site, correct.undo_of_story(site.context, story_id, who.name))


def correction_to_dict(one: Correction) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "by": one.by,
        "label": one.label,
        "story": one.story_id,
        "items": list(one.before),
        "undone": iso(one.undone),
        "undone_by": one.undone_by,
    }


def _corrected(site: AtHand, made: Correction) -> Response:
    with site.database.read() as connection:
        waiting = journal.waiting(connection)
    return JSONResponse({"correction": correction_to_dict(made), "waiting": waiting, "learn": LEARN})
