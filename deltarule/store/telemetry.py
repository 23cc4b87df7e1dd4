"""Traces for whoever runs many services: off unless a collector is named, and then never in anybody's way."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from deltarule.store.errors import SettingsError
from deltarule.store.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

END_MILLISECONDS = 1000


class Traces(Protocol):
    """Where the spans of a process go."""

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        """A span of this name around a block."""

    def end(self) -> None:
        """Send what is left, for a second at most."""


class NoTraces:
    """Nobody wants to know."""

    def span(self, name: str, **attributes: str) -> AbstractContextManager[None]:
        """Nothing around a block."""
        return nullcontext()

    def end(self) -> None:
        """There is nothing left."""


class OpenTelemetry:
    """Spans for an OpenTelemetry collector, sent now and then by a thread of their own."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("deltarule")

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        """A span of this name around a block."""
        return self._tracer.start_as_current_span(name, attributes=attributes)

    def end(self) -> None:
        """Send what is left, for a second at most."""
        self._provider.force_flush(END_MILLISECONDS)


def tracing(settings: Settings, service: str) -> Traces:
    """Where this process's spans go, as those of `service`: to the collector that the settings name, if they name one.

    To be called after a fork, which takes no thread along. A collector that is away costs its spans, and nothing else.

    Raises:
        SettingsError: a collector is named, but OpenTelemetry is not installed.
    """
    if settings.telemetry_url is None:
        return NoTraces()
    try:
        # An extra, loaded for those who ask for it.
        from opentelemetry import trace  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(
            "DELTARULE_TELEMETRY_URL is set, but OpenTelemetry is not installed: pip install 'deltarule[telemetry]'."
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.telemetry_url.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return OpenTelemetry(provider)
