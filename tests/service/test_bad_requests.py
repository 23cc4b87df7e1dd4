"""What must not come in: each request, the status it gets and the places it is told."""

import json
from typing import Any

from flask.testing import FlaskClient

STRANGE = "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e"
NETWORK = {"layers": [{"units": 2, "activation": "sigmoid"}, {"activation": "sigmoid"}]}
STEP = {"network": {"layers": [{"weights": [[1.0, 2.0]], "biases": [0.5]}]}, "loss": {"name": "squared_error"}}
BATCH = {"inputs": [[1.0, 2.0]], "targets": [[1.0]]}

Case = tuple[str, str, dict[str, Any], int, set[str]]


def job(*places: str, **change: object) -> Case:
    """A job that is right but for this change."""
    return "POST", "/v1/jobs", {"json": {"dataset_id": "{dataset}", "target": "colour", **change}}, 422, set(places)


def plan(place: str, **change: object) -> Case:
    return job(f"/training/{place}", training=change)


def layers(place: str, *change: object) -> Case:
    return job(f"/network/layers/{place}", network={"layers": [*change]})


def optimizer(place: str, name: str, **change: object) -> Case:
    return job(f"/optimizer/{place}", optimizer={"name": name, **change})


def schedule(place: str, name: str, **change: object) -> Case:
    return job(f"/schedule/{place}", schedule={"name": name, **change})


def data(place: str, **content: object) -> Case:
    return "POST", "/v1/jobs", {"json": {"data": content}}, 422, {place}


def raw(body: bytes | str, status: int, *places: str, media_type: str = "application/json") -> Case:
    return "POST", "/v1/jobs", {"data": body, "content_type": media_type}, status, set(places)


def table(body: bytes | str, media_type: str, status: int = 422, *places: str) -> Case:
    return "POST", "/v1/datasets", {"data": body, "content_type": media_type}, status, set(places)


def rows(*places: str, **body: object) -> Case:
    return "POST", "/v1/models/{model}/predictions", {"json": body}, 422, set(places)


def step(*places: str, **change: object) -> Case:
    return "POST", "/v1/explanations", {"json": STEP | BATCH | change}, 422, set(places)


def get(path: str, status: int, *places: str, **headers: str) -> Case:
    return "GET", path, {"headers": headers}, status, set(places)


def call(method: str, path: str, status: int, *places: str, **rest: object) -> Case:
    return method, path, rest, status, set(places)


