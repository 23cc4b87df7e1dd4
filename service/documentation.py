"""The OpenAPI document as a person reads it: one entry for each operation, its fields in a table."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

Schema = Mapping[str, Any]
DEEPEST = 4
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body or one parameter; `path` is its name with those of the objects around it."""

    path: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Example:
    """A body to try."""

    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation."""

    anchor: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    media_types: tuple[str, ...]
    body: tuple[Field, ...]
    examples: tuple[Example, ...]
    answers: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]


def marked(text: str) -> Markup:
    """A text with its `code` marked up as such, everything else escaped."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 -- escaped right here


def entries(document: Mapping[str, Any]) -> Iterator[Entry]:
    """The operations of an OpenAPI document, in its order."""
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield _entry(method.upper(), path, operation, schemas)


def _entry(method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Schema]) -> Entry:
    content = operation.get("requestBody", {}).get("content", {})
    json_body = content.get("application/json", {})
    return Entry(
        anchor=operation["operationId"],
        tag=operation["tags"][0],
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=tuple(_parameter(parameter) for parameter in operation.get("parameters", ())),
        media_types=tuple(content),
        body=tuple(_fields(json_body.get("schema", {}), schemas)),
        examples=tuple(_examples(content)),
        answers=tuple((status, answer["description"]) for status, answer in operation["responses"].items()),
        fields=tuple(_fields(_answer(operation), schemas)),
    )


def _parameter(parameter: Mapping[str, Any]) -> Field:
    schema = parameter["schema"]
    described = parameter.get("description", "")
    return Field(parameter["name"], _type(schema), bool(parameter.get("required")), described)


def _answer(operation: Mapping[str, Any]) -> Schema:
    good = (answer for status, answer in operation["responses"].items() if status.startswith("2"))
    first: Mapping[str, Any] = next(good, {})
    schema: Schema = first.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _fields(schema: Schema, schemas: Mapping[str, Schema], path: str = "", depth: int = 0) -> Iterator[Field]:
    """The fields of an object and of the objects in it, each once, depth first."""
    whole = _resolved(schema, schemas)
    for name, part in whole.get("properties", {}).items():
        inner = _resolved(part, schemas)
        description = part.get("description") or inner.get("description", "")
        yield Field(f"{path}{name}", _type(part), name in whole.get("required", ()), description.split("\n")[0])
        if depth < DEEPEST:
            for member, ending in _members(part, schemas):
                yield from _fields(member, schemas, f"{path}{name}{ending}.", depth + 1)


def _members(schema: Schema, schemas: Mapping[str, Schema]) -> Iterator[tuple[Schema, str]]:
    """The object that a field holds, or those it holds many of; of alternatives each."""
    for each in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        whole = _resolved(each, schemas)
        if whole.get("properties"):
            yield whole, ""
        elif whole.get("items"):
            yield from ((member, f"[]{ending}") for member, ending in _members(whole["items"], schemas))


def _resolved(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _type(schema: Schema) -> str:
    alternatives = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    if alternatives:
        return " or ".join(dict.fromkeys(_type(each) for each in alternatives))
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("type", "any"))
    return f"list of {_type(schema['items'])}" if kind == "array" and schema.get("items") else kind + _range(schema)


def _range(schema: Schema) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {schema[word]}" for word, sign in signs.items() if word in schema]
    return f" {', '.join(bounds)}" if bounds else ""


def _examples(content: Mapping[str, Any]) -> Iterator[Example]:
    for media_type, body in content.items():
        if "example" in body:
            yield Example(media_type, _text(body["example"]))
        for example in body.get("examples", {}).values():
            if "value" in example:
                yield Example(example.get("summary", media_type), _text(example["value"]))
            else:
                yield Example(f"{media_type}: {example['summary']}", f"curl {example['externalValue']}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2)
