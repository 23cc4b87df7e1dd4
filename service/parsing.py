"""What comes in is read strictly: the right media type, JSON that says one thing, every fault at once."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar

from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from deltarule.backprop.errors import Fault
from service.bodies import whole
from service.errors import QUERY, Invalid
from service.pointers import faults, pointer
from service.schemas.answer import Answer

JSON = "application/json"
LARGE_EXPONENT = re.compile(rb"[eE]\+?\d{3}")
MOST_FAULTS = 1000
TOO_MANY = "The document has {} faults, too many to be listed; /openapi.json says what it has to look like."
DEEPEST = 32
"""Levels of arrays and objects within each other; no document of the API has half as many."""
TOO_DEEP = f"The body is not JSON that can be read: it is nested too deeply, more than {DEEPEST} levels."
NOT_FINITE = "The value must be a finite number; NaN and infinity are none."
Parsed = TypeVar("Parsed", bound=BaseModel)
SecondLook = Callable[[object, Sequence[Fault]], Sequence[Fault]]
SECOND_LOOKS: dict[type[BaseModel], SecondLook] = {}
"""What finds further faults in a document of which these were found already."""


class StrictAdapter(PydanticAdapter):
    """How APIFlask reads and writes Pydantic models here: bodies in JSON mode, answers as they stand."""

    def validate_input(self, request: Request, location: str, **_: object) -> BaseModel:
        """The body or the query as this model; raises BadRequest, UnsupportedMediaType or Invalid."""
        if location == "query":
            return parse_query(self.model_class, request)
        return parse_body(self.model_class, request)

    def get_openapi_schema(self, **_: object) -> dict[str, Any]:
        """The model as JSON Schema: as it is written where it is an answer, as it is read where it is asked for."""
        mode: Literal["serialization", "validation"] = (
            "serialization" if issubclass(self.model_class, Answer) else "validation"
        )
        template = f"#/components/schemas/{self.get_schema_name()}.{{model}}"
        return self.model_class.model_json_schema(ref_template=template, mode=mode)

    def serialize_output(self, data: Any, many: bool = False) -> Any:  # noqa: ANN401 -- APIFlask's signature
        """The answer itself: the app's JSON provider writes models."""
        return data


def use_strict_parsing() -> None:
    """Let APIFlask read every Pydantic model by StrictAdapter."""
    registry.register("pydantic", StrictAdapter)


def parse_body(model: type[Parsed], request: Request, taken: Sequence[str] = (JSON,)) -> Parsed:
    """The JSON body as this model; `taken` are the media types that the address takes.

    Raises:
        UnsupportedMediaType: when it does not say that it is JSON.
        BadRequest: when it is not.
        Invalid: when it is not this model.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType(
            f"This address takes {' or '.join(taken)}, not {request.mimetype or 'a body without a type'}."
        )
    return parse_json(model, whole(request))


def parse_json(model: type[Parsed], body: bytes) -> Parsed:
    """These bytes as this model; raises BadRequest or Invalid."""
    document = read_json(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if error.error_count() > MOST_FAULTS:
            raise Invalid([Fault("", TOO_MANY.format(error.error_count()))]) from error
        errors = error.errors(include_url=False)
        if errors[0]["type"] == "json_invalid":
            raise BadRequest(f"The body is not JSON: {errors[0]['ctx']['error']}.") from error
        found = faults(errors, document)
        more = SECOND_LOOKS[model](document, found) if model in SECOND_LOOKS else ()
        raise Invalid([*found, *more]) from error


def read_json(body: bytes) -> Any:  # noqa: ANN401 -- JSON is any value
    """The JSON document in these bytes.

    Raises:
        BadRequest: when there is none, when it is nested too deeply, or when an object says one name twice.
        Invalid: when a number in it is not finite.
    """
    if not body.strip():
        raise BadRequest("The body is empty; this address needs a JSON document.")
    constants: list[str] = []
    try:
        document = json.loads(body.decode(), object_pairs_hook=_without_doubles, parse_constant=constants.append)
    except RecursionError as error:
        raise BadRequest(TOO_DEEP) from error
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {_reason(error)}.") from error
    _refuse_deep(document)
    if constants or LARGE_EXPONENT.search(body):
        _refuse_not_finite(json.loads(body))
    return document


def _refuse_deep(document: object) -> None:
    level = [document]
    for _ in range(DEEPEST):
        level = [item for within in level for item in _items(within) if isinstance(item, list | dict)]
        if not level:
            return
    raise BadRequest(TOO_DEEP)


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def parse_query(model: type[Parsed], request: Request) -> Parsed:
    """The query parameters as this model; raises Invalid, also for unknown and doubled ones."""
    given = request.args.to_dict()
    doubled = [
        Fault(f"{QUERY}{name}", "The parameter is given more than once.")
        for name, values in request.args.lists()
        if len(values) > 1
    ]
    try:
        parsed = model.model_validate_strings(given)
    except ValidationError as error:
        found = faults(error.errors(include_url=False), given)
        raise Invalid([*doubled, *(_in_query(fault) for fault in found)]) from error
    if doubled:
        raise Invalid(doubled)
    return parsed


def refuse_parameters(request: Request) -> None:
    """Refuse every query parameter, for an address that takes none."""
    if request.args:
        raise Invalid([Fault(f"{QUERY}{name}", "There is no such parameter here.") for name in request.args])


def _in_query(fault: Fault) -> Fault:
    detail = fault.detail.replace("There is no such field.", "There is no such parameter here.")
    return Fault(QUERY.rstrip("/") + fault.pointer, detail)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the name {doubled[:64]!r} more than once")
    return document


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno} column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    if "integer string conversion" in str(error):
        return "it holds a whole number with thousands of digits"
    return str(error)


def _refuse_not_finite(document: object) -> None:
    found = [Fault(pointer(place), NOT_FINITE) for place, _ in zip(_not_finite(document, ()), range(20), strict=False)]
    if found:
        raise Invalid(found)


def _not_finite(value: object, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The places of numbers that are not finite, those too that are too large for a float."""
    if isinstance(value, float) and value - value != 0:
        yield place
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _not_finite(item, (*place, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _not_finite(item, (*place, index))
