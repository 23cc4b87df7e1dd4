from typing import Any

import pytest
from rich.console import Console

from deltarule.cli.display.job import job_facts
from deltarule.client.answers import JobAnswer

POSTED = {
    "id": "j",
    "name": None,
    "status": "queued",
    "created_at": "2026-01-02T03:04:05Z",
    "spec": {"target": "species"},
}


def told(document: dict[str, Any]) -> list[list[str]]:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(job_facts(JobAnswer.model_validate(POSTED | document)))
    return [line.split() for line in capture.get().splitlines() if line.strip()]


def test_a_job_that_has_not_begun_is_told_in_few_lines() -> None:
    assert told({}) == [["job", "j"], ["status", "queued"], ["target", "species"], ["network"]]


def test_inline_data_has_no_target() -> None:
    assert ["target", "species"] not in told({"spec": {"data": {}}})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"status": "cancelled", "stop_reason": "cancelled"}, "status cancelled"),
        ({"status": "failed", "stop_reason": "out_of_luck"}, "status failed – out of luck"),
        ({"error": {"title": "Diverged"}}, "error Diverged"),
        ({"error": {"title": "Diverged", "detail": "Use less."}}, "error Use less."),
        ({"metrics": {"validation_loss": None}}, "metrics validation loss –"),
        ({"warnings": ["One row only."]}, "! One row only."),
    ],
)
def test_what_there_is_is_told(document: dict[str, Any], words: str) -> None:
    assert words.split() in told(document)


def test_every_change_of_state_has_its_line() -> None:
    moment = "2026-01-02T03:04:05Z"
    changes = [
        {"when": moment, "from": None, "to": "queued", "attempt": 0, "why": "submitted"},
        {"when": moment, "from": "queued", "to": "running", "attempt": 1, "why": "taken by a worker"},
    ]
    header, first, second = told({"transitions": changes})[-3:]
    assert header == ["when", "from", "to", "attempt", "why"]
    assert first[2:] == ["–", "queued", "0", "submitted"]
    assert second[2:] == ["queued", "running", "1", "taken", "by", "a", "worker"]
