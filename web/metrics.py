"""``/metrics`` in the Prometheus text format 0.0.4, written from what the database says.

But for open streams no process keeps numbers of its own, so it does not matter which of them is asked or restarted, and
two web processes tell the same. What only grows (polls done, bytes read, …) is in the ``counters`` table. However many
scrape, the database is asked once a second.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from store import condition
from store.errors import DatabaseUnreachable
from store.stalls import stalls
from store.views import figures as counted
from store.views.figures import Backlog, Figures
from web.health import Health, check_stages
from web.probing import Probe
from web.problem import answers
from web.site import config_problem, our_version
from worker.context import Context
from worker.counts import written
from worker.measures import COUNTERS, HISTOGRAMS, Histogram

router = APIRouter(tags=["service"])

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: A scrape that takes longer is refused, in seconds: Prometheus itself waits ten.
ANSWER_WITHIN = 8.0

#: What a scrape always holds, beside the counters and histograms of worker.measures. docs/operations.md has them all.
GAUGES: Mapping[str, str] = {
    "seedwire_info": "Always 1; the label says which version is running.",
    "seedwire_feeds": "Active feeds by state: ok, warning (read, but odd), retrying, failing, resting, offline, new.",
    "seedwire_push_feeds": "Active feeds that name a hub, by state: active, asked, denied, failing, new, offered.",
    "seedwire_due": "Work that is due, by stage: feeds to poll, items to classify, deliveries to attempt.",
    "seedwire_oldest_due_seconds": "How long the longest due work of a stage has waited; 0 when nothing waits.",
    "seedwire_stalled": "1 while work of a stage is due, waits too long, and nobody is at it; 0 otherwise.",
    "seedwire_tick_age_seconds": "Seconds since the last tick; absent when none ever came.",
    "seedwire_deliveries": "Deliveries that are not over well, by webhook and state: pending, dead, disabled.",
    "seedwire_held_stories": "Stories that a webhook is told of later, for its quiet period or hourly cap.",
    "seedwire_webhooks_disabled": "Configured webhooks that are disabled until a person enables them.",
    "seedwire_webhooks_paused": "Configured webhooks that do not answer and are asked again after a pause.",
    "seedwire_config_problem": "1 while the config file on disk is refused and the one before it is in force.",
    "seedwire_degraded": "1 for each reason why the service counts as degraded; none while it does not.",
    "seedwire_broker_up": "1 while the broker answers.",
    "seedwire_live_streams": "Streams that the web process which was asked serves now.",
}

_FEED_STATES = ("ok", "warning", "retrying", "failing", "resting", "offline", "new")
_UNFINISHED = ("pending", "dead", "disabled")
_LABELS = re.compile(
    r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*")*'
)
_LE = re.compile(r'(?:^|,)le="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one scrape tells."""

    version: str
    figures: Figures
    backlog: Backlog
    config_problem: bool
    degraded: Sequence[str]
    broker_up: bool
    stalled: Mapping[str, bool]
    live_streams: int = 0


class Scrape:
    """The answer to scrapes; one a process. ``streams`` counts those that it serves now."""

    def __init__(self, context: Context, health: Health, streams: Callable[[], int]) -> None:
        self._context = context
        self._health = health
        self._streams = streams
        self.probe = Probe(lambda: render(self._read()))

    def _read(self) -> Reading:
        database, now = self._context.database, datetime.now(UTC)
        broker_up = self._health.broker_answers()
        with suppress(DatabaseUnreachable):
            self._context.counts.flush(database)  # what the web process counted itself
        with database.read() as connection:
            backlog = counted.backlog(connection, now)
            return Reading(
                version=our_version(),
                figures=counted.figures(connection, now),
                backlog=backlog,
                config_problem=config_problem(connection) is not None,
                degraded=[trouble.reason for trouble in condition.told(connection)],
                broker_up=broker_up,
                stalled={check.name: not check.ok for check in check_stages(stalls(connection, now), backlog)},
                live_streams=self._streams(),
            )


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=answers(401, 403, 503),
    summary="Figures in the Prometheus text format",
)
def scrape(request: Request) -> Response:
    answer: Scrape = request.app.state.scrape
    try:
        return Response(answer.probe.begin().result(ANSWER_WITHIN), media_type=CONTENT_TYPE)
    except TimeoutError:
        raise HTTPException(503, f"The database does not answer within {ANSWER_WITHIN:g} s.") from None


