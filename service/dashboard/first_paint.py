"""What a page shows until its libraries are there: the words, links and tables of its layout as plain HTML.

The libraries then draw the whole page in its place. What acts by script (fields, most buttons, charts, drawings) is
left to them; identifiers and live regions too, so that nothing is there or is read out twice.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from service.dashboard.components import OWN
from service.dashboard.grids import ROWS_SHOWN

Properties = Mapping[str, Any]
Node = Any
"""A layout as Dash writes it in JSON: a text, a number, nothing, a list of nodes, or a component."""

NOTHING, DASH = Markup(), Markup("–")
HTML, MANTINE, GRIDS = "dash_html_components", "dash_mantine_components", "dash_ag_grid"
PLAIN = frozenset(
    {"A", "Article", "Button", "Caption", "Code", "Dd", "Details", "Div", "Dl", "Dt", "Form", "Img", "Li", "Nav", "P"}
    | {"Pre", "Section", "Span", "Strong", "Summary", "Table", "Tbody", "Td", "Th", "Thead", "Tr", "Ul"}
)
"""Elements that are shown as they are, and do what they do without scripts."""
ATTRIBUTES: Mapping[str, str] = {"className": "class"} | {
    name: name for name in ("action", "alt", "aria-label", "height", "href", "method", "scope", "src", "type", "width")
}
BOXES = {
    "MantineProvider": "div",
    "AppShell": "div",
    "AppShellHeader": "header",
    "AppShellNavbar": "div",
    "Stack": "div",
    "Group": "div",
    "Paper": "section",
    "SimpleGrid": "div",
    "Text": "div",
    "List": "ul",
    "ListItem": "li",
    "Table": "table",
    "TableThead": "thead",
    "TableTbody": "tbody",
    "TableTr": "tr",
    "TableTh": "th",
    "TableTd": "td",
}
"""Components that hold others, and the elements that stand for them."""
CONTENT, FIRST_CONTENT = "#content", "#first-content"
"""Where the skip link leads on the whole page, and where until then."""
FIELD, COUNTED = "params.data.", "d3.format(',')"
"""What the grid writes into a cell: another field of the row, or a number with its thousands apart."""


def first_paint(layout: Node) -> Markup:
    """The layout, as Dash writes it in JSON, as HTML."""
    if layout is None or isinstance(layout, bool):
        return NOTHING
    if isinstance(layout, Sequence) and not isinstance(layout, str):
        return NOTHING.join(first_paint(node) for node in layout)
    if not isinstance(layout, Mapping):
        return escape(layout)
    properties: Properties = layout["props"]
    if properties.get("hidden"):
        return NOTHING
    return _component(layout["namespace"], layout["type"], properties)


def _component(library: str, kind: str, properties: Properties) -> Markup:
    if library == HTML and kind in PLAIN:
        return _element(kind.lower(), _attributes(properties), _children(properties))
    if library == MANTINE and kind in BOXES:
        return _element(BOXES[kind], {"class": f"first-{kind.lower()}"}, _children(properties))
    drawn = DRAWN.get((library, kind))
    return drawn(properties) if drawn else NOTHING


def _children(properties: Properties) -> Markup:
    return first_paint(properties.get("children"))


def _attributes(properties: Properties) -> dict[str, str]:
    given = {name: str(properties[key]) for key, name in ATTRIBUTES.items() if properties.get(key) is not None}
    return given | {"href": FIRST_CONTENT} if given.get("href") == CONTENT else given


def _element(tag: str, attributes: Mapping[str, str], content: Markup = NOTHING) -> Markup:
    given = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    rest = "" if tag == "img" else f"{content}</{tag}>"
    return Markup(f"<{tag}{given}>{rest}")  # noqa: S704 -- tags and names are ours; values and content are escaped


def _main(properties: Properties) -> Markup:
    attributes = {"class": "first-appshellmain", "id": FIRST_CONTENT.removeprefix("#"), "tabindex": "-1"}
    return _element("main", attributes, _children(properties))


def _title(properties: Properties) -> Markup:
    return _element(f"h{int(properties.get('order', 1))}", {"class": "first-title"}, _children(properties))


def _link(properties: Properties) -> Markup:
    return _element("a", {"class": "cell-link"} | _attributes(properties), _children(properties))


def _entry(properties: Properties) -> Markup:
    return _element("a", {"class": "first-entry"} | _attributes(properties), first_paint(properties.get("label")))


def _alert(properties: Properties) -> Markup:
    title = _element("strong", {}, first_paint(properties.get("title"))) if properties.get("title") else NOTHING
    return _element("section", {"class": "first-paper first-stack"}, title + _element("div", {}, _children(properties)))


def _code(properties: Properties) -> Markup:
    return _element("pre", {"class": "json"}, _children(properties))


def _moment(properties: Properties) -> Markup:
    return _time(properties.get("at"))


def _time(at: str | None) -> Markup:
    """A time of the world: which hour that is where the page is read, only the browser knows."""
    if not at:
        return DASH
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return _element("time", {"datetime": at}, escape(f"{moment:%Y-%m-%d %H:%M} UTC"))


def _grid(properties: Properties) -> Markup:
    columns = [column for column in properties.get("columnDefs") or () if column.get("headerName")]
    heads = NOTHING.join(
        _element("th", {"scope": "col"} | _side(column), escape(column["headerName"])) for column in columns
    )
    rows = NOTHING.join(
        _element("tr", {}, NOTHING.join(_element("td", _side(column), _cell(column, row)) for column in columns))
        for row in (properties.get("rowData") or ())[:ROWS_SHOWN]
    )
    table = _element("thead", {}, _element("tr", {}, heads)) + _element("tbody", {}, rows)
    return _element("div", {"class": "wide"}, _element("table", {"class": "first-grid"}, table))


def _side(column: Properties) -> dict[str, str]:
    return {"class": "first-number"} if column.get("type") == "rightAligned" else {}


def _cell(column: Properties, row: Properties) -> Markup:
    """What `grid.js` draws into a cell, without what is drawn."""
    value, renderer = row.get(column["field"]), column.get("cellRenderer")
    written = (column.get("valueFormatter") or {}).get("function", "")
    if renderer == "Moment":
        return _time(value)
    if value is None or renderer == "Curve":
        return NOTHING
    if renderer == "Link":
        return _element("a", {"class": "cell-link", "href": str(row.get("href", ""))}, escape(value))
    if renderer == "Status":
        return _element("span", {"class": f"status status-{value}"}, escape(value))
    if written.startswith(FIELD):
        return escape(row.get(written.removeprefix(FIELD), ""))
    return escape(f"{value:,}" if written.startswith(COUNTED) else value)


DRAWN: Mapping[tuple[str, str], Callable[[Properties], Markup]] = {
    (MANTINE, "AppShellMain"): _main,
    (MANTINE, "Title"): _title,
    (MANTINE, "Anchor"): _link,
    (MANTINE, "NavLink"): _entry,
    (MANTINE, "Alert"): _alert,
    (MANTINE, "Code"): _code,
    (GRIDS, "AgGrid"): _grid,
    (OWN, "Moment"): _moment,
}
"""Components of a shape of their own."""
