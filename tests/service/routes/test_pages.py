from html.parser import HTMLParser

from flask.testing import FlaskClient


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


def test_the_page_is_whole_and_its_links_lead_somewhere(client: FlaskClient) -> None:
    page = Links(client.get("/docs").text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.found
    for link in page.found:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert client.get(link).status_code == 200, link


def test_pages_are_for_those_who_read_html(client: FlaskClient) -> None:
    assert client.get("/docs", headers={"Accept": "application/json"}).status_code == 406
