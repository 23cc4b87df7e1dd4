import threading
from itertools import chain, repeat

import pytest
from werkzeug.exceptions import TooManyRequests

from service.waiting import Waiting


def test_it_ends_as_soon_as_there_is_news() -> None:
    seen = chain(["old"] * 3, repeat("new"))
    Waiting(pause_seconds=0.001).until_other("old", lambda: next(seen), seconds=60)
    assert next(seen) == "new"


def test_it_ends_when_the_time_is_out() -> None:
    looks: list[str] = []

    def look() -> str:
        looks.append("old")
        return "old"

    Waiting(pause_seconds=0.001).until_other("old", look, seconds=0.01)
    assert looks


def test_it_ends_when_the_process_does() -> None:
    Waiting(pause_seconds=0.001, ending=lambda: True).until_other("old", lambda: "old", seconds=60)


def test_more_than_there_are_places_for_are_refused() -> None:
    waiting = Waiting(pause_seconds=0.001, most=1)
    inside, leave = threading.Event(), threading.Event()

    def look() -> str:
        inside.set()
        return "new" if leave.is_set() else "old"

    first = threading.Thread(target=waiting.until_other, args=("old", look, 60))
    first.start()
    assert inside.wait(10)
    with pytest.raises(TooManyRequests) as caught:
        waiting.until_other("old", look, 60)
    assert caught.value.retry_after == 1
    leave.set()
    first.join()
    waiting.until_other("old", look, 60)
