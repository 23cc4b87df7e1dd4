"""What can be wrong with a job or its data, said so that the user knows what to change."""

from collections.abc import Iterable
from itertools import islice

from deltarule.backprop.errors import Fault

FAULTS_TOLD = 100
"""Faults of rows that are listed; whoever has corrected so many hears of the rest."""


class TrainingError(Exception):
    """Base of every error that a training run raises on purpose; its text is a sentence for the user."""


class DataError(TrainingError):
    """Data that cannot be used; the sentence names the row and the column where they are known.

    Attributes:
        pointer: JSON Pointer (RFC 6901) into the document the data came in, such as "/inputs/3/0"; None where the data
            is no JSON document, or where the fault has no single place in it.
    """

    def __init__(self, sentence: str, pointer: str | None = None) -> None:
        self.pointer = pointer
        super().__init__(sentence)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, each with its place; "" where it has none."""
        return (Fault(self.pointer or "", str(self)),)


class RowsError(DataError):
    """Rows with values that cannot be used; its sentence is that of the first.

    Args:
        faults: at least one; the first of them are kept.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(islice(faults, FAULTS_TOLD))
        super().__init__(self._faults[0].detail, self._faults[0].pointer or None)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, each with its place."""
        return self._faults


class MalformedError(DataError):
    """A document that is not even JSON, so that nothing in it can be pointed at."""


class ScratchError(TrainingError):
    """The disk has too little room for what a run keeps on it; the sentence tells how much that is."""


class SpecError(TrainingError):
    """A job that cannot be run; `faults` lists everything found, all at once, each with its JSON Pointer."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))
