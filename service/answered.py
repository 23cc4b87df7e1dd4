"""What an answer looks like, for each that the API gives: one small table, from its upload to its model."""

import json
from typing import Any

from deltarule.training.spec import Spec
from service.examples import FULL, SHORTEST

DATASET_ID = SHORTEST["dataset_id"]
JOB_ID = "01931c6e-9b51-7c33-8a4f-6d7e8f901a2b"
MODEL_ID = "01931c6e-c2d8-7e19-b3a6-0f1e2d3c4b5a"
DATASET, JOB, MODEL = f"/v1/datasets/{DATASET_ID}", f"/v1/jobs/{JOB_ID}", f"/v1/models/{MODEL_ID}"
COLUMNS: list[dict[str, Any]] = [
    {"name": "species", "type": "categorical", "missing": 0, "distinct": 2, "categories": ["Adelie", "Gentoo"]},
    {
        "name": "bill_length_mm",
        "type": "numeric",
        "missing": 2,
        "distinct": 164,
        "whole_numbers": False,
        "minimum": 32.1,
        "maximum": 59.6,
        "mean": 43.92,
        "standard_deviation": 5.46,
    },
]
TABLE = {
    "id": DATASET_ID,
    "name": "penguins",
    "format": "csv",
    "bytes": 16735,
    "sha256": "f2d6493fc64ad958edbabd55eb0fc989af2c5a0458a2c79ccffe7985606feb60",
    "rows": 344,
    "created_at": "2026-01-05T09:29:58.310Z",
    "columns": COLUMNS,
    "targets": "none",
    "links": {"self": DATASET, "content": f"{DATASET}/content", "preview": f"{DATASET}/preview"},
}
SPEC = Spec.model_validate_json(json.dumps(FULL)).model_dump(mode="json")
QUEUED: dict[str, Any] = {
    "id": JOB_ID,
    "name": "penguins",
    "status": "queued",
    "created_at": "2026-01-05T09:30:00.120Z",
    "started_at": None,
    "finished_at": None,
    "attempt": 0,
    "spec": SPEC,
    "engine": None,
    "threads": None,
    "progress": {"epoch": 0, "epochs": 60, "fraction": 0.0, "samples_per_second": None, "eta_seconds": None},
    "metrics": {},
    "stop_reason": None,
    "warnings": [],
    "error": None,
    "model_id": None,
    "links": {
        "self": JOB,
        "history": f"{JOB}/history",
        "events": f"{JOB}/events",
        "cancel": f"{JOB}/cancel",
        "model": None,
        "dataset": DATASET,
    },
}
RUNNING = {
    **QUEUED,
    "status": "running",
    "started_at": "2026-01-05T09:30:00.210Z",
    "attempt": 1,
    "engine": "compiled",
    "threads": 1,
    "progress": {"epoch": 12, "epochs": 60, "fraction": 0.2, "samples_per_second": 81234.0, "eta_seconds": 3.1},
    "metrics": {"training_loss": 0.21, "validation_loss": 0.25, "validation_accuracy": 0.93},
    "transitions": [
        {"when": "2026-01-05T09:30:00.120Z", "from": None, "to": "queued", "attempt": 0, "why": "submitted"},
        {"when": "2026-01-05T09:30:00.210Z", "from": "queued", "to": "running", "attempt": 1, "why": "taken by w1"},
    ],
}
HISTORY = {
    "every": 1,
    "epochs_done": 2,
    "epoch": [1, 2],
    "training_loss": [0.69, 0.41],
    "validation_loss": [0.71, 0.45],
    "learning_rate": [0.005, 0.00499],
    "seconds": [0.011, 0.009],
    "gradient_norm": [[0.48, 0.59], [0.32, 0.4]],
}
SCORES = {"accuracy": 0.98, "balanced_accuracy": 0.975, "macro_f1": 0.976, "roc_auc": 0.999, "log_loss": 0.06}
TRAINED = {
    "id": MODEL_ID,
    "job_id": JOB_ID,
    "name": "penguins",
    "task": "classification",
    "created_at": "2026-01-05T09:30:04.480Z",
    "parameters": 4,
    "bytes": 4711,
    "sha256": "dd4e27911a311fa1c29fb0c7acf4f4c8cf2b09956eeb64dcaf5a7a2982661c6d",
    "network": {"dtype": "float32", "layers": [{"units": 2, "activation": "softmax", "bias": True, "dropout": 0.0}]},
    "inputs": COLUMNS[1:],
    "target": ["species"],
    "metrics": {"training": SCORES, "validation": SCORES},
    "links": {
        "self": MODEL,
        "job": JOB,
        "predictions": f"{MODEL}/predictions",
        "evaluations": f"{MODEL}/evaluations",
        **{
            f"export_{name}": f"{MODEL}/export?format={name}"
            for name in ("json", "npz", "safetensors", "onnx", "bundle")
        },
    },
}
EXPORTED = {
    **TRAINED,
    "network": {
        "dtype": "float32",
        "layers": [
            {"units": 2, "activation": "softmax", "bias": True, "weights": [[-1.7], [1.6]], "biases": [0.2, -0.2]}
        ],
    },
    "loss": {"name": "cross_entropy"},
    "preprocessing": {
        "standardize": True,
        "standardize_target": False,
        "missing": "impute",
        "inputs": [
            {
                "type": "numeric",
                "name": "bill_length_mm",
                "fill": 43.92,
                "mean": 43.92,
                "standard_deviation": 5.46,
            }
        ],
    },
}
"""A model as it is exported in JSON."""
STEP: dict[str, Any] = {
    "inputs": [[1.0, 0.0]],
    "targets": [[1.0]],
    "layers": [{"units": 1, "activation": "sigmoid", "bias": True, "weights": [[0.15, 0.2]], "biases": [0.35]}],
    "forward": [{"net_inputs": [[0.5]], "activations": [[0.62246]]}],
    "loss_name": "log_loss",
    "sample_losses": [0.47408],
    "loss": 0.47408,
    "backward": [
        {
            "activation_gradients": [[-1.60653]],
            "deltas": [[-0.37754]],
            "delta_norm": 0.37754,
            "weight_gradients": [[-0.37754, 0.0]],
            "bias_gradients": [-0.37754],
            "gradient_norm": 0.53392,
        }
    ],
    "optimizer": {"name": "sgd", "learning_rate": 0.5, "momentum": 0.0, "nesterov": False},
    "learning_rate": 0.5,
    "update": [{"weights": [[0.33877, 0.2]], "biases": [0.53877]}],
    "after": {"outputs": [[0.70631]], "loss": 0.3477},
    "gradient_check": 1.7e-12,
    "gradients_checked": 3,
    "gradients_at_kinks": 0,
}
ANSWERS: dict[str, Any] = {
    "Alive": {"status": "alive"},
    "Ready": {"status": "ready"},
    "DatasetAnswer": TABLE,
    "DatasetPage": {"items": [TABLE], "next": f"/v1/datasets?limit=1&cursor={DATASET_ID}"},
    "Preview": {
        "columns": ["species", "bill_length_mm"],
        "rows": [{"species": "Adelie", "bill_length_mm": 39.1}, {"species": "Gentoo", "bill_length_mm": None}],
    },
    "JobAnswer": QUEUED,
    "JobDetail": RUNNING,
    "JobPage": {"items": [QUEUED], "next": None},
    "Validation": {
        "spec": SPEC,
        "estimate": {"parameters": 708, "memory_bytes": 1789952, "seconds": 0.71},
        "warnings": ["Class Chinstrap has a single row; it is learnt from or measured, never both."],
    },
    "History": HISTORY,
    "ModelAnswer": TRAINED,
    "ModelPage": {"items": [TRAINED], "next": None},
    "Explanation": STEP,
}
"""An example for each answer in JSON, by the name of its schema."""
