"""Where training starts: weights large enough to carry a signal, small enough not to drown it.

Each initializer answers units × fan-in weights in float64; biases start at 0.
"""

import math
from collections.abc import Callable

import numpy as np

from deltarule.backprop.architecture import InitializerName
from deltarule.backprop.numerics import Doubles

Initializer = Callable[[np.random.Generator, int, int], Doubles]
"""(generator, units, fan_in): the initial weights, units × fan_in."""

Variance = Callable[[int, int], float]
"""(units, fan_in): the variance of a weight."""

SMALL = 0.05
"""Half the width of `uniform` and the standard deviation of `normal`, for every layer alike."""


def _glorot(units: int, fan_in: int) -> float:
    """2 / (fan-in + fan-out): X. Glorot, Y. Bengio, 2010."""
    return 2 / (fan_in + units)


def _he(_units: int, fan_in: int) -> float:
    """2 / fan-in: K. He et al., 2015."""
    return 2 / fan_in


def _lecun(_units: int, fan_in: int) -> float:
    """1 / fan-in: Y. LeCun et al., 1998."""
    return 1 / fan_in


def _small_uniform(_units: int, _fan_in: int) -> float:
    return SMALL**2 / 3


def _small_normal(_units: int, _fan_in: int) -> float:
    return SMALL**2


def uniform(variance: Variance) -> Initializer:
    """Even between ±√(3 variance)."""

    def draw(generator: np.random.Generator, units: int, fan_in: int) -> Doubles:
        limit = math.sqrt(3 * variance(units, fan_in))
        return generator.uniform(-limit, limit, (units, fan_in))

    return draw


def normal(variance: Variance) -> Initializer:
    """Normal around 0."""

    def draw(generator: np.random.Generator, units: int, fan_in: int) -> Doubles:
        return generator.standard_normal((units, fan_in)) * math.sqrt(variance(units, fan_in))

    return draw


def _orthogonal(generator: np.random.Generator, units: int, fan_in: int) -> Doubles:
    """Orthonormal rows or columns, whichever are fewer (A. Saxe et al., 2014); evenly distributed by the signs of R."""
    tall = generator.standard_normal((max(units, fan_in), min(units, fan_in)))
    basis, triangle = np.linalg.qr(tall)
    basis = basis * np.where(np.diag(triangle) < 0, -1.0, 1.0)
    return basis if units >= fan_in else np.ascontiguousarray(basis.T)


def _zeros(_generator: np.random.Generator, units: int, fan_in: int) -> Doubles:
    return np.zeros((units, fan_in))


INITIALIZERS: dict[InitializerName, Initializer] = {
    "glorot_uniform": uniform(_glorot),
    "glorot_normal": normal(_glorot),
    "he_uniform": uniform(_he),
    "he_normal": normal(_he),
    "lecun_uniform": uniform(_lecun),
    "lecun_normal": normal(_lecun),
    "uniform": uniform(_small_uniform),
    "normal": normal(_small_normal),
    "orthogonal": _orthogonal,
    "zeros": _zeros,
}