CASES: list[Case] = [
    # The document.
    raw(b"", 400),
    raw(b" ", 400),
    raw(b"{", 400),
    raw(b"{'target': 1}", 400),
    raw(b"\xff\xfe{}", 400),
    raw(b'{"target": "a", "target": "b"}', 400),
    raw(b"[" * 100_000, 400),
    raw(b'{"a":' * 100_000, 400),
    raw(b'{"dataset_id": ' + b"1" * 5000 + b"}", 400),
    raw(b'{"training": {"seed": NaN}}', 422, "/training/seed"),
    raw(b'{"optimizer": {"name": "adam", "learning_rate": 1e999}}', 422, "/optimizer/learning_rate"),
    raw(b'{"optimizer": {"name": "adam", "learning_rate": -Infinity}}', 422, "/optimizer/learning_rate"),
    raw(b"[]", 422, ""),
    raw(b"null", 422, ""),
    raw(b'"job"', 422, ""),
    raw(b"5", 422, ""),
    raw(b"{}", 422, ""),
    raw(b"{}", 415, media_type="text/plain"),
    raw(b"{}", 415, media_type="text/csv"),
    raw(b"target=colour", 415, media_type="application/x-www-form-urlencoded"),
    raw(b"{}", 415, media_type=""),
    # The job: where its rows come from, and what they are about.
    call("POST", "/v1/jobs", 422, "/dataset_id", json={"dataset_id": STRANGE, "target": "colour"}),
    call("POST", "/v1/jobs", 422, "/dataset_id", json={"dataset_id": 5, "target": "colour"}),
    call("POST", "/v1/jobs", 422, "/dataset_id", json={"dataset_id": "../../etc/passwd", "target": "colour"}),
    call("POST", "/v1/jobs", 422, "/dataset_id", json={"dataset_id": "' OR 1=1 --", "target": "colour"}),
    call("POST", "/v1/jobs", 422, "/dataset_id", json={"dataset_id": "", "target": "colour"}),
    call("POST", "/v1/jobs", 422, "", json={"target": "colour"}),
    call("POST", "/v1/jobs", 422, "/target", json={"dataset_id": "{dataset}"}),
    job("/data", data={"inputs": [[1], [2]], "targets": [1, 2]}),
    job("/target", target="color"),
    job("/target", target=""),
    job("/target", target=[]),
    job("/target", target={"column": "colour"}),
    job("/target/1", target=["colour", "nothing"]),
    job("/features", features=[]),
    job("/features", features="length"),
    job("/features/1", features=["length", "lenght"]),
    job("/features/0", features=["colour"]),
    job("/features/1", features=["length", "length"]),
    job("/features/0", features=[1]),
    job("/sample_weight", sample_weight="nothing"),
    job("/sample_weight", sample_weight="colour"),
    job("/sample_weight", sample_weight=5),
    job("/task", task="clustering"),
    job("/task", task=1),
    job("/target", task="regression"),
    job("/name", name=["a"]),
    job("/name", name="n" * 201),
    job("/name", name="a\0b"),
    job("/epochs", epochs=5),
    job("/Target", Target="colour"),
    job("/preprocessing/missing", preprocessing={"missing": "mean"}),
    job("/preprocessing/standardize", preprocessing={"standardize": "yes"}),
    job("/preprocessing/standardize_target", preprocessing={"standardize_target": True}),
    job("/preprocessing/scale", preprocessing={"scale": True}),
    job("/preprocessing", preprocessing=[]),
    # The network.
    job("/network", network=[]),
    job("/network/layers", network={"layers": []}),
    job("/network/layers", network={"layers": 3}),
    job("/network/layers", network={"layers": [{"units": 1}] * 257}),
    job("/network/depth", network={"depth": 3}),
    job("/network/dtype", network={"dtype": "float16"}),
    job("/network/initializer", network={"initializer": "xavier"}),
    job("/network/model_id", network={"model_id": STRANGE}),
    layers("0", 32, {}),
    layers("0/units", {"units": 0}, {}),
    layers("0/units", {"units": -3}, {}),
    layers("0/units", {"units": 65_537}, {}),
    layers("0/units", {"units": 2.5}, {}),
    layers("0/units", {"units": "32"}, {}),
    layers("0/units", {"units": True}, {}),
    layers("0/units", {"activation": "relu"}, {}),
    layers("0/activation", {"units": 3, "activation": "relo"}, {}),
    layers("0/activation", {"units": 3, "activation": 1}, {}),
    layers("0/dropout", {"units": 3, "dropout": 1}, {}),
    layers("0/dropout", {"units": 3, "dropout": -0.1}, {}),
    layers("0/bias", {"units": 3, "bias": "no"}, {}),
    layers("0/size", {"units": 3, "size": 3}, {}),
    layers("0/weights", {"units": 3, "weights": [[1.0, 2.0]]}, {}),
    layers("0/biases", {"units": 3, "biases": [1.0]}, {}),
    layers("1/units", {"units": 3}, {"units": 7}),
    # The loss, the optimizer, the schedule, regularization.
    job("/loss", loss="log_loss"),
    job("/loss/name", loss={}),
    job("/loss/name", loss={"name": "accuracy"}),
    job("/loss/delta", loss={"name": "log_loss", "delta": 1}),
    job("/optimizer", optimizer="adam"),
    job("/optimizer/name", optimizer={"learning_rate": 0.1}),
    optimizer("name", "adamax"),
    optimizer("learning_rate", "adam", learning_rate=0),
    optimizer("learning_rate", "adam", learning_rate=-1),
    optimizer("learning_rate", "adam", learning_rate="0.1"),
    optimizer("beta1", "adam", beta1=1),
    optimizer("beta2", "adam", beta2=-0.1),
    optimizer("epsilon", "adam", epsilon=0),
    optimizer("epsilon", "adam", epsilon=1e-60),
    optimizer("beta1", "sgd", beta1=0.9),
    optimizer("momentum", "sgd", momentum=1),
    optimizer("nesterov", "sgd", nesterov=True),
    optimizer("rho", "rmsprop", rho=1.5),
    optimizer("weight_decay", "adamw", weight_decay=-1),
    optimizer("lr", "adam", lr=0.1),
    schedule("name", "linear"),
    schedule("minimum", "cosine", minimum=-1),
    schedule("every", "step", every=0),
    schedule("decay", "step", decay=0),
    schedule("decay", "exponential", decay=1.5),
    schedule("factor", "reduce_on_plateau", factor=1),
    schedule("patience", "reduce_on_plateau", patience=-1),
    schedule("warmup_epochs", "constant", warmup_epochs=1.5),
    job("/regularization/l1", regularization={"l1": -1}),
    job("/regularization/l2", regularization={"l2": "small"}),
    job("/regularization/max_gradient_norm", regularization={"max_gradient_norm": 0}),
    job("/regularization/l3", regularization={"l3": 1}),
    # The plan.
    plan("epochs", epochs=0),
    plan("epochs", epochs=10_000_001),
    plan("epochs", epochs="ten"),
    plan("batch_size", batch_size=0),
    plan("batch_size", batch_size="all"),
    plan("shuffle", shuffle=1),
    plan("seed", seed=-1),
    plan("seed", seed=2**63),
    plan("validation_fraction", validation_fraction=1),
    plan("validation_fraction", validation_fraction=-0.2),
    plan("validation_dataset_id", validation_dataset_id=STRANGE),
    plan("class_weight", class_weight="fair"),
    plan("class_weight/green", class_weight={"green": 1.0}),
    plan("class_weight/red", class_weight={"red": 0}),
    plan("early_stopping", early_stopping=True),
    plan("early_stopping/patience", early_stopping={"patience": 0}),
    plan("early_stopping/monitor", early_stopping={"monitor": "accuracy"}),
    plan("early_stopping/minimum_delta", early_stopping={"minimum_delta": -1}),
    plan("time_limit_seconds", time_limit_seconds=0),
    plan("folds", folds=5),
    # Inline data.
    data("/data"),
    data("/data", inputs=[[1], [2]]),
    data("/data", inputs=[], targets=[]),
    data("/data/inputs/1", inputs=[[1], [2, 3]], targets=[1, 2]),
    data("/data/inputs/1/0", inputs=[[1], ["two"]], targets=[1, 2]),
    data("/data/targets/1", inputs=[[1], [2]], targets=[1, {}]),
    data("/data/rows", rows=[]),
    data("/data/columns/a/1", columns={"a": [1, [2]], "b": [1, 2]}),
    # Datasets.
    table(b"", "text/csv", 411),
    table(b"a,b\n", "text/csv"),
    table(b"a,a\n1,2\n", "text/csv"),
    table(b"a,\n1,2\n", "text/csv"),
    table(b"a,b\n1,2\n3\n", "text/csv"),
    table(b"a,b\n1,2\n3,4,5\n", "text/csv"),
    table(b'a,b\n"1,2\n', "text/csv"),
    table(b"a,b\n1,2\n\xff,4\n", "text/csv"),
    table("a,b\n1,2\n".encode("utf-16"), "text/csv"),
    table(b"a,b\n" + b"1,2\n" * 30 + b"x,4\n", "text/csv"),
    table(b"PK\x03\x04", "application/x-npz"),
    table(b"none", "application/vnd.apache.parquet"),
    table(b"PAR1" + b"\0" * 64 + b"PAR1", "application/vnd.apache.parquet"),
    table(b"{", "application/json", 400),
    table(b"{}", "application/json", 422, ""),
    table(b'{"columns": {"a": [1, "b"]}}', "application/json", 422, "/columns/a/1"),
    table(b'{"a": 1}\n{"a": "b"}\n', "application/x-ndjson"),
    table(b'{"a": 1}\n[2]\n', "application/x-ndjson"),
    table(b"a,b\n1,2\n", "text/html", 415),
    table(b"a,b\n1,2\n", "", 415),
    call("POST", "/v1/datasets?name=" + "n" * 201, 422, "/query/name", data="a,b\n1,2\n", content_type="text/csv"),
    call("POST", "/v1/datasets?name=a%00b", 422, "/query/name", data="a,b\n1,2\n", content_type="text/csv"),
    call("POST", "/v1/datasets?title=x", 422, "/query/title", data="a,b\n1,2\n", content_type="text/csv"),
    call("POST", "/v1/datasets", 415, data="a\n1\n", content_type="text/csv", headers={"Content-Encoding": "gzip"}),
    call(
        "POST",
        "/v1/datasets",
        422,
        "/header/Idempotency-Key",
        data="a,b\n1,2\n",
        content_type="text/csv",
        headers={"Idempotency-Key": "k" * 256},
    ),
    # Predictions.
    rows(""),
    rows("", rows=[{"length": 1}], inputs=[[1, 2]]),
    rows("/rows", rows=[]),
    rows("/rows", rows={"length": 1}),
    rows("/rows/0", rows=[5]),
    rows("/rows/0/lenght", rows=[{"lenght": 1}]),
    rows("/rows/1/length", rows=[{"length": 1}, {"length": "long"}]),
    rows("/rows/0/length", rows=[{"length": {}}]),
    rows("/inputs", inputs=[]),
    rows("/inputs/0", inputs=[[1]]),
    rows("/inputs/1", inputs=[[1, 2], [1, 2, 3]]),
    rows("/inputs/0/1", inputs=[[1, "two"]]),
    rows("/threshold", rows=[{"length": 1}], threshold=0.5),
    call("POST", f"/v1/models/{STRANGE}/predictions", 404, json={"rows": [{"length": 1}]}),
    call("POST", "/v1/models/{model}/predictions", 415, data=b"<rows/>", content_type="application/xml"),
    call("POST", "/v1/models/{model}/predictions", 400, data=b"{", content_type="application/json"),
    # Explanations.
    step("", network=None),
    step("", loss=None),
    step("", inputs=None),
    step("", model_id="{model}"),
    step("/inputs", inputs=[]),
    step("/inputs/0", inputs=[[]]),
    step("/inputs/0/1", inputs=[[1.0, "b"]]),
    step("/targets", targets=[[1.0], [2.0]]),
    step("/loss/name", loss={"name": "entropy"}),
    step("/optimizer/name", optimizer={"name": "lion"}),
    step("/network/layers/0/weights/0", network={"layers": [{"weights": [[1.0]]}]}),
    step("/targets/0/0", loss={"name": "log_loss"}, network=NETWORK, targets=[[2.0]]),
    call("POST", "/v1/explanations", 422, "/model_id", json={"model_id": STRANGE, **BATCH}),
    # Addresses, methods, queries and headers.
    get("/v1", 404),
    get("/v1/", 404),
    get("/v1/jobs/", 404),
    get("/v1//jobs", 404),
    get(f"/v1/jobs/{STRANGE}", 404),
    get("/v1/jobs/%00", 404),
    get("/v1/jobs/%2e%2e%2f%2e%2e", 404),
    get(f"/v1/jobs/{STRANGE}/history", 404),
    get(f"/v1/datasets/{STRANGE}", 404),
    get(f"/v1/datasets/{STRANGE}/content", 404),
    get(f"/v1/datasets/{STRANGE}/preview", 404),
    get(f"/v1/models/{STRANGE}", 404),
    get(f"/v1/models/{STRANGE}/export?format=json", 404),
    get("/v1/jobs?limit=0", 422, "/query/limit"),
    get("/v1/jobs?limit=201", 422, "/query/limit"),
    get("/v1/jobs?limit=many", 422, "/query/limit"),
    get("/v1/jobs?limit=1&limit=2", 422, "/query/limit"),
    get("/v1/jobs?status=done", 422, "/query/status"),
    get("/v1/jobs?state=queued", 422, "/query/state"),
    get("/v1/jobs?cursor=next", 422, "/query/cursor"),
    get("/v1/models?limit=-1", 422, "/query/limit"),
    get("/v1/datasets?sort=name", 422, "/query/sort"),
    get("/v1/jobs/{job}?wait=61", 422, "/query/wait"),
    get("/v1/jobs/{job}?wait=soon", 422, "/query/wait"),
    get("/v1/jobs/{job}/history?since_epoch=-1", 422, "/query/since_epoch"),
    get("/v1/jobs/{job}/history?since_epoch=1.5", 422, "/query/since_epoch"),
    get("/v1/jobs/{job}/history", 406, Accept="video/mp4"),
    get("/v1/jobs", 406, Accept="application/xml"),
    get("/v1/models/{model}/export?format=pickle", 422, "/query/format"),
    get("/v1/datasets/{dataset}/preview?limit=0", 422, "/query/limit"),
    call("PUT", "/v1/jobs", 405),
    call("PATCH", "/v1/jobs/{job}", 405),
    call("DELETE", "/v1/jobs", 405),
    call("POST", "/v1/jobs/{job}", 405),
    call("GET", "/v1/jobs/validate", 405),
    call("GET", "/v1/explanations", 405),
    call("POST", "/v1/jobs/{job}/cancel", 409),
    call("POST", f"/v1/jobs/{STRANGE}/cancel", 404),
    call("DELETE", f"/v1/jobs/{STRANGE}", 404),
    call("DELETE", f"/v1/models/{STRANGE}", 404),
    call("DELETE", f"/v1/datasets/{STRANGE}", 404),
    call("DELETE", "/v1/jobs/{job}?force=true", 422, "/query/force"),
]
"""Method, path, what is sent, the status, and with 422 exactly the places that are told."""

