"""The addresses of the dashboard: its pages, what they are made of, and the door. Nothing here loads Dash.

Dash has a Flask app of its own that serves nothing: its views are called here, inside the requests of the one app, so
that its callbacks have the same services, logs, limits and errors as every route.
"""

from typing import Any
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from service.authentication import owner
from service.captions import clean
from service.dashboard import access, assets, files
from service.dashboard.packing import squeezed
from service.dashboard.policy import SIGN_IN_HEADERS
from service.dashboard.table import PAGES
from service.limits import limit_requests
from service.negotiation import CSV, JSON, chosen
from service.routes.history import CHARTS, written
from service.services import services

NAME = "dashboard"
HTML = "text/html"
OPEN = frozenset({"dashboard.bundle", "dashboard.asset", "dashboard.sign_in", "dashboard.let_in", "dashboard.sign_out"})
"""What shows nothing of anybody, and what decides about the rest by itself."""
WRITTEN = frozenset({"dashboard.page", "dashboard.layout", "dashboard.dependencies", "dashboard.update"})

HISTORY_FORMS = {"csv": CSV, "json": JSON} | {form: media_type for media_type, form in CHARTS.items()}

blueprint = APIBlueprint(NAME, __name__, enable_openapi=False)


@blueprint.before_request
def authenticate() -> AnyResponse | None:
    """Before each request, callbacks too: know its owner, or send a person to the door and a program away."""
    if request.endpoint in OPEN or request.method == "OPTIONS":
        return None
    try:
        g.owner = access.owner_of(request, services())
    except Unauthorized:
        if request.endpoint != "dashboard.page":
            raise
        chosen(request, (HTML,))
        return redirect(_door(request.full_path.rstrip("?")), 303)
    limit_requests()
    return None


@blueprint.after_request
def go_on(response: Response) -> Response:
    """After each request: who is signed in stays so."""
    access.go_on(response, request)
    return response


@blueprint.after_request
def squeeze(response: Response) -> Response:
    """After each request for what Dash writes: make it small."""
    return squeezed(request, response) if request.endpoint in WRITTEN else response


def page(**_: str) -> Response:
    """Any page: a document that brings along what every page asks for first."""
    chosen(request, (HTML,))
    from service.dashboard.application import index  # noqa: PLC0415 -- loads Dash

    return Response(*index(request.path), mimetype=HTML)


for _page in PAGES:
    blueprint.add_url_rule(_page.path, "page", page)

blueprint.add_url_rule("/datasets", "keep_table", files.keep_table, methods=["POST"])
blueprint.add_url_rule("/datasets/<id:dataset_id>/content", "give_table", files.give_table)
blueprint.add_url_rule("/models/<id:model_id>/export", "give_model", files.give_model)


@blueprint.get("/_dash-layout")
def layout() -> Any:  # noqa: ANN401 -- as Dash answers
    """What all pages have around them."""
    return _answer("_dash-layout")


@blueprint.get("/_dash-dependencies")
def dependencies() -> Any:  # noqa: ANN401 -- as Dash answers
    """Which callbacks there are."""
    return _answer("_dash-dependencies")


@blueprint.post("/_dash-update-component")
def update() -> Any:  # noqa: ANN401 -- as Dash answers
    """Run one callback."""
    from service.dashboard.application import run  # noqa: PLC0415 -- loads Dash

    return run()


@blueprint.get("/_dash-component-suites/<package>/<path:path>")
def bundle(package: str, path: str) -> Response:
    """A file of the libraries that the pages are made of."""
    from service.dashboard.bundles import answer  # noqa: PLC0415 -- loads Dash

    return answer(request, package, path)


@blueprint.get("/dashboard.<any(css, js):kind>")
def asset(kind: assets.Kind) -> Response:
    """Our own styles, or scripts."""
    return assets.answer(request, kind)


@blueprint.get("/downloads/jobs/<id:job_id>/history.<any(csv, json, svg, png):form>")
def history(job_id: str, form: str) -> Response:
    """A job's history as a file: what the API answers, for a browser that sends a cookie and no key."""
    job = services().jobs.get(owner(), job_id)
    response = written(job, services().jobs.history(owner(), job_id), HISTORY_FORMS[form])
    name = clean(job.name) or job.id
    response.headers.set("Content-Disposition", "attachment", filename=f"{name} history.{form}")
    return response


@blueprint.get("/sign-in")
def sign_in() -> AnyResponse:
    """The door."""
    asked = services().keys.any()
    page = render_template(
        "sign_in.html", next=_inside(request.args.get("next")), wrong=request.args.get("wrong"), asked=asked
    )
    return Response(page, headers=SIGN_IN_HEADERS, mimetype=HTML)


@blueprint.post("/sign-in")
def let_in() -> AnyResponse:
    """Let in whoever shows a key."""
    access.refuse_foreign(request)
    services().requests.count(request.remote_addr or "")
    target, secret = _inside(request.form.get("next")), request.form.get("key", "").strip()
    key = services().keys.find(secret)
    if key is None:
        return redirect(_door(target, wrong="1"), 303)
    response = redirect(target, 303)
    access.begin(response, request, services(), key)
    return response


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """Let go."""
    access.refuse_foreign(request)
    services().requests.count(request.remote_addr or "")
    response = redirect(url_for("dashboard.sign_in"), 303)
    access.end(response, request, services())
    return response


def _answer(view: str) -> Any:  # noqa: ANN401 -- as Dash answers
    from service.dashboard.application import answer  # noqa: PLC0415 -- loads Dash

    return answer(view)


def _door(target: str, **more: str) -> str:
    return f"{url_for('dashboard.sign_in')}?{urlencode({'next': _inside(target)} | more)}"


def _inside(target: str | None) -> str:
    """An address of this service; anything that could lead elsewhere becomes the first page."""
    inside = target is not None and target.startswith("/") and target[1:2] not in ("/", "\\") and target.isprintable()
    return target if target and inside else "/"
