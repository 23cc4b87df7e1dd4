"""Rows of arrays become rows of a table: columns `input_0`, `input_1` and so on, then `target_0` and so on."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars
from numpy.typing import NDArray
from polars import DataFrame, Series

from deltarule.training.tables.chunk import Chunk
from deltarule.training.tables.values import check_text, place


def chunks(blocks: Iterable[tuple[NDArray[Any], NDArray[Any]]]) -> Iterator[Chunk]:
    """The chunks of a table of arrays; NaN is missing, one-dimensional truth values become "false" and "true".

    Args:
        blocks: inputs (n × d, numbers) and targets (n, numbers or texts, or n × k, numbers) of rows that follow each
            other.

    Raises:
        DataError: a text holds what no text may.
    """
    first_row = 1
    for inputs, targets in blocks:
        columns = _matrix("target", targets) if targets.ndim > 1 else _labels(targets, first_row).to_frame()
        yield Chunk(_matrix("input", inputs).hstack(columns))
        first_row += len(inputs)


def _matrix(name: str, block: NDArray[Any]) -> DataFrame:
    return DataFrame(_floats(block), schema=[f"{name}_{at}" for at in range(block.shape[1])], orient="row")


def _labels(block: NDArray[Any], first_row: int) -> Series:
    if block.dtype.kind == "U":
        texts = [check_text(text, place("target_0", row)) for row, text in enumerate(block.tolist(), start=first_row)]
        return Series("target_0", texts, dtype=polars.String)
    if block.dtype.kind == "b":
        return Series("target_0", np.where(block, "true", "false").tolist(), dtype=polars.String)
    return Series("target_0", _floats(block))


def _floats(block: NDArray[Any]) -> NDArray[np.float64]:
    """What float64 cannot hold becomes infinite, and is refused with its place by whoever looks at the values."""
    with np.errstate(over="ignore"):
        return block.astype(np.float64)
