"""Predictions of one trained model, computed with NumPy and the standard library alone.

    python predict.py rows.csv          CSV in, CSV out
    python predict.py rows.json         [{"column": value}, ...] or {"rows": [...]} in, {"predictions": [...]} out
    python predict.py < rows.csv        the same from standard input
    python predict.py --self-test       predicts rows whose answers are known

The files weights.npz, preprocessing.json and self_test.json must lie beside this one. From Python:
`from predict import Model; Model().predict([{"column": 1.5}])`.
"""

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
NUMBER = r"^[+-]?([0-9]+[{0}]?[0-9]*|[{0}][0-9]+)([eE][+-]?[0-9]+)?$"
LARGEST = 1e100
BOOLEANS = {"false": "false", "False": "false", "FALSE": "false", "true": "true", "True": "true", "TRUE": "true"}
FAULTS_SHOWN = 20

Array = NDArray[np.floating[Any]]


class Refused(Exception):
    """Rows that the model cannot predict; `faults` are sentences that say which and why."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults[:FAULTS_SHOWN]))


def gelu(z: Array) -> Array:
    """z Φ(z), exact."""
    tails = np.array([math.erfc(value) for value in (z.ravel() * -math.sqrt(0.5)).tolist()], z.dtype)
    return z * (0.5 * tails.reshape(z.shape)).astype(z.dtype)


def softmax(z: Array) -> Array:
    """exp(z) / Σ exp(z), row by row."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def elu(z: Array, alpha: float = 1.0) -> Array:
    """z above 0, alpha (exp(z) - 1) below."""
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.maximum(z, z * 0.01),
    "elu": elu,
    "selu": lambda z: elu(z, 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946,
    "gelu": gelu,
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.logaddexp(z, 0),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "softmax": softmax,
}


