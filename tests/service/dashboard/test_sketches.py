from collections.abc import Mapping

from deltarule.store.records import Job
from service.dashboard.sketches import POINTS, Sketches, step
from tests.service.dashboard.making import job, progress


class Reads:
    """Jobs that tell what was read of them."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, int]] = []

    def losses(self, _: str | None, steps: Mapping[str, int]) -> dict[str, tuple[float | None, ...]]:
        self.asked.append(steps)
        return {identifier: (0.5, None) for identifier in steps if identifier != "not mine"}


def test_a_curve_is_read_once_for_each_epoch() -> None:
    reads, sketches = Reads(), Sketches()
    young, old = (job("one", progress=progress(epoch, 100)) for epoch in (10, 11))
    for shown in (young, young, old):
        assert sketches.of(reads, None, [shown]) == {"one": (0.5, None)}  # type: ignore[arg-type]
    assert reads.asked == [{"one": 1}, {}, {"one": 1}]


def test_what_is_not_there_is_not_kept() -> None:
    reads, sketches = Reads(), Sketches()
    for _ in range(2):
        assert sketches.of(reads, None, [job("not mine")]) == {}  # type: ignore[arg-type]
    assert len(reads.asked[1]) == 1


def test_few_points_are_read_of_many_epochs() -> None:
    def steps(epochs: int, every: int = 1) -> int:
        long: Job = job(progress=progress(epochs, epochs), history_every=every)
        return step(long)

    assert steps(10) == 1
    assert steps(1000) == 1000 // POINTS
    assert steps(60_000, every=8) % 8 == 0
