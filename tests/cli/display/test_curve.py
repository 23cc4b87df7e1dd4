import itertools
import math

import pytest
from rich.console import Console

from deltarule.cli.display.curve import loss_curve, spans_decades
from deltarule.client import History


def history(training: list[float | None], validation: list[float | None] | None = None) -> History:
    count = len(training)
    return History(
        epoch=tuple(range(1, count + 1)),
        training_loss=tuple(training),
        validation_loss=None if validation is None else tuple(validation),
        learning_rate=(0.1,) * count,
        seconds=(0.1,) * count,
    )


def drawn(history: History, width: int = 78, *, colour: bool = False) -> list[str]:
    console = Console(width=120, force_terminal=colour, color_system="256" if colour else None)
    with console.capture() as capture:
        console.print(loss_curve(history, width, colour=colour))
    return capture.get().rstrip("\n").split("\n")


FALLING = [math.exp(-epoch / 10) for epoch in range(60)]


def test_a_falling_loss_falls_from_the_upper_left_to_the_lower_right() -> None:
    lines = drawn(history(FALLING))
    places = [
        (row, line.index(glyph)) for row, line in enumerate(lines[1:]) for glyph in line if 0x2800 < ord(glyph) < 0x2900
    ]
    assert places[0][1] < 10
    assert places[0][0] < places[-1][0]


def test_the_axes_have_round_numbers() -> None:
    lines = drawn(history(FALLING))
    assert lines[-1].split() == ["10", "20", "30", "40", "50", "60"]
    assert [line.split("┤")[0].strip() for line in lines if "┤" in line] == ["1", "0.5", "0"]


@pytest.mark.parametrize("width", [10, 30, 78, 100, 500])
def test_it_fits_the_width(width: int) -> None:
    lines = drawn(history(FALLING, FALLING), width)
    assert max(len(line) for line in lines[1:]) <= min(max(width, 30), 100)


def test_without_colour_the_two_curves_differ_by_their_marks_and_nothing_is_a_control_code() -> None:
    text = "\n".join(drawn(history(FALLING, [loss + 0.2 for loss in FALLING])))
    assert "•• validation" in text
    assert "•" in text.split("\n", 1)[1]
    assert "\x1b" not in text


def test_with_colour_they_differ_by_colour() -> None:
    text = "\n".join(drawn(history(FALLING, [loss + 0.2 for loss in FALLING]), colour=True))
    assert "•" not in text
    assert "\x1b[94m" in text
    assert "\x1b[33m" in text


def test_without_validation_there_is_one_curve() -> None:
    assert "validation" not in "\n".join(drawn(history(FALLING)))
    assert "validation" not in "\n".join(drawn(history(FALLING, [None] * 60)))


@pytest.mark.parametrize("losses", [[], [1.0], [None, None], [None, 1.0]])
def test_a_single_point_is_no_curve(losses: list[float | None]) -> None:
    assert drawn(history(losses)) == [""]


@pytest.mark.parametrize(
    "losses", [[0.0, 0.0], [1.0, 1.0], [-1.0, -5.0], [1e-12, 1e-13], [1e30, 1.0], [5.0, None, 4.0], [1e-320, 0.0]]
)
def test_any_finite_losses_can_be_drawn(losses: list[float | None]) -> None:
    assert len(drawn(history(losses))) > 5


def test_two_curves_after_one_another_do_not_mix() -> None:
    first = drawn(history(FALLING, FALLING))
    drawn(history([5.0, 1.0, 7.0]))
    assert drawn(history(FALLING, FALLING)) == first


def logarithmic(history: History) -> list[str]:
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        console.print(loss_curve(history, 78, colour=False, log=True))
    return capture.get().rstrip("\n").split("\n")


def test_on_a_logarithmic_axis_each_power_of_ten_is_as_high() -> None:
    lines = logarithmic(history([10.0**-power for power in range(7)]))
    marks = [(row, line.split("┤")[0].strip()) for row, line in enumerate(lines) if "┤" in line]
    assert [label for _, label in marks] == ["1", "0.1", "0.01", "0.001", "0.0001", "1e-05", "1e-06"]
    gaps = [below - above for (above, _), (below, _) in itertools.pairwise(marks)]
    assert max(gaps) - min(gaps) <= 1


def test_losses_that_have_no_logarithm_are_left_out() -> None:
    assert logarithmic(history([0.0, -1.0])) == [""]
    assert len(logarithmic(history([1.0, 0.0, 0.1], [0.0, 0.0, 0.0]))) > 5


@pytest.mark.parametrize("losses", [[1.0, 1.0], [1e30, 1e-30], [1e-320, 1e-310], [3.0, 4.0]])
def test_any_losses_above_zero_have_a_logarithmic_axis(losses: list[float | None]) -> None:
    assert len(logarithmic(history(losses))) > 5


def test_losses_that_fall_by_decades_are_known_for_it() -> None:
    assert spans_decades(history([1.0, 0.5, 0.01]))
    assert spans_decades(history([1.0, 0.5], [1.0, 0.001]))
    assert not spans_decades(history([1.0, 0.5, None]))
    assert not spans_decades(history([1.0, 0.0]))
    assert not spans_decades(history([]))
