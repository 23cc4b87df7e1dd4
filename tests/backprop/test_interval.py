import math

import numpy as np
import pytest

from deltarule.backprop.interval import NOT_NEGATIVE, POSITIVE, REAL, UNIT, Interval

OPEN = Interval(0, 1, includes_low=False, includes_high=False)


@pytest.mark.parametrize(
    ("outer", "inner", "fits"),
    [
        (REAL, POSITIVE, True),
        (POSITIVE, REAL, False),
        (POSITIVE, NOT_NEGATIVE, False),
        (NOT_NEGATIVE, POSITIVE, True),
        (UNIT, OPEN, True),
        (OPEN, UNIT, False),
        (UNIT, UNIT, True),
        (UNIT, POSITIVE, False),
    ],
)
def test_contains(outer: Interval, inner: Interval, fits: bool) -> None:
    assert outer.contains(inner) is fits


def test_holds_only_finite_numbers_inside() -> None:
    values = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, math.nan, math.inf])
    assert UNIT.holds(values).tolist() == [False, True, True, True, False, False, False]
    assert OPEN.holds(values).tolist() == [False, False, True, False, False, False, False]
    assert REAL.holds(values).tolist() == [True] * 5 + [False] * 2


def test_words() -> None:
    assert str(REAL) == "any number"
    assert str(UNIT) == "at least 0 and at most 1"
    assert str(OPEN) == "above 0 and below 1"
    assert str(POSITIVE) == "above 0"
