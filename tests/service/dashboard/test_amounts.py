import pytest

from service.dashboard.amounts import count, duration, number, share, size


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (16_735, "16.7 kB"),
        (2_500_000, "2.5 MB"),
        (5 * 10**15, "5e+03 TB"),
    ],
)
def test_sizes(amount: int, words: str) -> None:
    assert size(amount) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "under a second"), (12.4, "12 s"), (150, "2 min"), (9000, "2.5 h")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (3.0, "3"), (1234.0, "1234"), (43.92193, "43.92"), (1e-7, "1e-07"), (2e9, "2e+09")],
)
def test_values(value: float | None, words: str) -> None:
    assert number(value) == words


def test_counts_and_shares() -> None:
    assert count(1_234_567) == "1,234,567"
    assert [share(2, 344), share(0, 7), share(1, 100_000), share(0, 0)] == ["0.581 %", "0 %", "under 0.1 %", "0 %"]
