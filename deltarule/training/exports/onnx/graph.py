"""A graph grows value by value, and every value has a name of its own that no column has taken."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from deltarule.backprop.architecture import Dtype

ROWS = "rows"
"""What the first dimension of every input and output is called."""

DOUBLE = int(TensorProto.DOUBLE)
STRING = int(TensorProto.STRING)
MACHINE_LEARNING = "ai.onnx.ml"

Attribute = int | Sequence[int] | Sequence[str]

Width = Sequence[int | str]
"""The dimensions after the first one."""


class Graph:
    """A graph being written; values are known by their names.

    Args:
        dtype: of the network, and of `scalar`.
        reserved: names that inputs and outputs will have.

    Attributes:
        type: the element type of `dtype`.
    """

    def __init__(self, dtype: Dtype, reserved: Iterable[str]) -> None:
        self.dtype = dtype
        self.type = int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
        self._taken = set(reserved)
        self._scalars: dict[float, str] = {}
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []

    def input(self, name: str, type_: int, told: str) -> str:
        """A column to be fed: rows × 1. `told` says what it holds."""
        self._inputs.append(helper.make_tensor_value_info(name, type_, [ROWS, 1], told))
        return name

    def output(self, name: str, value: str, type_: int, width: Width, told: str) -> None:
        """Answers with this value, under this name."""
        self._nodes.append(helper.make_node("Identity", [value], [name], name))
        self._outputs.append(helper.make_tensor_value_info(name, type_, [ROWS, *width], told))

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """An array of numbers that the graph holds."""
        free = self._free(name)
        self._constants.append(numpy_helper.from_array(array, free))
        return free

    def texts(self, name: str, texts: Sequence[str]) -> str:
        """A list of texts that the graph holds."""
        free = self._free(name)
        encoded = [text.encode() for text in texts]
        self._constants.append(TensorProto(name=free, data_type=STRING, dims=[len(texts)], string_data=encoded))
        return free

    def scalar(self, number: float) -> str:
        """A number of the network's dtype."""
        if number not in self._scalars:
            self._scalars[number] = self.constant(f"number_{number:g}", np.array(number, self.dtype))
        return self._scalars[number]

    def node(self, operator: str, *inputs: str, name: str, domain: str = "", **attributes: Attribute) -> str:
        """What an operator makes of these values."""
        free = self._free(name)
        node = helper.make_node(operator, inputs, [free], free, domain=domain)
        node.attribute.extend(helper.make_attribute(*each) for each in sorted(attributes.items()))
        self._nodes.append(node)
        return free

    def written(self, name: str) -> GraphProto:
        """The graph as it stands."""
        return helper.make_graph(self._nodes, name, self._inputs, self._outputs, self._constants)

    def _free(self, name: str) -> str:
        """This name, or the next one that is not taken."""
        free, number = name, 1
        while free in self._taken:
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free)
        return free
