"""What a page shows before its scripts have come."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.dashboard.components import OWN
from service.dashboard.first_paint import GRIDS, HTML, MANTINE, first_paint
from service.dashboard.grids import ROWS_SHOWN
from service.dashboard.table import PAGES
from tests.service.routes.test_jobs import INLINE

PAINTED = re.compile(r'<div id="first-paint">(.*?)</div>\s*<div id="react-entry-point">', re.DOTALL)


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
        node(HTML, "Button", children="pressed in vain"),
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
        {"field": "rows", "headerName": "Rows", "type": "rightAligned", "valueFormatter": {"function": "d3.format()"}},
        {"field": "bytes", "headerName": "Size", "valueFormatter": {"function": "params.data.size"}},
        {"field": "made", "headerName": "Made", "cellRenderer": "Moment"},
    ]
    row = {"href": "/jobs/1", "name": "a", "status": "queued", "rows": 12345, "bytes": 9, "size": "9 bytes"}
    made = "2026-01-05T10:30:00+01:00"
    shown = first_paint(node(GRIDS, "AgGrid", columnDefs=columns, rowData=[row | {"made": made}] * (ROWS_SHOWN + 1)))
    assert shown.count("<tr>") == 1 + ROWS_SHOWN
    assert (
        '<tr><td><a href="/jobs/1" class="cell-link">a</a></td>'
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
    assert f'<a href="/jobs/{trained["id"]}" class="cell-link">' in words
    assert ">&lt;b&gt;bold&lt;/b&gt; &amp; brave</a>" in words
    assert "3 of 3" in words
    assert '<h1 class="first-title">Jobs</h1>' in words


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_every_page_is_whole_and_has_nothing_twice(client: FlaskClient, trained: dict[str, Any], path: str) -> None:
    filled = path.replace("<id:job_id>", trained["id"]).replace("<id:model_id>", trained["model_id"])
    nesting = Nesting()
    words = painted(client.get(re.sub("<[^>]+>", "unknown", filled)).text)
    nesting.feed(words)
    assert nesting.opened == []
    assert not nesting.attributes & {"id", "style", "onclick"}
    assert '<h1 class="first-title">' in words
