"""``/api/v1/webhooks``: how each does, a test, another try for what rests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from alerts.webhook import Webhook as Configured
from store import state
from store.ids import derive
from store.views.webhooks import Traffic as TrafficView
from store.views.webhooks import WebhookView, view_webhooks
from web.access import may_write
from web.api.moments import Moment
from web.problem import answers
from web.site import AtHand, Reading, Site
from worker.steps.retry import retry_resting
from worker.steps.try_webhook import try_webhook

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

Name = Annotated[str, Path(max_length=64, description="Its name in the config")]


class Traffic(BaseModel):
    """Attempts in a span of time, and how many of them were taken (answered 2xx)."""

    attempts: int
    taken: int
    rate: float | None = Field(description="The share that was taken, 0 to 1; null where there was no attempt")


class HeldBack(BaseModel):
    """Stories that are told later."""

    why: Literal["quiet", "cap"] = Field(description="Its `quiet_period` or its `max_per_hour`")
    stories: int
    until: datetime = Field(description="When the next of them is told")


class Asks(BaseModel):
    """Its filters; an empty one admits everything."""

    events: list[str]
    min_score: float
    countries: list[str]
    statuses: list[str]
    tags: list[str]
    feeds: list[str]
    languages: list[str]
    updates: bool
    quiet_period: float = Field(description="In seconds")
    max_per_hour: int


class TestAnswer(BaseModel):
    """A test event and what was answered."""

    ok: bool = Field(description="Whether it was taken (2xx)")
    webhook: str
    id: str = Field(description="Its `webhook-id`")
    code: int = Field(description="The answer's status; 0 where none came")
    latency_ms: float
    error: str | None = Field(description="Why no answer came")
    excerpt: str | None = Field(description="The beginning of the answer")
    hint: str = Field(description="What to do; empty where it was taken or the error says it")


class LastTest(TestAnswer):
    """The test that was sent last, by whomever but the command line."""

    at: datetime


class Webhook(BaseModel):
    """A configured webhook and how it does."""

    name: str
    url: str = Field(description="Where it leads: no path, which may be a secret")
    for_people: bool = Field(description="Whether it sends messages to a chat or by e-mail")
    state: Literal["new", "ok", "retrying", "paused", "disabled", "dead letters"]
    note: str | None = Field(description="What went wrong, of the worst that waits or rests")
    disabled: datetime | None
    disabled_reason: str | None
    failures: int = Field(description="Attempts in a row that failed")
    failing_since: datetime | None
    paused_until: datetime | None = Field(description="It does not answer, and is called again then")
    succeeded: datetime | None = Field(description="When something was last delivered")
    waiting: int = Field(description="Deliveries that wait for an attempt")
    retrying: int = Field(description="Those of them that failed before")
    resting: int = Field(description="Deliveries that wait until it is enabled")
    dead: int = Field(description="Deliveries that ran out of attempts")
    held: list[HeldBack]
    day: Traffic
    week: Traffic
    median_ms: float | None = Field(description="Half of the last thousand answers of a week came sooner")
    p95_ms: float | None
    asks: Asks
    last_test: LastTest | None = Field(description="Null where none was sent")


class Webhooks(BaseModel):
    """All of them, as the config orders them."""

    webhooks: list[Webhook]


class RetryOrder(BaseModel):
    """What is to be tried again."""

    model_config = ConfigDict(extra="forbid")

    states: list[Literal["dead", "disabled"]] = Field(
        default=["dead", "disabled"],
        max_length=2,
        description="`dead`: what ran out of attempts. `disabled`: what rests, and the webhook is enabled",
    )
    since: Moment | None = Field(default=None, description="Only what was made since then")
    until: Moment | None = Field(default=None, description="Only what was made before then")


class Retried(BaseModel):
    """What became of it."""

    webhook: str
    deliveries: int = Field(description="How many are due again")


@router.get("", responses=answers(401, 403, 503), summary="The configured webhooks and how they do")
def webhooks(site: AtHand, connection: Reading) -> Webhooks:
    return Webhooks(webhooks=_described(connection, site.context.config.webhooks))


@router.get("/{name}", responses=answers(401, 403, 404, 422, 503), summary="One webhook")
def webhook(name: Name, site: AtHand, connection: Reading) -> Webhook:
    return _described(connection, [configured_webhook(site, name)])[0]


@router.post(
    "/{name}/test",
    responses=answers(401, 403, 404, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Send one signed test event now, and tell what was answered",
    description="It is kept as the webhook's `last_test` alone: neither as an alert nor as a delivery. The call takes "
    "as long as the webhook's `timeout` at most.",
)
def send_test(
    name: Name,
    site: AtHand,
    idempotency_key: Annotated[
        str, Header(max_length=200, description="A repeat with the same key carries the same `webhook-id`")
    ] = "",
) -> TestAnswer:
    return run_test(site, configured_webhook(site, name), idempotency_key)


@router.post(
    "/{name}/retry",
    responses=answers(401, 403, 404, 422, 503),
    dependencies=[Depends(may_write)],
    summary="Send what rests again, and enable the webhook",
    description="Same alerts, same `webhook-id`. A repeat finds nothing that rests and changes nothing.",
)
def retry(name: Name, site: AtHand, order: RetryOrder | None = None) -> Retried:
    asked = order or RetryOrder()
    configured_webhook(site, name)
    with site.database.write() as transaction:
        done = retry_resting(
            site.context, transaction, set(asked.states), webhook=name, since=asked.since, until=asked.until
        )
    return Retried(webhook=name, deliveries=done.deliveries)


def configured_webhook(site: Site, name: str) -> Configured:
    """The webhook of that name in the config in force. Raises HTTPException 404."""
    for one in site.context.config.webhooks:
        if one.name == name:
            return one
    raise HTTPException(404, "No webhook of the config has this name; GET /api/v1/webhooks lists them.")


def run_test(site: Site, webhook: Configured, key: str = "") -> TestAnswer:
    """Send a test, and keep what was answered as its webhook's last one."""
    tried = try_webhook(site.context, webhook, key=key)
    told = TestAnswer(
        ok=tried.taken,
        webhook=webhook.name,
        id=tried.alert.id,
        code=tried.attempt.code,
        latency_ms=tried.attempt.latency_ms,
        error=tried.attempt.error,
        excerpt=tried.attempt.excerpt,
        hint=tried.hint,
    )
    with site.database.write() as transaction:
        state.put(transaction.connection, _last_test_key(webhook.name), told.model_dump(), tried.attempt.at)
    return told


