"""The last and the best epoch are known at the end only: until then they are remembered, through interruptions too."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from deltarule.backprop.errors import StateError
from deltarule.training.run import EpochRecord

HEADER_BYTES = 8
HEADER_LIMIT = 1_048_576
"""Bytes of two epochs written down; longer ones are none."""


@dataclass(slots=True)
class Marks:
    """The last epoch of a run so far, and that of the lowest validation loss (training loss where there is none)."""

    last: EpochRecord | None = None
    best: EpochRecord | None = None

    def see(self, epochs: Iterable[EpochRecord]) -> None:
        """Take in epochs that were done since."""
        for epoch in epochs:
            self.last = epoch
            if self.best is None or _loss(epoch) < _loss(self.best):
                self.best = epoch

    @property
    def epochs(self) -> tuple[EpochRecord, ...]:
        """Those that there are."""
        return tuple(epoch for epoch in (self.best, self.last) if epoch is not None)

    def written_before(self, state: bytes) -> bytes:
        """The state with the marks before it."""
        head = json.dumps({"last": _written(self.last), "best": _written(self.best)}).encode()
        return len(head).to_bytes(HEADER_BYTES, "big") + head + state


def cut(written: bytes) -> tuple[Marks, bytes]:
    """The marks and the state that `written_before` put together; raises StateError for other bytes."""
    size = int.from_bytes(written[:HEADER_BYTES], "big")
    if size > HEADER_LIMIT:
        raise StateError("These bytes are no state of a run whose history is thinned.")
    try:
        head: dict[str, Any] = json.loads(written[HEADER_BYTES : HEADER_BYTES + size])
        marks = Marks(_read(head["last"]), _read(head["best"]))
    except (ValueError, TypeError, KeyError) as error:
        raise StateError("These bytes are no state of a run of this version.") from error
    return marks, written[HEADER_BYTES + size :]


def _loss(epoch: EpochRecord) -> float:
    loss = epoch.training_loss if epoch.validation_loss is None else epoch.validation_loss
    return math.inf if math.isnan(loss) else loss


def _written(epoch: EpochRecord | None) -> dict[str, Any] | None:
    return None if epoch is None else asdict(epoch)


def _read(epoch: dict[str, Any] | None) -> EpochRecord | None:
    return None if epoch is None else EpochRecord(**epoch | {"gradient_norm": tuple(epoch["gradient_norm"])})
