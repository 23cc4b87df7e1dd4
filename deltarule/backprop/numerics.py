"""Floating-point arithmetic has an end, and training walks up to it with open eyes."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""Float32 or float64, as the network's dtype says."""

Indices = NDArray[np.intp]
Doubles = NDArray[np.float64]


def unwatched() -> np.errstate:
    """Silence over overflow and its kind, for a whole stretch of training or one prediction.

    exp(-z) may become infinite on its way to a sigmoid of exactly 0, and a diverging network overflows everywhere. What
    matters is looked at instead of warned about: the loss, the gradient norms and the parameters must be finite.
    """
    return np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore")


def euclidean_norm(vector: Array) -> float:
    """The root of the sum of squares of a vector, finite whenever the vector and its norm are.

    Squares leave the range of a dtype long before the numbers themselves do; only then is the vector scaled. It is
    called where that is `unwatched`.
    """
    square = float(np.dot(vector, vector))
    smallest = float(np.finfo(vector.dtype).tiny) / float(np.finfo(vector.dtype).eps)
    if smallest < square < math.inf:
        return math.sqrt(square)
    largest = float(np.max(np.abs(vector), initial=0.0))
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    scaled = vector.astype(np.float64) / largest
    return largest * math.sqrt(float(np.dot(scaled, scaled)))


def all_finite(vector: Array) -> bool:
    """True when no element is infinite or NaN."""
    return bool(np.isfinite(vector).all())
