"""Some libraries load others wherever they find them, in case somebody wants what those can do; here nobody does."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

UNUSED = ("cffi", "rich", "yaml")
"""What Numba would call C with, what structlog would draw traces with, what kombu and Numba would read with."""


@contextmanager
def sparing(names: tuple[str, ...] = UNUSED) -> Iterator[None]:
    """Let who loads libraries in this block not find these; what is loaded already stays, and later all are there."""
    # None is how Python notes that there is no such module.
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            if modules.get(name, name) is None:
                del modules[name]
