"""What a run has done and the database does not know yet: kept until it is written, and written about once a second."""

from collections.abc import Callable, Iterable

from deltarule.store.records import Checkpoint, HistoryRow, Progress, Report
from deltarule.store.thinning import in_step
from deltarule.training import run as training
from worker.marks import Marks, cut

REPORT_SECONDS = 1.0
OUTAGE_SECONDS = 5.0
CHECKPOINT_SHARE = 0.05
"""The largest share of the time that may go into checkpoints: large networks are saved less often."""
HASTE = 64
"""How much sooner than usual the first checkpoint comes after an attempt that was lost without one."""


class Journal:
    """Takes what `Run.advance` answers, and tells when and what to report.

    `warnings` are those the job has already; `checkpoint_seconds` lie between two checkpoints, and at most
    `heartbeat_seconds` between two reports, which are what renews the lease; `clock` answers seconds. Of `every` epochs
    one is written, besides the first, and the last and the best once they are known. `threads` is set by who knows
    how many train the run. `told_first`: whether a report has held an epoch of this attempt.

    A `hasty` one follows an attempt that was lost before its first checkpoint: whatever ended that one may come again
    as soon, and a job that is only unlucky must get further than one that ends its workers itself. So its first
    checkpoint comes 64 times sooner, and each pause is twice the one before, up to the usual one.
    """

    def __init__(
        self,
        warnings: Iterable[str],
        checkpoint_seconds: float,
        heartbeat_seconds: float,
        clock: Callable[[], float],
        *,
        every: int = 1,
        hasty: bool = False,
    ) -> None:
        self._warnings = tuple(warnings)
        self._every = every
        self.threads: int | None = None
        self._marks = Marks()
        self._clock = clock
        self._report_pause = min(REPORT_SECONDS, heartbeat_seconds)
        self._outage_pause = min(OUTAGE_SECONDS, heartbeat_seconds)
        self._begun_at: Checkpoint | None = None
        self._epochs: list[HistoryRow] = []
        self._progress: training.Progress | None = None
        self.told_first = False
        self._longest_checkpoint_pause = checkpoint_seconds
        self._checkpoint_pause = checkpoint_seconds / HASTE if hasty else checkpoint_seconds
        self.begin()

    def begin(self) -> None:
        """Count all pauses from now: the data are there, and training begins."""
        self._checkpoint_due = self._clock() + self._checkpoint_pause
        self._due = min(self._clock() + self._report_pause, self._checkpoint_due)

    def resume(self, run: training.Run, checkpoint: Checkpoint) -> None:
        """Let the run go on from here; raises StateError, and then nothing has changed."""
        marks, state = (self._marks, checkpoint.state) if self._every == 1 else cut(checkpoint.state)
        run.restore(state)
        self._begun_at, self._marks = checkpoint, marks

    def add(self, progress: training.Progress) -> None:
        """Take what was done since the last time."""
        self._epochs += [_history_row(epoch) for epoch in progress.epochs if in_step(epoch.number, self._every)]
        if self._every > 1:
            self._marks.see(progress.epochs)
        self._progress = progress

    @property
    def epoch(self) -> int:
        """Epochs completed, those of earlier attempts too."""
        if self._progress is None:
            return self._begun_at.epoch if self._begun_at else 0
        return self._progress.epoch

    @property
    def due(self) -> bool:
        """Whether to report now: about once a second, for a checkpoint, and for an attempt's first epoch."""
        first = bool(self._epochs) and not self.told_first
        return first or self._clock() >= self._due

    def report(self, run: training.Run, *, checkpoint: bool | None = None) -> Report:
        """All that is not written yet, with a checkpoint if one is due, or if `checkpoint` says so.

        False is said when the run goes on nowhere: the report then holds the last and the best epoch too.
        """
        self.told_first = self.told_first or bool(self._epochs)
        saving = self._clock() >= self._checkpoint_due if checkpoint is None else checkpoint
        made = self._checkpoint(run) if saving else None
        self._due = min(self._clock() + self._report_pause, self._checkpoint_due)
        return Report(
            epochs=self._ending() if checkpoint is False else tuple(self._epochs),
            progress=self._shown(),
            metrics=run.latest_metrics(),
            checkpoint=made,
            engine=run.engine,
            threads=self.threads,
            # Each once: those from before an interruption come again.
            warnings=tuple(dict.fromkeys((*self._warnings, *run.warnings))),
            elapsed=run.elapsed,
        )

    def rest(self, *, ending: bool = False) -> Report:
        """What is not written yet, without asking the run, which may be broken; `ending`: the run goes on nowhere."""
        return Report(epochs=self._ending() if ending else tuple(self._epochs), progress=self._shown())

    def written(self, report: Report) -> None:
        """Forget what the database has now."""
        del self._epochs[: len(report.epochs)]

    def put_off(self) -> None:
        """Keep all until the database may be there again: asking it may take seconds that are better trained in."""
        self._due = self._clock() + self._outage_pause

    def _ending(self) -> tuple[HistoryRow, ...]:
        """What is not written yet, with the epochs of which only the end of a run tells that they are kept."""
        marked = {epoch.number: _history_row(epoch) for epoch in self._marks.epochs}
        rows = marked | {row.epoch: row for row in self._epochs}
        return tuple(rows[number] for number in sorted(rows))

    def _shown(self) -> Progress | None:
        seen = self._progress
        if seen is None:
            return None
        return Progress(seen.epoch, seen.total_epochs, seen.fraction, seen.samples_per_second, seen.eta_seconds)

    def _checkpoint(self, run: training.Run) -> Checkpoint:
        began = self._clock()
        state = run.state() if self._every == 1 else self._marks.written_before(run.state())
        cost = self._clock() - began
        self._checkpoint_pause = min(2 * self._checkpoint_pause, self._longest_checkpoint_pause)
        self._checkpoint_due = self._clock() + max(self._checkpoint_pause, cost / CHECKPOINT_SHARE)
        return Checkpoint(self.epoch, self._samples(run), state)

    def _samples(self, run: training.Run) -> int:
        """Samples trained on, which stand for batches: the store asks only that the number grows as the run gets on."""
        if self._progress is None:
            return self._begun_at.step if self._begun_at else 0
        return round(self._progress.samples_per_second * run.elapsed)


def _history_row(epoch: training.EpochRecord) -> HistoryRow:
    return HistoryRow(
        epoch=epoch.number,
        training_loss=epoch.training_loss,
        validation_loss=epoch.validation_loss,
        learning_rate=epoch.learning_rate,
        seconds=epoch.seconds,
        gradient_norm=epoch.gradient_norm,
    )
