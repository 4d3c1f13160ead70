"""``/metrics`` in the Prometheus text format 0.0.4, written anew for every scrape from what the database says.

No process keeps numbers of its own, so it does not matter which of them is asked or restarted, and two web processes
tell the same. What only grows (polls done, bytes read, …) is in the ``counters`` table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from store import condition
from store.stalls import stalls
from store.views import figures as counted
from store.views.figures import Backlog, Figures
from web.health import check_stages
from web.problem import answers
from web.site import AtHand, config_problem, our_version
from web.site import Reading as Connected

router = APIRouter(tags=["service"])

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: What a scrape always holds; every name has a row in docs/operations.md. Counters of the store come on top.
GAUGES: Mapping[str, str] = {
    "seedwire_info": "Always 1; the label says which version is running.",
    "seedwire_feeds": "Active feeds by state: ok, warning (read, but odd), retrying, failing, resting, offline, new.",
    "seedwire_push_feeds": "Active feeds that name a hub, by state: active, asked, denied, failing, new, offered.",
    "seedwire_items": "Stored items by outcome; pending ones wait to be classified.",
    "seedwire_events": "Stored events by type.",
    "seedwire_stories": "Stories by event type.",
    "seedwire_alerts": "Alerts by type.",
    "seedwire_deliveries": "Deliveries by webhook and state: pending, delivered, dead, disabled.",
    "seedwire_webhooks_disabled": "Configured webhooks that are disabled until a person enables them.",
    "seedwire_webhooks_paused": "Configured webhooks that do not answer and are asked again after a pause.",
    "seedwire_oldest_due_seconds": "How long the longest due work of a stage has waited; 0 when nothing waits.",
    "seedwire_tick_age_seconds": "Seconds since the last tick; absent when none ever came.",
    "seedwire_stalled": "1 while work of a stage is due, waits too long, and nobody is at it; 0 otherwise.",
    "seedwire_config_problem": "1 while the config file on disk is refused and the one before it is in force.",
    "seedwire_degraded": "1 for each reason why the service counts as degraded; none while it does not.",
    "seedwire_broker_up": "1 while the broker answers.",
}

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABELS = re.compile(
    r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*")*'
)


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


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=answers(401, 403, 503),
    summary="Figures in the Prometheus text format",
)
def scrape(site: AtHand, connection: Connected) -> Response:
    now = datetime.now(UTC)
    reading = Reading(
        version=our_version(),
        figures=counted.figures(connection, now),
        backlog=counted.backlog(connection, now),
        config_problem=config_problem(connection) is not None,
        degraded=[trouble.reason for trouble in condition.told(connection)],
        broker_up=site.ping_broker(),
        stalled={check.name: not check.ok for check in check_stages(stalls(connection, now))},
    )
    return Response(render(reading), media_type=CONTENT_TYPE)


def labels(**values: str) -> str:
    """Labels as the format writes them, without the braces: ``feed="a\\"b"``."""
    return ",".join(f'{name}="{_escape(value)}"' for name, value in values.items())


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def render(reading: Reading) -> str:
    """The body of an answer to a scrape."""
    figures, backlog = reading.figures, reading.backlog
    ages = {"poll": backlog.poll, "classify": backlog.classify, "deliver": backlog.deliver}
    samples: dict[str, Iterable[tuple[str, float]]] = {
        "seedwire_info": [(labels(version=reading.version), 1)],
        "seedwire_feeds": _by(
            "state",
            dict.fromkeys(("ok", "warning", "retrying", "failing", "resting", "offline", "new"), 0)
            | dict(figures.feeds),
        ),
        "seedwire_push_feeds": _by("state", figures.pushes),
        "seedwire_items": _by("outcome", {"pending": 0} | dict(figures.items)),
        "seedwire_events": _by("type", figures.events),
        "seedwire_stories": _by("type", figures.stories),
        "seedwire_alerts": _by("type", figures.alerts),
        "seedwire_deliveries": [
            (labels(webhook=webhook, state=state), count)
            for (webhook, state), count in sorted(figures.deliveries.items())
        ],
        "seedwire_webhooks_disabled": [("", figures.disabled_webhooks)],
        "seedwire_webhooks_paused": [("", figures.paused_webhooks)],
        "seedwire_oldest_due_seconds": _by("stage", ages),
        "seedwire_tick_age_seconds": [] if backlog.since_tick is None else [("", backlog.since_tick)],
        "seedwire_stalled": _by("stage", {stage: int(is_so) for stage, is_so in reading.stalled.items()}),
        "seedwire_config_problem": [("", int(reading.config_problem))],
        "seedwire_degraded": _by("reason", dict.fromkeys(reading.degraded, 1)),
        "seedwire_broker_up": [("", int(reading.broker_up))],
    }
    lines: list[str] = []
    for name, help_text in GAUGES.items():
        lines += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]
        lines += [_sample(name, label, value) for label, value in samples[name]]
    lines += _counters(figures.counters)
    return "\n".join(lines) + "\n"


def _by(label: str, counts: Mapping[str, float]) -> list[tuple[str, float]]:
    return [(labels(**{label: key}), value) for key, value in sorted(counts.items())]


def _sample(name: str, label: str, value: float) -> str:
    return f"{name}{{{label}}} {value!r}" if label else f"{name} {value!r}"


def _counters(stored: Mapping[tuple[str, str], float]) -> list[str]:
    """A row whose name or labels the format does not allow would spoil the whole scrape: it is left out."""
    lines: list[str] = []
    shown = None
    for (name, label), value in sorted(stored.items()):
        if not _NAME.fullmatch(name) or (label and not _LABELS.fullmatch(label)):
            continue
        if name != shown:
            lines.append(f"# TYPE {name} counter")
            shown = name
        lines.append(_sample(name, label, value))
    return lines
