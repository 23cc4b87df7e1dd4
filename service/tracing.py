"""Each request is a span of a trace, which goes on with the caller's where it says so."""

from flask import Flask

from deltarule.store.settings import Settings
from deltarule.store.telemetry import NoTraces, tracing


def trace_requests(app: Flask, settings: Settings) -> None:
    """Send a span for each request to the collector that the settings name, if they name one; raises SettingsError."""
    if isinstance(tracing(settings, "deltarule-api"), NoTraces):
        return
    from opentelemetry.instrumentation.flask import FlaskInstrumentor  # noqa: PLC0415 -- an extra, as `tracing` says

    FlaskInstrumentor().instrument_app(app, excluded_urls="healthz,readyz,metrics")  # type: ignore[no-untyped-call]
