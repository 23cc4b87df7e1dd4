"""Jobs that show what can be asked for, from two fields to all of them."""

from typing import Any

SHORTEST = {"dataset_id": "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e", "target": "species"}
XOR = {
    "name": "exclusive or",
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
    "network": {"layers": [{"units": 4, "activation": "tanh"}, {"activation": "sigmoid"}]},
    "loss": {"name": "log_loss"},
    "optimizer": {"name": "adam", "learning_rate": 0.05},
    "training": {"epochs": 300, "batch_size": "full", "seed": 7, "validation_fraction": 0},
}
FULL = {
    "name": "penguins",
    "dataset_id": SHORTEST["dataset_id"],
    "target": "species",
    "features": ["bill_length_mm", "island"],
    "task": "classification",
    "preprocessing": {"standardize": True, "missing": "impute"},
    "network": {
        "dtype": "float32",
        "layers": [
            {"units": 32, "activation": "relu", "dropout": 0.1},
            {"units": 16, "activation": "tanh"},
            {"activation": "softmax"},
        ],
    },
    "loss": {"name": "cross_entropy"},
    "optimizer": {"name": "adam", "learning_rate": 0.005},
    "schedule": {"name": "cosine", "minimum": 0.0001},
    "regularization": {"l2": 0.0001, "max_gradient_norm": 1.0},
    "training": {
        "epochs": 60,
        "batch_size": 32,
        "seed": 7,
        "validation_fraction": 0.2,
        "class_weight": "balanced",
        "early_stopping": {"monitor": "validation_loss", "patience": 10, "restore_best": True},
    },
}
JOBS: dict[str, Any] = {
    "shortest": {"summary": "A dataset and its target; everything else is chosen.", "value": SHORTEST},
    "inline": {"summary": "A small table inside the job.", "value": XOR},
    "full": {"summary": "Nearly everything that can be chosen.", "value": FULL},
}
EXPLANATIONS: dict[str, Any] = {
    "three layers": {
        "summary": "Two inputs, two hidden layers without biases, one output.",
        "value": {
            "network": {
                "layers": [
                    {"activation": "sigmoid", "bias": False, "weights": [[0.7, -0.6], [0.4, 0.8]]},
                    {"activation": "sigmoid", "bias": False, "weights": [[0.4, 0.4], [-1, 1], [-0.2, 0.2]]},
                    {"activation": "sigmoid", "bias": False, "weights": [[0.2, 0.3, 0.9]]},
                ]
            },
            "loss": {"name": "log_loss"},
            "optimizer": {"name": "sgd", "learning_rate": 0.5},
            "inputs": [[1, 0]],
            "targets": [[1]],
        },
    },
    "two layers": {
        "summary": "M. Mazur's example, known from many courses: two layers with biases, two outputs.",
        "value": {
            "network": {
                "layers": [
                    {"activation": "sigmoid", "weights": [[0.15, 0.2], [0.25, 0.3]], "biases": [0.35, 0.35]},
                    {"activation": "sigmoid", "weights": [[0.4, 0.45], [0.5, 0.55]], "biases": [0.6, 0.6]},
                ]
            },
            "loss": {"name": "half_squared_error"},
            "optimizer": {"name": "sgd", "learning_rate": 0.5},
            "inputs": [[0.05, 0.1]],
            "targets": [[0.01, 0.99]],
        },
    },
    "a model's row": {
        "summary": "A trained model and a row of its data, with the target.",
        "value": {
            "model_id": "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2e",
            "rows": [{"bill_length_mm": 39.1, "island": "Torgersen", "species": "Adelie"}],
        },
    },
}
PREDICTIONS: dict[str, Any] = {
    "rows": {
        "summary": "Rows by column name.",
        "value": {"rows": [{"bill_length_mm": 39.1, "island": "Torgersen"}]},
    },
    "inputs": {"summary": "Values in the order of the model's inputs.", "value": {"inputs": [[0, 1], [1, 1]]}},
}
PREDICTED: dict[str, Any] = {
    "predictions": [
        {
            "label": "Adelie",
            "probabilities": {"Adelie": 0.97, "Chinstrap": 0.02, "Gentoo": 0.01},
            "notes": ["bill_depth_mm is missing; it counts as 17.1512."],
        }
    ]
}
EVALUATION = {"dataset_id": SHORTEST["dataset_id"]}
EVALUATED: dict[str, Any] = {
    "model_id": "01931c6e-7a3f-7b0e-9d1c-2f6a5b4c3d2f",
    "dataset_id": SHORTEST["dataset_id"],
    "metrics": {
        "accuracy": 0.98,
        "balanced_accuracy": 0.975,
        "macro_f1": 0.976,
        "roc_auc": 0.999,
        "log_loss": 0.06,
        "labels": ["Adelie", "Gentoo"],
        "confusion_matrix": [[24, 1], [0, 25]],
        "classes": {
            "Adelie": {"precision": 1.0, "recall": 0.96, "f1": 0.98, "support": 25},
            "Gentoo": {"precision": 0.96, "recall": 1.0, "f1": 0.98, "support": 25},
        },
        "rows": 50,
    },
}
