import pytest
from flask import Flask, g
from werkzeug.exceptions import NotFound as NoSuchAddress

from deltarule.backprop.errors import Fault
from deltarule.store.errors import Conflict, NotFound, Unavailable
from service.dashboard.failures import sentence
from service.errors import Invalid
from tests.service.dashboard.conftest import Browser


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Conflict("The job has ended already."), "The job has ended already."),
        (NotFound("job", "some-job"), "some-job"),
        (Unavailable("The database does not answer."), "The database does not answer."),
        (NoSuchAddress("Nothing here."), "Nothing here."),
        (Invalid([Fault("/target", "There is no such column.")]), "/target: There is no such column."),
    ],
)
def test_errors_meant_for_users_are_told_in_their_words(error: Exception, words: str) -> None:
    assert words in sentence(error)


def test_other_errors_tell_where_the_log_has_more() -> None:
    with Flask(__name__).test_request_context("/"):
        g.request_id = "some-request"
        words = sentence(RuntimeError("a secret of the inside"))
    assert "some-request" in words
    assert "secret" not in words


def test_a_page_that_fails_says_so_in_its_place(browser: Browser) -> None:
    assert "There is no job" in browser.open("/jobs/some-job")


def test_a_callback_that_fails_says_so_above_what_is_shown(browser: Browser) -> None:
    (output,) = browser.outputs("job-scale.value")
    answer = browser.call(output, {"job-scale.value": "log"}, {"job-id.data": "some-job"})
    assert answer.status_code == 200
    assert "There is no job" in answer.text
    assert list(answer.json["sideUpdate"]) == ["notice"]
