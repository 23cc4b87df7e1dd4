"""A thread renews while a block takes long, and never outlives it."""

from threading import active_count

import pytest

from tests.servers import wait_until
from worker.keeping import kept


def test_it_renews_until_the_block_ends() -> None:
    renewed: list[None] = []

    def renew() -> bool:
        renewed.append(None)
        return True

    threads = active_count()
    with kept(renew, 0.001):
        wait_until(lambda: len(renewed) >= 3, "three renewals")
    assert active_count() == threads
    ended_with = len(renewed)
    with kept(renew, 3600):
        pass
    assert len(renewed) == ended_with, "a short block needs none, and waits for none"


def test_it_stops_when_there_is_nothing_left_to_renew() -> None:
    renewed: list[None] = []

    def renew() -> bool:
        renewed.append(None)
        return False

    threads = active_count()
    with kept(renew, 0.001):
        wait_until(lambda: bool(renewed) and active_count() == threads, "the thread to end")
    assert len(renewed) == 1


def test_it_lets_go_of_what_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.keeping.LONGEST_SECONDS", 0.005)
    renewed: list[None] = []

    def renew() -> bool:
        renewed.append(None)
        return True

    threads = active_count()
    with kept(renew, 0.001):
        wait_until(lambda: active_count() == threads, "the thread to end")
    assert len(renewed) == 5


def test_an_error_of_the_block_passes_and_ends_the_thread() -> None:
    threads = active_count()
    with pytest.raises(MemoryError), kept(lambda: True, 0.001):
        raise MemoryError
    assert active_count() == threads
