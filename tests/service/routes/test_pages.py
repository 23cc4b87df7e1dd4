import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.service.routes.test_jobs import INLINE


class Links(HTMLParser):
    """Collects where a page leads, and which elements are left open."""

    EMPTY = frozenset({"meta", "link", "img", "br", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.EMPTY:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.found.append(value)
            if name == "id" and value:
                self.ids.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_is_whole_and_its_links_lead_somewhere(client: FlaskClient, trained: dict[str, Any], path: str) -> None:
    page = Links(client.get(path).text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.found
    for link in page.found:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert client.get(link).status_code == 200, link
    if path == "/":
        assert trained["links"]["model"] in page.found


def test_the_start_page_tells_of_the_latest_jobs(client: FlaskClient, trained: dict[str, Any]) -> None:
    waiting = client.post("/v1/jobs", json=INLINE | {"name": "<b>bold</b> & brave"}).json
    page = client.get("/").text
    assert page.index(waiting["id"]) < page.index(trained["id"])
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; brave" in page
    assert "3 of 3" in page
    assert "succeeded" in page


def test_the_start_page_of_a_new_service_shows_how_to_begin(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "None yet" in page
    assert "curl http://localhost/v1/jobs" in page


def test_the_conversation_on_the_start_page_works(client: FlaskClient) -> None:
    page = client.get("/").text
    body = re.search(r"-d '(\{.*?\})'", page.replace("&#34;", '"'), re.DOTALL)
    assert body
    response = client.post("/v1/jobs", data=body.group(1), content_type="application/json")
    assert response.status_code == 202, response.json


def test_the_start_page_shows_no_jobs_to_strangers(client: FlaskClient, trained: dict[str, Any]) -> None:
    page = client.get("/", environ_overrides={"REMOTE_ADDR": "8.8.8.8"}).text
    assert trained["id"] not in page
    assert "asks for a key" in page


def test_pages_are_for_those_who_read_html(client: FlaskClient) -> None:
    assert client.get("/", headers={"Accept": "application/json"}).status_code == 406
