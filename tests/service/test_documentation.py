from flask.testing import FlaskClient

from service.documentation import entries, marked

DOCUMENT = {
    "components": {
        "schemas": {
            "Layer": {
                "type": "object",
                "properties": {"units": {"type": "integer", "minimum": 1, "description": "How many."}},
            },
            "Network": {
                "type": "object",
                "required": ["layers"],
                "properties": {
                    "layers": {"type": "array", "items": {"$ref": "#/components/schemas/Layer"}},
                    "dtype": {"enum": ["float32", "float64"]},
                    "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            },
        }
    },
    "paths": {
        "/networks": {
            "post": {
                "operationId": "post_networks",
                "tags": ["Networks"],
                "summary": "Make one.",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Network"},
                            "examples": {"one": {"summary": "One.", "value": {"layers": []}}},
                        }
                    }
                },
                "responses": {"201": {"description": "Made."}, "422": {"description": "Wrong."}},
            }
        }
    },
}


def test_an_operation_becomes_an_entry() -> None:
    (entry,) = entries(DOCUMENT)
    assert (entry.method, entry.path, entry.summary, entry.tag) == ("POST", "/networks", "Make one.", "Networks")
    assert [(field.path, field.type, field.required) for field in entry.body] == [
        ("layers", "list of Layer", True),
        ("layers[].units", "integer ≥ 1", False),
        ("dtype", "float32 | float64", False),
        ("name", "string or null", False),
    ]
    assert entry.body[1].description == "How many."
    assert [(field.path, field.type) for field in entry.parameters] == [("limit", "integer ≤ 9")]
    assert [(example.summary, example.text) for example in entry.examples] == [("One.", '{\n  "layers": []\n}')]
    assert entry.answers == (("201", "Made."), ("422", "Wrong."))


def test_only_code_is_marked_up() -> None:
    assert marked("a `b<c>` & <d>") == "a <code>b&lt;c&gt;</code> &amp; &lt;d&gt;"


def test_the_page_shows_every_operation(client: FlaskClient) -> None:
    page = client.get("/docs").text
    for path, item in client.get("/openapi.json").json["paths"].items():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page
            assert path in page
    assert "training.early_stopping.patience" in page
    assert "network.layers[].activation" in page


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_scripts(client: FlaskClient) -> None:
    response = client.get("/docs")
    assert response.mimetype == "text/html"
    page = response.text
    for mark in ('src="http', 'href="http', "<script", "style=", "onclick", "//cdn"):
        assert mark not in page
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
