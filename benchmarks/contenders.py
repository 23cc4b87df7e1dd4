"""One contender in a process of its own: reads a line, trains so far, answers in a line of JSON.

    python contenders.py NAME WORKLOAD DATA CORES

A line "check" asks for the losses of the first epochs, "round SECONDS" for samples a second over so many seconds of
whole stretches, "peak" for the resident memory.
"""

import json
import os
import resource
import sys
import time
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
from workloads import SEED, Workload, named, order


class Contender(ABC):
    """Trains the workload from the given weights; the rows of each stretch are given too."""

    def __init__(self, workload: Workload, data: dict[str, Any]) -> None:
        self.workload = workload
        self.inputs, self.labels = data["inputs"], data["labels"]
        self.weights = [data[f"weights_{number}"] for number in range(len(workload.sizes))]
        self.rows = np.empty(0, np.intp)
        self.epoch = 0

    @abstractmethod
    def train(self, rows: Any) -> float:  # noqa: ANN401 - indices
        """Trains on these rows, batch after batch; answers the mean loss."""

    def check(self) -> list[float]:
        """The losses of the first epochs."""
        return [self.train(self.stretch(self.workload.rows)) for _ in range(self.workload.checked)]

    def stretch(self, size: int) -> Any:  # noqa: ANN401
        """The next rows."""
        if len(self.rows) < size:
            self.rows, self.epoch = order(self.workload, self.epoch), self.epoch + 1
        rows, self.rows = self.rows[:size], self.rows[size:]
        return rows

    def round(self, seconds: float) -> float:
        """Samples a second."""
        size = min(self.workload.rows, (self.workload.batches or self.workload.epoch_batches) * self.workload.batch)
        trained, began = 0, time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds:
            rows = self.stretch(size)
            self.train(rows)
            trained += len(rows)
        return trained / spent


class Deltarule(Contender):
    """Trainer.advance, as the worker calls it."""

    engine = "compiled"

    def __init__(self, workload: Workload, data: dict[str, Any]) -> None:
        super().__init__(workload, data)
        from deltarule.backprop.definition import Definition  # noqa: PLC0415
        from deltarule.backprop.engines import best_engine  # noqa: PLC0415
        from deltarule.backprop.numpy_engine import NumpyEngine  # noqa: PLC0415
        from deltarule.backprop.trainer import Samples, Trainer  # noqa: PLC0415
        from worker.threads import worthwhile  # noqa: PLC0415

        layers = [
            {"units": units, "activation": "relu", "weights": weights.tolist()}
            for units, weights in zip((*workload.hidden, workload.outputs), self.weights, strict=True)
        ]
        optimizer: dict[str, Any] = {"name": workload.optimizer, "learning_rate": workload.learning_rate}
        definition = Definition.model_validate(
            {
                "network": {"layers": [*layers[:-1], layers[-1] | {"activation": "softmax"}]},
                "loss": {"name": "cross_entropy"},
                "optimizer": optimizer | ({"momentum": workload.momentum} if workload.momentum else {}),
                "training": {"epochs": 10_000_000, "batch_size": workload.batch, "seed": SEED},
            }
        ).resolve(workload.inputs, workload.outputs)
        targets = np.eye(workload.outputs, dtype=np.float32)[self.labels]
        maker = best_engine() if self.engine == "compiled" else NumpyEngine
        self.trainer = Trainer(definition, Samples(self.inputs, targets), engine=maker)
        size = self.trainer.parameters.layout.size
        threadpool_limits(worthwhile(size, workload.batch, workload.threads), "blas")
        if self.trainer.engine != self.engine:
            raise RuntimeError(f"{self.trainer.engine} instead of {self.engine}")

    def check(self) -> list[float]:
        """The losses of the first epochs."""
        batches = self.workload.epoch_batches * self.workload.checked
        return [epoch.training_loss for epoch in self.trainer.advance(batches).epochs]

    def round(self, seconds: float) -> float:
        """Advances of about 50 ms, as the worker's slices are."""
        trained, batches, began = 0, 1, time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds:
            before = time.perf_counter()
            trained += self.trainer.advance(batches).samples
            batches = max(1, min(2 * batches, int(batches * 0.05 / (time.perf_counter() - before))))
        return trained / spent

    def train(self, rows: Any) -> float:  # noqa: ANN401
        """The trainer orders rows by itself."""
        raise RuntimeError(f"not asked for: {len(rows)} rows")


