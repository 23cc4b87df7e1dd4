"""Each failure has a word for programs and a sentence for people."""

import json

import pytest

from deltarule.backprop.errors import DefinitionError, Fault
from deltarule.store.errors import NotFound
from deltarule.training.errors import DataError, ScratchError, SpecError
from worker.failures import failure_of

FAULTS = (Fault("/network/layers/0/units", "must be given"), Fault("/loss", "does not fit"))


@pytest.mark.parametrize(
    ("error", "reason", "status", "words"),
    [
        (DataError("Row 3, column age: 'x' is not a number."), "invalid_data", 422, "Row 3, column age"),
        (SpecError(FAULTS), "invalid_spec", 422, "must be given"),
        (DefinitionError(FAULTS), "invalid_spec", 422, "must be given"),
        (NotFound("dataset", "0189"), "missing_data", 409, "The dataset that the job needs is gone"),
        (ScratchError("There is too little disk space."), "out_of_disk", 507, "too little disk space"),
        (MemoryError(), "out_of_memory", 507, "smaller batch"),
        (ZeroDivisionError("division by zero"), "internal_error", 500, "worker's log"),
    ],
)
def test_every_error_becomes_a_problem_object(error: Exception, reason: str, status: int, words: str) -> None:
    failure = failure_of(error)
    assert failure.stop_reason == reason
    assert failure.error["status"] == status
    assert words in failure.error["detail"]
    assert failure.error["type"] == "about:blank"
    assert failure.error["title"]
    assert json.loads(json.dumps(failure.error)) == failure.error


def test_faults_keep_their_pointers() -> None:
    assert failure_of(SpecError(FAULTS)).error["errors"] == [
        {"pointer": "/network/layers/0/units", "detail": "must be given"},
        {"pointer": "/loss", "detail": "does not fit"},
    ]
    assert failure_of(DataError("Row 1.", "/inputs/0")).error["errors"] == [
        {"pointer": "/inputs/0", "detail": "Row 1."}
    ]
    assert "errors" not in failure_of(DataError("Row 1.")).error
