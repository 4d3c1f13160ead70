"""Articles that other services send: to have them judged, or to have them watched like those of a feed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Body, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from classifiers.event_json import verdict_to_dict
from feeds.item import Item
from web.access import may_write
from web.problem import ONE, SOME, answers
from web.site import AtHand
from worker.cli.item_lines import read_time
from worker.steps import push as pushing

router = APIRouter()

#: Articles in one request.
MOST = 100

_Text = Annotated[str, Field(max_length=200_000)]
_Title = Annotated[str, Field(max_length=5_000)]
_Id = Annotated[str, Field(min_length=1, max_length=1_000, description="Whatever names it where it comes from")]
_Url = Annotated[str, Field(max_length=4_000, pattern=r"^https?://[!-~]+$")]
_Published = Annotated[
    str,
    Field(max_length=100, description="As `2024-07-03T09:30:00Z` or as mail writes it; what cannot be read is unknown"),
]
_Language = Annotated[str, Field(max_length=36, description="A BCP 47 tag such as `en` or `pt-BR`")]

_One = TypeVar("_One")
# Told apart before they are read: a mistake in one of them is then no second one in the other.
_OneOrSome = Annotated[
    Annotated[_One, Tag(ONE)] | Annotated[list[_One], Field(min_length=1, max_length=MOST), Tag(SOME)],
    Discriminator(lambda body: SOME if isinstance(body, list) else ONE),
    Body(),
]


class Text(BaseModel):
    """A text to judge."""

    model_config = ConfigDict(extra="forbid")

    title: _Title = ""
    text: _Text = ""
    id: Annotated[str, Field(max_length=1_000, description="Given back as it is")] = ""
    url: Annotated[str, Field(max_length=4_000)] | None = None
    published: _Published | None = None
    language: _Language | None = None


class Judged(BaseModel):
    """What a text reports, as `seedwire classify --jsonl` writes it."""

    id: str
    scores: dict[str, float] = Field(description="0 to 1 for every type of event")
    events: list[dict[str, Any]] = Field(description="The reports over their threshold, with their `evidence`")
    language: str | None = Field(default=None, description="What it was taken for")
    reason: str | None = Field(default=None, description="Why it was not scored; left away where it was")


class Pushed(BaseModel):
    """An article to be watched. `title` and `text` may be HTML; a repeat is known by its `id`, or by its `url`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "anyOf": [{"required": [key], "properties": {key: {"type": "string"}}} for key in ("id", "url")]
        },
    )

    source: str = Field(
        description="Whose it is, shown among the feeds under this name",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$",
    )
    title: _Title = ""
    text: _Text = ""
    id: _Id | None = None
    url: _Url | None = None
    published: _Published | None = None
    language: _Language | None = None

    @model_validator(mode="after")
    def _is_named(self) -> Pushed:
        if self.id is None and self.url is None:
            raise ValueError("an article needs an id or a url, so that a repeat is known")
        return self


class Taken(BaseModel):
    """What became of an article."""

    id: str = Field(description="The id of its item")
    state: Literal["new", "updated", "known"] = Field(
        description="`known`: stored already as it is; `updated`: it has changed since"
    )


class TakenAll(BaseModel):
    """What became of each article, in the order they were sent."""

    items: list[Taken]


@router.post(
    "/classify",
    tags=["classify"],
    response_model=Judged | list[Judged],
    response_model_exclude_none=True,
    responses=answers(401, 403, 413, 422, 503),
    summary="Say what texts report, storing nothing",
)
def classify(
    site: AtHand,
    texts: _OneOrSome[Text],
) -> Response:
    """One text is answered with one object, a list with a list in the same order."""
    model, who = site.context.model, site.context.who

    def judge(one: Text) -> dict[str, object]:
        item = Item(one.id, one.title, one.text, one.url, read_time(one.published), one.language)
        return verdict_to_dict(one.id, model.classify(item, who))

    return JSONResponse([judge(one) for one in texts] if isinstance(texts, list) else judge(texts))


@router.post(
    "/items",
    tags=["items"],
    response_model=TakenAll,
    responses=answers(401, 403, 413, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Have articles watched like those of a feed",
)
def push(
    site: AtHand,
    articles: _OneOrSome[Pushed],
) -> Response:
    """They are classified at once, and webhooks are called as for any feed's. Sent again, nothing is new."""
    given = articles if isinstance(articles, list) else [articles]
    told = pushing.push(site.context, [pushing.Article(**one.model_dump()) for one in given])
    return JSONResponse({"items": [{"id": item, "state": state} for item, state in told]})
