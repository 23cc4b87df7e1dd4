"""What can go wrong between a user and the service: one sentence each, and a hint what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that the service refused: `pointer` is a JSON Pointer (RFC 6901) into what was sent."""

    pointer: str
    detail: str


class ClientError(Exception):
    """Base of every error that the client raises on purpose: `sentence` says what is wrong, `hint` what to do."""

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        self.sentence = sentence
        self.hint = hint
        super().__init__(f"{sentence} {hint}" if hint else sentence)


class InvalidInput(ClientError):
    """What the caller gave cannot be sent: a file that is not there, an address that is none."""


class Unreachable(ClientError):
    """Nothing answers at the service's address, or only to say that it is not ready."""


class UnexpectedAnswer(ClientError):
    """Something answers, but not as a Deltarule service of this version does."""


class ServiceFault(ClientError):
    """The service itself failed (status 500 and above); the fault is not in what was asked."""


class Refused(ClientError):
    """The service understood and said no (status 400 to 499); `faults` names every place that was wrong."""

    def __init__(self, status: int, sentence: str, hint: str | None = None, faults: Sequence[Fault] = ()) -> None:
        self.status = status
        self.faults = tuple(faults)
        super().__init__(sentence, hint)


class Unauthorized(Refused):
    """The service asks for an API key, or for another one."""


class NotFound(Refused):
    """Nothing of this id exists, or it belongs to somebody else."""


class JobFailed(ClientError):
    """A job that was waited for ended as `failed`; the sentence is the job's own error."""

    def __init__(self, job_id: str, sentence: str, hint: str | None = None) -> None:
        self.job_id = job_id
        super().__init__(sentence, hint)