class Model:
    """The model whose files lie in a folder."""

    def __init__(self, folder: str | Path = FOLDER) -> None:
        self.about: dict[str, Any] = json.loads(Path(folder, "preprocessing.json").read_text("utf-8"))
        with np.load(Path(folder, "weights.npz"), allow_pickle=False) as archive:
            self.arrays = {name: archive[name] for name in archive.files}
        self.layers = self.about["network"]["layers"]
        self.inputs = self.about["preprocessing"]["inputs"]
        self.target = self.about["preprocessing"]["target"]
        self.names = [column["name"] for column in self.inputs]

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """An answer for each row: `label` with `probabilities`, `labels`, `value` or `values`; `notes` where it is odd.

        Raises:
            Refused: for rows that do not fit the model.
        """
        columns = self.columns(rows)
        outputs = self.outputs(columns)
        answers = list(self.answers(outputs))
        for column in self.inputs:
            for row, note in notes(column, columns[column["name"]]):
                answers[row].setdefault("notes", []).append(note)
        return answers

    def columns(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        """The values of each input column, None where missing."""
        if not rows or not all(isinstance(row, Mapping) for row in rows):
            raise Refused(["Send a list of at least one row, each of them an object by column name."])
        known, required = {*self.names, *self.about["other_columns"]}, self.about["preprocessing"]["missing"] == "error"
        columns = {one["name"]: [cell(row.get(one["name"]), one, required) for row in rows] for one in self.inputs}
        numbered = list(enumerate(rows, start=1))
        faults = [f"Row {at}: there is no column {name!r}." for at, row in numbered for name in row.keys() - known]
        for name, values in columns.items():
            wrong = [(at, value) for at, value in enumerate(values, start=1) if isinstance(value, Fault)]
            faults += [f"Row {at}, column {name}: {value}" for at, value in wrong]
        if faults:
            raise Refused(faults)
        return columns

    def outputs(self, columns: Mapping[str, list[Any]]) -> Array:
        """The activations of the output layer, float64, rows × outputs."""
        encoded = np.hstack([encode(column, columns[column["name"]]) for column in self.inputs])
        with np.errstate(all="ignore"):
            below = encoded.astype(self.about["network"]["dtype"])
            for number, layer in enumerate(self.layers):
                z = below @ self.arrays[f"weights_{number}"].T
                if layer["bias"]:
                    z = z + self.arrays[f"biases_{number}"]
                below = ACTIVATIONS[layer["activation"]](z)
        wrong = np.flatnonzero(~np.isfinite(below).all(axis=1))
        if len(wrong):
            raise Refused([f"Row {row + 1}: its values are too far from those of the training." for row in wrong])
        return below.astype(np.float64)

    def answers(self, outputs: Array) -> Iterator[dict[str, Any]]:
        """What the outputs say, in the words of the target."""
        target, kind = self.target, self.target["type"]
        has_probabilities = self.layers[-1]["activation"] in ("softmax", "sigmoid")
        if kind == "number":
            values = outputs * target["standard_deviations"] + target["means"]
            for row in values.tolist():
                yield {"value": row[0]} if len(row) == 1 else {"values": dict(zip(target["names"], row, strict=True))}
            return
        scores = outputs if kind == "labels" else self.scores(outputs)
        names = target["names"] if kind != "class" else [str(one) for one in target["classes"]]
        middle = (target.get("low", 0) + target.get("high", 1)) / 2
        for row in scores.tolist():
            shares = dict(zip(names, row, strict=True))
            answer = {"label": target.get("classes", names)[row.index(max(row))]}
            if kind == "labels":
                answer = {"labels": [name for name in names if shares[name] > middle]}
            yield {**answer, "probabilities": shares} if has_probabilities else answer

    def scores(self, outputs: Array) -> Array:
        """A score for each class: probabilities where the output activation gives some."""
        if self.target["type"] == "class" and outputs.shape[1] < len(self.target["classes"]):
            middle = (self.target["low"] + self.target["high"]) / 2
            return np.hstack([middle - (outputs - middle), middle + (outputs - middle)])
        if self.layers[-1]["activation"] != "sigmoid":
            return outputs
        sums = outputs.sum(axis=1, keepdims=True)
        return np.where(sums > 0, outputs / np.where(sums > 0, sums, 1), 1 / outputs.shape[1])


class Fault(str):
    """What is wrong with a value."""


def cell(value: object, column: Mapping[str, Any], required: bool) -> object:
    """A value as the column takes it: a number or a text, None where it is missing, else a fault."""
    value = value.strip() if isinstance(value, str) else value
    if value is None or value in MISSING:
        return Fault("the value is missing.") if required else None
    if column["type"] == "categorical":
        if set(column["categories"]) <= {"true", "false"}:
            value = BOOLEANS.get(str(value), value)
        return value if isinstance(value, str) else Fault(f"{value!r} is no text.")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Fault(f"{value!r} is no number.")
    return float(value) if abs(value) <= LARGEST else Fault(f"{value!r} is too large.")


def encode(column: Mapping[str, Any], values: Sequence[Any]) -> Array:
    """A column as inputs of the network, rows × 1 or rows × categories."""
    filled = [column["fill"] if value is None else value for value in values]
    if column["type"] == "categorical":
        return np.array([[value == one for one in column["categories"]] for value in filled], np.float64)
    numbers = np.array(filled, np.float64)[:, np.newaxis]
    scaled: Array = (numbers - column["mean"]) / (column["standard_deviation"] or math.inf)
    return scaled


def notes(column: Mapping[str, Any], values: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """What is odd about the values of a column, by row."""
    fill = repr(column["fill"]) if column["type"] == "categorical" else f"{column['fill']:.6g}"
    name = f"'{column['name']}'" if " " in column["name"] else column["name"]
    for row, value in enumerate(values):
        if value is None:
            yield row, f"{name} is missing; it counts as {fill}."
        elif column["type"] == "categorical" and value not in column["categories"]:
            yield row, f"{name}: {value!r} was not in the training data; it counts as none of its categories."


def read_csv(text: str, numeric: set[str]) -> list[dict[str, Any]]:
    """The rows of a CSV file with a header; its delimiter is the one that makes most columns of the header."""
    header = next(iter(text.splitlines()), "")
    delimiter = max(",;\t", key=lambda one: len(next(csv.reader([header], delimiter=one), [])))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = [line for line in reader if len(line) > 1 or "".join(line).strip()]
    names = [name.strip() for name in lines[0]] if lines else []
    ragged = [f"Row {at}: it has not {len(names)} values." for at, line in enumerate(lines) if len(line) != len(names)]
    if ragged:
        raise Refused(ragged)
    rows = [dict(zip(names, line, strict=True)) for line in lines[1:]]
    return [{name: number(row[name], delimiter) if name in numeric else row[name] for name in names} for row in rows]


def number(text: str, delimiter: str) -> float | str:
    """The number that a text is, or the text."""
    pattern = NUMBER.format(".,") if delimiter == ";" else NUMBER.format(".")
    written = text.strip()
    return float(written.replace(",", ".")) if re.match(pattern, written) else text


def flat(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as a line of a table."""
    line = {f"probability_{label}": share for label, share in answer.get("probabilities", {}).items()}
    first = {name: answer[name] for name in ("label", "value") if name in answer} | answer.get("values", {})
    first |= {"labels": "; ".join(answer["labels"])} if "labels" in answer else {}
    return {**first, **line, "notes": " ".join(answer.get("notes", []))}


def differs(found: Any, wanted: Any, tolerance: float) -> bool:  # noqa: ANN401
    """Whether two answers are not the same, up to a tolerance of their numbers."""
    if isinstance(wanted, dict):
        return found.keys() != wanted.keys() or any(differs(found[key], wanted[key], tolerance) for key in wanted)
    if isinstance(wanted, float):
        return not abs(found - wanted) <= tolerance * max(1, abs(wanted))
    return bool(found != wanted)


def self_test(model: Model, folder: Path = FOLDER) -> int:
    """Predicts the rows of self_test.json; 0 where the answers are those of the service, else 1."""
    known = json.loads((folder / "self_test.json").read_text("utf-8"))
    answers = model.predict(known["rows"]) if known["rows"] else []
    found = [{key: value for key, value in one.items() if key != "notes"} for one in answers]
    pairs = zip(found, known["predictions"], strict=True)
    wrong = [at + 1 for at, (one, wanted) in enumerate(pairs) if differs(one, wanted, known["tolerance"])]
    told = f"rows {', '.join(map(str, wrong))} differ." if wrong else f"{len(found)} rows agree."
    sys.stdout.write(f"Self-test {'failed' if wrong else 'passed'}: {told}\n")
    return 1 if wrong else 0


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    model = Model()
    if "--help" in arguments or "-h" in arguments:
        sys.stdout.write(f"{__doc__}\n")
        return 0
    if "--self-test" in arguments:
        return self_test(model)
    path = next((one for one in arguments if one != "-"), None)
    text = (Path(path).read_bytes() if path else sys.stdin.buffer.read()).decode("utf-8-sig")
    if not text.lstrip().startswith(("{", "[")):
        numeric = {column["name"] for column in model.inputs if column["type"] == "numeric"}
        lines = [flat(answer) for answer in model.predict(read_csv(text, numeric))]
        writer = csv.DictWriter(sys.stdout, lines[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        return 0
    document = json.loads(text)
    rows = document.get("rows", []) if isinstance(document, dict) else document
    sys.stdout.write(json.dumps({"predictions": model.predict(rows)}, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Refused, OSError, ValueError, csv.Error) as error:
        sys.exit(f"{error}")
