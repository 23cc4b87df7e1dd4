"""The OpenAPI 3.1 document, generated from the views and models, and finished here: names, errors, security."""

from collections.abc import Iterator
from http import HTTPMethod, HTTPStatus
from typing import Any, cast

from apiflask import APIFlask
from werkzeug.http import HTTP_STATUS_CODES

from service.answered import ANSWERS
from service.authentication import is_protected
from service.links import link
from service.negotiation import JSON
from service.problems import MEDIA_TYPE, SENTENCES, Problem

SCHEMAS = "#/components/schemas/"
SCHEME = "key"
DESCRIPTION = """\
Train small neural networks over HTTP: upload a table, post a job, poll it, predict with its model.

Every error is a problem document (RFC 9457). Lists are newest first; `next` leads to the next page.
`Idempotency-Key` on a POST that creates makes sending it twice harmless.
"""
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request gives the first answer again and makes nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The id of the last event that came: the stream goes on after it; empty where none has come.",
    "schema": {"type": "string", "pattern": r"^([0-9]{1,9}\.[0-9]{1,9}(\.end)?)?$"},
    "example": "2.17",
}
TAGS = [
    {"name": "Datasets", "description": "Tables: upload, describe, look into, download, remove."},
    {"name": "Jobs", "description": "Training jobs: check, queue, follow, cancel, remove."},
    {"name": "Models", "description": "What was trained: predict, evaluate, take home, remove."},
    {"name": "Explanations", "description": "One step of backpropagation with every number of it."},
    {"name": "Health", "description": "For whoever watches the service from outside."},
]
CREATING = frozenset({"post_datasets_upload_dataset", "post_jobs_queue_job"})
STREAMING = frozenset({"get_events_job_events"})
HEADERS = ((CREATING, IDEMPOTENCY_KEY), (STREAMING, LAST_EVENT_ID))
DETAILS = {
    400: "The body is not what its Content-Type says.",
    401: "No key, or one that is not valid here.",
    404: "There is no such thing, or it belongs to another key.",
    406: "This address does not answer in a media type that the Accept header takes.",
    409: "The state of the thing forbids it.",
    413: "The body is larger than this service takes.",
    414: "The address is longer than this server takes.",
    415: "The body has a media type that this address does not take.",
    422: "The content is wrong; `errors` lists every fault found, with its place.",
    429: "Too many requests, or more jobs or bytes than one key may have; `Retry-After` says when to come back.",
    500: SENTENCES[500],
    503: "The database or the storage is not reachable just now.",
}
Document = dict[str, Any]
Operation = dict[str, Any]


def configure_openapi(app: APIFlask) -> None:
    """Have the app generate its document at /openapi.json."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        DESCRIPTION=DESCRIPTION,
        LICENSE={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        SECURITY_SCHEMES={SCHEME: {"type": "http", "scheme": "bearer"}},
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=True,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        HTTP_ERROR_SCHEMA=Problem.model_json_schema(),
    )
    app.servers = [{"url": "/"}]
    app.spec_processor(lambda document: finished(cast("Document", document)))


def finished(document: Document) -> Document:
    """The document with flat schema names, all errors as problems, security and headers."""
    document = _flat(document)
    document["components"]["schemas"]["Problem"] = Problem.model_json_schema(ref_template=SCHEMAS + "{model}")
    document["components"]["schemas"].pop("HTTPError", None)
    document["components"]["schemas"] |= document["components"]["schemas"]["Problem"].pop("$defs")
    document["tags"] = TAGS
    for path, operation in _operations(document):
        _finish(path, operation)
    return document


def _finish(path: str, operation: Operation) -> None:
    _describe_parameters(operation)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    if is_protected(path):
        # The empty alternative: a service without keys serves its own machine.
        operation["security"] = [{SCHEME: []}, {}]
    for status in _errors(path, operation):
        operation["responses"].setdefault(str(status), {"description": DETAILS[status]})
    for status, response in operation["responses"].items():
        if int(status) >= HTTPStatus.BAD_REQUEST:
            response["content"] = {MEDIA_TYPE: _problem(int(status), path, response["description"])}
        elif example := _example(response.get("content", {}).get(JSON, {})):
            response["content"][JSON]["example"] = example
    operation["responses"] = dict(sorted(operation["responses"].items()))
    link(operation)


def _describe_parameters(operation: Operation) -> None:
    """Put descriptions beside the schemas of parameters, and name the headers that an operation takes."""
    for parameter in operation["parameters"]:
        if description := parameter["schema"].pop("description", None):
            parameter["description"] = description
    for names, header in HEADERS:
        if operation["operationId"] in names:
            operation["parameters"].append(header)


def _errors(path: str, operation: Operation) -> Iterator[int]:
    """The errors that any such operation may be answered with."""
    yield from (406, 414, 422, 500)
    if not is_protected(path):
        return
    yield from (401, 429, 503)
    if "{" in path:
        yield 404
    if "requestBody" in operation:
        yield from (400, 413, 415)


def _example(content: dict[str, Any]) -> dict[str, Any] | None:
    """What such an answer looks like, where it has no example of its own."""
    name = content.get("schema", {}).get("$ref", "").removeprefix(SCHEMAS)
    return None if "example" in content else ANSWERS.get(name)


def _problem(status: int, path: str, detail: str) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": detail,
        "instance": path,
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        example["errors"] = [
            {"pointer": "/training/batch_size", "detail": "Input should be greater than or equal to 1."}
        ]
    return {"schema": {"$ref": f"{SCHEMAS}Problem"}, "example": example}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    methods = {method.lower() for method in HTTPMethod}
    for path, item in document["paths"].items():
        yield from ((path, operation) for method, operation in item.items() if method in methods)


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each schema under its own name, where APIFlask has `Parent.Child` once for each parent."""
    schemas: dict[str, Any] = {}
    for name, schema in document["components"].get("schemas", {}).items():
        renamed = _renamed(schema)
        if schemas.setdefault(_last(name), renamed) != renamed:
            raise ValueError(f"Two different schemas have the name {_last(name)}.")
    paths = _renamed(document["paths"])
    return {**document, "paths": paths, "components": {**document["components"], "schemas": schemas}}


def _renamed(value: Any) -> Any:  # noqa: ANN401 -- JSON is any value
    if isinstance(value, dict):
        return {key: _renamed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    if isinstance(value, str) and value.startswith(SCHEMAS):
        return SCHEMAS + _last(value.removeprefix(SCHEMAS))
    return value


def _last(name: str) -> str:
    return name.rpartition(".")[2]
