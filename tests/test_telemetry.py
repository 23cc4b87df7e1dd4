"""Spans of a whole service arrive at a collector, which is a small HTTP server here."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from deltarule.store.errors import SettingsError
from deltarule.store.settings import Settings
from deltarule.store.telemetry import NoTraces, tracing
from tests.stack import ended, running_stack

Span = tuple[str, str, dict[str, str]]


@contextmanager
def collector() -> Iterator[tuple[str, "Queue[Span]"]]:
    """A collector's address, and what it is sent: service, name and attributes of each span."""
    spans: Queue[Span] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            message = ExportTraceServiceRequest()
            message.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in message.resource_spans:
                facts = {each.key: each.value.string_value for each in resource.resource.attributes}
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        attributes = {each.key: each.value.string_value for each in span.attributes}
                        spans.put((facts["service.name"], span.name, attributes))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", spans
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.xdist_group("stack")
def test_requests_and_attempts_are_traced(tmp_path: Path) -> None:
    body = {"data": {"inputs": [[0.0], [1.0]], "targets": [0, 1]}, "training": {"epochs": 2}}
    wanted = {("deltarule-api", "POST /v1/jobs"), ("deltarule-worker", "training attempt")}
    with collector() as (url, spans):
        with running_stack(tmp_path / "data", DELTARULE_TELEMETRY_URL=url) as client:
            job = ended(client, client.post("/v1/jobs", json=body).raise_for_status().json())
            assert job["status"] == "succeeded", json.dumps(job)
        while wanted:
            service, name, attributes = spans.get(timeout=30)
            wanted.discard((service, name))
            if name == "training attempt":
                assert attributes["job_id"] == job["id"]


def test_nothing_is_traced_unless_a_collector_is_named(tmp_path: Path) -> None:
    traces = tracing(Settings.embedded(tmp_path), "deltarule-api")
    assert isinstance(traces, NoTraces)
    with traces.span("nothing", job_id="none"):
        traces.end()


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(SettingsError, match=r"deltarule\[telemetry\]"):
        tracing(Settings.embedded(tmp_path, telemetry_url="http://127.0.0.1:4318"), "deltarule-api")
