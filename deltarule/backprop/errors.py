"""What can be wrong with a definition, said so that its author can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where.

    `pointer` is a JSON Pointer (RFC 6901) into the definition, such as "/network/layers/0/units"; the empty string is
    the whole definition. `detail` is a plain sentence that says what to change.
    """

    pointer: str
    detail: str


class BackpropError(Exception):
    """Base of every error that the mathematics raises on purpose."""


class DefinitionError(BackpropError):
    """A definition that cannot be trained; `faults` lists everything found, all at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))


class StateError(BackpropError):
    """A saved training state that does not belong to this definition and data, or that is damaged."""


class SamplesError(BackpropError):
    """Inputs, targets or weights that this definition can't learn from."""


class NotFiniteError(BackpropError):
    """A computation that left the range of floating-point numbers where no training is there to call it diverged."""
