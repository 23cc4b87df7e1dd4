"""How a worker is started: without looking for garbage until it is ready."""

import gc
import sys

import pytest

import worker.app
from worker import celery
from worker.app import settle


def test_garbage_is_looked_for_once_the_start_is_over() -> None:
    gc.disable()
    try:
        settle()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()


def test_a_worker_starts_under_its_name_and_takes_one_job_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}

    class Stub:
        def __init__(self, **options: object) -> None:
            given.update(options)

        def start(self) -> None:
            given["collects"] = gc.isenabled()

    class App:
        Worker = Stub

    monkeypatch.setattr(worker.app, "create_app", App)
    monkeypatch.setattr(sys, "argv", ["worker.celery", "--hostname", "worker1@here"])
    try:
        celery.main()
    finally:
        gc.enable()
    assert given["hostname"] == "worker1@here"
    assert given["without_gossip"] is given["without_mingle"] is given["without_heartbeat"] is True
    assert given["collects"] is False
