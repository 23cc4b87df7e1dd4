"""Views of memory that somebody else keeps alive: slicing one costs an addition, and no count of references.

The caller of a kernel holds all its arrays until the kernel returns. What looks into them inside need not be counted,
atomically, at every slice of every layer of every step.
"""

# Numba's helpers for writing instructions have no types.
# mypy: disable-error-code="no-untyped-call"

from typing import Any

from numba import types
from numba.core import cgutils
from numba.np.arrayobj import populate_array

from deltarule.backprop.compiled.compiling import intrinsic, kernel
from deltarule.backprop.compiled.plan import Data, Vectors, Work


@intrinsic
def borrowed(_typing: Any, array: Any) -> Any:  # noqa: ANN401 - Numba's types
    """The same array without an owner, and always of the type that may be written to."""
    view = types.Array(array.dtype, array.ndim, array.layout)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        given = context.make_array(signature.args[0])(context, builder, arguments[0])
        new = context.make_array(signature.return_type)(context, builder)
        for name in ("nitems", "itemsize", "data", "shape", "strides"):
            setattr(new, name, getattr(given, name))
        new.meminfo = cgutils.get_null_value(new.meminfo.type)
        new.parent = cgutils.get_null_value(new.parent.type)
        return new._getvalue()

    return view(array), generate


@intrinsic
def matrix(_typing: Any, flat: Any, start: Any, rows: Any, columns: Any) -> Any:  # noqa: ANN401
    """A rows × columns view of a flat array, from an element on; nothing is checked."""
    view = types.Array(flat.dtype, 2, "C")
    return view(flat, types.intp, types.intp, types.intp), _looking_into(view)


@intrinsic
def stretch(_typing: Any, flat: Any, start: Any, size: Any) -> Any:  # noqa: ANN401
    """So many elements of a flat array, from an element on, as a view; nothing is checked."""
    view = types.Array(flat.dtype, 1, "C")
    return view(flat, types.intp, types.intp), _looking_into(view)


def _looking_into(view: Any) -> Any:  # noqa: ANN401
    """Generates a contiguous view: the array's pointer moved on, a shape, and the strides that go with it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        flat = context.make_array(signature.args[0])(context, builder, arguments[0])
        new, (start, *shape) = context.make_array(view)(context, builder), arguments[1:]
        itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(view.dtype)))
        strides = [builder.mul(shape[-1], itemsize), itemsize][-len(shape) :]
        populate_array(
            new,
            data=builder.gep(flat.data, [start]),
            shape=cgutils.pack_array(builder, shape),
            strides=cgutils.pack_array(builder, strides),
            itemsize=itemsize,
            meminfo=None,
        )
        return new._getvalue()

    return generate


@kernel
def borrowed_data(data: Data) -> Data:
    """Samples without an owner."""
    return Data(borrowed(data.inputs), borrowed(data.targets), borrowed(data.weights))


@kernel
def borrowed_work(work: Work) -> Work:
    """Buffers without an owner."""
    return Work(
        borrowed_data(work.batch),
        borrowed(work.room),
        borrowed(work.copies),
        borrowed(work.losses),
        borrowed(work.gradient),
        borrowed(work.norms),
        borrowed(work.order),
        borrowed(work.held),
        borrowed(work.blocks),
        borrowed(work.generator),
    )


@kernel
def borrowed_vectors(state: Vectors) -> Vectors:
    """A state's arrays without an owner."""
    return Vectors(
        borrowed(state.parameters),
        borrowed(state.last),
        borrowed(state.best),
        borrowed(state.memory),
        borrowed(state.numbers),
        borrowed(state.norms),
    )
