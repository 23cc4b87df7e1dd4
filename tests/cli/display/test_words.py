from datetime import UTC, datetime, timedelta

import pytest

from deltarule.cli.display import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0.000"),
        (1, "1.000"),
        (0.123456, "0.1235"),
        (0.00012, "0.0001200"),
        (1e-9, "1.000e-09"),
        (12345.6, "12,346"),
        (-12345.6, "-12,346"),
        (1e20, "1.000e+20"),
    ],
)
def test_numbers_have_four_significant_digits(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (3.14, "3.1 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3599.6, "60 min 0 s"), (7260, "2 h 1 min")],
)
def test_durations_have_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("speed", "text"), [(None, None), (12.4, "12 rows/s"), (81234, "81.2k rows/s"), (2.5e6, "2.5M rows/s")]
)
def test_speeds_are_rounded(speed: float | None, text: str | None) -> None:
    assert words.rate(speed) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=30), "1 d ago"),
        (timedelta(hours=3), "3 h ago"),
    ],
)
def test_how_long_ago(passed: timedelta, text: str) -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert words.ago(now - passed, now) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (16735, "16.7 kB"), (5_000_000, "5 MB"), (2 * 10**15, "2e+03 TB")]
)
def test_sizes(count: int, text: str) -> None:
    assert words.size(count) == text


def test_a_setting_is_told_in_one_line() -> None:
    spec = {
        "network": {"layers": [{"units": 8, "activation": "relu"}, {"activation": "softmax"}]},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "training": {"batch_size": "full"},
    }
    assert words.setting(spec) == "8 relu → ? softmax, sgd at 0.1, the full batch"
    assert words.setting({"network": {"model_id": "m"}, "training": {"batch_size": 8}}) == "batches of 8"
    assert words.setting({}) == ""
