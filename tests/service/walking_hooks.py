"""What schemathesis is told before it walks from answer to answer: tables that train, and what goes with an id."""

import csv
import io
import json
from random import Random
from typing import Any

import schemathesis
from hypothesis import strategies as st

ID, FIRST_COLUMN = "$response.body#/id", "$response.body#/columns/0/name"
JOB = {"dataset_id": ID, "target": FIRST_COLUMN, "training": {"epochs": 3}}
ROW = {"length": 1.5, "width": None}
BODIES: dict[str, Any] = {
    "post_jobs_queue_job": JOB,
    "post_jobs_validate_job": JOB,
    "post_predictions_predict": {"rows": [ROW]},
    "post_explanations_explain_step": {"model_id": ID, "rows": [{**ROW, "width": 2.0, "colour": "red"}]},
}
"""The body that belongs to a link, by the operation that it leads to."""
EVALUATE = {
    "operationId": "post_predictions_evaluate",
    "parameters": {"model_id": "$response.body#/model_id"},
    "requestBody": {"dataset_id": "$response.body#/spec/dataset_id"},
}
MISSING = 0.1
Rows = list[dict[str, Any]]


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave of the uploads those that are made here, and give the links the bodies that only a user would know."""
    content = raw_schema["paths"]["/v1/datasets"]["post"]["requestBody"]["content"]
    for media_type in content.keys() - UPLOADS.keys():
        del content[media_type]
    # Between two media types for the body of a link it cannot choose, and gives up the walk without a word.
    del raw_schema["paths"]["/v1/models/{model_id}/predictions"]["post"]["requestBody"]["content"]["text/csv"]
    for path in raw_schema["paths"].values():
        for operation in path.values():
            # The answer to a key of an earlier walk names what that walk may have removed.
            named = [one for one in operation["parameters"] if one["name"] != "Idempotency-Key"]
            operation["parameters"] = named
            for response in operation["responses"].values():
                _complete(response.get("links", {}))


def _complete(links: dict[str, Any]) -> None:
    if "model" in links:
        # The table that the model learnt from is one that it can be measured on.
        links["measure"] = EVALUATE
    for link in links.values():
        body = link.get("requestBody", BODIES.get(link["operationId"]))
        if body is not None:
            # Values made up around it would make nearly every job a wrong one.
            link |= {"requestBody": body, "x-schemathesis": {"merge_body": False}}


def _rows(seed: int) -> Rows:
    """A small table that can be learnt from; made of one number, since a walk may draw no more than a few."""
    random = Random(seed)  # noqa: S311 -- these numbers keep no secret
    return [
        {
            "colour": colour,
            "length": round(random.gauss(0, 10**exponent), 3),
            "width": None if random.random() < MISSING else random.randrange(10),
        }
        for exponent in range(random.randint(2, 6))
        for colour in ("red", "blue", "red")
    ]


def _csv(rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _lines(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


UPLOADS = {"text/csv": _csv, "application/x-ndjson": _lines}
for media_type, written in UPLOADS.items():
    schemathesis.openapi.media_type(media_type, st.integers(0, 10_000).map(_rows).map(written))
schemathesis.serializer.alias("application/x-ndjson", "text/plain")
