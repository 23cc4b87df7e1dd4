"""A thread renews while work takes long, gives up what hangs, and never outlives the work."""

from threading import Event, active_count

import pytest

from tests.servers import wait_until
from worker.keeping import Keeper


class Kept:
    """What a keeper has called."""

    def __init__(self, *, answers: bool = True) -> None:
        self.renewed = 0
        self.given_up = Event()
        self._answers = answers

    def renew(self) -> bool:
        self.renewed += 1
        return self._answers

    def keeper(self, seconds: float = 0.001, stall_seconds: float = 3600) -> Keeper:
        return Keeper(self.renew, seconds, stall_seconds, self.given_up.set)


@pytest.mark.parametrize("kind", ["step", "preparation"])
def test_it_renews_while_work_takes_long(kind: str) -> None:
    kept, threads = Kept(), active_count()
    with kept.keeper() as keeper:
        with getattr(keeper, kind)():
            wait_until(lambda: kept.renewed >= 3, "three renewals")
        assert keeper._busy is None
    assert active_count() == threads
    assert not kept.given_up.is_set()


def test_short_work_needs_no_renewal_and_waits_for_none() -> None:
    kept = Kept()
    with kept.keeper(seconds=3600) as keeper:
        for _ in range(1000):
            with keeper.step():
                pass
    assert kept.renewed == 0


def test_it_stops_when_there_is_nothing_left_to_renew() -> None:
    kept = Kept(answers=False)
    with kept.keeper(stall_seconds=0.05) as keeper, keeper.step():
        assert kept.given_up.wait(60)
    assert kept.renewed == 1


def test_a_step_that_hangs_is_given_up_once() -> None:
    kept, threads = Kept(), active_count()
    with kept.keeper(stall_seconds=0.01) as keeper, keeper.step():
        assert kept.given_up.wait(60)
        wait_until(lambda: active_count() == threads, "the thread to end")


def test_where_steps_are_long_a_long_step_is_not_taken_for_hanging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.keeping.PATIENCE", 1_000_000)
    kept = Kept()
    with kept.keeper(stall_seconds=0.01) as keeper:
        keeper._steps, keeper._spent = 10, 10.0  # each took a second
        with keeper.step():
            wait_until(lambda: kept.renewed >= 20, "renewals beyond the limit")
    assert not kept.given_up.is_set()


def test_a_preparation_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.keeping.LONGEST_SECONDS", 0.01)
    kept = Kept()
    with kept.keeper() as keeper, keeper.preparation():
        assert kept.given_up.wait(60)


def test_an_error_passes_and_ends_the_thread() -> None:
    threads = active_count()
    with pytest.raises(MemoryError), Kept().keeper() as keeper, keeper.step():
        raise MemoryError
    assert active_count() == threads
