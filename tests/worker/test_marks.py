"""The best and the last epoch come through an interruption as they are, and damage is told."""

import math

import pytest

from deltarule.backprop.errors import StateError
from deltarule.training.run import EpochRecord
from worker.marks import Marks, cut


def epoch(number: int, training_loss: float, validation_loss: float | None = None) -> EpochRecord:
    return EpochRecord(number, training_loss, validation_loss, 0.1, 0.01, (0.1 + number, 1 / 3))


def test_the_best_is_the_first_of_the_lowest_validation_loss() -> None:
    marks = Marks()
    marks.see([epoch(1, 3.0, 0.5), epoch(2, 2.0, 0.25)])
    marks.see([epoch(3, 1.0, 0.25), epoch(4, 0.5, math.nan)])
    assert [each.number for each in marks.epochs] == [2, 4]


def test_without_validation_the_training_loss_decides() -> None:
    marks = Marks()
    assert marks.epochs == ()
    marks.see([epoch(1, math.nan), epoch(2, 2.0), epoch(3, 4.0)])
    assert [each.number for each in marks.epochs] == [2, 3]


@pytest.mark.parametrize("seen", [[], [epoch(1, 0.1)], [epoch(1, 1e-308, 0.1 + 0.2), epoch(2, 2.0, math.inf)]])
def test_marks_come_back_bit_for_bit_before_the_state(seen: list[EpochRecord]) -> None:
    marks = Marks()
    marks.see(seen)
    assert cut(marks.written_before(b"the state")) == (marks, b"the state")


@pytest.mark.parametrize(
    "written", [b"", b"\xff" * 20, b"\0" * 7 + b"\2{}", b"\0" * 7 + b"\4{{{{", b"\0" * 7 + b"\2[]"]
)
def test_other_bytes_are_refused(written: bytes) -> None:
    with pytest.raises(StateError):
        cut(written)
