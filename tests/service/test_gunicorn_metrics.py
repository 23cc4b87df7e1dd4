"""Figures of a service that is several processes."""

import shutil
from pathlib import Path

import httpx

from deltarule.store.settings import Settings
from tests.service.test_gunicorn import served
from tests.service.test_metrics import value
from tests.stack import free_port

REQUESTS = 40


def test_whichever_process_is_asked_answers_for_all(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "deltarule.sqlite3")
    settings = Settings(data=tmp_path, port=free_port())
    url = f"http://127.0.0.1:{settings.port}"
    jobs = {"method": "GET", "route": "/v1/jobs"}
    with served(settings, tmp_path / "service.log"):
        for number in range(1, REQUESTS + 1):
            # Each on a connection of its own, so that it may come to either process.
            httpx.get(f"{url}/v1/jobs").raise_for_status()
            text = httpx.get(f"{url}/metrics").raise_for_status().text
            assert value(text, "deltarule_http_requests_total", **jobs, status="200") == number
            assert value(text, "deltarule_http_request_duration_seconds_count", **jobs) == number
        assert value(text, "deltarule_queue_depth") == 0
        assert 'pid="' not in text
    with served(settings, tmp_path / "service.log"):
        text = httpx.get(f"{url}/metrics").raise_for_status().text
        assert "/v1/jobs" not in text
