"""What a run remembers besides its trainer: time, samples, and the few numbers that its last words are about."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from deltarule.backprop.errors import StateError
from deltarule.training.gradients import Gradients

HEADER_BYTES = 8
HEADER_LIMIT = 65_536
"""Bytes of a tally written down; longer ones are none."""


@dataclass(slots=True)
class Tally:
    """Numbers of a run, over all its interruptions.

    Attributes:
        elapsed: training time, in seconds.
        carried: the part of it that was spent on the epoch under way.
        samples: trained on.
        batches: done.
        first_loss: training loss of the first epoch.
        lowest_loss: the lowest training loss of an epoch.
        latest: losses of the last epoch, by name.
        best: losses of the best epoch, by name.
        gradients: of all epochs.
    """

    elapsed: float = 0.0
    carried: float = 0.0
    samples: int = 0
    batches: int = 0
    first_loss: float | None = None
    lowest_loss: float | None = None
    latest: dict[str, float] | None = None
    best: dict[str, float] | None = None
    gradients: Gradients = field(default_factory=Gradients)

    def count_epoch(self, training_loss: float, validation_loss: float | None, is_best: bool) -> None:
        """Takes in the losses of an epoch."""
        losses = {"training_loss": training_loss}
        if validation_loss is not None:
            losses["validation_loss"] = validation_loss
        self.latest = losses
        self.best = losses if is_best else self.best
        self.first_loss = training_loss if self.first_loss is None else self.first_loss
        self.lowest_loss = training_loss if self.lowest_loss is None else min(self.lowest_loss, training_loss)

    def written_before(self, state: bytes) -> bytes:
        """The state with the tally before it."""
        head = json.dumps(asdict(self)).encode()
        return len(head).to_bytes(HEADER_BYTES, "big") + head + state


def cut(written: bytes) -> tuple[Tally, bytes]:
    """The tally and the state that `written_before` put together.

    Raises:
        StateError: the bytes are something else.
    """
    size = int.from_bytes(written[:HEADER_BYTES], "big")
    if size > HEADER_LIMIT:
        raise StateError("These bytes are no state of a run.")
    try:
        head: dict[str, Any] = json.loads(written[HEADER_BYTES : HEADER_BYTES + size])
        tally = Tally(**head | {"gradients": Gradients(**head["gradients"])})
    except (ValueError, TypeError, KeyError) as error:
        raise StateError("These bytes are no state of a run of this version.") from error
    return tally, written[HEADER_BYTES + size :]