class Plain(Deltarule):
    """The same with the plain engine."""

    engine = "numpy"


class Torch(Contender):
    """Eager PyTorch, with one of its optimizers' forms."""

    form = "foreach"

    def __init__(self, workload: Workload, data: dict[str, Any]) -> None:
        super().__init__(workload, data)
        import torch  # noqa: PLC0415

        torch.set_num_threads(workload.threads)
        self.torch = torch
        layers: list[Any] = []
        for (units, fan_in), weights in zip(workload.sizes, self.weights, strict=True):
            linear = torch.nn.Linear(fan_in, units)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weights))
                linear.bias.zero_()
            layers += [linear, torch.nn.ReLU()]
        self.network = torch.nn.Sequential(*layers[:-1])
        make = torch.optim.Adam if workload.optimizer == "adam" else torch.optim.SGD
        options = {"momentum": workload.momentum} if workload.momentum else {}
        options |= {self.form: True}
        self.optimizer = make(self.network.parameters(), lr=workload.learning_rate, **options)
        self.x, self.y = torch.from_numpy(self.inputs), torch.from_numpy(self.labels)

    def train(self, rows: Any) -> float:  # noqa: ANN401
        """The usual loop."""
        loss_of, total = self.torch.nn.functional.cross_entropy, 0.0
        for batch in self.torch.from_numpy(rows).split(self.workload.batch):
            self.optimizer.zero_grad()
            loss = loss_of(self.network(self.x[batch]), self.y[batch])
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(batch)
        return total / len(rows)


class TorchFused(Torch):
    """Its fused optimizers."""

    form = "fused"


