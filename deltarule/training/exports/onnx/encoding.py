"""Columns become inputs inside the graph, as `training.encoding` has it: gaps are filled, texts take a place each."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from deltarule.training.encoding import CategoricalInput, Input, InputEncoding, NumericInput
from deltarule.training.exports.onnx.graph import DOUBLE, MACHINE_LEARNING, STRING, Attribute, Graph
from deltarule.training.tables.values import MISSING

UNKNOWN = -1
"""The place of a text that is none of the categories."""

BOOLEANS = {"false": ("False", "FALSE"), "true": ("True", "TRUE")}
"""How else the two values of a column of booleans may be written."""


def encoded(graph: Graph, encoding: InputEncoding) -> str:
    """The inputs of the network, rows × width, in its dtype; the columns become inputs of the graph.

    Neighbouring columns of numbers go together: a table of a thousand of them is a few operations, not thousands.
    """
    parts: list[str] = []
    for number, (_, run) in enumerate(groupby(enumerate(encoding.columns), _kind)):
        columns = [column for _, column in run]
        numeric = [column for column in columns if column.type == "numeric"]
        parts += [_numbers(graph, numeric, number)] if numeric else []
        parts += [_places(graph, column, number) for column in columns if column.type == "categorical"]
    kept = [part for part in parts if part]
    return kept[0] if len(kept) == 1 else graph.node("Concat", *kept, name="inputs", axis=1)


def _kind(numbered: tuple[int, Input]) -> int:
    """Equal for neighbours that are encoded together: each categorical column stands alone."""
    number, column = numbered
    return -1 if column.type == "numeric" else number


def _numbers(graph: Graph, columns: Sequence[NumericInput], number: int) -> str:
    """(value - mean) / standard deviation, in double precision, whatever the network's dtype."""

    def constant(name: str, values: Sequence[float]) -> str:
        return graph.constant(f"numbers_{number}/{name}", np.array(values, np.float64))

    def node(operator: str, *inputs: str, name: str, **attributes: Attribute) -> str:
        return graph.node(operator, *inputs, name=f"numbers_{number}/{name}", domain="", **attributes)

    names = [graph.input(column.name, DOUBLE, "A number; NaN is a missing value.") for column in columns]
    values = node("Concat", *names, name="values", axis=1)
    fills = constant("fills", [column.fill for column in columns])
    filled = node("Where", node("IsNaN", values, name="missing"), fills, values, name="filled")
    centered = node("Sub", filled, constant("means", [column.mean for column in columns]), name="centered")
    # A column that never varied gives 0: it is divided by infinity.
    scales = constant("scales", [column.standard_deviation or np.inf for column in columns])
    return node("Cast", node("Div", centered, scales, name="scaled"), name="inputs", to=graph.type)


def _places(graph: Graph, column: CategoricalInput, number: int) -> str:
    """One input for each category, 1 where the text is that category; none for a column that has no categories."""
    told = "A text without blanks around it; the empty text is a missing value."
    name = graph.input(column.name, STRING, told)
    if not column.width:
        return ""
    places = _known(column)
    prefix = f"texts_{number}"
    found = graph.node(
        "LabelEncoder",
        name,
        name=f"{prefix}/place",
        domain=MACHINE_LEARNING,
        keys_strings=list(places),
        values_int64s=list(places.values()),
        default_int64=UNKNOWN,
    )
    categories = graph.constant(f"{prefix}/places", np.arange(column.width, dtype=np.int64))
    equal = graph.node("Equal", found, categories, name=f"{prefix}/is_category")
    return graph.node("Cast", equal, name=f"{prefix}/inputs", to=graph.type)


def _known(column: CategoricalInput) -> dict[str, int]:
    """The place of every text that has one: the categories, and what stands for a missing value."""
    places = {category: number for number, category in enumerate(column.categories)}
    if BOOLEANS.keys() >= places.keys():
        places |= {other: places[word] for word in list(places) for other in BOOLEANS[word]}
    if column.fill is not None:
        places |= dict.fromkeys(MISSING, places[column.fill])
    return places
