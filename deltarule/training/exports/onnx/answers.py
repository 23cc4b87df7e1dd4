"""Outputs become answers inside the graph, in double precision, as `training.targets` has it."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from deltarule.backprop.architecture import ActivationName
from deltarule.training.exports.onnx.graph import DOUBLE, STRING, Graph
from deltarule.training.targets import ClassTarget, IndicatorTarget, LabelsTarget, NumberTarget, Target

INT64 = int(TensorProto.INT64)
BOOL = int(TensorProto.BOOL)
NAMES = ("label", "labels", "probabilities", "value", "values", "outputs")
"""What the outputs of a graph may be called."""

_PROBABILISTIC = frozenset({"softmax", "sigmoid"})


def free_name(name: str, columns: Sequence[str]) -> str:
    """What an output is called where a column may have its name already."""
    while name in columns:
        name = f"predicted_{name}"
    return name


class Answers:
    """Writes what a target makes of the output activations.

    Args:
        graph: that they are in.
        columns: the inputs of the graph, whose names are taken.
        activation: of the output layer.
    """

    def __init__(self, graph: Graph, columns: Sequence[str], activation: ActivationName) -> None:
        self._graph, self._columns, self._activation = graph, columns, activation

    def write(self, target: Target, outputs: str) -> None:
        """Lets the graph answer as predictions do: label or labels with probabilities, value or values; and outputs."""
        double = self._graph.node("Cast", outputs, name="doubles", to=DOUBLE)
        match target:
            case ClassTarget() | IndicatorTarget():
                self._label(target, double)
            case LabelsTarget():
                self._labels(target, double)
            case NumberTarget():
                self._values(target, double)
        self._output("outputs", double, DOUBLE, [target.width], "The activations of the output layer.")

    def _label(self, target: ClassTarget | IndicatorTarget, outputs: str) -> None:
        graph, classes = self._graph, target.classes if isinstance(target, ClassTarget) else target.names
        scores = self._scores(target, outputs, len(classes))
        likeliest = graph.node("ArgMax", scores, name="likeliest", axis=1, keepdims=0)
        known, type_ = self._classes(classes)
        label = graph.node("Gather", known, likeliest, name="chosen")
        self._output("label", label, type_, [], "The likeliest class.")
        self._probabilities(scores, target.labels)

    def _labels(self, target: LabelsTarget, outputs: str) -> None:
        middle = self._constant("middle", (target.low + target.high) / 2)
        has = self._graph.node("Greater", outputs, middle, name="has")
        self._output("labels", has, BOOL, [target.width], f"Whether a row has each of {_named(target.names)}.")
        self._probabilities(outputs, target.names)

    def _values(self, target: NumberTarget, outputs: str) -> None:
        graph = self._graph
        scaled = graph.node("Mul", outputs, self._constant("scales", target.standard_deviations), name="scaled")
        values = graph.node("Add", scaled, self._constant("means", target.means), name="in_own_units")
        told = f"In the units of the data: {_named(target.names)}."
        self._output("value" if target.width == 1 else "values", values, DOUBLE, [target.width], told)

    def _scores(self, target: ClassTarget | IndicatorTarget, outputs: str, classes: int) -> str:
        """A score for each class, rows × classes."""
        if isinstance(target, ClassTarget) and target.width < classes:
            return self._of_one_output(outputs, (target.low + target.high) / 2)
        return self._shares(outputs, target.width) if self._activation == "sigmoid" else outputs

    def _of_one_output(self, outputs: str, middle: float) -> str:
        graph, half = self._graph, self._constant("middle", middle)
        second = graph.node("Sub", outputs, half, name="second")
        scores = [graph.node(operator, half, second, name="score") for operator in ("Sub", "Add")]
        return graph.node("Concat", *scores, name="scores", axis=1)

    def _shares(self, outputs: str, width: int) -> str:
        """Sigmoids as shares of their sum, equal shares where all are 0."""
        graph = self._graph
        across = graph.constant("across", np.array([1], np.int64))
        sums = graph.node("ReduceSum", outputs, across, name="sums", keepdims=1)
        some = graph.node("Greater", sums, self._constant("zero", 0.0), name="has_some")
        safe = graph.node("Where", some, sums, self._constant("one", 1.0), name="divisors")
        shares = graph.node("Div", outputs, safe, name="shares")
        return graph.node("Where", some, shares, self._constant("equal_share", 1 / width), name="scores")

    def _classes(self, classes: Sequence[int | float | str]) -> tuple[str, int]:
        """The classes in their own type, whole numbers as such where they have room."""
        if any(isinstance(one, str) for one in classes):
            return self._graph.texts("classes", [str(one) for one in classes]), STRING
        fits = all(isinstance(one, int) and abs(one) <= np.iinfo(np.int64).max for one in classes)
        dtype, type_ = (np.int64, INT64) if fits else (np.float64, DOUBLE)
        return self._graph.constant("classes", np.array(classes, dtype)), type_

    def _probabilities(self, scores: str, labels: Sequence[str]) -> None:
        if self._activation in _PROBABILISTIC:
            self._output("probabilities", scores, DOUBLE, [len(labels)], f"Of {_named(labels)}.")

    def _constant(self, name: str, value: float | Sequence[float]) -> str:
        return self._graph.constant(f"answer/{name}", np.array(value, np.float64))

    def _output(self, name: str, value: str, type_: int, width: Sequence[int], told: str) -> None:
        self._graph.output(free_name(name, self._columns), value, type_, width, told)


def _named(names: Sequence[str]) -> str:
    return ", ".join(names)
