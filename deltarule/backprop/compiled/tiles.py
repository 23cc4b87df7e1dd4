"""A small tile of a matrix product, kept in vector registers from the first term of its sums to the last.

What a library does before and after a product (looking at arguments, copying panels) takes longer than a small product
itself. Here a tile of the result is a few vectors; each step of the sum loads a stretch of one row of the right matrix
and multiplies it with one number for each row of the tile.
"""

# Numba's helpers for writing instructions have no types.
# mypy: disable-error-code="no-untyped-call"

# ruff: noqa: PLR0917 - a kernel is handed the arrays that it works on, one by one

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils

from deltarule.backprop.compiled.compiling import intrinsic

ROWS = 4
"""Rows of a high tile; with 16 float32 columns its sums fill 8 vector registers: enough to hide how long one takes."""

_FUSED = ("contract",)
"""Product and sum may be one instruction with one rounding."""


def _tile(rows: int, columns: int) -> Any:  # noqa: ANN401 - Numba's types
    """A function that computes a tile of so many rows and columns."""

    @intrinsic
    def tile(
        _typing: Any,  # noqa: ANN401
        left: Any,  # noqa: ANN401
        left_start: Any,  # noqa: ANN401
        down: Any,  # noqa: ANN401
        along: Any,  # noqa: ANN401
        right: Any,  # noqa: ANN401
        right_start: Any,  # noqa: ANN401
        below: Any,  # noqa: ANN401
        out: Any,  # noqa: ANN401
        out_start: Any,  # noqa: ANN401
        under: Any,  # noqa: ANN401
        depth: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Out = Σ left ⊗ right over the depth.

        Each matrix begins at an element of an array; `down` is from a row of the left tile to the next, `along` from
        one term of the sum to the next, `below` the same for the right, `under` from a row of the result to the next.
        """
        arguments = (left, left_start, down, along, right, right_start, below, out, out_start, under, depth)
        signature = types.void(*arguments)

        def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:  # noqa: ANN401
            _generate(context, builder, arguments, values, rows, columns)
            return context.get_dummy_value()

        return signature, generate

    return tile


def _generate(context: Any, builder: Any, kinds: Any, values: Any, rows: int, columns: int) -> None:  # noqa: ANN401
    real = context.get_value_type(kinds[0].dtype)
    vector = ir.VectorType(real, columns)
    index = ir.IntType(64)
    left, right, out = (context.make_array(kinds[at])(context, builder, values[at]).data for at in (0, 4, 7))
    left_start, down, along, right_start, below, out_start, under, depth = (
        values[at] for at in (1, 2, 3, 5, 6, 8, 9, 10)
    )
    sums = [cgutils.alloca_once_value(builder, ir.Constant(vector, None)) for _ in range(rows)]
    zero = ir.Constant(ir.VectorType(ir.IntType(32), columns), None)

    def element(pointer: Any, start: Any, steps: Any, size: Any) -> Any:  # noqa: ANN401
        return builder.gep(pointer, [builder.add(start, builder.mul(steps, size))])

    with cgutils.for_range(builder, depth) as loop:
        stretch = builder.bitcast(element(right, right_start, loop.index, below), vector.as_pointer())
        terms = builder.load(stretch, align=real.get_abi_alignment(context.target_data))
        column = builder.add(left_start, builder.mul(loop.index, along))
        for row, total in enumerate(sums):
            number = builder.load(element(left, column, index(row), down))
            single = builder.insert_element(ir.Constant(vector, ir.Undefined), number, ir.IntType(32)(0))
            spread = builder.shuffle_vector(single, ir.Constant(vector, ir.Undefined), zero)
            product = builder.fmul(spread, terms, flags=_FUSED)
            builder.store(builder.fadd(builder.load(total), product, flags=_FUSED), total)
    for row, total in enumerate(sums):
        place = builder.bitcast(element(out, out_start, index(row), under), vector.as_pointer())
        builder.store(builder.load(total), place, align=real.get_abi_alignment(context.target_data))


TALL = 6
"""Rows of the tallest tile, whose sums fill 12 of the 16 vector registers; it pays where there are many rows."""

tall_16, tall_8 = (_tile(TALL, columns) for columns in (16, 8))
high_16, high_8, high_4, high_1 = (_tile(ROWS, columns) for columns in (16, 8, 4, 1))
flat_16, flat_1 = (_tile(1, columns) for columns in (16, 1))


SQUARE = 8
"""Rows and columns of what is transposed at once."""

_PAIRS = ([0, 8, 1, 9, 4, 12, 5, 13], [2, 10, 3, 11, 6, 14, 7, 15])
_FOURS = ([0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15])
_HALVES = ([0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15])
"""Three rounds of exchanges between two vectors of eight: of single numbers, of pairs, of halves."""


@intrinsic
def turn_square(
    _typing: Any,  # noqa: ANN401
    source: Any,  # noqa: ANN401
    start: Any,  # noqa: ANN401
    down: Any,  # noqa: ANN401
    out: Any,  # noqa: ANN401
    out_start: Any,  # noqa: ANN401
    under: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Transposes 8 × 8 numbers, from an element of one array on to an element of another.

    `down` is from a row of the source to the next, `under` from a row of the result to the next.
    """
    arguments = (source, start, down, out, out_start, under)

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:  # noqa: ANN401
        real = context.get_value_type(source.dtype)
        vector, index = ir.VectorType(real, SQUARE), ir.IntType(64)
        align = real.get_abi_alignment(context.target_data)

        def rows(array: Any, value: Any, first: Any, step: Any) -> list[Any]:  # noqa: ANN401
            data = context.make_array(array)(context, builder, value).data
            places = [builder.add(first, builder.mul(index(row), step)) for row in range(SQUARE)]
            return [builder.bitcast(builder.gep(data, [place]), vector.as_pointer()) for place in places]

        given = [builder.load(row, align=align) for row in rows(source, values[0], values[1], values[2])]
        turned = _transposed(builder, given)
        for row, place in zip(turned, rows(out, values[3], values[4], values[5]), strict=True):
            builder.store(row, place, align=align)
        return context.get_dummy_value()

    return types.void(*arguments), generate


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:  # noqa: ANN401
    """Eight vectors of eight, transposed."""

    def exchange(one: Any, two: Any, masks: tuple[list[int], list[int]]) -> list[Any]:  # noqa: ANN401
        kind = ir.VectorType(ir.IntType(32), SQUARE)
        return [builder.shuffle_vector(one, two, ir.Constant(kind, mask)) for mask in masks]

    paired = [new for at in (0, 2, 4, 6) for new in exchange(rows[at], rows[at + 1], _PAIRS)]
    fours = [new for at in (0, 1, 4, 5) for new in exchange(paired[at], paired[at + 2], _FOURS)]
    halves = [exchange(fours[at], fours[at + 4], _HALVES) for at in range(4)]
    return [first for first, _ in halves] + [second for _, second in halves]
