"""Every activation as ONNX Runtime computes it, in both dtypes, in hidden layers and far out."""

from typing import get_args

import numpy as np
import onnxruntime
import pytest
from onnx import helper

from deltarule.backprop.architecture import ActivationName, Dtype, Layer, Network
from deltarule.backprop.network import forward
from deltarule.backprop.parameters import initial_parameters
from deltarule.training.exports.onnx.graph import Graph
from deltarule.training.exports.onnx.model import IR_VERSION, OPSETS
from deltarule.training.exports.onnx.network import ACTIVATIONS

POINTS = [[-800.0, -20.0, -3.0, -1.0, -1e-4, 0.0], [1e-4, 0.5, 1.0, 3.0, 20.0, 800.0]]


@pytest.mark.parametrize("dtype", get_args(Dtype))
@pytest.mark.parametrize("name", get_args(ActivationName))
def test_an_activation_is_ours(name: ActivationName, dtype: Dtype) -> None:
    columns = [f"column_{at}" for at in range(6)]
    graph = Graph(dtype, {*columns, "a"})
    z = graph.node("Concat", *(graph.input(one, graph.type, "") for one in columns), name="z", axis=1)
    graph.output("a", ACTIVATIONS[name](graph, z), graph.type, [6], "")
    opsets = [helper.make_opsetid(*opset) for opset in OPSETS.items()]
    written = helper.make_model(graph.written("one"), opset_imports=opsets, ir_version=IR_VERSION)
    judge = onnxruntime.InferenceSession(written.SerializeToString(), providers=["CPUExecutionProvider"])
    points = np.array(POINTS, dtype)
    eye = np.eye(6).tolist()
    network = Network(dtype=dtype, layers=(Layer(units=6, activation=name, bias=False, weights=eye),))
    ours = forward(network, initial_parameters(network, 6, seed=0), points).outputs

    (found,) = judge.run(["a"], dict(zip(columns, points[:, :, np.newaxis].swapaxes(0, 1), strict=True)))

    assert found.dtype == np.dtype(dtype)
    np.testing.assert_allclose(found, ours, rtol=1e-6, atol=1e-6)


def test_every_activation_is_there() -> None:
    assert set(ACTIVATIONS) == set(get_args(ActivationName))
