"""The life of a job, one sentence for each state, and nothing leaves the end."""

from enum import Enum, StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a job stands; `sentence` tells it to people."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def sentence(self) -> str:
        """What the state means, for people."""
        return SENTENCES[self]

    @property
    def ended(self) -> bool:
        """Whether this is an end state, which nothing leaves."""
        return not MOVES[self]


SENTENCES = MappingProxyType(
    {
        Status.QUEUED: "The job waits for a worker.",
        Status.RUNNING: "A worker trains it and renews its lease.",
        Status.CANCELLING: "Somebody asked to cancel it, and no worker has ended it yet.",
        Status.SUCCEEDED: "It trained to its end, and its model is kept.",
        Status.FAILED: "It could not be trained to its end; `error` says why.",
        Status.CANCELLED: "It was stopped on request; its history is kept, and its last weights where a worker had it.",
    }
)

MOVES = MappingProxyType(
    {
        Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED}),
        Status.RUNNING: frozenset({Status.QUEUED, Status.CANCELLING, Status.SUCCEEDED, Status.FAILED}),
        Status.CANCELLING: frozenset({Status.CANCELLED, Status.FAILED}),
        Status.SUCCEEDED: frozenset[Status](),
        Status.FAILED: frozenset[Status](),
        Status.CANCELLED: frozenset[Status](),
    }
)
"""From each state, the states a job may move to; running goes back to queued when its worker let go or was lost."""

ENDED = frozenset(status for status in Status if status.ended)
HELD = frozenset({Status.RUNNING, Status.CANCELLING})
"""The states in which a worker may hold a lease and write."""
LIVING = frozenset(Status) - ENDED
"""The states in which a job still needs its dataset."""


class Verdict(Enum):
    """What a worker's write is answered with."""

    GO_ON = "go_on"
    """Written; the lease is renewed."""
    CANCEL = "cancel"
    """Somebody asked to cancel: stop training and end the job with `Attempts.cancelled`."""
    STOP = "stop"
    """Nothing was written: the job is no longer this worker's, or no longer there. Drop everything."""
