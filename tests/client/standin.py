"""The service in miniature: it speaks the contract, and moves a job one step on each time somebody looks at it."""

import csv
import hashlib
import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

MADE = "2026-01-02T03:04:05Z"
LABELS = ["Adelie", "Gentoo"]
EPOCHS = 5
EXPLANATION: dict[str, Any] = {
    "inputs": [[1.0], [3.0]],
    "targets": [[0.0], [1.0]],
    "layers": [{"units": 1, "activation": "sigmoid", "bias": True, "weights": [[1.0]], "biases": [0.0]}],
    "forward": [{"net_inputs": [[1.0], [2.0]], "activations": [[0.5], [0.75]]}],
    "loss_name": "half_squared_error",
    "sample_losses": [0.25, 0.25],
    "loss": 0.25,
    "backward": [
        {
            "activation_gradients": [[0.5], [0.25]],
            "deltas": [[0.125], [0.5]],
            "delta_norm": 0.52,
            "weight_gradients": [[0.0625]],
            "bias_gradients": [0.3],
            "gradient_norm": 0.31,
        }
    ],
    "optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.0, "nesterov": False},
    "learning_rate": 0.1,
    "update": [{"weights": [[0.9]], "biases": [0.1]}],
    "after": {"outputs": [[0.4], [0.7]], "loss": 0.2},
    "gradient_check": 1e-10,
    "gradients_checked": 2,
    "gradients_at_kinks": 0,
}
EXPORTED = json.dumps(
    {
        "network": {},
        "inputs": [{"name": "bill", "type": "numeric"}],
        "preprocessing": {"target": {"type": "class", "name": "species", "classes": LABELS}},
    }
).encode()
PREDICTION = {"label": "Adelie", "probabilities": {"Adelie": 0.9, "Gentoo": 0.1}}


@dataclass
class StandIn:
    """What it was given, what it will answer. `ending` is how the next jobs end."""

    ending: str = "succeeded"
    endless: bool = False
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def identifier(self, kind: str) -> str:
        return f"{kind}-{next(self.numbers)}"

    def history(self, job: dict[str, Any]) -> dict[str, Any]:
        epochs = list(range(1, job["progress"]["epoch"] + 1)) if job["progress"] else []
        return {
            "epoch": epochs,
            "training_loss": [1 / epoch for epoch in epochs],
            "validation_loss": [1 / epoch + (0.1 if epoch == EPOCHS else 0) for epoch in epochs],
            "learning_rate": [0.01 for _ in epochs],
            "seconds": [0.5 for _ in epochs],
            "gradient_norm": [[0.1, 0.2] for _ in epochs],
        }

    def step(self, job: dict[str, Any]) -> None:
        """From queued to running, one epoch on, and at last to its end."""
        epoch = job["progress"]["epoch"] if job["progress"] else 0
        if job["status"] == "cancelling":
            self._end(job, "cancelled")
        elif job["status"] == "queued":
            job.update(status="running", started_at=MADE, attempt=1, progress=progress(0))
        elif job["status"] == "running" and epoch < EPOCHS:
            job.update(progress=progress(min(epoch + 2, EPOCHS - 1 if self.endless else EPOCHS)))
        elif job["status"] == "running":
            self._end(job, self.ending)

    def _end(self, job: dict[str, Any], status: str) -> None:
        reason = {"succeeded": "epochs_done", "failed": "diverged", "cancelled": "cancelled"}[status]
        job.update(status=status, finished_at="2026-01-02T03:04:07Z", stop_reason=reason)
        if status == "failed":
            detail = "In epoch 3 the loss was no longer a number. Use a smaller learning rate."
            job["error"] = {"type": "about:blank", "title": "Diverged", "status": 422, "detail": detail}
        else:
            job["model_id"] = self.identifier("model")
            self.models[job["model_id"]] = model(job)


def progress(epoch: int) -> dict[str, Any]:
    speed = 81234.0 if epoch else None
    fraction = epoch / EPOCHS
    return {"epoch": epoch, "epochs": EPOCHS, "fraction": fraction, "samples_per_second": speed, "eta_seconds": 3.1}


