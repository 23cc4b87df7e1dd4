"""A graph with its columns, its answers and what it is: one file that ONNX Runtime takes."""

import json
from collections.abc import Iterator
from importlib.metadata import version

from onnx import helper

from deltarule.backprop.resolution import resolved
from deltarule.training.errors import DataError
from deltarule.training.exports.facts import NOTHING, About, metadata, written
from deltarule.training.exports.onnx.answers import NAMES, Answers, free_name
from deltarule.training.exports.onnx.encoding import encoded
from deltarule.training.exports.onnx.graph import MACHINE_LEARNING, Graph
from deltarule.training.exports.onnx.network import outputs
from deltarule.training.model import Model

OPSETS = {"": 21, MACHINE_LEARNING: 4}
"""The operators' versions: of 2024, so that runtimes that are not the newest take them too."""

IR_VERSION = 10
"""The file format's version that came with these operators."""

PARAMETERS_LIMIT = (1 << 31) - (1 << 24)
"""Bytes of parameters: a file is a protocol buffer, and holds less than 2 GiB."""


def to_onnx(model: Model, about: About = NOTHING) -> bytes:
    """The model as an ONNX graph with its preprocessing inside.

    Each input column is an input of its name, rows × 1: a double where the column is numeric (NaN is a missing value),
    a string where it is categorical (empty is a missing value). Outputs are `label` (rows) and `probabilities` (rows ×
    classes), or `labels` (bool, rows × labels) and `probabilities`, or `value` or `values` (rows × targets, in the
    targets' own units); and always `outputs`, the activations of the output layer. Where a column has such a name, the
    output's begins with `predicted_`. The file's metadata tells `model_id`, `columns`, `target` and all else that is
    known of the model (`description`), as JSON.

    Raises:
        DataError: there are more parameters than such a file can hold.
    """
    if model.parameters.vector.nbytes > PARAMETERS_LIMIT:
        raise DataError("The model is too large for ONNX, whose files hold less than 2 GiB; take npz or safetensors.")
    file = helper.make_model(
        _graph(model).written("deltarule"),
        producer_name="deltarule",
        producer_version=version("deltarule"),
        opset_imports=[helper.make_opsetid(*opset) for opset in OPSETS.items()],
        ir_version=IR_VERSION,
    )
    helper.set_model_props(file, dict(_told(model, about)))
    return bytes(file.SerializeToString(deterministic=True))


def _graph(model: Model) -> Graph:
    columns = model.form.inputs.names
    graph = Graph(model.network.dtype, {*columns, *(free_name(name, columns) for name in NAMES)})
    activations = outputs(graph, model, encoded(graph, model.form.inputs))
    answers = Answers(graph, columns, resolved(model.network.layers[-1].activation))
    answers.write(model.form.target, activations)
    return graph


def _told(model: Model, about: About) -> Iterator[tuple[str, str]]:
    """The metadata of the file: texts by name."""
    if "id" in about:
        yield "model_id", str(about["id"])
    if about.get("name"):
        yield "name", str(about["name"])
    yield "task", model.form.task
    yield "sha256", model.weights_sha256
    yield "columns", json.dumps(model.form.inputs.names, ensure_ascii=False)
    yield "target", json.dumps(model.form.target.names, ensure_ascii=False)
    yield "labels", json.dumps(model.form.target.labels, ensure_ascii=False)
    yield "description", written(metadata(model, about)).decode()
