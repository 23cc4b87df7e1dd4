import random

import pytest

from tests.damage import Parser, attack, damaged, mebibytes, parsers

GROWTH = 256
"""MiB that may be taken for input of a few kilobytes, libraries included."""


@pytest.mark.parametrize("name", parsers())
def test_whatever_comes_is_read_or_refused_in_bounded_memory(name: str) -> None:
    before = mebibytes()
    counts = attack(parsers()[name], cases=300, seed=7)
    assert counts["refused"] > 0
    assert mebibytes() - before < GROWTH


@pytest.mark.parametrize("name", parsers())
def test_what_is_damaged_was_good_before(name: str) -> None:
    parser = parsers()[name]
    for sample in parser.samples:
        parser.read(sample)


def test_damage_is_repeatable_and_does_damage() -> None:
    sample = b"a,b\n1,2\n"
    made = [damaged(sample, random.Random(seed)) for seed in range(50)]  # noqa: S311
    assert made == [damaged(sample, random.Random(seed)) for seed in range(50)]  # noqa: S311
    assert sum(each != sample for each in made) > 40


def test_an_error_that_is_not_declared_is_found() -> None:
    def strict(content: bytes) -> None:
        if content != b"good":
            raise KeyError(content)

    with pytest.raises(KeyError):
        attack(Parser(strict, (ValueError,), (b"good",)), cases=50, seed=1)
