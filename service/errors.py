"""What the service itself refuses, before the library has seen anything of it."""

from collections.abc import Iterable

from werkzeug.exceptions import UnprocessableEntity

from deltarule.backprop.errors import Fault

QUERY = "/query/"
HEADER = "/header/"


class Invalid(UnprocessableEntity):
    """A request whose content is wrong; `faults` lists everything found, each with its place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(_summary(self.faults))


class InvalidHeader(Invalid):
    """One header whose value is wrong."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__([Fault(f"{HEADER}{name}", detail)])


def _summary(faults: tuple[Fault, ...]) -> str:
    if len(faults) == 1:
        return faults[0].detail
    return f"The request has {len(faults)} faults; `errors` lists each of them with its place."
