"""Where the service is put together: settings in, a Flask app out, nothing global in between."""

from importlib.metadata import version
from typing import Any

from apiflask import APIFlask
from flask import current_app, request
from flask.json.provider import JSONProvider
from pydantic_core import from_json, to_json

from deltarule.store.blobs import open_blobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.figures import figures
from deltarule.store.idempotency import Answers
from deltarule.store.jobs import Jobs
from deltarule.store.keys import Keys
from deltarule.store.models import Models
from deltarule.store.quotas import Quotas
from deltarule.store.requests import Requests
from deltarule.store.sessions import Sessions
from deltarule.store.settings import Settings
from service.authentication import authenticate
from service.bodies import drain, watch_body
from service.dashboard import routes as dashboard
from service.documentation import marked
from service.headers import secure
from service.identifiers import Identifier
from service.limits import limit_requests
from service.logs import log_requests
from service.metrics import Metrics
from service.negotiation import chosen, media_types_of
from service.openapi import configure_openapi
from service.origins import allow_origins
from service.parsing import refuse_parameters
from service.problems import register_problems
from service.queue import CeleryBroker, Doorbell
from service.remainder import look_twice
from service.routes import datasets, events, explanations, health, history, jobs, models, pages, predictions
from service.services import NAME, Services
from service.streams import Streams
from service.trained import TrainedModels
from service.waiting import Waiting

MOST_FORM_PARTS = 8
"""A form has one part; a few more are read to say that they are too many."""


class PydanticJSON(JSONProvider):
    """JSON as Pydantic writes it: models too, fast, and null for numbers that JSON has no word for."""

    def dumps(self, obj: object, **_: object) -> str:
        """The object as JSON."""
        return to_json(obj, inf_nan_mode="null").decode()

    def loads(self, s: str | bytes, **_: object) -> Any:  # noqa: ANN401 -- JSON is any value
        """The JSON as an object."""
        return from_json(s, allow_inf_nan=False)


def create_app(settings: Settings | None = None) -> APIFlask:
    """The whole service, ready to be served; settings are read from the environment where none are given."""
    settings = settings or Settings()
    app = APIFlask(__name__, title="Deltarule", version=version("deltarule"), docs_path=None, json_errors=False)
    app.json = PydanticJSON(app)
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = Identifier
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_bytes
    app.config["MAX_FORM_PARTS"] = MOST_FORM_PARTS
    app.extensions[NAME] = compose(settings)
    configure_openapi(app)
    look_twice()
    log_requests(app, for_people=settings.log_format == "people")
    app.extensions[NAME].metrics.count_requests(app)
    app.before_request(watch_body)
    allow_origins(app, settings.allowed_origins)
    app.before_request(authenticate)
    app.before_request(limit_requests)
    app.before_request(_refuse_early)
    app.after_request(drain)
    app.after_request(secure)
    register_problems(app)
    app.add_template_filter(marked, "marked")
    for routes in (datasets, jobs, history, events, models, predictions, explanations, health, pages, dashboard):
        app.register_blueprint(routes.blueprint)
    return app


def compose(settings: Settings) -> Services:
    """The store and what else the routes need, for these settings."""
    database = Database.from_settings(settings)
    blobs = open_blobs(settings.storage_url, settings.storage_options)
    quotas = Quotas.from_settings(settings)
    jobs, models = Jobs(database, quotas), Models(database)
    return Services(
        settings=settings,
        database=database,
        blobs=blobs,
        keys=Keys(database),
        sessions=Sessions(database),
        datasets=Datasets(database, blobs, quotas),
        jobs=jobs,
        models=models,
        requests=Requests(database, settings.requests_per_minute),
        answers=Answers(database),
        doorbell=Doorbell(CeleryBroker(settings.broker_url), jobs),
        trained=TrainedModels(models),
        waiting=Waiting(settings.poll_seconds),
        streams=Streams(settings.poll_seconds),
        metrics=Metrics(lambda: figures(database)),
    )


def _refuse_early() -> None:
    """Refuse what no view needs to look at: an answer in a form there is not, parameters where none are taken."""
    if request.endpoint is None or request.endpoint == "static" or request.method == "OPTIONS":
        return
    if request.blueprint == dashboard.NAME:
        return
    view = current_app.view_functions[request.endpoint]
    chosen(request, media_types_of(view))
    # APIFlask keeps there what `input` was given for the query.
    if not getattr(view, "_spec", {}).get("args"):
        refuse_parameters(request)
