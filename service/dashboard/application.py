"""Dash, put together once in each process, when the first page is asked for or shortly after the start.

It is one object for all apps of a process, because it keeps nothing of any: layouts and callbacks ask for the services
of the request that they run in.
"""

import json
import threading
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

import structlog
from dash import Dash, html
from dash.exceptions import DashException, PreventUpdate
from flask import request
from werkzeug.exceptions import BadRequest

from service.dashboard import assets
from service.dashboard.failures import tell
from service.dashboard.first_paint import first_paint
from service.dashboard.policy import hash_of, page_headers
from service.dashboard.shell import layout
from service.dashboard.table import PAGES, page_at, title_of

MALFORMED = (DashException, KeyError, TypeError, ValueError, AttributeError, IndexError)
DOCUMENT = """<!doctype html>
<html lang="en">
<head>
  {%metas%}
  <meta name="color-scheme" content="light dark">
  <title>{%title%}</title>
  <link rel="icon" type="image/svg+xml" href="/static/icon.svg">
  <link rel="stylesheet" href="STYLES">
  {%css%}
  <script>SCHEME</script>
</head>
<body>
  <noscript>Charts and forms need JavaScript; <a href="/docs">the API</a> does not.</noscript>
  <div id="connection" role="status" hidden></div>
  <div id="first-paint"><!-- first paint --></div>
  {%app_entry%}
  {%config%}
  {%scripts%}
  <script src="SCRIPTS"></script>
  <!-- chunks -->
  <!-- first answers -->
  {%renderer%}
</body>
</html>"""

SCHEME = (
    'try { const chosen = localStorage.getItem("mantine-color-scheme-value"); '
    'if (["light", "dark"].includes(chosen)) document.documentElement.dataset.mantineColorScheme = chosen; } catch {}'
)
"""Light or dark, as was chosen with the switch: before the first words are painted, so that none flash up."""

GRID = ("dash_ag_grid.min.js", "async-community.js")
"""The library of grids, which comes with the pages that show one, and is fetched when another page leads there."""
LATER = (("dash", "dcc/async-graph.js"), ("plotly", "package_data/plotly.min.js"))
"""So large that words would wait for it: a page asks for it when its charts are to be drawn."""
LAYOUT = "_dash-layout"
FIRST = (LAYOUT, "_dash-dependencies")
"""What every page asks for before anything else; its document brings the answers along (`answers.js`)."""
UNUSED = ("/dash/dash_table/", "/dash/deps/polyfill@", "/dash_ag_grid/")
"""Scripts that Dash names and a page does without: what is not used, and what browsers have had since 2020."""

_building = threading.Lock()


class Dashboard(Dash):
    """Dash without what it would tell everybody about this machine."""

    def _generate_scripts_html(self) -> str:
        scripts: str = super()._generate_scripts_html()
        return "\n".join(line for line in scripts.splitlines() if not any(unused in line for unused in UNUSED))

    def _config(self) -> dict[str, Any]:
        told: dict[str, Any] = super()._config()
        return told | {"python_version": "", "disable_version_check": True}


def dashboard() -> Dash:
    """Dash with every page and callback; whoever asks first waits for a second or two."""
    with _building:
        return _built()


def document(path: str) -> str:
    """The document of the page at this path, for anybody."""
    dash = dashboard()
    found = page_at(path)
    sources = dash._collect_and_register_resources(
        [{"namespace": "dash_ag_grid", "relative_package_path": file} for file in GRID]
    )
    scripts = f'<script type="application/json" data-library="dash_ag_grid">{json.dumps(sources)}</script>'
    if found and found.page.has_grid:
        scripts = "".join(f'<script src="{source}"></script>' for source in sources)
    whole: str = dash.index().replace(f"<title>{dash.title}</title>", f"<title>{title_of(found)}</title>", 1)
    return whole.replace("<!-- chunks -->", scripts, 1)


def index(path: str) -> tuple[str, int, Mapping[str, str]]:
    """The document of the page at this path for whoever asks, and its headers."""
    told = {view: answer(view).get_data(as_text=True) for view in FIRST}
    answers = "".join(
        f'<script type="application/json" data-answers="/{view}">{_harmless(words)}</script>'
        for view, words in told.items()
    )
    painted = first_paint(json.loads(told[LAYOUT]))
    whole = document(path).replace("<!-- first answers -->", answers, 1).replace("<!-- first paint -->", painted, 1)
    return whole, 200, page_headers([hash_of(SCHEME), *dashboard().csp_hashes()])


def answer(view: str) -> Any:  # noqa: ANN401 -- as Dash answers
    """What Dash's own view says to this request."""
    return dashboard().server.view_functions[f"/{view}"]()


def run() -> Any:  # noqa: ANN401 -- as Dash answers
    """Run the callback that a page asks for; raises BadRequest for what no page asks."""
    asked = request.get_json()
    if not isinstance(asked, dict) or str(asked.get("output")) not in dashboard().callback_map:
        raise BadRequest("There is no such callback; the page is older than the service, so load it anew.")
    try:
        return ("", 204) if _is_unpressed(asked) else answer("_dash-update-component")
    except PreventUpdate:
        return "", 204
    except MALFORMED as error:
        structlog.get_logger().warning("no request of a page", reason=repr(error))
        raise BadRequest("This is no request of a page of the dashboard.") from error


@cache
def _built() -> Dash:
    for module in ("routing", *(f"pages.{page.module}" for page in PAGES)):
        import_module(f"service.dashboard.{module}")
    dash = Dashboard(
        "service.dashboard",
        url_base_pathname="/",
        include_assets_files=False,
        serve_locally=True,
        eager_loading=False,
        compress=False,
        use_pages=False,
        add_log_handler=False,
        enable_mcp=False,
        title="Deltarule",
        update_title="",
        # Pages come and go, and with them the components that callbacks name.
        suppress_callback_exceptions=True,
        index_string=_document(),
        on_error=tell,
    )
    # What Dash does before the first request to its own app, where it also looks at the layout, which is nobody's yet.
    dash.layout = html.Div()
    dash._setup_server()
    dash.layout = layout
    return dash


def _document() -> str:
    addressed = DOCUMENT.replace("STYLES", assets.address("css")).replace("SCRIPTS", assets.address("js"))
    return addressed.replace("SCHEME", SCHEME)


def _harmless(words: str) -> str:
    """JSON that ends no element of the document which it stands in."""
    return words.replace("<", "\\u003c")


def _is_unpressed(asked: Mapping[str, Any]) -> bool:
    """Whether only buttons could have asked, and none of them was pressed: the page that they are on was just opened.

    Dash runs their callbacks then, even where the first call is to be prevented, if what they change was there before.
    """
    inputs = [one for given in asked["inputs"] for one in (given if isinstance(given, list) else [given])]
    return bool(inputs) and all(one["property"] == "n_clicks" and not one.get("value") for one in inputs)
