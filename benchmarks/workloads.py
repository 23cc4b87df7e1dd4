"""The five workloads: what is trained, on what data, from where, in which order; the same for every contender."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 7


@dataclass(frozen=True)
class Workload:
    """One network on one set of random samples; relu inside, softmax and cross-entropy at the end, float32.

    Attributes:
        name: a letter.
        title: for people.
        rows, inputs, outputs: of the samples.
        hidden: units of the hidden layers.
        batch: samples in a step.
        optimizer: "adam" or "sgd".
        learning_rate, momentum: of it.
        checked: epochs whose losses are compared.
        batches: timed at once; 0 for a whole epoch.
        threads: of the linear algebra.
    """

    name: str
    title: str
    rows: int
    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    batch: int
    optimizer: str
    learning_rate: float
    momentum: float = 0.0
    checked: int = 2
    batches: int = 0
    threads: int = 1

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """For each layer its units and fan-in."""
        units = (self.inputs, *self.hidden, self.outputs)
        return [(after, before) for before, after in pairwise(units)]

    @property
    def epoch_batches(self) -> int:
        """Steps in an epoch."""
        return -(-self.rows // self.batch)

    @property
    def flops(self) -> float:
        """Floating-point operations that one sample's products take, forward and backward."""
        products = [units * fan_in for units, fan_in in self.sizes]
        return 2 * (3 * sum(products) - products[0])


ALONE = (
    Workload("A", "a small table, 2,000 × 30, layers 32-16", 2000, 30, (32, 16), 3, 32, "adam", 0.001),
    Workload("B", "digits' shape, 1,797 × 64, layers 128-64", 1797, 64, (128, 64), 10, 64, "adam", 0.001),
    Workload(
        "C", "20,000 × 784, layers 256-128", 20000, 784, (256, 128), 10, 128, "adam", 0.001, checked=1, batches=60
    ),
    Workload(
        "D",
        "60,000 × 784, layers 1024-1024",
        60000,
        784,
        (1024, 1024),
        10,
        256,
        "sgd",
        0.01,
        0.9,
        checked=1,
        batches=20,
    ),
    Workload("E", "one sample a step, 1,797 × 64, layer 16", 1797, 64, (16,), 10, 1, "sgd", 0.01, checked=1),
)
"""Each on one core."""

WORKLOADS = tuple(
    variant
    for workload in ALONE
    for variant in (
        workload,
        replace(workload, name=f"{workload.name}2", title="the same with two cores and threads", threads=2),
    )
)


def named(name: str) -> Workload:
    """The workload of that name."""
    return next(workload for workload in WORKLOADS if workload.name == name)


def write(workload: Workload, path: Path) -> None:
    """Writes the samples and the initial weights that every contender reads."""
    generator = np.random.default_rng(SEED)
    arrays: dict[str, NDArray[np.generic]] = {
        "inputs": generator.standard_normal((workload.rows, workload.inputs), dtype=np.float32)
    }
    teacher = generator.standard_normal((workload.inputs, workload.outputs), dtype=np.float32)
    arrays["labels"] = np.argmax(arrays["inputs"] @ teacher, axis=1).astype(np.int64)
    for number, (units, fan_in) in enumerate(workload.sizes):
        weights = generator.standard_normal((units, fan_in)) * np.sqrt(2 / fan_in)
        arrays[f"weights_{number}"] = weights.astype(np.float32)
    np.savez(path, **arrays)


def order(workload: Workload, epoch: int) -> NDArray[np.intp]:
    """The rows of an epoch (from 0), shuffled as Deltarule does it."""
    sequence = np.random.SeedSequence(SEED, spawn_key=(1, epoch))
    return np.random.default_rng(sequence).permutation(workload.rows)