def last_test(connection: Connection, name: str) -> LastTest | None:
    """What came of the last test of this webhook; None where none was sent."""
    fact = state.get(connection, _last_test_key(name))
    return LastTest.model_validate(fact.value | {"at": fact.at}) if fact else None


def _last_test_key(name: str) -> str:
    return f"last-test:{derive(name)}"


def _described(connection: Connection, configured: Sequence[Configured]) -> list[Webhook]:
    views = view_webhooks(connection, [one.name for one in configured], datetime.now(UTC))
    return [_describe(one, view, last_test(connection, one.name)) for one, view in zip(configured, views, strict=True)]


def _describe(configured: Configured, view: WebhookView, test: LastTest | None) -> Webhook:
    health = view.health
    return Webhook(
        name=configured.name,
        url=configured.place,
        for_people=configured.for_people,
        state=view.state,
        note=health.note,
        disabled=health.disabled,
        disabled_reason=health.disabled_reason,
        failures=health.failures,
        failing_since=health.failing_since,
        paused_until=health.paused_until,
        succeeded=view.succeeded,
        waiting=health.waiting,
        retrying=health.retrying,
        resting=health.resting,
        dead=health.dead,
        held=[HeldBack(why=one.why, stories=one.stories, until=one.until) for one in view.held],
        day=_traffic(view.day),
        week=_traffic(view.week),
        median_ms=view.median_ms,
        p95_ms=view.p95_ms,
        asks=Asks(
            events=list(configured.events),
            min_score=configured.min_score,
            countries=list(configured.countries),
            statuses=list(configured.statuses),
            tags=list(configured.tags),
            feeds=list(configured.feeds),
            languages=list(configured.languages),
            updates=configured.updates,
            quiet_period=configured.quiet_period.total_seconds(),
            max_per_hour=configured.max_per_hour,
        ),
        last_test=test,
    )


def _traffic(traffic: TrafficView) -> Traffic:
    return Traffic(attempts=traffic.attempts, taken=traffic.taken, rate=traffic.rate)
