"""Answers held against the OpenAPI document that the service itself serves."""

import json
import re
from typing import Any
from urllib.parse import quote

from apiflask import APIFlask
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from service.pointers import pointer

DOCUMENT = "urn:deltarule:openapi"
LEAKS = re.compile(
    r"Traceback|\bFile \"|\.py\b|site-packages|/tmp/|/home/|/usr/|/var/|/proc/"
    r"|\b(SELECT|INSERT|UPDATE|DELETE) [A-Za-z]+ ?|dr_[\w-]{20}"
    r"|sqlite|psycopg|sqlalchemy|obstore|pydantic|werkzeug|polars|numpy\.",
)
"""What tells of the inside: places in code and on disks, statements, libraries, secrets."""
PAGES = ("/docs", "/openapi.json")


class Checker:
    """Knows what each operation may answer."""

    def __init__(self, app: APIFlask) -> None:
        self._document: dict[str, Any] = app.spec
        self._registry = Registry().with_resource(DOCUMENT, Resource(self._document, DRAFT202012))
        self._urls = app.url_map.bind("localhost")

    def check(self, response: TestResponse) -> None:
        """Fail for a status, a media type or a body that is not promised."""
        assert response.headers["X-Request-Id"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        if response.status_code >= 400:
            assert response.mimetype == "application/problem+json", response.get_data(as_text=True)
            # Without the address, which is the client's own.
            said = json.dumps({**response.json, "instance": ""}, ensure_ascii=False)
            assert not LEAKS.search(said), said
            self._check_schema(["components", "schemas", "Problem"], response.json)
        place = self._operation(response.request.path, response.request.method)
        if place is not None:
            self._check_operation(place, response)

    def _operation(self, path: str, method: str) -> list[str] | None:
        """Where in the document the operation stands that answered."""
        try:
            rule, _ = self._urls.match(path, method=method, return_rule=True)
        except HTTPException:
            return None
        template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        if (
            template in PAGES
            or rule.endpoint.startswith(("static", "dashboard."))
            or method not in ("GET", "POST", "DELETE")
        ):
            return None
        return ["paths", template, method.lower()]

    def _check_operation(self, place: list[str], response: TestResponse) -> None:
        _, path, method = place
        promised = self._document["paths"][path][method]["responses"].get(str(response.status_code))
        assert promised is not None, f"{response.status_code} is not promised: {response.get_data(as_text=True)}"
        content = promised.get("content")
        if not content:
            assert not response.data
            return
        assert response.mimetype in content
        if response.is_json and "schema" in content[response.mimetype]:
            answer = ["responses", str(response.status_code), "content", response.mimetype, "schema"]
            self._check_schema([*place, *answer], response.json)

    def _check_schema(self, place: list[str], value: object) -> None:
        schema = {"$ref": f"{DOCUMENT}#{quote(pointer(place))}"}
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=FormatChecker())
        faults = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert not faults, faults
