"""Exponentials that run in vector registers: one call of a library for every unit would be most of a step.

Each number is computed by itself and without a branch, so that a loop over these functions becomes vector instructions.
Overflow is infinity, underflow is 0 and NaN stays NaN, as in the library's functions.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import float32
from numba.extending import overload

from deltarule.backprop.compiled.compiling import exact, intrinsic

_SHARES = tuple(1 / math.factorial(k) for k in range(14))
"""1 / k!, the coefficients of exp; with |r| ≤ ½ log 2 float64 needs r¹³ and float32 needs r⁷."""
_C64 = tuple(np.float64(share) for share in _SHARES)
_C32 = tuple(np.float32(share) for share in _SHARES)

_LOG2_E = np.float64(1 / math.log(2)), np.float32(1 / math.log(2))
_LOG_2_HIGH = np.float64(0.693145751953125), np.float32(0.693359375)
"""log 2 in two parts: the first has so few digits that whole multiples of it are exact."""
_LOG_2_LOW = np.float64(1.42860682030941723212e-6), np.float32(-2.12194440e-4)
_LOWEST = np.float64(-746), np.float32(-104)
"""Where exp has become 0, and above it infinity."""
_HIGHEST = np.float64(710), np.float32(89)

Number = Any
"""A float32 or float64, as Numba sees it; what is computed from it has the same type."""


@intrinsic
def _power_of_two(_typing: Any, exponent: Any) -> Any:  # noqa: ANN401 - Numba's types
    """2 to a whole number (as a float) between the smallest and the largest normal exponent, by its bits."""
    bits, bias, digits = (ir.IntType(32), 127, 23) if exponent == float32 else (ir.IntType(64), 1023, 52)

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        whole = builder.fptosi(arguments[0], ir.IntType(32))
        wide = builder.sext(whole, bits) if bits.width > whole.type.width else whole
        shifted = builder.shl(builder.add(wide, bits(bias)), bits(digits))
        return builder.bitcast(shifted, context.get_value_type(exponent))

    return exponent(exponent), generate


@exact
def _series64(r: Number) -> Number:
    """exp(r) - 1, by its Taylor series."""
    c = _C64
    high = (((c[13] * r + c[12]) * r + c[11]) * r + c[10]) * r + c[9]
    middle = (((high * r + c[8]) * r + c[7]) * r + c[6]) * r + c[5]
    return ((((middle * r + c[4]) * r + c[3]) * r + c[2]) * r) * r + r


@exact
def _series32(r: Number) -> Number:
    """exp(r) - 1, by its Taylor series."""
    c = _C32
    high = ((c[7] * r + c[6]) * r + c[5]) * r + c[4]
    return (((high * r + c[3]) * r + c[2]) * r) * r + r


@exact
def _parts64(x: Number) -> tuple[Number, Number, Number]:
    """(exp(r) - 1, two factors of 2ⁿ, each of them a normal number), where x = n log 2 + r and |r| ≤ ½ log 2."""
    above = x if x > _LOWEST[0] else _LOWEST[0]
    inside = above if above < _HIGHEST[0] else _HIGHEST[0]
    n = np.floor(inside * _LOG2_E[0] + np.float64(0.5))
    half = np.floor(n * np.float64(0.5))
    r = (inside - n * _LOG_2_HIGH[0]) - n * _LOG_2_LOW[0]
    return _series64(r), _power_of_two(half), _power_of_two(n - half)


@exact
def _exponential64(x: Number) -> Number:
    series, scale, rest = _parts64(x)
    y = (np.float64(1) + series) * scale * rest
    return y if x == x else x  # noqa: PLR0124 - NaN is not itself


@exact
def _exponential_minus_1_64(x: Number) -> Number:
    """2ⁿ (exp(r) - 1) + (2ⁿ - 1), exact for small x, where n = 0."""
    series, scale, rest = _parts64(x)
    power = scale * rest
    y = power * series + (power - np.float64(1))
    return y if x == x else x  # noqa: PLR0124


@exact
def _hyperbolic_tangent64(x: Number) -> Number:
    """-e / (e + 2) with e = exp(-2|x|) - 1, and the sign of x."""
    e = _exponential_minus_1_64(np.float64(-2) * abs(x))
    y = -e / (e + np.float64(2))
    return -y if x < np.float64(0) else y


@exact
def _parts32(x: Number) -> tuple[Number, Number, Number]:
    """(exp(r) - 1, two factors of 2ⁿ, each of them a normal number), where x = n log 2 + r and |r| ≤ ½ log 2."""
    above = x if x > _LOWEST[1] else _LOWEST[1]
    inside = above if above < _HIGHEST[1] else _HIGHEST[1]
    n = np.floor(inside * _LOG2_E[1] + np.float32(0.5))
    half = np.floor(n * np.float32(0.5))
    r = (inside - n * _LOG_2_HIGH[1]) - n * _LOG_2_LOW[1]
    return _series32(r), _power_of_two(half), _power_of_two(n - half)


@exact
def _exponential32(x: Number) -> Number:
    series, scale, rest = _parts32(x)
    y = (np.float32(1) + series) * scale * rest
    return y if x == x else x  # noqa: PLR0124 - NaN is not itself


@exact
def _exponential_minus_1_32(x: Number) -> Number:
    """2ⁿ (exp(r) - 1) + (2ⁿ - 1), exact for small x, where n = 0."""
    series, scale, rest = _parts32(x)
    power = scale * rest
    y = power * series + (power - np.float32(1))
    return y if x == x else x  # noqa: PLR0124


@exact
def _hyperbolic_tangent32(x: Number) -> Number:
    """-e / (e + 2) with e = exp(-2|x|) - 1, and the sign of x."""
    e = _exponential_minus_1_32(np.float32(-2) * abs(x))
    y = -e / (e + np.float32(2))
    return -y if x < np.float32(0) else y


def exponential(x: Number) -> Number:
    """exp(x)."""
    return np.exp(x)


def exponential_minus_1(x: Number) -> Number:
    """exp(x) - 1 for x ≤ 0, exact near 0."""
    return np.expm1(x)


def hyperbolic_tangent(x: Number) -> Number:
    """tanh(x)."""
    return np.tanh(x)


def _by_type(function: Number, single: Number, double: Number) -> None:
    """Compiles calls of a function as the one made for the argument's type."""

    def for_single(x: Number) -> Number:
        return single(x)

    def for_double(x: Number) -> Number:
        return double(x)

    def chosen(x: Number) -> Number:
        return for_single if x == float32 else for_double

    overload(function)(chosen)


_by_type(exponential, _exponential32, _exponential64)
_by_type(exponential_minus_1, _exponential_minus_1_32, _exponential_minus_1_64)
_by_type(hyperbolic_tangent, _hyperbolic_tangent32, _hyperbolic_tangent64)
