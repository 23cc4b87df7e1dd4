"""What docs/mathematics.md says is so: its names exist, its tables are the code's, its numbers are computed anew."""

import importlib
import inspect
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import numpy as np
import pytest

from deltarule.backprop.activations import ACTIVATIONS, SELU_ALPHA, SELU_SCALE
from deltarule.backprop.definition import Definition, Optimizer, Schedule
from deltarule.backprop.explanation import explain
from deltarule.backprop.initializers import INITIALIZERS
from deltarule.backprop.losses import LOSSES
from deltarule.backprop.optimizers import OPTIMIZERS
from deltarule.backprop.output_losses import OUTPUT_LOSSES
from deltarule.backprop.schedules import SCHEDULES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "mathematics.md"
TEXT = PAGE.read_text()

REFERENCES = dict(re.findall(r"^\[(\w+)\]: (\S+)$", TEXT, re.MULTILINE))
FUNCTIONS = sorted(set(re.findall(r"\[`([\w.]+)`\]\[(\w+)\]", TEXT)))
NAMED = {name.split(".")[-1] for name, _ in FUNCTIONS}


def section(heading: str) -> str:
    """The text under a heading of the second rank."""
    (found,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


def rows(heading: str) -> list[list[str]]:
    """The cells of all table rows in a section, without the heads of the tables."""
    lines = [line.strip("|").split("|") for line in section(heading).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in lines]
    rules = [number for number, row in enumerate(cells) if set("".join(row)) <= set("- ")]
    return [row for number, row in enumerate(cells) if number not in rules and number + 1 not in rules]


def table(heading: str) -> dict[str, list[str]]:
    """The rows by the first name in them."""
    return {re.findall(r"`(\w+)`", row[0])[0]: row for row in rows(heading)}


def module_at(reference: str) -> ModuleType:
    path = (PAGE.parent / REFERENCES[reference]).resolve().relative_to(ROOT)
    return importlib.import_module(".".join(path.with_suffix("").parts))


def blocks(heading: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", section(heading), re.MULTILINE | re.DOTALL)


def test_every_linked_file_exists() -> None:
    targets = [*REFERENCES.values(), *re.findall(r"\]\(([^#)][^)]*)\)", TEXT)]
    assert len(targets) > 20
    assert [target for target in targets if not (PAGE.parent / target).resolve().is_file()] == []


def test_every_reference_is_defined_and_used() -> None:
    assert {reference for _, reference in FUNCTIONS} == set(REFERENCES)


def test_every_section_that_is_linked_is_there() -> None:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings[1:]}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) == anchors


@pytest.mark.parametrize(("name", "reference"), FUNCTIONS)
def test_every_function_that_is_named_exists(name: str, reference: str) -> None:
    found: Any = module_at(reference)
    for part in name.removeprefix(f"{reference}.").split("."):
        found = getattr(found, part)
    assert inspect.getmodule(found) in (module_at(reference), None)


def test_no_function_is_named_without_its_link() -> None:
    unlinked = re.findall(r"(?<!\[)`((\w+)\.\w+[\w.]*)`", TEXT)
    assert [name for name, stem in unlinked if stem in REFERENCES] == []


def test_symbols_keep_clear_of_markdown() -> None:
    """GitHub reads Markdown first: such signs in a line's formula would be emphasis, an escape or the end of a cell."""
    plain = re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert all(line.count("$") % 2 == 0 for line in plain.splitlines())
    formulas = re.findall(r"\$([^$\n]+)\$", plain)
    assert len(formulas) > 200
    risky = re.compile(r"\W_|\\[^a-zA-Z]|[*|<`]|^\s|\s$")
    assert [formula for formula in formulas if risky.search(formula)] == []


def test_activations() -> None:
    written = table("Activations")
    assert set(written) == set(ACTIVATIONS)
    for name, (first, _, _, reach, initializer) in written.items():
        activation = ACTIVATIONS[name]
        pull_back = inspect.getclosurevars(activation.pull_back).nonlocals.get("derivative", activation.pull_back)
        for function in (activation.apply, pull_back):
            assert f"`{function.__name__}`" in first
        assert (reach, initializer) == (str(activation.range), f"`{activation.initializer}`")
    assert f"{SELU_ALPHA!r}" in section("Activations")
    assert f"{SELU_SCALE!r}" in section("Activations")


def test_losses() -> None:
    written = table("Losses")
    assert set(written) == set(LOSSES)
    for name, (first, _, _, outputs, targets, activation) in written.items():
        loss = LOSSES[name]
        for function in (loss.value, loss.gradient):
            assert f"`{function.__name__}`" in first
        allowed = "-1 or 1" if name == "hinge" else str(loss.targets)
        assert (outputs, targets, activation) == (str(loss.outputs), allowed, f"`{loss.activation}`")


