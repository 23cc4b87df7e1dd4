"""Compiling ahead of time, so that no training ever waits for it."""

from typing import get_args

import numpy as np

from deltarule.backprop.architecture import Dtype
from deltarule.backprop.compiled.compiling import alone
from deltarule.backprop.compiled.engine import CompiledEngine
from deltarule.backprop.definition import Definition, Layer, Loss, Network
from deltarule.backprop.samples import Samples
from deltarule.backprop.trainer import Trainer


def prepare() -> None:
    """Makes the kernels ready in this process, for both dtypes: compiled, or read from the cache where they have been.

    Compiling takes half a minute of processor time, once for a version of the kernels and a kind of processor; reading
    takes well under a second. All networks use the same two compilations. Of several processes that prepare at once
    one compiles, and the others wait for it, for some minutes at most.
    """
    for dtype in get_args(Dtype):
        with alone():
            _prepare(dtype)


def _prepare(dtype: Dtype) -> None:
    network = Network(dtype=dtype, layers=(Layer(units=1),))
    definition = Definition(network=network, loss=Loss(name="squared_error")).resolve(1, 1)
    Trainer(definition, Samples(np.ones((1, 1)), np.ones((1, 1))), engine=CompiledEngine).advance(1)
