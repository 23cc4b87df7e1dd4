"""The formulas of a step as one writes them on a board, with room for the numbers that go in.

In a template `{z}`, `{a}`, `{o}`, `{y}`, `{k}` are places for numbers, those of one unit in one row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class ActivationFormula:
    """An activation and its slope; `below` is for z up to 0 where that is another line of the formula."""

    formula: str
    slope: str
    above: str
    slope_above: str
    below: str = ""
    slope_below: str = ""

    def value(self, z: float) -> str:
        """The template of a."""
        return self.above if z > 0 else self.below or self.above

    def factor(self, z: float) -> str:
        """The template of the slope, as a factor of a product."""
        return self.slope_above if z > 0 else self.slope_below or self.slope_above


@dataclass(frozen=True, slots=True)
class LossFormula:
    """A loss of one row and its gradient by one output; `is_mean` over the outputs, or their sum."""

    formula: str
    gradient: str
    term: str
    by_output: str
    is_mean: bool = True
    far_term: str = ""

    def template(self, error: float) -> str:
        """The template of one output's share."""
        return self.far_term if self.far_term and abs(error) > 1 else self.term


ACTIVATIONS: Mapping[str, ActivationFormula] = MappingProxyType(
    {
        "identity": ActivationFormula("z", "1", "{z}", "1"),
        "sigmoid": ActivationFormula("1 / (1 + exp(-z))", "a·(1 - a)", "1 / (1 + exp(-{z}))", "{a}·(1 - {a})"),
        "tanh": ActivationFormula("tanh(z)", "1 - a²", "tanh({z})", "(1 - {a}²)"),
        "relu": ActivationFormula("max(z, 0)", "1 for z > 0, else 0", "max({z}, 0)", "1", slope_below="0"),
        "leaky_relu": ActivationFormula(
            "max(z, 0.01·z)", "1 for z > 0, else 0.01", "max({z}, 0.01·{z})", "1", slope_below="0.01"
        ),
        "elu": ActivationFormula(
            "z for z > 0, else exp(z) - 1", "1 for z > 0, else exp(z)", "{z}", "1", "exp({z}) - 1", "exp({z})"
        ),
        "selu": ActivationFormula(
            "λ·z for z > 0, else λ·α·(exp(z) - 1)",
            "λ for z > 0, else λ·α·exp(z); λ = 1.050701, α = 1.673263",
            "1.050701·{z}",
            "1.050701",
            "1.050701·1.673263·(exp({z}) - 1)",
            "1.050701·1.673263·exp({z})",
        ),
        "gelu": ActivationFormula("z·Φ(z)", "Φ(z) + z·φ(z)", "{z}·Φ({z})", "(Φ({z}) + {z}·φ({z}))"),
        "silu": ActivationFormula("z·σ(z)", "σ(z)·(1 + z - a)", "{z}·σ({z})", "σ({z})·(1 + {z} - {a})"),
        "softplus": ActivationFormula("log(1 + exp(z))", "σ(z)", "log(1 + exp({z}))", "σ({z})"),
        "softsign": ActivationFormula("z / (1 + |z|)", "1 / (1 + |z|)²", "{z} / (1 + |{z}|)", "1 / (1 + |{z}|)²"),
        "softmax": ActivationFormula("exp(z) / Σ exp(z)", "", "exp({z})", ""),
    }
)

_ERROR = "({o} - {y})"