def render(reading: Reading) -> str:
    """The body of an answer to a scrape."""
    figures, backlog = reading.figures, reading.backlog
    unfinished = {(webhook, state): 0 for webhook in figures.webhooks for state in _UNFINISHED}
    samples: dict[str, Iterable[tuple[str, float]]] = {
        "seedwire_info": [(written({"version": reading.version}), 1)],
        "seedwire_feeds": _by("state", dict.fromkeys(_FEED_STATES, 0) | dict(figures.feeds)),
        "seedwire_push_feeds": _by("state", figures.pushes),
        "seedwire_due": _by("stage", figures.due),
        "seedwire_oldest_due_seconds": _by("stage", backlog.stages),
        "seedwire_stalled": _by("stage", {stage: int(is_so) for stage, is_so in reading.stalled.items()}),
        "seedwire_tick_age_seconds": [] if backlog.since_tick is None else [("", backlog.since_tick)],
        "seedwire_deliveries": [
            (written({"webhook": webhook, "state": state}), count)
            for (webhook, state), count in sorted((unfinished | dict(figures.deliveries)).items())
        ],
        "seedwire_held_stories": _by("webhook", dict.fromkeys(figures.webhooks, 0) | dict(figures.held)),
        "seedwire_webhooks_disabled": [("", figures.disabled_webhooks)],
        "seedwire_webhooks_paused": [("", figures.paused_webhooks)],
        "seedwire_config_problem": [("", int(reading.config_problem))],
        "seedwire_degraded": _by("reason", dict.fromkeys(reading.degraded, 1)),
        "seedwire_broker_up": [("", int(reading.broker_up))],
        "seedwire_live_streams": [("", reading.live_streams)],
    }
    lines: list[str] = []
    for name, help_text in GAUGES.items():
        lines += _family(name, "gauge", help_text)
        lines += [_sample(name, label, value) for label, value in samples[name]]
    lines += _counted(figures.counters, figures.webhooks)
    return "\n".join(lines) + "\n"


def _by(label: str, counts: Mapping[str, float]) -> list[tuple[str, float]]:
    return [(written({label: key}), value) for key, value in sorted(counts.items())]


def _family(name: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]


def _sample(name: str, label: str, value: float) -> str:
    return f"{name}{{{label}}} {value!r}" if label else f"{name} {value!r}"


def _counted(stored: Mapping[tuple[str, str], float], webhooks: Sequence[str]) -> Iterator[str]:
    """Counters and histograms. A row whose labels the format does not allow would spoil the whole scrape: it is left
    out, and so is what an older version counted and this one does not know."""
    by_name: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (name, label), value in stored.items():
        if not label or _LABELS.fullmatch(label):
            by_name[name][label] = value
    for name, counter in COUNTERS.items():
        yield from _family(name, "counter", counter.help)
        started = [written({counter.labels[0]: one}) for one in counter.known] if counter.labels else [""]
        for label, value in sorted((dict.fromkeys(started, 0.0) | by_name[name]).items()):
            yield _sample(name, label, value)
    for name, histogram in HISTOGRAMS.items():
        yield from _family(name, "histogram", histogram.help)
        yield from _histogram(name, histogram, by_name, webhooks)


def _histogram(
    name: str, histogram: Histogram, stored: Mapping[str, Mapping[str, float]], webhooks: Sequence[str]
) -> Iterator[str]:
    """Its buckets from the least up, every one of them also while it is empty."""
    empty = [written({"webhook": one}) for one in webhooks] if histogram.by_webhook else [""]
    counts = dict.fromkeys(empty, 0.0) | dict(stored.get(f"{name}_count", {}))
    buckets: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for label, value in stored.get(f"{name}_bucket", {}).items():
        if found := _LE.search(label):
            buckets[_LE.sub("", label).strip(",")][found[1]] = value
    for label, count in sorted(counts.items()):
        for bound in (*(f"{bound:g}" for bound in histogram.bounds), "+Inf"):
            with_le = f'{label},le="{bound}"' if label else f'le="{bound}"'
            yield _sample(f"{name}_bucket", with_le, buckets[label].get(bound, 0.0))
        yield _sample(f"{name}_sum", label, stored.get(f"{name}_sum", {}).get(label, 0.0))
        yield _sample(f"{name}_count", label, count)
