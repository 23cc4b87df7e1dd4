"""Every way the store can say no, in the words of its caller and never in those of a driver."""

from deltarule.store.records import Answer


class StoreError(Exception):
    """Base of every error that the store raises on purpose; its text is one sentence that may be shown to a user."""


class SettingsError(StoreError):
    """The environment does not describe a service that can start; the text names the variable and what to change."""


class NotFound(StoreError):
    """Nothing of that kind has this id, or it belongs to somebody else; the two are told apart nowhere."""

    def __init__(self, kind: str, identifier: str) -> None:
        self.kind = kind
        self.identifier = identifier
        super().__init__(f"There is no {kind} with the id {identifier[:64]!r}.")


class Conflict(StoreError):
    """The thing exists, but its state forbids what was asked."""


class InUse(Conflict):
    """The thing cannot be removed while a queued or running job needs it."""


class Refused(StoreError):
    """A value that no row can hold, such as text with a NUL character."""


class InvalidCursor(Refused):
    """A cursor that no page of ours has answered."""

    def __init__(self) -> None:
        super().__init__("The cursor is not one that this list has answered; start again without it.")


class LimitReached(StoreError):
    """One client asks for more than it may have; `retry_seconds` says when it is worth asking again."""

    def __init__(self, sentence: str, retry_seconds: float) -> None:
        self.retry_seconds = retry_seconds
        super().__init__(sentence)


class IdempotencyMismatch(StoreError):
    """An idempotency key that came before with another request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used before with another request; use a new key for a new request.")


class Replayed(StoreError):
    """The request was answered before: nothing was made now, and `answer` is what was said then."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__("This request was answered before.")


class Unavailable(StoreError):
    """The database or the storage cannot be used just now; the same request may succeed in a moment."""


class StorageFull(Unavailable):
    """There is no room left for rows or bytes."""


class SchemaOutdated(Unavailable):
    """The database has no tables, or not those of this version."""

    def __init__(self) -> None:
        super().__init__("The database's tables are not those of this version; run `deltarule migrate`.")
