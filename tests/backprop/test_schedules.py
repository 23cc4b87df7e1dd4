import math
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from deltarule.backprop.definition import Schedule
from deltarule.backprop.schedules import SCHEDULES, fell, learning_rate

SCHEDULE: TypeAdapter[Any] = TypeAdapter(Schedule)


def rates(rate: float, epochs: int, **schedule: Any) -> list[float]:  # noqa: ANN401
    return [learning_rate(SCHEDULE.validate_python(schedule), rate, epoch, epochs) for epoch in range(epochs)]


def test_every_schedule_has_its_formula() -> None:
    assert set(SCHEDULES) == {kind.model_fields["name"].default for kind in get_args(get_args(Schedule)[0])}


def test_constant() -> None:
    assert rates(0.1, 3, name="constant") == [0.1] * 3


def test_step() -> None:
    assert rates(1.0, 5, name="step", every=2, decay=0.5) == [1, 1, 0.5, 0.5, 0.25]


def test_exponential() -> None:
    assert rates(1.0, 4, name="exponential", decay=0.5) == [1, 0.5, 0.25, 0.125]


def test_cosine() -> None:
    given = rates(1.0, 4, name="cosine", minimum=0.2)
    assert given == pytest.approx([1.0, 0.6 + 0.4 * math.sqrt(0.5), 0.6, 0.6 - 0.4 * math.sqrt(0.5)], rel=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_warm_up_climbs_evenly_and_the_schedule_begins_after_it(name: str) -> None:
    warmed = rates(1.0, 10, name=name, warmup_epochs=3)
    assert warmed[:3] == [0.25, 0.5, 0.75]
    assert warmed[3:] == rates(1.0, 7, name=name)


def test_a_warm_up_may_be_longer_than_the_training() -> None:
    assert rates(1.0, 2, name="cosine", warmup_epochs=9) == [0.1, 0.2]


@pytest.mark.parametrize(("reductions", "rate"), [(0, 1.0), (1, 0.5), (2, 0.25), (3, 0.2), (400, 0.2)])
def test_reduce_on_plateau_has_a_floor(reductions: int, rate: float) -> None:
    schedule = SCHEDULE.validate_python({"name": "reduce_on_plateau", "factor": 0.5, "minimum": 0.2})
    assert learning_rate(schedule, 1.0, 50, 100, reductions) == rate


def test_the_floor_never_lifts_a_rate() -> None:
    schedule = SCHEDULE.validate_python({"name": "reduce_on_plateau", "factor": 0.5, "minimum": 0.2})
    assert learning_rate(schedule, 0.1, 50, 100, 3) == 0.1


@pytest.mark.parametrize(
    ("loss", "best", "answer"),
    [
        (1, math.inf, True),
        (0.99991, 1, False),
        (0.99989, 1, True),
        (1, 1, False),
        (-1.00011, -1, True),
        (-1, -1, False),
    ],
)
def test_a_fall_is_more_than_a_ten_thousandth(loss: float, best: float, answer: bool) -> None:
    assert fell(loss, best) is answer
