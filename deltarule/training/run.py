"""One training run: a resolved job and its table go in, it is driven by the clock of its caller, a model comes out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.engine import EngineMaker
from deltarule.backprop.engines import best_engine
from deltarule.backprop.errors import SamplesError
from deltarule.backprop.parameters import Layout, Parameters, layout
from deltarule.backprop.trainer import Advance, Divergence, Samples, Trainer
from deltarule.training import advice, health
from deltarule.training.errors import DataError
from deltarule.training.measuring import measured
from deltarule.training.metrics import Metrics
from deltarule.training.model import Model
from deltarule.training.preparation import Prepared, prepare
from deltarule.training.spec import Spec
from deltarule.training.tables.schema import Table
from deltarule.training.tables.stream import Stream
from deltarule.training.tally import Tally, cut
from deltarule.training.timing import ENOUGH, Pace, batches_left, share

RunStop = Literal["epochs_done", "early_stopping", "diverged", "time_limit"]

ROWS_LOOKED_AT = 2000
"""Validation rows, evenly spread, that the metric of a run under way is measured on."""


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One line of the loss history; `seconds` is training time, `gradient_norm` has one number for each layer."""

    number: int
    training_loss: float
    validation_loss: float | None
    learning_rate: float
    seconds: float
    gradient_norm: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is.

    Attributes:
        epochs: completed since it was last asked.
        epoch: epochs completed in all.
        total_epochs: the most there can be.
        fraction: of the batches of all of them; 1 when the run has finished.
        samples_per_second: trained on, over the whole run.
        eta_seconds: training time left if no epoch is saved; None as long as nothing is known.
    """

    epochs: tuple[EpochRecord, ...]
    epoch: int
    total_epochs: int
    fraction: float
    samples_per_second: float
    eta_seconds: float | None


class Run:
    """A run, at any point between its first step and its end.

    Attributes:
        definition: what is trained, resolved.
    """

    def __init__(
        self,
        spec: Spec,
        table: Table | Stream,
        validation: Table | Stream | None = None,
        continued: Model | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        engine: EngineMaker | None = None,
    ) -> None:
        """A run before its first step.

        Args:
            spec: resolved for the table.
            table: the rows, in memory or in parts.
            validation: rows of the validation dataset, where the job has one.
            continued: the model to go on from, where the job names one.
            clock: seconds that never go back.
            engine: what trains; by default the fastest that is installed.

        Raises:
            DataError: what only the rows tell; see `preparation.prepare`.
            SpecError: given weights that do not fit the inputs that the columns come to.
            ScratchError: rows that come in parts, and too little room on the disk.
        """
        self._spec, self._clock = spec, clock
        self._prepared = prepare(spec, table, validation, continued)
        self._shape = layout(self._prepared.definition.network, self._prepared.form.inputs.width)
        self._start = None if continued is None else _start(self._shape, continued)
        self._trainer = _trainer(self._prepared, self._start, engine or best_engine())
        self.definition: Definition = self._prepared.definition
        self._data_warnings = advice.about_rows(spec, self._prepared)
        self._pace, self._tally = Pace(), Tally()
        self._health: tuple[str, ...] | None = None
        self._looked_at = _some(self._prepared.validation)

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self._trainer.parameters.layout.size

    @property
    def engine(self) -> str:
        """The name of what trains."""
        return self._trainer.engine

    @property
    def elapsed(self) -> float:
        """Training time so far, in seconds, over all interruptions."""
        return self._tally.elapsed

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return self.stop_reason is not None

    @property
    def stop_reason(self) -> RunStop | None:
        """Why the run is finished; None while it is not."""
        limit = self._spec.training.time_limit_seconds
        out_of_time = limit is not None and self.elapsed >= limit
        return self._trainer.stop_reason or ("time_limit" if out_of_time else None)

    @property
    def failure(self) -> Divergence | None:
        """Where the run diverged; None when it has not."""
        return self._trainer.diverged

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on the rows, and at the end on the run."""
        tally, epochs = self._tally, self._tally.batches // self._trainer.batches_per_epoch
        about_run = advice.about_losses(tally.first_loss, tally.lowest_loss, epochs) if self.finished else ()
        went_on = (advice.GOES_ON_OTHERWISE,) if self._trainer.restored_from_other_version else ()
        return (*self._data_warnings, *went_on, *about_run, *self._about_health())

    def advance(self, seconds: float = 0.05, *, one_epoch: bool = False) -> Progress:
        """Trains for about so long, and for at least one batch; it may end amid an epoch.

        `one_epoch`: not beyond the end of the epoch, because that is what somebody waits for.
        """
        records: list[EpochRecord] = []
        began = now = self._clock()
        # Once the pace is known, one call does it: each finds its arrays anew, and the processor its caches cold.
        while not self.finished:
            before, batches = now, self._pace.fitting(seconds - (now - began))
            if one_epoch:
                batches = min(batches, batches_left(self._tally.batches, self._trainer.batches_per_epoch))
            advance = self._trainer.advance(batches)
            now = self._clock()
            records.extend(self._recorded(advance, now - before))
            self._pace.learn(batches, now - before)
            if now - began >= ENOUGH * seconds or (one_epoch and records):
                break
        return self._progress(tuple(records))

    def state(self) -> bytes:
        """Everything that `restore` needs to go on with the same bits."""
        return self._tally.written_before(self._trainer.state())

    def restore(self, state: bytes) -> None:
        """Goes to where a run of the same job and data was when `state` was called.

        Raises:
            StateError: the bytes are damaged, or belong to another run; nothing has changed then.
        """
        tally, trainer = cut(state)
        self._trainer.restore(trainer)
        self._tally, self._health = tally, None

    def model(self) -> Model:
        """What the run has come to: the best weights where they are to be restored, else the current ones; finite."""
        return Model(self._prepared.form, self._trainer.result)

    def metrics(self) -> dict[str, Metrics | None]:
        """The metrics of `model` on the rows it learned from and on those it was validated on."""
        validation = self._prepared.validation
        return {
            "training": measured(self.model(), self._prepared.training),
            "validation": measured(self.model(), validation) if validation else None,
        }

    def latest_metrics(self) -> dict[str, float]:
        """A few numbers to show while the run goes on; empty before the first epoch.

        `training_loss` and `validation_loss` are the last epoch's; `validation_accuracy` or `validation_r2` is measured
        on at most `ROWS_LOOKED_AT` rows. Of a finished run they are those of its result, on all rows.
        """
        latest = self._tally.latest
        if latest is None:
            return {}
        if self.finished and self._restores_best:
            latest = self._tally.best or latest
        measured = self._validation_metric()
        return latest | ({} if measured is None else measured)

    def _recorded(self, advance: Advance, took: float) -> list[EpochRecord]:
        """The epochs of a call, with their times; the tally counts them."""
        tally, in_epoch = self._tally, self._trainer.batches_per_epoch
        # An epoch whose end diverges has all its batches behind it, and is never completed.
        batches = (tally.batches, advance.epoch * in_epoch + min(advance.batch, in_epoch - 1))
        seconds, tally.carried = share(tally.carried, took, batches, in_epoch)
        tally.elapsed, tally.samples, tally.batches = tally.elapsed + took, tally.samples + advance.samples, batches[1]
        for epoch in advance.epochs:
            tally.count_epoch(epoch.training_loss, epoch.validation_loss, epoch.number == self._trainer.best_epoch)
            tally.gradients.count(epoch.number, epoch.training_loss, epoch.gradient_norm, self._shape)
        return [
            EpochRecord(
                epoch.number,
                epoch.training_loss,
                epoch.validation_loss,
                epoch.learning_rate,
                spent,
                epoch.gradient_norm,
            )
            for epoch, spent in zip(advance.epochs, seconds, strict=True)
        ]

    def _progress(self, records: tuple[EpochRecord, ...]) -> Progress:
        tally, in_epoch = self._tally, self._trainer.batches_per_epoch
        total = self.definition.training.epochs
        fraction = 1.0 if self.finished else tally.batches / (total * in_epoch)
        return Progress(
            epochs=records,
            epoch=tally.batches // in_epoch,
            total_epochs=total,
            fraction=fraction,
            samples_per_second=tally.samples / tally.elapsed if tally.elapsed > 0 else 0.0,
            eta_seconds=tally.elapsed * (1 - fraction) / fraction if fraction > 0 else None,
        )

    def _about_health(self) -> tuple[str, ...]:
        """What kept the network from learning; looked for once, at the end."""
        if self.finished and self._health is None:
            self._health = health.examine(
                self.definition,
                self._prepared.training,
                self._trainer.result,
                self._tally.gradients,
                start=self._start,
                diverged=self.failure is not None,
                standardized=self._prepared.form.preprocessing.standardize,
            )
        return self._health or ()

    @property
    def _restores_best(self) -> bool:
        rule = self.definition.training.early_stopping
        return rule is not None and rule.restore_best

    def _validation_metric(self) -> dict[str, float] | None:
        """The one metric that says most, on validation rows; None without them, or where it is not defined."""
        validation = self._prepared.validation
        if validation is None or self._looked_at is None:
            return None
        name = "r2" if self._prepared.form.task == "regression" else "accuracy"
        if self.finished:
            found = measured(self.model(), validation)
        else:
            found = measured(Model(self._prepared.form, self._trainer.parameters), self._looked_at)
        return None if found[name] is None else {f"validation_{name}": found[name]}


def _trainer(prepared: Prepared, start: Parameters | None, engine: EngineMaker) -> Trainer:
    try:
        return Trainer(prepared.definition, prepared.training, prepared.validation, start, engine)
    except SamplesError as error:
        raise DataError(str(error)) from error


def _start(shape: Layout, continued: Model) -> Parameters:
    """The model's parameters, in the dtype of the job."""
    return Parameters(shape, continued.parameters.vector.astype(shape.dtype))


def _some(samples: Samples | None) -> Samples | None:
    if samples is None:
        return None
    return samples.taken(np.arange(0, len(samples), max(1, len(samples) // ROWS_LOOKED_AT)))