class Jax(Contender):
    """A whole stretch in one jitted scan."""

    def __init__(self, workload: Workload, data: dict[str, Any]) -> None:
        super().__init__(workload, data)
        import jax  # noqa: PLC0415
        import jax.numpy as jnp  # noqa: PLC0415

        rate, momentum, adam = workload.learning_rate, workload.momentum, workload.optimizer == "adam"
        x, y = jnp.asarray(self.inputs), jnp.asarray(self.labels)

        def loss_of(parameters: Any, rows: Any) -> Any:  # noqa: ANN401
            a = x[rows]
            for weights, biases in parameters[:-1]:
                a = jax.nn.relu(a @ weights + biases)
            logs = jax.nn.log_softmax(a @ parameters[-1][0] + parameters[-1][1])
            return -jnp.mean(jnp.take_along_axis(logs, y[rows][:, None], axis=1))

        def step(state: Any, rows: Any) -> Any:  # noqa: ANN401
            parameters, mean, square, count = state
            loss, gradient = jax.value_and_grad(loss_of)(parameters, rows)
            count = count + 1
            tree = jax.tree_util.tree_map
            if adam:
                mean = tree(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
                square = tree(lambda s, g: 0.999 * s + 0.001 * g * g, square, gradient)
                first, second = 1 - 0.9**count, 1 - 0.999**count
                parameters = tree(
                    lambda p, m, s: p - rate * (m / first) / (jnp.sqrt(s / second) + 1e-8), parameters, mean, square
                )
            elif momentum:
                mean = tree(lambda m, g: momentum * m + g, mean, gradient)
                parameters = tree(lambda p, m: p - rate * m, parameters, mean)
            else:
                parameters = tree(lambda p, g: p - rate * g, parameters, gradient)
            return (parameters, mean, square, count), loss * len(rows)

        self.jnp = jnp
        self.scan = jax.jit(lambda state, rows: jax.lax.scan(step, state, rows), donate_argnums=0)
        parameters = [(jnp.asarray(one.T), jnp.zeros(len(one), jnp.float32)) for one in self.weights]
        zeros = [[(jnp.zeros_like(w), jnp.zeros_like(b)) for w, b in parameters] for _ in range(2)]
        self.state = (parameters, *zeros, jnp.float32(0))

    def train(self, rows: Any) -> float:  # noqa: ANN401
        """The full batches in one scan, a smaller last one in another."""
        batch, total = self.workload.batch, 0.0
        full = len(rows) // batch * batch
        for part, size in ((rows[:full], batch), (rows[full:], len(rows) - full)):
            if size and len(part):
                self.state, losses = self.scan(self.state, part.reshape(-1, size).astype(np.int32))
                total += float(losses.sum())
        return total / len(rows)


class ScikitLearn(Contender):
    """MLPClassifier.partial_fit, an epoch a call."""

    def __init__(self, workload: Workload, data: dict[str, Any]) -> None:
        super().__init__(workload, data)
        from sklearn.neural_network import MLPClassifier  # noqa: PLC0415

        self.classes = np.arange(workload.outputs)
        self.model = MLPClassifier(
            workload.hidden,
            solver=workload.optimizer,
            alpha=0,
            batch_size=workload.batch,
            learning_rate_init=workload.learning_rate,
            momentum=workload.momentum,
            nesterovs_momentum=False,
            shuffle=False,
        )
        self.model.partial_fit(self.inputs[: workload.batch], self.labels[: workload.batch], classes=self.classes)
        for coefficients, intercepts, weights in zip(
            self.model.coefs_, self.model.intercepts_, self.weights, strict=True
        ):
            coefficients[...], intercepts[...] = weights.T, 0
        optimizer = self.model._optimizer
        for moments in (getattr(optimizer, name, []) for name in ("ms", "vs", "velocities")):
            for moment in moments:
                moment[...] = 0
        optimizer.t = 0

    def train(self, rows: Any) -> float:  # noqa: ANN401
        """One pass."""
        self.model.partial_fit(self.inputs[rows], self.labels[rows])
        return float(self.model.loss_curve_[-1])


class Sgemm(Contender):
    """No contender, but the limit: floating-point operations a second of a large product, by the BLAS of SciPy."""

    size = 1024

    def train(self, rows: Any) -> float:  # noqa: ANN401
        """It learns nothing."""
        raise RuntimeError(f"not asked for: {len(rows)} rows")

    def check(self) -> list[float]:
        """There is no loss."""
        return []

    def round(self, seconds: float) -> float:
        """Operations a second."""
        from scipy.linalg.blas import sgemm  # noqa: PLC0415

        matrix = np.asfortranarray(np.random.default_rng(0).standard_normal((self.size, self.size), dtype=np.float32))
        out, products, began = np.empty_like(matrix), 0, time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds:
            sgemm(1.0, matrix, matrix, c=out, overwrite_c=True)
            products += 1
        return products * 2 * self.size**3 / spent


CONTENDERS: dict[str, type[Contender]] = {
    "deltarule": Deltarule,
    "deltarule, plain NumPy": Plain,
    "sgemm": Sgemm,
    "torch, foreach": Torch,
    "torch, fused": TorchFused,
    "jax": Jax,
    "scikit-learn": ScikitLearn,
}


def answer(contender: Contender, command: list[str]) -> Any:  # noqa: ANN401
    """What a line asks for."""
    if command[0] == "check":
        return contender.check()
    if command[0] == "round":
        return contender.round(float(command[1]))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Answers until its input ends."""
    name, workload, path, cores = sys.argv[1:]
    os.sched_setaffinity(0, map(int, cores.split(",")))
    with np.load(path) as archive:
        contender = CONTENDERS[name](named(workload), {key: archive[key] for key in archive.files})
    for line in sys.stdin:
        print(json.dumps(answer(contender, line.split())), flush=True)


if __name__ == "__main__":
    main()
