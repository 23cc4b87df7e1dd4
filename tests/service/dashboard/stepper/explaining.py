"""Explanations as the stepper is given them."""

import json
from typing import Any

from deltarule.backprop.definition import Definition
from deltarule.backprop.explanation import explain
from service.examples import EXPLANATIONS


def example(name: str) -> dict[str, Any]:
    """One of the contract's worked examples."""
    return explained(EXPLANATIONS[name]["value"])


def explained(asked: dict[str, Any]) -> dict[str, Any]:
    parts = {name: asked[name] for name in ("network", "loss", "optimizer") if name in asked}
    inputs, targets = asked["inputs"], asked["targets"]
    definition = Definition.model_validate_json(json.dumps(parts)).resolve(len(inputs[0]), len(targets[0]))
    answer: dict[str, Any] = json.loads(explain(definition, inputs, targets).model_dump_json())
    return answer


def large(*units: int, inputs: int = 3) -> dict[str, Any]:
    """A network of tanh layers of these sizes, and a row for it."""
    layers = [{"units": size, "activation": "tanh"} for size in units]
    row, target = [[0.1] * inputs], [[0.5] * units[-1]]
    return explained(
        {"network": {"layers": layers}, "loss": {"name": "squared_error"}, "inputs": row, "targets": target}
    )
