"""What is trained in a storm: few distinct jobs, each many times, so that every result can be compared by its hash."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx

from tests.storm.stack import Stack

ROWS, FEATURES = 4000, 8
OPTIMIZERS: tuple[dict[str, Any], ...] = (
    {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9},
    {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True},
    {"name": "adam", "learning_rate": 0.003},
    {"name": "adam", "learning_rate": 0.003, "amsgrad": True},
    {"name": "adamw", "learning_rate": 0.003, "weight_decay": 0.01},
    {"name": "rmsprop", "learning_rate": 0.002},
    {"name": "adagrad", "learning_rate": 0.02},
    {"name": "nadam", "learning_rate": 0.003},
)
SCHEDULES: tuple[dict[str, Any], ...] = (
    {"name": "constant"},
    {"name": "cosine", "minimum": 0.0001},
    {"name": "step", "every": 10, "decay": 0.5},
    {"name": "reduce_on_plateau", "patience": 2, "factor": 0.5},
    {"name": "exponential", "decay": 0.97, "warmup_epochs": 3},
)
ANSWER_SECONDS = 3.0
"""A submission must be answered so soon, whatever state the broker is in."""


def table(seed: int = 0, rows: int = ROWS) -> str:
    """A regression table as CSV, the same for the same seed."""
    drawn = random.Random(seed)  # noqa: S311 -- data, not secrets
    lines = [",".join([*(f"x{column}" for column in range(FEATURES)), "y"])]
    for _ in range(rows):
        values = [drawn.gauss(0, 1) for _ in range(FEATURES)]
        target = values[0] * values[1] + values[2] ** 2 - values[3] + drawn.gauss(0, 0.1)
        lines.append(",".join(f"{value:.6f}" for value in (*values, target)))
    return "\n".join(lines) + "\n"


def specs(dataset_id: str, distinct: int = 12, epochs: int = 40) -> list[dict[str, Any]]:
    """So many distinct jobs: optimizers, schedules, dropout, batch sizes and seeds in turn."""
    return [
        {
            "name": f"storm {number}",
            "dataset_id": dataset_id,
            "target": "y",
            "network": {
                "layers": [
                    {"units": 64, "activation": "tanh", "dropout": 0.1 * (number % 3)},
                    {"units": 32, "activation": "relu"},
                    {"activation": "identity"},
                ]
            },
            "optimizer": OPTIMIZERS[number % len(OPTIMIZERS)],
            "schedule": SCHEDULES[number % len(SCHEDULES)],
            "training": {
                "epochs": epochs,
                "batch_size": (16, 25, 32)[number % 3],
                "seed": 100 + number,
                "early_stopping": None,
            },
        }
        for number in range(distinct)
    ]


def upload(stack: Stack, content: str | None = None) -> str:
    """The id of a dataset that was uploaded."""
    headers = {"Content-Type": "text/csv"}
    answer = stack.client.post("/v1/datasets", content=content or table(), headers=headers).raise_for_status()
    return str(answer.json()["id"])


class Submitter:
    """Posts jobs as a patient client does: what is cut off or told to wait is sent again under the same key.

    `accepted`: the id of each job and the number of its spec. `statuses` and `seconds`: of every answer there was.
    `broken` counts connections that ended without one.
    """

    def __init__(self, stack: Stack, threads: int = 4) -> None:
        self._stack = stack
        self._pool = ThreadPoolExecutor(threads)
        self._lock = threading.Lock()
        self.accepted: dict[str, int] = {}
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.broken = 0
        self.faults: list[str] = []

    def submit(self, number: int, spec: dict[str, Any], patience_seconds: float = 180.0) -> str | None:
        """Post until the job is accepted, or the patience is at its end; its id."""
        key, end = f"storm-{uuid4().hex}", time.monotonic() + patience_seconds
        while time.monotonic() < end:
            answer = self._post(spec, key)
            if answer is not None and answer.status_code == httpx.codes.ACCEPTED:
                with self._lock:
                    self.accepted[answer.json()["id"]] = number
                return str(answer.json()["id"])
            if answer is not None and answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                self.faults.append(f"a submission was answered with {answer.status_code}: {answer.text[:300]}")
                return None
            if answer is not None and "Retry-After" not in answer.headers:
                self.faults.append("a 503 has no Retry-After")
            threading.Event().wait(0.25)
        self.faults.append(f"a submission was not accepted within {patience_seconds:g} s")
        return None

    def submit_all(
        self, chosen: Iterable[tuple[int, dict[str, Any]]], pause: Callable[[], object] = lambda: None
    ) -> None:
        """Post all of these, a few at a time, with a pause before each."""

        def one(item: tuple[int, dict[str, Any]]) -> None:
            pause()
            self.submit(*item)

        list(self._pool.map(one, chosen))

    def _post(self, spec: dict[str, Any], key: str) -> httpx.Response | None:
        began = time.monotonic()
        try:
            answer = self._stack.client.post("/v1/jobs", json=spec, headers={"Idempotency-Key": key}, timeout=30)
        except httpx.TransportError:
            with self._lock:
                self.broken += 1
            return None
        with self._lock:
            self.statuses[answer.status_code] += 1
            self.seconds.append(time.monotonic() - began)
        return answer


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share of the values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
