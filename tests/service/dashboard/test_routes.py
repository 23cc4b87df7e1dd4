import gzip
import json
import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from service.dashboard.application import LATER
from service.dashboard.table import PAGES
from tests.service.dashboard.conftest import ORIGIN, Browser

GENERATOR = re.compile(r"regeneratorRuntime\.wrap\(function\((\w)\)\{(.*?)\},\w\)")
SUITE = re.compile(r'src="(/_dash-component-suites/[^"]+)"')


class Sources(HTMLParser):
    """Where a document loads from."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value and tag != "a"]


def test_a_page_is_a_document_that_loads_everything_from_here(client: FlaskClient) -> None:
    page = client.get("/").text
    assert '<html lang="en">' in page
    assert "<title>Jobs · Deltarule</title>" in page
    found = Sources(page).found
    assert len(found) > 8
    for source in found:
        assert source.startswith("/")
        assert client.get(source).status_code == 200, source


def test_what_dash_would_ask_elsewhere_is_turned_off(client: FlaskClient) -> None:
    page = client.get("/").text
    config = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    assert config["disable_version_check"] is True
    assert config["ui"] is False
    assert config["serve_locally"] is True
    assert config["python_version"] == ""


def test_files_come_packed_and_are_kept_for_good(client: FlaskClient) -> None:
    for path in SUITE.findall(client.get("/").text):
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        plain = client.get(path)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert "immutable" in packed.headers["Cache-Control"]
        assert "Accept-Encoding" in str(packed.headers.getlist("Vary"))


def test_our_own_styles_and_scripts_come_as_one_file_each(client: FlaskClient) -> None:
    found = [source for source in Sources(client.get("/").text).found if source.startswith("/dashboard.")]
    assert [source.partition("?")[0] for source in found] == ["/dashboard.css", "/dashboard.js"]
    for source in found:
        assert "immutable" in client.get(source).headers["Cache-Control"]
        assert client.get(source.partition("?")[0]).headers["Cache-Control"] == "no-cache"
    assert client.get("/dashboard.py").status_code == 404


def test_what_has_no_version_in_its_name_is_sent_again_only_when_it_has_changed(client: FlaskClient) -> None:
    chunk = "/_dash-component-suites/dash_ag_grid/async-community.js"
    first = client.get(chunk, headers={"Accept-Encoding": "gzip"})
    known = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get(chunk, headers=known).status_code == 304


GRID = {"dash_ag_grid", "async-community"}


@pytest.mark.parametrize(("path", "needed"), [("/", GRID), ("/compare", set()), ("/lessons", set())])
def test_a_page_brings_the_library_of_grids_where_it_has_one_and_no_other_large_one(
    client: FlaskClient, path: str, needed: set[str]
) -> None:
    named = {source.rpartition("/")[2].partition(".")[0] for source in SUITE.findall(client.get(path).text)}
    assert named & {*GRID, "async-graph", "plotly", "bundle", "polyfill@7", "dash_table"} == needed


def test_a_page_without_a_grid_knows_where_its_library_is(client: FlaskClient) -> None:
    told = client.get("/lessons").text.split('data-library="dash_ag_grid">')[1].split("</script>")[0]
    assert json.loads(told) == [source for source in SUITE.findall(client.get("/").text) if "ag_grid" in source]
    assert "data-library" not in client.get("/").text


def test_no_library_wants_more_of_the_polyfill_than_there_is(client: FlaskClient) -> None:
    """`generators.js` walks through generators without a try, a loop or another generator inside."""
    named = [*SUITE.findall(client.get("/").text), *(f"/_dash-component-suites/{one}/{file}" for one, file in LATER)]
    texts = [client.get(path).text for path in named]
    walks = [walk for text in texts for walk in GENERATOR.findall(text)]
    assert len(walks) >= 2
    assert {use for place, steps in walks for use in re.findall(rf"\b{place}\.(\w+)", steps)} == {
        "prev",
        "next",
        "stop",
    }
    uses = [use for text in texts for use in re.findall(r"regeneratorRuntime\.(\w+)", text)]
    assert sorted(uses) == ["mark"] * len(walks) + ["wrap"] * len(walks)


def test_what_is_written_anew_each_time_comes_packed_too(client: FlaskClient) -> None:
    for path in ("/", "/_dash-dependencies"):
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert len(packed.data) < len(gzip.decompress(packed.data)) / 2
        assert "Content-Encoding" not in client.get(path).headers


def test_a_document_brings_the_first_answers_along(client: FlaskClient) -> None:
    page = client.get("/").text
    for path in ("/_dash-layout", "/_dash-dependencies"):
        told = page.split(f'data-answers="{path}">')[1].split("</script>")[0]
        assert json.loads(told)
    assert json.loads(told) == client.get("/_dash-dependencies").json


def test_a_document_brings_its_page_along(client: FlaskClient) -> None:
    told = client.get("/compare?ids=nothing").text.split('data-answers="/_dash-layout">')[1].split("</script>")[0]
    assert "Compare jobs" in told
    address = json.loads(told)["props"]["children"][0]["props"]
    assert (address["pathname"], address["search"]) == ("/compare", "?ids=nothing")


@pytest.mark.parametrize(
    "path", ["dash/dash.py", "dash/../flask/app.py", "os/path.py", "service/app.py", "dash/nothing.js"]
)
@pytest.mark.usefixtures("settings")
def test_no_other_file_is_given_away(client: FlaskClient, path: str) -> None:
    assert client.get(f"/_dash-component-suites/{path}").status_code == 404


def test_the_navigation_lists_pages_that_exist(client: FlaskClient, browser: Browser) -> None:
    shell = client.get("/_dash-layout").text
    for page in PAGES:
        if page.entry:
            assert f'"href":{json.dumps(page.path)}' in shell.replace("\\u002f", "/")
            assert page.title in browser.open(page.path)


def test_an_address_without_a_page_is_no_page(client: FlaskClient, browser: Browser) -> None:
    assert client.get("/nothing").status_code == 404
    assert "There is nothing at this address" in browser.open("/nothing")


def test_pages_are_for_those_who_read_html(client: FlaskClient) -> None:
    assert client.get("/", headers={"Accept": "application/json"}).status_code == 406


@pytest.mark.parametrize(
    "asked",
    [{}, [], {"output": "nothing.children"}, {"output": "content.children"}, {"output": 7}, {"output": []}, "x"],
)
def test_what_no_page_asks_is_refused(client: FlaskClient, asked: object) -> None:
    answer = client.post("/_dash-update-component", json=asked, headers=ORIGIN)
    assert answer.status_code == 400
    whole = {"output": "..content.children...address-title.data.."}
    answer = client.post("/_dash-update-component", json=whole, headers=ORIGIN)
    assert answer.status_code == 400
