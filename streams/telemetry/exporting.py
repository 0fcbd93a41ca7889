"""Where spans go: to the collector that OpenTelemetry's own variables name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_TELLS_WITHIN_S: Final = 3.0
_GIVES_UP_WITHIN_S: Final = 1.0


@contextmanager
def exported() -> Iterator[TracerProvider]:
    """A provider whose spans are sent, a batch at a time, by a thread of its own."""
    named = Resource({SERVICE_NAME: "matchstream"}).merge(OTELResourceDetector().detect())
    provider, exporter = TracerProvider(resource=named, shutdown_on_exit=False), OTLPSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield provider
    finally:
        _end(provider, exporter)


def _end(provider: TracerProvider, exporter: OTLPSpanExporter) -> None:
    """A collector that does not answer must not keep a worker from stopping: its exporter would try for 30 s."""
    ending = Thread(target=provider.shutdown, name="spans", daemon=True)
    ending.start()
    ending.join(_TELLS_WITHIN_S)
    if ending.is_alive():
        exporter.shutdown()  # type: ignore[no-untyped-call]  # theirs
        ending.join(_GIVES_UP_WITHIN_S)