SECRETS = ("Traceback", "sqlalchemy", "SELECT ", "INSERT ", ".py", "site-packages", "pydantic", "/home/")


def test_there_are_many() -> None:
    assert len(CASES) >= 150


def test_each_gets_its_status_and_its_places(client: FlaskClient, trained: dict[str, Any]) -> None:
    known = {"{dataset}": trained["spec"]["dataset_id"], "{job}": trained["id"], "{model}": trained["model_id"]}
    wrong = [(case, said) for case in CASES if (said := _complaint(client, case, known))]
    assert not wrong
    # And nothing was made by any of them.
    for kind in ("jobs", "models", "datasets"):
        assert len(client.get(f"/v1/{kind}").get_json()["items"]) == 1


def _complaint(client: FlaskClient, case: Case, known: dict[str, str]) -> str:
    """What is wrong with the answer; empty when nothing is."""
    method, path, _, status, places = case
    response = client.open(_filled(path, known), method=method, **_sent(case, known))
    problem = response.get_json()
    if response.status_code != status or problem["status"] != status:
        return f"{response.status_code} instead of {status}: {response.text}"
    if response.mimetype != "application/problem+json" or not problem["detail"].endswith((".", "?")):
        return f"no problem with a sentence: {response.text}"
    if status == 422 and places and {fault["pointer"] for fault in problem["errors"]} != places:
        return f"other places: {response.text}"
    return next((f"{secret} is told" for secret in SECRETS if secret in response.text), "")


def _sent(case: Case, known: dict[str, str]) -> dict[str, Any]:
    sent = case[2]
    return sent if "json" not in sent else {**sent, "json": json.loads(_filled(json.dumps(sent["json"]), known))}


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text