LOSSES: Mapping[str, LossFormula] = MappingProxyType(
    {
        "squared_error": LossFormula("1/k·Σ (o - y)²", "2·(o - y)/k", f"{_ERROR}²", f"2·{_ERROR}/{{k}}"),
        "half_squared_error": LossFormula("½·Σ (o - y)²", "o - y", f"½·{_ERROR}²", "{o} - {y}", is_mean=False),
        "absolute_error": LossFormula("1/k·Σ |o - y|", "sign(o - y)/k", "|{o} - {y}|", f"sign{_ERROR}/{{k}}"),
        "huber": LossFormula(
            "1/k·Σ ½·e² where |e| ≤ 1, |e| - ½ beyond, with e = o - y",
            "max(-1, min(1, o - y))/k",
            f"½·{_ERROR}²",
            "max(-1, min(1, {o} - {y}))/{k}",
            far_term="(|{o} - {y}| - ½)",
        ),
        "log_cosh": LossFormula("1/k·Σ log cosh(o - y)", "tanh(o - y)/k", f"log(cosh{_ERROR})", f"tanh{_ERROR}/{{k}}"),
        "log_loss": LossFormula(
            "-1/k·Σ (y·log(o) + (1 - y)·log(1 - o))",
            "(o - y)/(o·(1 - o))/k",
            "(-{y}·log({o}) - (1 - {y})·log(1 - {o}))",
            f"{_ERROR}/({{o}}·(1 - {{o}}))/{{k}}",
        ),
        "cross_entropy": LossFormula("-Σ y·log(o)", "-y/o", "(-{y}·log({o}))", "-{y}/{o}", is_mean=False),
        "poisson": LossFormula("1/k·Σ (o - y·log(o))", "(1 - y/o)/k", "({o} - {y}·log({o}))", "(1 - {y}/{o})/{k}"),
        "hinge": LossFormula(
            "1/k·Σ max(0, 1 - y·o)", "-y/k where y·o < 1, else 0", "max(0, 1 - {y}·{o})", "-{y}·[{y}·{o} < 1]/{k}"
        ),
    }
)

SHORTER: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("log_loss", "sigmoid"): ("(o - y)/k", f"{_ERROR}/{{k}}"),
        ("cross_entropy", "softmax"): ("o·Σy - y, which is o - y where Σy = 1", "{o}·{sum} - {y}"),
        ("cross_entropy", "sigmoid"): ("-y·(1 - o)", "-{y}·(1 - {o})"),
    }
)
"""The delta of the output layer for a loss and the activation before it, where most of the chain rule cancels."""


def rule(optimizer: Mapping[str, Any]) -> str:
    """How the optimizer moves a parameter w with the gradient g."""
    name = optimizer["name"]
    if name == "sgd" and optimizer.get("momentum"):
        direction = "(g + μ·v)" if optimizer.get("nesterov") else "v"
        return f"v ← μ·v + g, w ← w - η·{direction}; v starts at 0, so here v = g"
    moving = "with m̂, v̂ the corrected means of g, g²; in this first step g and g²"
    return {
        "sgd": "w ← w - η·g",
        "rmsprop": "s ← ρ·s + (1 - ρ)·g², w ← w - η·g/(√s + ε); s starts at 0",
        "adagrad": "s ← s + g², w ← w - η·g/(√s + ε); s starts at 0",
        "adam": f"w ← w - η·m̂/(√v̂ + ε), {moving}",
        "adamw": f"w ← (1 - η·λ)·w - η·m̂/(√v̂ + ε), {moving}",
        "nadam": f"w ← w - η·c·m̂/(√v̂ + ε), {moving}; c is Nesterov's look ahead",
    }[str(name)]


def moved(optimizer: Mapping[str, Any]) -> str:
    """The template of a parameter after its first step: `{w}`, `{g}`, `{rate}`, `{epsilon}` and the optimizer's own."""
    name = optimizer["name"]
    if name == "sgd":
        nesterov = optimizer.get("momentum") and optimizer.get("nesterov")
        return "{w} - {rate}·({g} + {momentum}·{g})" if nesterov else "{w} - {rate}·{g}"
    return {
        "rmsprop": "{w} - {rate}·{g}/(√((1 - {rho})·{g}²) + {epsilon})",
        "adagrad": "{w} - {rate}·{g}/(√({g}²) + {epsilon})",
        "adam": "{w} - {rate}·{g}/(√({g}²) + {epsilon})",
        "adamw": "(1 - {rate}·{weight_decay})·{w} - {rate}·{g}/(√({g}²) + {epsilon})",
        "nadam": "{w} - {rate}·{ahead}·{g}/(√({g}²) + {epsilon})",
    }[str(name)]


def look_ahead(optimizer: Mapping[str, Any]) -> float:
    """Nadam's c of the first step: 1 + μ₂·(1 - β₁)/(1 - μ₁·μ₂)."""
    beta = float(optimizer["beta1"])
    first, second = (beta * (1 - 0.5 * 0.96 ** (step * float(optimizer["momentum_decay"]))) for step in (1, 2))
    return float(1 + second * (1 - beta) / (1 - first * second))
