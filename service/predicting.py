"""Rows go in as JSON or CSV, answers come out as either; between them there is only the model."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from flask import Request
from pydantic_core import from_json

from deltarule.training.plain import PlainRows
from service.bodies import whole
from service.negotiation import CSV, JSON
from service.parsing import parse_body
from service.schemas.predictions import PredictionRequest

Prediction = Mapping[str, Any]

LINES_AT_ONCE = 1000
"""Lines of CSV that are written and sent together."""

NOTES = "notes"


def predicted(plain: PlainRows, asked: Request) -> dict[str, Any]:
    """`predictions` for what the request carries, one by one where it is CSV; `outputs` where it carries plain inputs.

    Raises:
        UnsupportedMediaType, BadRequest, Invalid, DataError: for what is no table or JSON, or does not fit the model.
    """
    model = plain.model
    if asked.mimetype == CSV:
        return {"predictions": model.predict_csv(whole(asked))}
    if asked.mimetype == JSON and (answer := _of_plain_rows(plain, whole(asked))):
        return answer
    body = parse_body(PredictionRequest, asked, (JSON, CSV))
    if body.rows is not None:
        return {"predictions": model.predict_rows(body.rows)}
    predictions, outputs = model.predict_inputs(body.inputs or ())
    return {"predictions": predictions, "outputs": outputs}


def as_csv(predictions: Iterable[Prediction]) -> Iterator[str]:
    """A line for each prediction, as they come; columns are named by what they hold, the last one is for notes."""
    answers = iter(predictions)
    first = dict(_cells(next(answers)))
    names = [*(name for name in first if name != NOTES), NOTES]
    yield _lines([names])
    rows = chain([first], (dict(_cells(answer)) for answer in answers))
    while some := list(islice(rows, LINES_AT_ONCE)):
        yield _lines([row.get(name, "") for name in names] for row in some)


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _of_plain_rows(plain: PlainRows, content: bytes) -> dict[str, Any] | None:
    """The answer to a document in which nothing is wrong, missing or odd; None for every other."""
    try:
        document = from_json(content, allow_inf_nan=False)
    except ValueError:
        return None
    match document:
        case {"rows": [*rows], **rest} if not rest and set(map(type, rows)) == {dict}:
            if not _holds(content, 1 + len(rows) * (plain.columns + plain.texts)):
                return None
            predictions = plain.predict(rows)
            return None if predictions is None else {"predictions": predictions}
        case {"inputs": [*inputs], **rest} if not rest and set(map(type, inputs)) == {list}:
            if not _holds(content, 1 + len(inputs) * plain.texts):
                return None
            answered = plain.predict_inputs(inputs)
            return None if answered is None else {"predictions": answered[0], "outputs": answered[1]}
    return None


def _holds(content: bytes, strings: int) -> bool:
    """Whether a document holds so many strings and no more: of a name that stands twice, the parser tells one only."""
    return b"\\" not in content and content.count(b'"') == 2 * strings


def _cells(prediction: Prediction) -> Iterator[tuple[str, Any]]:
    for name, value in prediction.items():
        if name == "probabilities":
            yield from ((f"probability_{label}", probability) for label, probability in value.items())
        elif name == "values":
            yield from value.items()
        else:
            separator = " " if name == NOTES else "; "
            yield name, separator.join(value) if isinstance(value, list | tuple) else value
