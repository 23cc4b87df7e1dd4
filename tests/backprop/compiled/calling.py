"""Kernels are pieces of one program; a test that looks at one makes a small program of it."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numba


@cache
def called(kernel: Any) -> Callable[..., Any]:  # noqa: ANN401 - any kernel
    """The kernel as something that the interpreter can call."""

    def program(*arguments: Any) -> Any:  # noqa: ANN401
        return kernel(*arguments)

    compiled: Callable[..., Any] = numba.njit(error_model="numpy")(program)
    return compiled
