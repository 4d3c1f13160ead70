"""An OpenTelemetry collector on loopback: takes traces over OTLP/HTTP and keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loopback import _Server, answer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler


@dataclass(frozen=True)
class Span:
    """As it came; ids in hexadecimal, links as the (trace, span) they lead to. ``kind`` 3 is a client's."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    is_error: bool
    attributes: dict[str, object]
    links: tuple[tuple[str, str], ...]
    seconds: float
    service: str


class Collector(_Server):
    def __init__(self) -> None:
        super().__init__()
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []

    def handle(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        assert request.path == "/v1/traces"
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"]
            for scope in resource.scope_spans:
                self.spans += [_span(one, service) for one in scope.spans]
        answer(request, 200, content_type="application/x-protobuf")

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


def _span(one, service: str) -> Span:
    values = {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in one.attributes}
    return Span(
        name=one.name, trace=one.trace_id.hex(), id=one.span_id.hex(), parent=one.parent_span_id.hex(), kind=one.kind,
        is_error=one.status.code == 2, attributes=values,
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in one.links),
        seconds=(one.end_time_unix_nano - one.start_time_unix_nano) / 1e9, service=service,
    )  # fmt: skip
