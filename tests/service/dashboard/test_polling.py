from service.dashboard.polling import BUSY_MILLISECONDS, IDLE_MILLISECONDS
from tests.service.dashboard.conftest import Browser


def test_the_timer_stands_still_while_its_answer_is_awaited(browser: Browser) -> None:
    listening = [one for one in browser.callbacks() if {"id": "poll", "property": "n_intervals"} in one["inputs"]]
    assert listening
    for callback in listening:
        assert callback["running"] == {"running": {"poll.disabled": True}, "runningOff": {"poll.disabled": False}}


def test_news_are_seldom_more_than_a_second_old_and_never_a_storm() -> None:
    assert 500 <= BUSY_MILLISECONDS < 1000 < IDLE_MILLISECONDS
