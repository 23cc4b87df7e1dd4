"""What a page shows before its scripts have come."""

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.dashboard.components import OWN
from service.dashboard.first_paint import BOXES, DRAWN, GRIDS, HTML, MANTINE, PLAIN, first_paint
from service.dashboard.grids import ROWS_SHOWN
from service.dashboard.table import PAGES
from tests.service.routes.test_jobs import INLINE

PAINTED = re.compile(r'<div id="first-paint">(.*?)</div>\s*<div id="react-entry-point">', re.DOTALL)

LAYOUT = re.compile(r'data-answers="/_dash-layout">(.*?)</script>', re.DOTALL)


def node(library: str, kind: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 -- properties
    """A component as Dash writes it."""
    return {"namespace": library, "type": kind, "props": properties}


class Nesting(HTMLParser):
    """Fails where an element is closed that is not open; names every attribute that it meets."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _ in attrs}
        if tag != "img":
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


def filled(path: str, trained: Mapping[str, Any]) -> str:
    """The path with the ids of what there is."""
    ids = {"job_id": trained["id"], "model_id": trained["model_id"], "dataset_id": trained["spec"]["dataset_id"]}
    for name, identifier in ids.items():
        path = path.replace(f"<id:{name}>", identifier)
    return path


def painted(page: str) -> str:
    found = PAINTED.search(page)
    assert found
    return found[1]


def test_words_are_text_and_never_markup() -> None:
    cruel = '<img src=x onerror="alert(1)">'
    shown = first_paint(
        [node(HTML, "P", children=cruel, className='"><script>'), node(MANTINE, "Text", children=["a & b", None, 3])]
    )
    assert shown == (
        '<p class="&#34;&gt;&lt;script&gt;">&lt;img src=x onerror=&#34;alert(1)&#34;&gt;</p>'
        '<div class="first-text">a &amp; b3</div>'
    )


@pytest.mark.parametrize(
    "left_out",
    [
        node(HTML, "Div", children="hidden", hidden=True),
        node(HTML, "Script", children="alert(1)"),
        node(MANTINE, "Modal", children="Delete it?"),
        node(MANTINE, "Button", children="Delete"),
        node("dash_core_components", "Graph", figure={}),
    ],
)
def test_what_only_scripts_bring_to_life_is_left_to_them(left_out: dict[str, Any]) -> None:
    assert first_paint(node(MANTINE, "Stack", children=[left_out])) == '<div class="first-stack"></div>'


def test_cells_read_as_the_grid_writes_them() -> None:
    columns = [
        {"field": "name", "headerName": "Name", "cellRenderer": "Link"},
        {"field": "status", "headerName": "Status", "cellRenderer": "Status"},
        {"field": "curve", "headerName": "Loss", "cellRenderer": "Curve"},
        {
            "field": "rows",
            "headerName": "Rows",
            "type": "rightAligned",
            "valueFormatter": {"function": "d3.format(',')(params.value)"},
        },
        {"field": "bytes", "headerName": "Size", "valueFormatter": {"function": "params.data.size"}},
        {"field": "made", "headerName": "Made", "cellRenderer": "Moment"},
    ]
    row = {"href": "/jobs/1", "name": "a", "status": "queued", "rows": 12345, "bytes": 9, "size": "9 bytes"}
    made = "2026-01-05T10:30:00+01:00"
    shown = first_paint(node(GRIDS, "AgGrid", columnDefs=columns, rowData=[row | {"made": made}] * (ROWS_SHOWN + 1)))
    assert shown.count("<tr>") == 1 + ROWS_SHOWN
    assert (
        '<tr><td><a class="cell-link" href="/jobs/1">a</a></td>'
        '<td><span class="status status-queued">queued</span></td><td></td>'
        f'<td class="first-number">12,345</td><td>9 bytes</td><td><time datetime="{made}">2026-01-05 09:30 UTC'
        "</time></td></tr>"
    ) in shown


def test_a_time_is_one_of_the_world() -> None:
    shown = first_paint(node(OWN, "Moment", at="2026-01-05T09:30:00+00:00"))
    assert shown == '<time datetime="2026-01-05T09:30:00+00:00">2026-01-05 09:30 UTC</time>'


def test_the_jobs_stand_in_the_document(client: FlaskClient, trained: dict[str, Any]) -> None:
    client.post("/v1/jobs", json=INLINE | {"name": "<b>bold</b> & brave"})
    words = painted(client.get("/").text)
    assert f'<a class="cell-link" href="/jobs/{trained["id"]}">' in words
    assert ">&lt;b&gt;bold&lt;/b&gt; &amp; brave</a>" in words
    assert "3 of 3" in words
    assert '<h1 class="first-title">Jobs</h1>' in words


def test_a_cell_without_a_value_is_empty() -> None:
    columns = [
        {"field": "a", "headerName": "A", "type": "rightAligned", "valueFormatter": {"function": "d3.format(',')(x)"}},
        {"field": "year", "headerName": "Year"},
        {"field": "made", "headerName": "Made", "cellRenderer": "Moment"},
    ]
    shown = first_paint(node(GRIDS, "AgGrid", columnDefs=columns, rowData=[{"a": None, "year": 2026}]))
    assert '<tr><td class="first-number"></td><td>2026</td><td>–</td></tr>' in shown


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/jobs/unknown", "There is no job with the id"),
        ("/jobs/<id:job_id>", "every epoch was trained"),
        ("/jobs/<id:job_id>", "Accuracy"),
        ("/models/<id:model_id>", "SHA-256"),
        ("/lessons", "Exclusive or needs a hidden layer"),
    ],
)
def test_errors_tables_and_figures_are_among_the_words(
    client: FlaskClient, trained: dict[str, Any], path: str, words: str
) -> None:
    assert words in painted(client.get(filled(path, trained)).text)


def test_what_went_wrong_has_its_title() -> None:
    assert first_paint(node(MANTINE, "Alert", title="It diverged", children="Try less.")) == (
        '<section class="first-paper first-stack"><strong>It diverged</strong><div>Try less.</div></section>'
    )


LEFT_TO_SCRIPTS = {
    HTML: {"Fieldset", "Legend"},
    MANTINE: {
        *{"Burger", "Button", "ColorSchemeToggle", "CopyButton", "Modal", "MultiSelect", "NumberInput", "ProgressRoot"},
        *{"SegmentedControl", "Select", "Slider", "Switch", "TextInput", "Textarea"},
    },
    OWN: {"Board", "Drawing", "TableUpload"},
    "dash_core_components": {"Graph", "Interval", "Location", "Store"},
}
"""Fields, buttons, charts and drawings, and what is never seen."""


def kinds(layout: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- as Dash writes it
    """Every component that is not within one that is left to scripts."""
    if isinstance(layout, list):
        for child in layout:
            yield from kinds(child)
    elif isinstance(layout, dict):
        kind = layout["namespace"], layout["type"]
        yield kind
        if kind[1] not in LEFT_TO_SCRIPTS.get(kind[0], ()):
            yield from kinds(layout["props"].get("children"))


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_nothing_is_forgotten(client: FlaskClient, trained: dict[str, Any], path: str) -> None:
    told = LAYOUT.search(client.get(filled(path, trained)).text)
    assert told
    for library, kind in kinds(json.loads(told[1])):
        known = (library == HTML and kind in PLAIN) or (library == MANTINE and kind in BOXES)
        assert known or (library, kind) in DRAWN or kind in LEFT_TO_SCRIPTS.get(library, ()), (library, kind)


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_every_page_is_whole_and_has_nothing_twice(client: FlaskClient, trained: dict[str, Any], path: str) -> None:
    nesting = Nesting()
    words = painted(client.get(filled(path, trained)).text)
    nesting.feed(words)
    assert nesting.opened == []
    assert not nesting.attributes & {"style", "onclick", "role"}
    assert re.findall(r' id="([^"]*)"', words) == ["first-content"]
    assert '<h1 class="first-title">' in words
