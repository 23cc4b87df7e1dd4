"""Rows go in as JSON or CSV, answers come out as either; between them there is only the model."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Request
from pydantic_core import from_json

from deltarule.training.encoding import conform
from deltarule.training.errors import DataError
from deltarule.training.model import Model
from deltarule.training.plain import PlainRows
from deltarule.training.tables.delimited import chunks
from deltarule.training.tables.rows import typed
from service.negotiation import CSV, JSON
from service.parsing import parse_body
from service.schemas.predictions import PredictionRequest

Prediction = Mapping[str, Any]


def predicted(plain: PlainRows, asked: Request) -> dict[str, Any]:
    """`predictions` for what the request carries, and `outputs` where it carries plain inputs.

    Raises:
        UnsupportedMediaType, BadRequest, Invalid, DataError: for what is no table or JSON, or does not fit the model.
    """
    model = plain.model
    if asked.mimetype == CSV:
        return {"predictions": list(_of_csv(model, asked.get_data()))}
    if asked.mimetype == JSON and (answer := _of_plain_rows(plain, asked.get_data())):
        return answer
    body = parse_body(PredictionRequest, asked, (JSON, CSV))
    if body.rows is not None:
        return {"predictions": model.predict_rows(body.rows)}
    predictions, outputs = model.predict_inputs(body.inputs or ())
    return {"predictions": predictions, "outputs": outputs}


def as_csv(predictions: Iterable[Prediction]) -> str:
    """A line for each prediction; columns are named by what they hold."""
    flat = [dict(_cells(prediction)) for prediction in predictions]
    names = dict.fromkeys(name for row in flat for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, sorted(names, key="notes".__eq__))
    writer.writeheader()
    writer.writerows(flat)
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


def _of_csv(model: Model, content: bytes) -> Iterator[Prediction]:
    found = False
    for chunk in chunks(content):
        found = True
        frame = conform(typed(chunk, model.form.table), model.columns, "The model")
        yield from model.predict_rows(frame.to_dicts())
    if not found:
        raise DataError("The table has no rows; send at least one.")


def _cells(prediction: Prediction) -> Iterator[tuple[str, Any]]:
    for name, value in prediction.items():
        if name == "probabilities":
            yield from ((f"probability_{label}", probability) for label, probability in value.items())
        elif name == "values":
            yield from value.items()
        else:
            separator = " " if name == "notes" else "; "
            yield name, separator.join(value) if isinstance(value, list | tuple) else value
