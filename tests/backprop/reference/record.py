"""Records what PyTorch makes of the same formulas, into JSON beside this file; the tests read that and need no PyTorch.

Run it, after a change of what is asked, with PyTorch 2.13 installed: python tests/backprop/reference/record.py
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

STEPS = 100
KEPT = (1, 2, 3, 5, 10, 20, 50, 100)
PARAMETERS = 6

CASES: list[dict[str, Any]] = [
    {"name": "sgd"},
    {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    {"name": "rmsprop"},
    {"name": "rmsprop", "learning_rate": 0.05, "rho": 0.9, "epsilon": 1e-3},
    {"name": "adagrad"},
    {"name": "adagrad", "learning_rate": 0.5, "epsilon": 1e-2},
    {"name": "adam"},
    {"name": "adam", "learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4},
    {"name": "adam", "learning_rate": 0.05, "beta2": 0.9, "amsgrad": True},
    {"name": "adamw"},
    {"name": "adamw", "learning_rate": 0.05, "weight_decay": 0.2, "amsgrad": True},
    {"name": "nadam"},
    {"name": "nadam", "learning_rate": 0.05, "beta1": 0.85, "beta2": 0.97, "momentum_decay": 0.02},
]
OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "nadam": torch.optim.NAdam,
}
THEIR_NAMES = {"learning_rate": "lr", "epsilon": "eps", "rho": "alpha"}

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "identity": lambda z: z * 1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": lambda z: torch.logaddexp(z, torch.zeros_like(z)),
    "softsign": functional.softsign,
    "softmax": lambda z: torch.softmax(z, dim=1),
}
NET_INPUTS = [[-30.0, -5.0, -1.0], [-0.5, -1e-8, 0.0], [1e-8, 0.25, 1.0], [2.0, 5.0, 30.0]]
UPSTREAM = [[1.0, -2.0, 0.5], [0.25, 3.0, -1.0], [-1.5, 1.0, 2.0], [0.75, -0.25, 1.25]]

LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "squared_error": functional.mse_loss,
    "half_squared_error": lambda o, y: 0.5 * ((o - y) ** 2).sum(),
    "absolute_error": functional.l1_loss,
    "huber": functional.huber_loss,
    "log_cosh": lambda o, y: torch.log(torch.cosh(o - y)).mean(),
    "log_loss": functional.binary_cross_entropy,
    "cross_entropy": lambda o, y: -(y * torch.log(o)).sum(),
    "poisson": lambda o, y: (o - y * torch.log(o)).mean(),
    "hinge": lambda o, y: torch.relu(1 - y * o).mean(),
}
PROBABILITIES = [[0.2, 0.3, 0.5], [0.01, 0.98, 0.01], [0.6, 0.25, 0.15]]
LOSS_DATA = {
    "log_loss": (PROBABILITIES, [[0.0, 1.0, 1.0], [0.0, 1.0, 0.0], [0.25, 0.5, 1.0]]),
    "cross_entropy": (PROBABILITIES, [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5]]),
    "poisson": (
        [[0.5, 1.0, 4.0], [1e-3, 20.0, 2.0], [3.0, 0.1, 7.0]],
        [[0.0, 1.0, 3.0], [0.0, 25.0, 2.0], [1.0, 0.0, 9.0]],
    ),
    "hinge": (
        [[0.5, -2.0, 1.5], [-0.5, 0.0, 3.0], [2.0, -1.0, 0.25]],
        [[1.0, -1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, 1.0]],
    ),
}
ANY_DATA = (
    [[0.5, -2.0, 1.5], [0.0, 4.0, -0.25], [10.0, -3.0, 0.7]],
    [[0.25, 1.0, 1.0], [0.0, -3.5, 0.0], [9.5, -3.0, 0.9]],
)


def optimizer_run(case: dict[str, Any], start: list[float], gradients: list[list[float]]) -> dict[str, Any]:
    """The parameters after some of the steps."""
    options = {THEIR_NAMES.get(name, name): value for name, value in case.items() if name != "name"}
    if "beta1" in options or "beta2" in options:
        options["betas"] = (options.pop("beta1", 0.9), options.pop("beta2", 0.999))
    parameter = torch.tensor(start, requires_grad=True)
    optimizer = OPTIMIZERS[case["name"]]([parameter], **options)
    kept = {}
    for number, gradient in enumerate(gradients, start=1):
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        if number in KEPT:
            kept[number] = parameter.detach().tolist()
    return {"optimizer": case, "parameters_after_step": kept}


def optimizers() -> dict[str, Any]:
    """100 steps through gradients of very different sizes, one of them always 0."""
    scales = torch.tensor([1e-6, 1e-3, 0.1, 1.0, 10.0, 0.0])
    start = torch.randn(PARAMETERS).tolist()
    gradients = (torch.randn(STEPS, PARAMETERS) * scales + 0.3 * scales).tolist()
    return {"start": start, "gradients": gradients, "runs": [optimizer_run(case, start, gradients) for case in CASES]}


def activation(name: str) -> dict[str, Any]:
    """Values, and gradients by z for given gradients by a."""
    z = torch.tensor(NET_INPUTS, requires_grad=True)
    a = ACTIVATIONS[name](z)
    a.backward(torch.tensor(UPSTREAM))
    return {"activations": a.tolist(), "gradient": z.grad.tolist()}


def loss(name: str) -> dict[str, Any]:
    """For each sample its loss and the gradient of it by the outputs."""
    outputs, targets = LOSS_DATA.get(name, ANY_DATA)
    o, y = torch.tensor(outputs, requires_grad=True), torch.tensor(targets)
    losses = [LOSSES[name](row, target) for row, target in zip(o, y, strict=True)]
    torch.stack(losses).sum().backward()
    values = [value.item() for value in losses]
    return {"outputs": outputs, "targets": targets, "losses": values, "gradient": o.grad.tolist()}


def main() -> None:
    """Writes the three files."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    files = {
        "optimizers": optimizers(),
        "activations": {
            "net_inputs": NET_INPUTS,
            "upstream": UPSTREAM,
            "activations": {name: activation(name) for name in ACTIVATIONS},
        },
        "losses": {name: loss(name) for name in LOSSES},
    }
    for name, content in files.items():
        (Path(__file__).parent / f"{name}.json").write_text(json.dumps({"torch": torch.__version__} | content) + "\n")


if __name__ == "__main__":
    main()
