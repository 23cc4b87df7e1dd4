"""What a log line says, and what it must never say."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from deltarule.store.logs import configure_logs
from deltarule.store.settings import Settings

URLS = {"database_url": "sqlite:////x", "broker_url": "redis://127.0.0.1/0", "storage_url": "file:///x"}


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    out, err = capsys.readouterr()
    assert out == "", "logs are talk, and talk goes to stderr"
    return [json.loads(line) for line in err.splitlines()]


def test_a_line_is_json_and_names_the_job_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(**URLS, log_format="json"))
    with structlog.contextvars.bound_contextvars(job_id="0189", attempt=2):
        structlog.get_logger().info("job begins", epochs=3)
    (line,) = lines(capsys)
    assert line.pop("timestamp")
    assert line == {"event": "job begins", "level": "info", "job_id": "0189", "attempt": 2, "epochs": 3}


def test_what_libraries_say_has_the_same_form_and_their_chatter_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(Settings(**URLS, log_format="json"))
    logging.getLogger("celery.worker").info("connected")
    logging.getLogger("celery.worker").warning("lost %s", "connection")
    (line,) = lines(capsys)
    assert (line["event"], line["level"]) == ("lost connection", "warning")


@pytest.mark.parametrize("form", ["json", "people"])
def test_a_trace_tells_the_place_and_no_values(capsys: pytest.CaptureFixture[str], form: str) -> None:
    configure_logs(Settings(**URLS, log_format=form))
    password = "".join(("hun", "ter", "2"))
    try:
        int(password[0])
    except ValueError:
        structlog.get_logger().exception("it broke")
    told = capsys.readouterr().err
    assert "it broke" in told
    assert "test_logs.py" in told
    assert "ValueError" in told
    assert password not in told


def test_the_level_is_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(**URLS, log_format="json", log_level="error"))
    structlog.get_logger().warning("not this")
    logging.getLogger("celery").warning("not this")
    structlog.get_logger().error("but this")
    assert [line["event"] for line in lines(capsys)] == ["but this"]


def test_people_get_a_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(**URLS, log_format="people"))
    structlog.get_logger().info("job begins", job_id="0189")
    told = capsys.readouterr().err
    assert "job begins" in told
    assert "job_id=0189" in told
    assert "\x1b" not in told, "no colours where nobody looks on"