def model(job: dict[str, Any]) -> dict[str, Any]:
    metrics = {
        "accuracy": 0.75,
        "macro_f1": 0.7333,
        "log_loss": 0.00012,
        "labels": LABELS,
        "confusion_matrix": [[2, 1], [0, 1]],
        "classes": {label: {"precision": 1.0, "recall": 0.5, "f1": 0.66, "support": 2} for label in LABELS},
    }
    return {
        "id": job["model_id"],
        "job_id": job["id"],
        "name": job["name"],
        "task": "classification",
        "created_at": MADE,
        "parameters": 26,
        "bytes": 2048,
        "sha256": "0" * 64,
        "network": {"layers": [{"units": 4, "activation": "relu"}, {"units": 2, "activation": "softmax"}]},
        "inputs": [{"name": "bill", "type": "numeric", "missing": 0}],
        "target": ["species"],
        "metrics": {"training": {**metrics, "accuracy": 1.0}, "validation": metrics},
        "links": {},
    }


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(json.dumps(body), status, content_type="application/problem+json")


def application(standin: StandIn) -> Flask:  # noqa: C901, PLR0915 - one route after the other, as the contract lists them
    app = Flask(__name__)

    @app.post("/v1/datasets")
    def upload() -> tuple[dict[str, Any], int]:
        key = request.headers["Idempotency-Key"]
        if key not in standin.answers:
            rows = list(csv.reader(io.StringIO(request.get_data().decode(errors="replace"))))
            columns = [{"name": name, "type": "numeric", "missing": 1} for name in rows[0]]
            dataset = {
                "id": standin.identifier("dataset"),
                "name": request.args.get("name"),
                "format": request.content_type,
                "bytes": request.content_length,
                "sha256": hashlib.sha256(request.get_data()).hexdigest(),
                "rows": len(rows) - 1,
                "created_at": MADE,
                "columns": columns,
            }
            standin.datasets[dataset["id"]] = standin.answers[key] = dataset
        return standin.answers[key], 201

    @app.get("/v1/datasets")
    def datasets() -> dict[str, Any]:
        return page(list(standin.datasets.values()))

    @app.route("/v1/datasets/<identifier>", methods=["GET", "DELETE"])
    def dataset(identifier: str) -> ResponseReturnValue:
        if identifier not in standin.datasets:
            return problem(404, "Not Found", f"There is no dataset with the id '{identifier}'.")
        if request.method == "DELETE":
            del standin.datasets[identifier]
            return "", 204
        return standin.datasets[identifier]

    @app.post("/v1/jobs")
    def submit() -> ResponseReturnValue:
        posted = request.get_json()
        if posted.get("target") == "nonsense":
            faults = [{"pointer": "/target", "detail": "There is no column 'nonsense'."}]
            return problem(422, "Unprocessable Content", "The job cannot be trained: 1 fault.", errors=faults)
        key = request.headers["Idempotency-Key"]
        if key not in standin.answers:
            network = {"layers": [{"units": 4, "activation": "relu"}, {"units": 2, "activation": "softmax"}]}
            chosen = {"network": network, "optimizer": {"name": "adam", "learning_rate": 0.01}}
            job = {
                "id": standin.identifier("job"),
                "name": posted.get("name"),
                "status": "queued",
                "created_at": MADE,
                "started_at": None,
                "finished_at": None,
                "attempt": 0,
                "spec": {**chosen, **posted, "training": {"batch_size": 32, **posted.get("training", {})}},
                "progress": None,
                "metrics": {"training_loss": 0.25},
                "stop_reason": None,
                "warnings": ["Column bill is far larger than the others."],
                "error": None,
                "model_id": None,
                "links": {},
                "transitions": [{"when": MADE, "from": None, "to": "queued", "attempt": 0, "why": "posted"}],
            }
            standin.jobs[job["id"]] = standin.answers[key] = job
        return standin.answers[key], 202

    @app.get("/v1/jobs")
    def jobs() -> dict[str, Any]:
        status = request.args.get("status")
        return page([job for job in standin.jobs.values() if status in (None, job["status"])])

    @app.get("/v1/jobs/<identifier>")
    def job(identifier: str) -> ResponseReturnValue:
        if identifier not in standin.jobs:
            return problem(404, "Not Found", f"There is no job with the id '{identifier}'.")
        standin.step(standin.jobs[identifier])
        return standin.jobs[identifier]

    @app.delete("/v1/jobs/<identifier>")
    def remove(identifier: str) -> ResponseReturnValue:
        if standin.jobs.pop(identifier, None) is None:
            return problem(404, "Not Found", f"There is no job with the id '{identifier}'.")
        return "", 204

    @app.post("/v1/jobs/<identifier>/cancel")
    def cancel(identifier: str) -> ResponseReturnValue:
        found = standin.jobs[identifier]
        if found["finished_at"]:
            return problem(409, "Conflict", f"The job has {found['status']} already.")
        found["status"] = "cancelling"
        return found, 202

    @app.get("/v1/jobs/<identifier>/history")
    def history(identifier: str) -> ResponseReturnValue:
        found = standin.history(standin.jobs[identifier])
        if request.accept_mimetypes.best == "text/csv":
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerow(["epoch", "training_loss"])
            writer.writerows(zip(found["epoch"], found["training_loss"], strict=True))
            return Response(text.getvalue(), content_type="text/csv")
        if request.accept_mimetypes.best in ("image/svg+xml", "image/png"):
            return Response(f"<svg>{len(found['epoch'])}</svg>", content_type=request.accept_mimetypes.best)
        since = request.args.get("since_epoch", 0, int)
        return {name: values[since:] for name, values in found.items()}

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        return page(list(standin.models.values()))

    @app.get("/v1/models/<identifier>")
    def one_model(identifier: str) -> ResponseReturnValue:
        if identifier not in standin.models:
            return problem(404, "Not Found", f"There is no model with the id '{identifier}'.")
        return standin.models[identifier]

    @app.delete("/v1/models/<identifier>")
    def remove_model(identifier: str) -> ResponseReturnValue:
        if standin.models.pop(identifier, None) is None:
            return problem(404, "Not Found", f"There is no model with the id '{identifier}'.")
        return "", 204

    @app.get("/v1/models/<identifier>/export")
    def export(identifier: str) -> Response:
        wanted = request.args["format"]
        return Response({"npz": b"PK\x03\x04", "json": EXPORTED}.get(wanted, wanted.encode()))

    @app.post("/v1/models/<identifier>/predictions")
    def predict(identifier: str) -> ResponseReturnValue:
        if request.mimetype == "text/csv":
            rows = list(csv.DictReader(io.StringIO(request.get_data(as_text=True))))
            if request.accept_mimetypes.best == "application/json":
                return {"predictions": [PREDICTION for _ in rows]}
            lines = ["label,probability_Adelie,probability_Gentoo,notes", *("Adelie,0.9,0.123456789," for _ in rows)]
            return Response("\n".join(lines) + "\n", content_type="text/csv")
        posted = request.get_json()
        return {"predictions": [PREDICTION for _ in posted.get("rows", posted.get("inputs"))]}

    @app.post("/v1/models/<identifier>/evaluations")
    def evaluate(identifier: str) -> dict[str, Any]:
        return {"model_id": identifier, **request.get_json(), "metrics": {"accuracy": 0.5}}

    @app.post("/v1/explanations")
    def explain() -> dict[str, Any]:
        posted = request.get_json()
        return {**EXPLANATION, "asked": posted}

    @app.post("/v1/jobs/validate")
    def validate() -> dict[str, Any]:
        return {"spec": request.get_json(), "parameters": 26, "memory_bytes": 1024, "seconds": 0.1}

    return app


def page(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Two items at most, however many are asked for, so that every list of a test has pages."""
    newest = items[::-1]
    start, size = request.args.get("cursor", 0, int), min(2, request.args.get("limit", 50, int))
    following = start + size
    more = f"{request.path}?cursor={following}&limit={size}" if following < len(newest) else None
    return {"items": newest[start:following], "next": more}


class Cutting:
    """An application whose first answer to each thing that is asked for is lost: the connection is cut instead."""

    def __init__(self, application: Flask) -> None:
        self._application = application
        self.cut: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        asked = " ".join((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_IDEMPOTENCY_KEY", "")))
        answer = self._application(environ, start_response)
        if asked not in self.cut:
            self.cut.append(asked)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answer


@contextmanager
def served(standin: StandIn, *, cutting: bool = False) -> Iterator[str]:
    """Its address, while it listens on a free port; `cutting` loses the first answer to everything."""
    app = application(standin)
    server = make_server("127.0.0.1", 0, Cutting(app) if cutting else app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
