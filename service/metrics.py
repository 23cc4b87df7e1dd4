"""The service in figures as Prometheus reads them: of requests by counting, of jobs by looking at the database.

Requests are counted by each process of the HTTP server in files of a folder that they share, so that whichever is asked
answers for all; what is said of jobs is a fact of the rows, and the same from everywhere.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from apiflask import APIFlask
from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from deltarule.store.figures import Figures
from deltarule.store.states import Status
from deltarule.store.totals import DURATIONS
from service.serving import SHARED_FOLDER

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
FRESH_SECONDS = 2.0
SHARE = 0.05
"""The largest share of the time that may go into looking: many jobs are counted less often."""
METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
LOST = ("requeued", "failed", "cancelled")


class Metrics:
    """What is counted of requests, and what is looked up of jobs when somebody asks."""

    def __init__(self, look: Callable[[], Figures]) -> None:
        self._registry = CollectorRegistry()
        self._jobs = JobCollector(look)
        self._folder = os.environ.get(SHARED_FOLDER)
        self._requests = Counter(
            "deltarule_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "deltarule_http_request_duration_seconds",
            "Seconds until the answer began; of event streams too.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self._registry,
        )

    def count_requests(self, app: APIFlask) -> None:
        """Count every request of this app."""
        app.after_request(self._count)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it; raises Unavailable."""
        registry = CollectorRegistry()
        if self._folder:
            MultiProcessCollector(registry, self._folder)  # type: ignore[no-untyped-call]
        counted = registry if self._folder else self._registry
        jobs = CollectorRegistry()
        jobs.register(self._jobs)
        return generate_latest(counted) + generate_latest(jobs)

    def _count(self, response: Response) -> Response:
        # Nothing that a client can choose becomes a label, or it could make as many series as it likes.
        method = request.method if request.method in METHODS else "other"
        route = PARAMETER.sub(r"{\1}", request.url_rule.rule) if request.url_rule else "unmatched"
        self._requests.labels(method, route, str(response.status_code)).inc()
        self._seconds.labels(method, route).observe(time.perf_counter() - g.began)
        return response


class JobCollector(Collector):
    """The figures of the database as metrics; those who ask at once share one look."""

    def __init__(self, look: Callable[[], Figures]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._seen: tuple[float, Figures] | None = None

    def collect(self) -> Iterator[Metric]:
        """One look at the database."""
        seen = self._figures()
        jobs = GaugeMetricFamily("deltarule_jobs", "Jobs that are kept, by status.", labels=("status",))
        for status, count in seen.jobs.items():
            jobs.add_metric((status.value,), count)
        yield jobs
        yield _gauge("deltarule_queue_depth", "Jobs that wait for a worker.", seen.jobs[Status.QUEUED])
        yield _gauge(
            "deltarule_queue_oldest_age_seconds", "Age of the oldest job that waits.", seen.oldest_queued_seconds
        )
        yield _gauge(
            "deltarule_training_samples_per_second", "Rows trained on, by all jobs that run.", seen.samples_per_second
        )
        yield _gauge("deltarule_training_epochs_per_second", "Epochs, of all jobs that run.", seen.epochs_per_second)
        yield _durations(seen)
        yield from _moves(seen)

    def _figures(self) -> Figures:
        with self._lock:
            began = time.monotonic()
            if self._seen is None or began > self._seen[0]:
                found = self._look()
                cost = time.monotonic() - began
                self._seen = (began + max(FRESH_SECONDS, cost / SHARE), found)
            return self._seen[1]


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _durations(seen: Figures) -> Metric:
    family = HistogramMetricFamily(
        "deltarule_job_duration_seconds",
        "Seconds from a job's first attempt to its end, by how it ended.",
        labels=("status",),
    )
    for status, durations in seen.durations.items():
        bounds = (*(str(float(bound)) for bound in DURATIONS), "+Inf")
        counts = (*durations.within, durations.count)
        family.add_metric((status.value,), list(zip(bounds, counts, strict=True)), durations.seconds)
    return family


def _moves(seen: Figures) -> Iterator[Metric]:
    lost = CounterMetricFamily(
        "deltarule_lost_workers",
        "Jobs taken from a worker that was lost, by what became of them.",
        labels=("outcome",),
    )
    for outcome in LOST:
        lost.add_metric((outcome,), seen.moves[f"lost_{outcome}"])
    yield lost
    words: dict[str, tuple[str, Any]] = {
        "taken_over": ("deltarule_lease_takeovers", "Attempts that went on with what another worker had begun."),
        "given_back": ("deltarule_leases_given_back", "Attempts given back by workers that were shut down."),
        "out_of_time": ("deltarule_jobs_out_of_time", "Jobs stopped because their worker let a time limit pass."),
    }
    for move, (name, sentence) in words.items():
        yield CounterMetricFamily(name, sentence, value=seen.moves[move])
