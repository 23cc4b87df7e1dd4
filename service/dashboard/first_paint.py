"""What a page shows until its libraries are there: the words, links and tables of its layout as plain HTML.

The libraries then draw the whole page in its place. What acts by script (buttons, fields, charts) is left to them;
identifiers too, so that nothing is there twice.
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

HTML, MANTINE, GRIDS = "dash_html_components", "dash_mantine_components", "dash_ag_grid"
PLAIN = frozenset(
    {"A", "Dd", "Div", "Dl", "Dt", "Img", "Li", "Nav", "P", "Section", "Span", "Strong", "Table", "Tbody", "Td", "Th"}
    | {"Thead", "Tr", "Ul"}
)
"""Elements that are shown as they are."""
ATTRIBUTES = {"className": "class", "href": "href", "src": "src", "alt": "alt", "width": "width", "height": "height"}
NOTHING = Markup()
BOXES = {
    "MantineProvider": "div",
    "AppShell": "div",
    "AppShellHeader": "header",
    "AppShellNavbar": "div",
    "AppShellMain": "main",
    "Stack": "div",
    "Group": "div",
    "Paper": "section",
    "SimpleGrid": "div",
    "Text": "div",
}
"""Components that hold others, and the elements that stand for them."""


def first_paint(layout: Node) -> Markup:
    """The layout, as Dash writes it in JSON, as HTML."""
    if layout is None or isinstance(layout, bool):
        return NOTHING
    if isinstance(layout, Sequence) and not isinstance(layout, str):
        return Markup().join(first_paint(node) for node in layout)
    if not isinstance(layout, Mapping):
        return escape(layout)
    properties: Properties = layout["props"]
    if properties.get("hidden"):
        return NOTHING
    return _component(layout["namespace"], layout["type"], properties)


def _component(library: str, kind: str, properties: Properties) -> Markup:
    children = properties.get("children")
    if library == HTML and kind in PLAIN:
        return _element(kind.lower(), _attributes(properties), first_paint(children))
    if library == MANTINE and kind in BOXES:
        return _element(BOXES[kind], {"class": f"first-{kind.lower()}"}, first_paint(children))
    drawn = DRAWN.get((library, kind))
    return drawn(properties) if drawn else NOTHING


def _attributes(properties: Properties) -> dict[str, str]:
    return {name: str(properties[given]) for given, name in ATTRIBUTES.items() if properties.get(given) is not None}


def _element(tag: str, attributes: Mapping[str, str], content: Markup = NOTHING) -> Markup:
    given = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    rest = "" if tag == "img" else f"{content}</{tag}>"
    return Markup(f"<{tag}{given}>{rest}")  # noqa: S704 -- tags and names are ours; values and content are escaped


def _title(properties: Properties) -> Markup:
    order = int(properties.get("order", 1))
    return _element(f"h{order}", {"class": "first-title"}, first_paint(properties.get("children")))


def _link(properties: Properties) -> Markup:
    attributes = {"href": str(properties.get("href", "")), "class": str(properties.get("className", "cell-link"))}
    return _element("a", attributes, first_paint(properties.get("children")))


def _entry(properties: Properties) -> Markup:
    return _element("a", {"href": str(properties.get("href", "")), "class": "first-entry"}, escape(properties["label"]))


def _code(properties: Properties) -> Markup:
    return _element("pre", {"class": "json"}, first_paint(properties.get("children")))


def _moment(properties: Properties) -> Markup:
    return _time(properties["at"])


def _time(at: str) -> Markup:
    """A time of the world: which hour that is where the page is read, only the browser knows."""
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return _element("time", {"datetime": at}, escape(f"{moment:%Y-%m-%d %H:%M} UTC"))


def _table(properties: Properties) -> Markup:
    columns = [column for column in properties["columnDefs"] if column.get("headerName")]
    heads = Markup().join(
        _element("th", {"scope": "col"} | _side(column), escape(column["headerName"])) for column in columns
    )
    rows = Markup().join(
        _element("tr", {}, Markup().join(_element("td", _side(column), _cell(column, row)) for column in columns))
        for row in properties["rowData"][:ROWS_SHOWN]
    )
    table = _element("thead", {}, _element("tr", {}, heads)) + _element("tbody", {}, rows)
    return _element("div", {"class": "wide"}, _element("table", {"class": "first-table"}, table))


def _side(column: Properties) -> dict[str, str]:
    return {"class": "first-number"} if column.get("type") == "rightAligned" else {}


def _cell(column: Properties, row: Properties) -> Markup:
    """What `grid.js` draws into a cell, without what is drawn."""
    value, renderer = row.get(column["field"]), column.get("cellRenderer")
    if renderer == "Link":
        return _element("a", {"href": row["href"], "class": "cell-link"}, escape(value))
    if renderer == "Status":
        return _element("span", {"class": f"status status-{value}"}, escape(value))
    if renderer == "Moment":
        return _time(value) if value else escape("–")
    if renderer == "Curve":
        return NOTHING
    written = column.get("valueFormatter", {}).get("function", "")
    if written.startswith(FIELD):
        value = row[written.removeprefix(FIELD)]
    return escape(f"{value:,}" if isinstance(value, int) else value)


FIELD = "params.data."
DRAWN: Mapping[tuple[str, str], Callable[[Properties], Markup]] = {
    (MANTINE, "Title"): _title,
    (MANTINE, "Anchor"): _link,
    (MANTINE, "NavLink"): _entry,
    (MANTINE, "Code"): _code,
    (GRIDS, "AgGrid"): _table,
    (OWN, "Moment"): _moment,
}
"""Components of a shape of their own."""