def test_pairs_of_loss_and_output_activation() -> None:
    written = {(row[0].strip("`"), row[1].strip("`")): row[-1] for row in rows("The delta of the output layer")}
    assert set(written) == set(OUTPUT_LOSSES)
    for (loss, activation), functions in written.items():
        pair = OUTPUT_LOSSES[loss, activation]
        assert f"`{pair.value.__name__}`" in functions
        assert f"`{pair.delta.__name__}`" in functions


def assert_defaults(record: type[Any], told: str, *, apart: frozenset[str]) -> None:
    for name, field in record.model_fields.items():
        if name not in apart:
            default = str(field.default).lower() if isinstance(field.default, bool) else f"{field.default:g}"
            assert re.search(rf"`{name}`( \([^)]+\))? {re.escape(default)}(,|;| |$)", told), (record, name)


def kinds(union: Any) -> dict[str, type[Any]]:  # noqa: ANN401 - an annotated union of records
    return {kind.model_fields["name"].default: kind for kind in get_args(get_args(union)[0])}


def test_optimizers() -> None:
    written = table("Optimizers")
    assert set(written) == set(OPTIMIZERS)
    for name, (first, _, options) in written.items():
        assert f"`{OPTIMIZERS[name].update.__name__}`" in first
        assert_defaults(kinds(Optimizer)[name], options, apart=frozenset({"name"}))


def test_schedules() -> None:
    written = table("Schedules")
    assert set(written) == set(SCHEDULES)
    for name, (first, _, options) in written.items():
        assert f"`{SCHEDULES[name].__name__}`" in first
        assert_defaults(kinds(Schedule)[name], options, apart=frozenset({"name", "warmup_epochs"}))


def test_initializers() -> None:
    written = [name for row in rows("Initializers") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(written) == sorted(INITIALIZERS)
    variances = [inspect.getclosurevars(one).nonlocals.get("variance", one) for one in INITIALIZERS.values()]
    assert {one.__name__ for one in variances} <= NAMED


def the_example() -> dict[str, Any]:
    document = json.loads((ROOT / "examples" / "step.json").read_text())
    parts = {name: part for name, part in document.items() if name not in ("inputs", "targets")}
    inputs, targets = document["inputs"], document["targets"]
    definition = Definition.model_validate_json(json.dumps(parts)).resolve(len(inputs[0]), len(targets[0]))
    return explain(definition, inputs, targets).model_dump()


def field(answer: Any, path: str) -> np.ndarray:  # noqa: ANN401 - a document
    """The numbers at a path such as `forward[0].net_inputs`, flat."""
    for part in re.findall(r"\w+", path):
        answer = answer[int(part)] if part.isdigit() else answer[part]
    return np.ravel(answer)


def test_the_numbers_of_the_worked_example() -> None:
    answer, written = the_example(), {row[0].strip("`"): row[-1] for row in rows("A worked example")}
    in_prose = {name for name in re.findall(r"`(\w+)`", TEXT) if name in answer}
    assert {re.match(r"\w+", path)[0] for path in written} | in_prose == answer.keys()
    assert len(written) == 6 + 12 + 6
    for path, numbers in written.items():
        assert re.findall(r"-?\d\.\d+", numbers) == [f"{number:.8f}" for number in field(answer, path)], path


def test_the_arithmetic_of_the_worked_example() -> None:
    """Every line is a sum that comes out, up to the rounding of what goes in, as a number of the tables above it."""
    told = {number for row in rows("A worked example") for number in re.findall(r"-?\d\.\d+", row[-1])}
    (text,) = blocks("A worked example", "text")
    lines = [line.split(" = ") for line in text.splitlines()]
    assert len(lines) == 12
    for _, formula, answer in lines:
        python = formula.replace("·", "*").replace("²", "**2").replace("½", "0.5")
        value = eval(python, {"__builtins__": {}, "exp": math.exp})  # noqa: S307 - our own page
        assert answer in told
        assert value == pytest.approx(float(answer), abs=1.5e-8)


def test_the_example_agrees_with_its_definition() -> None:
    """Weights, biases, input and target stand in a formula; their numbers are those of the file, in its order."""
    document = json.loads((ROOT / "examples" / "step.json").read_text())
    (formula,) = blocks("A worked example", "math")
    layers = document["network"]["layers"]
    given = [number for layer in layers for number in (*np.ravel(layer["weights"]), *layer["biases"])]
    assert [float(number) for number in re.findall(r"\d\.\d+", formula)] == given
    for name in ("inputs", "targets"):
        assert f"({', '.join(f'{number:.2f}' for number in document[name][0])})" in section("A worked example")
    assert f"`{document['loss']['name']}`" in section("A worked example")
    assert f"= {document['optimizer']['learning_rate']}$" in section("A worked example")


def test_the_program_on_vanishing_deltas_prints_what_stands_below_it() -> None:
    (program,), (printed,) = (blocks("Vanishing deltas", language) for language in ("python", "text"))
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == printed
