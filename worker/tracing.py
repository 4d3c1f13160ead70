"""Traces in the OpenTelemetry protocol, where the standard ``OTEL_…`` variables ask for them; else nothing is loaded.

An item's id is the id of its trace, and a span's id follows from what it is about: so poll, classification, alert and
attempts meet in one trace whichever process they happen in, and nothing is carried through the database. Spans are told
when they are over. They hold ids, names of ours and codes: never an address with its credentials, never a secret.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING

from worker import logs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanContext

log = logs.get(__name__)

#: What a span may hold.
Value = str | int | float | bool | list[str]

#: What is not exported by then when a process ends is lost, in seconds: a collector that is away must not hold it up.
FLUSH_WITHIN = 2.0

#: What the first span of an item's trace is about, however it came to us.
SIGHT = "sight"

_lock = threading.Lock()
_exporting: _Exporting | None = None


def _is_asked_for(environ: Mapping[str, str]) -> bool:
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    endpoint = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return environ.get("OTEL_TRACES_EXPORTER", "otlp" if endpoint else "none") == "otlp"


_on = _is_asked_for(os.environ)


def is_on() -> bool:
    return _on


def record(
    name: str,
    trace: str,
    *,
    began: float,
    ended: float | None = None,
    about: str = "",
    under: str = "",
    links: Sequence[tuple[str, str]] = (),
    calls: bool = False,
    error: str = "",
    attributes: Mapping[str, Value | None] = MappingProxyType({}),
) -> None:
    """A span that is over, from ``began`` to ``ended`` (Unix time; now).

    ``trace`` is an item's id, or another name for what it belongs to; ``about`` (its name, where that is enough) tells
    the spans of a trace apart. ``under`` is what its parent is about, ``links`` are (trace, about) of spans elsewhere,
    ``calls`` says that somebody else's server was called, ``error`` what went wrong in a word. Does nothing where
    nobody asked.
    """
    if not _on:
        return
    exporting = _of_this_process()
    if exporting is not None:
        exporting.end(name, trace, began, ended or time.time(), about or name, under, links, calls, error, attributes)


def close() -> None:
    """Export what waits, for two seconds at most; what is recorded afterwards begins anew."""
    global _exporting
    with _lock:
        exporting, _exporting = _exporting, None
    if exporting is None or exporting.pid != os.getpid():
        return
    ending = threading.Thread(target=exporting.processor.shutdown, name="spans", daemon=True)
    ending.start()
    ending.join(FLUSH_WITHIN)


def _of_this_process() -> _Exporting | None:
    """Made at a process's first span: what sends them is a thread, which no fork copies."""
    global _exporting, _on
    with _lock:
        if _exporting is None or _exporting.pid != os.getpid():
            try:
                _exporting = _Exporting()
            except ImportError as error:
                _on = False
                log.warning(
                    "traces are asked for and cannot be made: pip install 'seedwire[telemetry]'", error=str(error)
                )
            except ValueError as error:  # what the OTEL_ variables say does not go together
                _on = False
                log.warning("traces are asked for and cannot be made as the OTEL_ variables say", error=str(error))
        return _exporting


class _Exporting:
    def __init__(self) -> None:
        from importlib.metadata import version

        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope

        self.pid = os.getpid()
        named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        self._resource = Resource.create({} if named else {"service.name": "seedwire"})
        self._sampler = TracerProvider(resource=self._resource, shutdown_on_exit=False).sampler
        self._scope = InstrumentationScope("seedwire", version("seedwire"))
        self.processor: BatchSpanProcessor = BatchSpanProcessor(OTLPSpanExporter())

    def end(
        self,
        name: str,
        trace: str,
        began: float,
        ended: float,
        about: str,
        under: str,
        links: Sequence[tuple[str, str]],
        calls: bool,
        error: str,
        attributes: Mapping[str, Value | None],
    ) -> None:
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.sdk.trace.sampling import Decision
        from opentelemetry.trace import Link, SpanKind, Status, StatusCode

        # By the trace's id alone, where it is by share: all processes keep the same items.
        if self._sampler.should_sample(None, _trace_id(trace), name).decision is Decision.DROP:
            return
        self.processor.on_end(
            ReadableSpan(
                name,
                context=_context(trace, about),
                parent=_context(trace, under) if under else None,
                resource=self._resource,
                attributes={key: value for key, value in attributes.items() if value is not None},
                links=[Link(_context(*linked)) for linked in links],
                kind=SpanKind.CLIENT if calls else SpanKind.INTERNAL,
                status=Status(StatusCode.ERROR, error) if error else Status(StatusCode.UNSET),
                start_time=int(began * 1e9),
                end_time=int(max(began, ended) * 1e9),
                instrumentation_scope=self._scope,
            )
        )


def _trace_id(trace: str) -> int:
    try:
        found = int(trace, 16) if len(trace) == 32 else 0
    except ValueError:
        found = 0
    return found or int.from_bytes(hashlib.sha256(trace.encode()).digest()[:16])


def _context(trace: str, about: str) -> SpanContext:
    from opentelemetry.trace import SpanContext, TraceFlags

    span_id = int.from_bytes(hashlib.sha256(f"{trace} {about}".encode()).digest()[:8])
    return SpanContext(_trace_id(trace), span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
