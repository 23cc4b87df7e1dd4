from flask.testing import FlaskClient

from service.dashboard.polling import BUSY_MILLISECONDS, IDLE_MILLISECONDS
from tests.service.dashboard.conftest import Browser
from tests.service.routes.test_jobs import INLINE


def test_the_timer_stands_still_while_its_answer_is_awaited(browser: Browser) -> None:
    listening = [one for one in browser.callbacks() if {"id": "poll", "property": "n_intervals"} in one["inputs"]]
    assert listening
    for callback in listening:
        assert callback["running"] == {"running": {"poll.disabled": True}, "runningOff": {"poll.disabled": False}}


def test_news_are_seldom_more_than_a_second_old_and_never_a_storm() -> None:
    assert 500 <= BUSY_MILLISECONDS < 1000 < IDLE_MILLISECONDS


def test_a_page_comes_with_the_pace_that_it_needs(browser: Browser, client: FlaskClient) -> None:
    def told() -> str:
        return client.get("/").text.split('data-answers="/_dash-layout">')[1].split("</script>")[0]

    assert f'"id":"poll","interval":{IDLE_MILLISECONDS}' in told().replace(" ", "")
    assert client.post("/v1/jobs", json=INLINE).status_code == 202
    assert f'"id":"poll","interval":{BUSY_MILLISECONDS}' in told().replace(" ", "")
    answer = browser.call("..content.children...address-title.data..", {"address.pathname": "/", "address.search": ""})
    assert answer.json["sideUpdate"] == {"poll": {"interval": BUSY_MILLISECONDS}}
