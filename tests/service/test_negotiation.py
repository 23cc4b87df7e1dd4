import pytest
from flask import Request
from werkzeug.exceptions import NotAcceptable
from werkzeug.test import EnvironBuilder

from service.negotiation import answers, chosen, media_types_of


def asked(accept: str | None) -> Request:
    return Request(EnvironBuilder(headers={"Accept": accept} if accept else {}).get_environ())


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.9", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_the_best_liked_form_is_chosen(accept: str | None, expected: str) -> None:
    assert chosen(asked(accept), ("application/json", "text/csv")) == expected


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "application/xml, image/*"])
def test_who_takes_nothing_of_it_hears_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="text/csv"):
        chosen(asked(accept), ("text/csv",))


def test_a_view_answers_with_json_unless_it_says_otherwise() -> None:
    @answers("text/html")
    def page() -> str:
        return ""

    assert media_types_of(page) == ("text/html",)
    assert media_types_of(asked) == ("application/json",)
