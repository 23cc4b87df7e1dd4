"""Work is counted, not timed: a slow-down shows without a clock."""

import gc
import tracemalloc
from typing import Any

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

from deltarule.backprop.compiled import engine, training
from deltarule.backprop.compiled.engine import CompiledEngine
from deltarule.backprop.trainer import Trainer
from tests.backprop.making import definition_for, samples_for

HIDDEN = [{"units": 8, "activation": "relu", "dropout": 0.2}, {"units": 6, "activation": "softmax"}]


def trainer(dtype: str = "float64", epochs: int = 1000) -> Trainer:
    plan = {"epochs": epochs, "batch_size": 5}
    definition = definition_for("squared_error", hidden=HIDDEN, dtype=dtype, training=plan)
    samples = samples_for("squared_error")
    return Trainer(definition, samples, samples_for("squared_error", seed=1), engine=CompiledEngine)


def test_one_call_of_the_kernel_for_an_advance(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counted(*arguments: Any) -> Any:  # noqa: ANN401 - passed on
        calls.append(arguments[-1])
        return training.train(*arguments)

    monkeypatch.setattr(engine, "train", counted)
    assert len(trainer().advance(3 * 100).epochs) == 100
    assert calls == [300]


def test_no_array_is_allocated_in_a_step() -> None:
    """Numba's memory does not grow with the number of steps, Python's only with the epochs that are answered."""
    _nrt_python.memsys_enable_stats()
    one = trainer()
    one.advance(1)

    def allocated(batches: int) -> tuple[int, int]:
        gc.collect()
        before = rtsys.get_allocation_stats()
        tracemalloc.start()
        one.advance(batches)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        after = rtsys.get_allocation_stats()
        return after.alloc - before.alloc, peak

    few, many = allocated(1), allocated(100)
    _nrt_python.memsys_disable_stats()
    answered = 33 * 600
    assert many[0] <= few[0]
    assert many[1] - few[1] < answered


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_compilation_serves_every_training(dtype: str) -> None:
    def compiled() -> int:
        return len(training.train.signatures)  # type: ignore[attr-defined]

    before = compiled()
    for hidden in ([], HIDDEN, HIDDEN * 4):
        given = samples_for("squared_error")
        for array in (given.inputs, given.targets):
            array.flags.writeable = False
        definition = definition_for("squared_error", hidden=hidden, dtype=dtype, optimizer={"name": "nadam"})
        Trainer(definition, given, engine=CompiledEngine).advance(3)
    assert compiled() == before == 2


def test_memory_that_is_mapped_is_read_as_it_lies(tmp_path: Any) -> None:  # noqa: ANN401
    given = samples_for("squared_error")
    for name in ("inputs", "targets"):
        np.save(tmp_path / f"{name}.npy", getattr(given, name))
    mapped = type(given)(*(np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("inputs", "targets")))
    definition = definition_for("squared_error", training={"epochs": 3, "batch_size": 5})
    first, second = (Trainer(definition, samples, engine=CompiledEngine) for samples in (given, mapped))
    assert first.advance(9) == second.advance(9)
    assert first.parameters.vector.tobytes() == second.parameters.vector.tobytes()
