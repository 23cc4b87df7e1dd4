"""Models of every kind that there is, each with rows to ask it: plain ones, gaps, texts that training never saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deltarule.training.model import Model
from deltarule.training.tables import Table, read
from tests.training.making import arrays, finished, table_of

Row = dict[str, Any]
COUNT = 40


@dataclass(frozen=True)
class Case:
    """A table, a job on it, and rows for the model; `{}` is a row without any value."""

    table: Callable[[], Table]
    fields: Mapping[str, Any]
    rows: tuple[Row, ...]


def penguins() -> Table:
    return read(Path("examples/penguins.csv"), "csv")


PENGUINS: tuple[Row, ...] = (
    {"bill_length_mm": 39.1, "bill_depth_mm": 18.7, "island": "Torgersen", "sex": "male"},
    {"bill_length_mm": None, "bill_depth_mm": 14.2, "island": "Biscoe", "sex": None, "year": 2009},
    {"bill_length_mm": 50.0, "island": "Elsewhere", "sex": "female", "flipper_length_mm": 210, "body_mass_g": 4000},
    {},
)


def mixed() -> Table:
    """Numbers with gaps, booleans, a constant, a column of one text, and targets of every kind."""
    x: list[float | None] = [(row * 17 % COUNT) / 7 - 2 for row in range(COUNT)]
    flag: list[bool | None] = [row % 3 == 0 for row in range(COUNT)]
    x[3], flag[5] = None, None
    return table_of(
        x=x,
        flag=flag,
        constant=[7.5] * COUNT,
        only=["same"] * COUNT,
        label=[float(row * 5 % 11) for row in range(COUNT)],
        **{"a b/ü~": [1e6 + row for row in range(COUNT)]},
        number=[3.0 * row + 1e5 for row in range(COUNT)],
        small=[row / 1000 for row in range(COUNT)],
        whole=[row % 4 for row in range(COUNT)],
        half=[row % 3 + 0.5 for row in range(COUNT)],
        huge=[(row % 2) * 1e30 for row in range(COUNT)],
        answer=["yes" if row % 3 else "no" for row in range(COUNT)],
        warm=["yes" if row % 2 else "no" for row in range(COUNT)],
        dry=[row % 5 > 2 for row in range(COUNT)],
    )


FEATURES = ["x", "flag", "constant", "only", "label", "a b/ü~"]
MIXED: tuple[Row, ...] = (
    {"x": 0.25, "flag": True, "constant": 7.5, "only": "same", "label": 3, "a b/ü~": 1e6 + 20},
    {"x": -1.5, "flag": False, "constant": 100, "only": "other", "label": None, "a b/ü~": 1e6},
    {"flag": None, "only": None, "label": 2.5, "a b/ü~": 1e6 + 39.5},
    {},
)


def job(target: str | list[str], *hidden: str, output: str | None = None, **fields: object) -> dict[str, Any]:
    layers = [{"units": 5, "activation": name} for name in hidden]
    layers.append({"activation": output} if output else {})
    network = {"dtype": fields.pop("dtype", "float32"), "layers": layers}
    plan = {"epochs": 3, "seed": 1, "validation_fraction": 0}
    return {"target": target, "network": network, "training": plan, **fields}


def of_mixed(target: str | list[str], *hidden: str, output: str | None = None, **fields: object) -> Case:
    return Case(mixed, job(target, *hidden, output=output, features=FEATURES, **fields), MIXED)


def of_arrays(targets: list[Any], output: str | None = None, **fields: object) -> Case:
    inputs = [[(row * 7 % 13) / 5, row % 3, 1000.0 - row] for row in range(len(targets))]
    rows = ({"input_0": 0.5, "input_1": 2, "input_2": 990.5}, {"input_1": None}, {})
    return Case(lambda: arrays(inputs, targets), {**job([], "tanh", output=output, **fields), "target": None}, rows)


CASES: dict[str, Case] = {
    "penguins, classes": Case(penguins, job("species", "relu"), PENGUINS),
    "penguins, classes, double": Case(penguins, job("species", "gelu", "tanh", dtype="float64"), PENGUINS),
    "penguins, number": Case(penguins, job("body_mass_g", "tanh"), PENGUINS),
    "penguins, numbers": Case(penguins, job(["body_mass_g", "bill_depth_mm"], "relu", dtype="float64"), PENGUINS),
    "penguins, two classes": Case(penguins, job("sex", "selu", loss={"name": "log_loss"}), PENGUINS),
    "number, standardized": of_mixed("number", "silu", preprocessing={"standardize_target": True}),
    "number, as it is": of_mixed("small", "elu", preprocessing={"standardize_target": False, "standardize": True}),
    "number, standardized, double": of_mixed("number", "softplus", dtype="float64"),
    "numbers": of_mixed(["number", "small"], "softsign", dtype="float64"),
    "one output for two classes": of_mixed("answer", "relu", output="sigmoid"),
    "two outputs for two classes": of_mixed("answer", "relu"),
    "hinge": of_mixed("answer", "tanh", loss={"name": "hinge"}),
    "tanh for two classes": of_mixed("answer", "tanh", output="tanh"),
    "classes of whole numbers": of_mixed("whole", "softmax", task="classification"),
    "classes of fractions": of_mixed("half", "tanh", task="classification", dtype="float64"),
    "classes too large for integers": of_mixed("huge", "tanh", task="classification"),
    "a sigmoid for each class": of_mixed("whole", output="sigmoid", task="classification"),
    "labels": of_mixed(["warm", "dry"], "leaky_relu"),
    "labels, hinge": of_mixed(["warm", "dry"], "tanh", loss={"name": "hinge"}, task="multilabel"),
    "booleans as classes": of_mixed("dry", "tanh"),
    "no gap allowed": Case(
        lambda: table_of(x=[1, 2, 3] * 4, kind=list("abc") * 4, y=[1.5, 2.5, 3.5] * 4),
        job("y", "tanh", preprocessing={"missing": "error"}),
        ({"x": 2, "kind": "a"}, {"x": 3, "kind": "z"}),
    ),
    "arrays, one-hot": of_arrays([[int(row % 3 == one) for one in range(3)] for row in range(30)]),
    "arrays, labels": of_arrays([[row % 2, int(row % 3 > 0)] for row in range(30)], output="sigmoid"),
    "arrays, numbers": of_arrays([[row / 3, 5.0 - row] for row in range(30)], dtype="float64"),
    "arrays, one target": of_arrays([row / 3 for row in range(30)]),
    "arrays, plus and minus one": of_arrays([[row % 2 * 2 - 1] for row in range(30)], loss={"name": "hinge"}),
    "arrays, a sigmoid for each class": of_arrays(
        [[int(row % 3 == one) for one in range(3)] for row in range(30)], output="sigmoid", task="classification"
    ),
}


@cache
def trained(name: str) -> Model:
    case = CASES[name]
    return finished(case.table(), **{name: value for name, value in case.fields.items() if value is not None}).model()


def rows_of(name: str) -> list[Row]:
    return list(CASES[name].rows)
